"""What an indented line of Python stands in: a function, a block for types alone, or neither."""

import re
from bisect import bisect_right

from .python_strings import Strings

_HEADER = re.compile(
    r"[ \t\f]*(?:(?P<function>(?:async[ \t]+)?def\b)|(?P<types>(?:el)?if\b(?!.*\bnot\b).*\bTYPE_CHECKING\b)"
    r"|(?:class|if|elif|else|try|except|finally|for|while|with|async|match|case)\b)"
)
_TRY = re.compile(r"try[ \t]*:")
_MISSING = re.compile(r"^[ \t]*:|ImportError|ModuleNotFoundError|\bException\b")
_NEAR = 200
_LONGEST = 200_000
"""Lines that are walked back at most, over all of a file; whoever indents more than that is a generator."""


class Blocks:
    """The kinds of a text's indented imports. Ask in ascending order."""

    def __init__(self, text: str, strings: Strings) -> None:
        self._text = text
        self._strings = strings
        self._last = (-1, 0, "")
        self._left = _LONGEST

    @property
    def whole(self) -> bool:
        """Whether everything that was asked could be looked at."""
        return self._left > 0

    def kind(self, line: int, indent: int) -> str:
        """`lazy`, `type` or `import`, for a line that begins after the line break at `line`."""
        kind = self._walk(line, indent)
        self._last = (line, indent, kind)
        return kind

    def optional(self, line: int, indent: int) -> bool:
        """Whether an indented import stands in a `try` that goes on where the import fails."""
        text, end = self._text, line
        for _ in range(_NEAR):
            start = text.rfind("\n", 0, end)
            if start < -1 or end <= 0:
                return False
            above = text[start + 1 : end]
            rest = above.lstrip(" \t\f")
            depth = len(above) - len(rest)
            end = start
            if depth >= indent or not rest or rest[0] == "#":
                continue
            if not _TRY.match(rest):
                return False
            handler = re.compile(rf"\n[ \t]{{{depth}}}except\b([^\n]*)").search(text, line)
            return handler is not None and _MISSING.search(handler[1]) is not None
        return False

    def _walk(self, end: int, indent: int) -> str:
        text = self._text
        while self._left > 0:
            self._left -= 1
            start = text.rfind("\n", 0, end)
            if start < 0:
                break
            line = text[start + 1 : end]
            rest = line.lstrip(" \t\f")
            depth = len(line) - len(rest)
            if start == self._last[0] and depth == indent:
                return self._last[2]
            end = start
            if depth >= indent or not rest or rest[0] == "#" or self._quoted(start + 1):
                continue
            header = _HEADER.match(rest)
            if header is None:
                continue
            if header["function"]:
                return "lazy"
            if header["types"]:
                return "type"
            indent = depth
            if not depth:
                break
        return "import"

    def _quoted(self, at: int) -> bool:
        spans = self._strings.spans
        before = bisect_right(spans, (at, len(self._text)))
        return before > 0 and at < spans[before - 1][1]
