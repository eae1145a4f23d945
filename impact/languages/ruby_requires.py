"""Ruby: files that are required, loaded or left to `autoload` by path."""

import re
from collections.abc import Iterator

from ..model import Reference
from .lexing import Text, decoded

_KEYWORD = re.compile(rb"(require_relative|require|load|autoload)(?![\w?!])")
_GAP = re.compile(rb"[ \t(]*")
_OTHER = re.compile(rb"[ \t\r]*(?:[=,.)\]\n]|:(?!\w)|\Z)")
_LITERAL = rb"(?:\"([^\"#\n]+)\"|'([^'\n]+)')"
_PLAIN = re.compile(_LITERAL + rb"[ \t\r]*+(?:\)|,|$|\n|;|#|if\b|unless\b|rescue\b)")
_EXPANDED = re.compile(
    rb"(?:::)?File\.expand_path\(?\s*+" + _LITERAL + rb"\s*+,\s*+(__FILE__|__dir__|File\.dirname\(__FILE__\))"
)
_JOINED = re.compile(
    rb"(?:::)?File\.join\(\s*+(?:__dir__|File\.dirname\(__FILE__\))\s*+,\s*+" + _LITERAL + rb"\s*+\)"
)
_AUTOLOAD = re.compile(rb":(\w+)\s*+,\s*+" + _LITERAL)
_JOINS = frozenset((b"_", b".", b":", b"@", b"$"))
_KINDS = {b"require_relative": "import", b"require": "import", b"load": "load", b"autoload": "lazy"}


def requires(text: Text) -> Iterator[Reference]:
    """A target with `./` or `../` is seen from the file's folder, others along the load path; empty: computed."""
    for match in _KEYWORD.finditer(text.code):
        word, line, at = match[1], text.line(match.start()), match.end(1)
        before = text.code[max(0, match.start() - 1) : match.start()]
        if before.isalnum() or before in _JOINS or _OTHER.match(text.data, at):
            continue
        gap = _GAP.match(text.data, at)
        at = gap.end() if gap else at
        kind = _KINDS[word]
        if word == b"autoload":
            if autoloaded := _AUTOLOAD.match(text.data, at):
                yield Reference(kind, decoded(autoloaded[2] or autoloaded[3]), line)
        elif plain := _PLAIN.match(text.data, at):
            path = decoded(plain[1] or plain[2])
            yield Reference(kind, f"./{path}" if word == b"require_relative" else path, line)
        elif expanded := _EXPANDED.match(text.data, at):
            path = decoded(expanded[1] or expanded[2])
            # From a file's own name the first `..` leads to its folder.
            yield Reference(kind, f"./{path.removeprefix('../') if expanded[3] == b'__FILE__' else path}", line)
        elif joined := _JOINED.match(text.data, at):
            yield Reference(kind, f"./{decoded(joined[1] or joined[2]).lstrip('/')}", line)
        elif word != b"load":  # many things have a method of that name
            yield Reference(kind, "", line)
