"""What `awk` and `sed` print that put words before what they read: the way names become a script for `sh`."""

import re
from collections.abc import Sequence

from ...core.late import late
from .nodes import COMPUTED
from .parser import GUARDED
from .scanner import Syntax, arguments_of, literal, tokens

_AWK = Syntax(
    comments=r"#[^\n]*", quotes='"', computes="", interpolation=r"(?!)", name=r"[A-Za-z_$]\w*", slashes=False
)
_PRINT = late(r"\bprintf?\b\s*([^;}|>]+)")


def awk_prints(args: Sequence[str]) -> str | None:
    """A line as an awk program prints it for each it reads, what it reads computed; None if it is none to run."""
    program = next((word for word in args if _PRINT.search(word)), "")
    lines: list[str] = []
    for found in _PRINT.findall(program):
        try:
            parts, _ = arguments_of([*tokens(f"({found.strip().removeprefix('(').removesuffix(')')})", _AWK)], 0)
        except ValueError:
            return None
        lines.append(re.sub(r"%\d*[sd]", COMPUTED, " ".join(literal(part) for part in parts)))
    return _script(lines)


def sed_prints(args: Sequence[str]) -> str | None:
    """The same for substitutions of sed's: `s/^/rm /`, `s/.*/rm &/`."""
    lines: list[str] = []
    for word in args:
        if found := re.fullmatch(r"s(?P<mark>\W)(?P<before>.*?)(?P=mark)(?P<after>.*?)(?P=mark)[gpeiI0-9]*", word):
            text = re.sub(r"&|\\\d", COMPUTED, found["after"])
            rest = COMPUTED if found["before"] not in (".*", "^.*$", r"^\(.*\)$") else ""
            lines.append(rest + text if found["before"] == "$" else text + rest)
    return _script(lines)


def _script(lines: Sequence[str]) -> str | None:
    text = "\n".join(lines)
    return f"{text}\n" if GUARDED.search(text) else None
