"""PHP: files that are included by path."""

import re
from collections.abc import Iterator

from ..model import Reference
from .lexing import Text, decoded

_KEYWORD = re.compile(rb"(?<![\w$>:\\])(?:include|require)(?:_once)?\b")
_GAP = re.compile(rb"\s*+\(?\s*+")
_LITERAL = rb"(?:'([^'\n]+)'|\"([^\"$\n]+)\")\s*+\)?\s*+(?:;|\)|,|\?>|$)"
_BASE = re.compile(
    rb"(?:__DIR__|dirname\(\s*+__FILE__\s*+\)|(dirname)\(\s*+(?:__DIR__|dirname\(\s*+__FILE__\s*+\))\s*+(?:,\s*+(\d)\s*+)?\))"
    rb"\s*+\.\s*+" + _LITERAL
)
_PLAIN = re.compile(_LITERAL)


def includes(text: Text) -> Iterator[Reference]:
    """A target with `./` or `../` is seen from the file's folder; an empty one is computed."""
    for match in _KEYWORD.finditer(text.code):
        line = text.line(match.start())
        gap = _GAP.match(text.data, match.end())  # in the code the text of a path is blank as well
        at = gap.end() if gap else match.end()
        if based := _BASE.match(text.data, at):
            up = int(based[2] or 1) if based[1] else 0
            path = decoded(based[3] or based[4]).lstrip("/")
            yield Reference("include", ("../" * up or "./") + path, line)
        elif plain := _PLAIN.match(text.data, at):
            yield Reference("include", decoded(plain[1] or plain[2]), line)
        else:
            yield Reference("include", "", line)
