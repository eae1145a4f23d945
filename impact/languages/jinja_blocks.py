"""Where jinja stands in a text, and the text without it."""

import re
from collections.abc import Iterator

_OPEN = re.compile(rb"\{[{%#]")
_CLOSE = {b"{{": b"}}", b"{%": b"%}", b"{#": b"#}"}
_RAW = re.compile(rb"\{%-?\s*(?:raw|verbatim)\s*-?%\}\Z")
_END_RAW = re.compile(rb"\{%-?\s*end(?:raw|verbatim)\s*-?%\}")
_NOT_LINE_END = re.compile(rb"[^\r\n]")


def spans(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Every piece of jinja: start, end, and `{{`, `{%`, `{#`, or `raw` for what is not rendered.

    In time proportional to the text: what closes nowhere any more is not looked for again.
    """
    position, kinds = 0, dict(_CLOSE)
    opening = _OPEN
    while kinds and (opened := opening.search(data, position)):
        start, kind = opened.start(), opened[0]
        end = data.find(kinds[kind], start + 2)
        if end < 0:
            del kinds[kind]
            opening = re.compile(b"|".join(map(re.escape, kinds)))
            position = start + 1
            continue
        end += 2
        if kind == b"{%" and _RAW.match(data, start, end):
            closing = _END_RAW.search(data, end)
            kind, end = b"raw", closing.end() if closing else len(data)
        yield start, end, kind
        position = end


def expressions(data: bytes) -> Iterator[tuple[int, bytes]]:
    """What is rendered or executed: where each piece starts, and its text."""
    for start, end, kind in spans(data):
        if kind in (b"{{", b"{%"):
            yield start, data[start:end]


def blank(piece: bytes) -> bytes:
    """The piece as blanks of the same length; line ends stay."""
    return _NOT_LINE_END.sub(b" ", piece)


def without_comments(data: bytes) -> bytes:
    """The text with comments and unrendered pieces as blanks."""
    if b"{#" not in data and b"raw" not in data and b"verbatim" not in data:
        return data
    out, position = list[bytes](), 0
    for start, end, kind in spans(data):
        if kind in (b"{#", b"raw"):
            out += (data[position:start], blank(data[start:end]))
            position = end
    return b"".join((*out, data[position:]))
