"""What the scans of several languages share: texts without their comments and strings, lines, words, uses."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping

from ..model import Use

MAX_SCAN = 2_000_000
"""No file that people write is larger; of larger ones only the beginning is read."""

MAX_USES = 20
"""So many uses of a name are enough."""

TOO_LARGE = f"only its first {MAX_SCAN // 1_000_000} MB were read"

_BLANKS = bytes(code if code == 10 else 32 for code in range(256))


class Text:
    """A file's bytes with comments and strings blanked, place by place.

    Attributes:
        data: the bytes as they are, without what is too much and without a mark of their order.
        code: as long, with blanks for each match of a pattern, line ends kept.
        problems: for Facts.
    """

    def __init__(self, data: bytes, skipped: re.Pattern[bytes], keep: "Keep | None" = None) -> None:
        self.problems: tuple[str, ...] = (TOO_LARGE,) if len(data) > MAX_SCAN else ()
        data = data[:MAX_SCAN]
        if data.startswith(b"\xef\xbb\xbf"):
            data = b"   " + data[3:]
        self.data = data
        self.code = skipped.sub(keep or blank, data)
        self._ends: list[int] | None = None

    def line(self, offset: int) -> int:
        """The line of a place, counted from 1."""
        if self._ends is None:
            self._ends = [match.start() for match in re.finditer(b"\n", self.data)]
        return bisect_right(self._ends, offset - 1) + 1

    def indent(self, offset: int) -> int:
        """How far from the beginning of its line a place is."""
        return offset - self.data.rfind(b"\n", 0, offset) - 1


Keep = Callable[[re.Match[bytes]], bytes]
"""What remains of a comment or string; as long as the match."""


def blank(match: re.Match[bytes]) -> bytes:
    """Blanks for a match, line ends kept."""
    return match[0].translate(_BLANKS)


def decoded(data: bytes) -> str:
    """Bytes as text; never raises."""
    return data.decode("utf-8", "replace")


def words(pattern: re.Pattern[bytes], code: bytes, without: Iterable[bytes] = ()) -> tuple[str, ...]:
    """What a pattern finds (its first group, if it has one), each once and sorted."""
    return tuple(sorted(decoded(word) for word in set(pattern.findall(code)).difference(without)))


def spans(code: bytes, openings: Iterable[re.Match[bytes]]) -> Iterator[tuple[re.Match[bytes], int]]:
    """For each match that ends with `{`: where its `}` is; the end of the text if it has none."""
    starts = {match.end() - 1: match for match in openings}
    if not starts:
        return
    open_: list[int] = []
    for brace in _BRACE.finditer(code):
        if brace[0] == b"{":
            open_.append(brace.start())
        elif open_ and (found := starts.pop(open_.pop(), None)):
            yield found, brace.start()
    for match in starts.values():
        yield match, len(code)


def flattened(code: bytes, times: int = 12) -> bytes:
    """A text with what stands in braces and brackets blanked, except the outermost."""
    for _ in range(times):
        smaller = _INNER.sub(blank, code)
        if smaller == code:
            break
        code = smaller
    return code


def outermost(code: bytes, but: Callable[[bytes], bool] = bool) -> bytes:
    """A text with what stands in braces blanked, the outer braces kept.

    Args:
        code: a text without comments and strings.
        but: whether the text between the last bracket and a `{` makes that one blanked; others are seen through.
    """
    pieces: list[bytes] = []
    open_: list[bool] = []
    hidden = last = start = 0
    for brace in _BRACE.finditer(code):
        at = brace.start()
        if brace[0] == b"{":
            hides = but(code[last:at])
            if hides and not hidden:
                pieces.append(code[start : at + 1])
                start = at + 1
            hidden += hides
            open_.append(hides)
        elif open_ and open_.pop():
            hidden -= 1
            if not hidden:
                pieces.append(code[start:at].translate(_BLANKS))
                start = at
        last = at + 1
    rest = code[start:]
    return b"".join((*pieces, rest.translate(_BLANKS) if hidden else rest))


def find_uses(text: Text, wanted: Mapping[str, Iterable[tuple[bytes, bool]]]) -> list[Use]:
    """Each name's uses in the code, a line once; `wanted` has a name's patterns, each with whether it is sure."""
    found: list[Use] = []
    for name, patterns in wanted.items():
        seen: dict[int, bool] = {}
        for pattern, sure in patterns:
            for match in re.finditer(pattern, text.code):
                seen.setdefault(text.line(match.start()), sure)
                if len(seen) >= MAX_USES:
                    break
        found.extend(Use(name, number, seen[number]) for number in sorted(seen)[:MAX_USES])
    return found


def word(name: str, before: bytes = rb"(?<![\w.])") -> bytes:
    """A pattern for a name as a whole word."""
    return before + re.escape(name.encode()) + rb"(?!\w)"


def member(name: str, between: bytes = rb"\s*(?:\.|->|::)\s*") -> list[tuple[bytes, bool]]:
    """Patterns for `Class.member`: with the class before it, and after whatever may be of the class."""
    class_, _, last = name.rpartition(".")
    bare = re.escape(last.lstrip("$").encode()) + rb"(?!\w)"
    holder = re.escape(class_.rpartition(".")[2].encode())
    return [(rb"(?<!\w)" + holder + between + rb"\$?" + bare, True), (rb"(?:\.|->|::)\s*\$?" + bare, False)]


def normal(path: str) -> str | None:
    """A path of the tree without `.` and `..`; None if it leads out of the tree."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def folder(path: str) -> str:
    """The folder of a path; empty for the root."""
    return path.rpartition("/")[0]


def within(base: str, path: str) -> str | None:
    """A path as seen from a folder."""
    return normal(f"{base}/{path}")


_BRACE = re.compile(rb"[{}]")
_INNER = re.compile(rb"\{[^{}()]*\}|\([^{}()]*\)")
