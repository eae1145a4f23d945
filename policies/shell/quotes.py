"""What quoting leaves of a text."""

import re

from ...core.late import late
from .nodes import Part, Text

_DOUBLE = late(r"\\([$`\"\\\n])")
_ESCAPED = late(r"\\(.?)", re.DOTALL)
_ANSI = late(r"\\(x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|c.|.)", re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


# With one of these in it, where a quote ends is not so simple.
_INTRICATE = late(r"[\\`#\n\r]|\$[({'\"\[]|<<|\(\(|[<>]\(")
_CLOSED = late(r"(?:[^'\"]|'[^']*'|\"[^\"]*\")*+")


def unclosed(text: str) -> str:
    """The quote that a single line certainly opens and does not close; every shell then runs none of it."""
    if _INTRICATE.search(text) is not None:
        return ""
    match = _CLOSED.match(text)
    return text[match.end() : match.end() + 1] if match is not None else ""


def undouble(text: str) -> str:
    """Text between double quotes or in a here-document, without its backslashes."""
    return _DOUBLE.sub(lambda match: "" if match[1] == "\n" else match[1], text) if "\\" in text else text


def unescape(text: str) -> tuple[Part, ...]:
    """Unquoted text; what a backslash stands before is quoted."""
    if "\\" not in text:
        return (Text(text),)
    parts: list[Part] = []
    at = 0
    for match in _ESCAPED.finditer(text):
        if match.start() > at:
            parts.append(Text(text[at : match.start()]))
        if match[1] != "\n":
            parts.append(Text(match[1], quoted=True))
        at = match.end()
    if at < len(text):
        parts.append(Text(text[at:]))
    return tuple(parts)


def decode_ansi(text: str) -> str:
    """What stands between `$'` and `'`; also the escapes of `printf` and `echo -e`."""

    def one(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "xuU" and len(code) > 1:
            number = int(code[1:], 16)
            return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
        if code[0] in "01234567":
            return chr(int(code, 8) & 0xFF) if int(code, 8) & 0xFF else ""
        if code[0] == "c" and len(code) > 1:
            return chr(ord(code[1]) & 0x1F) if ord(code[1]) & 0x1F else ""
        return _LETTERS.get(code, code if code in "\\'\"?" else f"\\{code}")

    return _ANSI.sub(one, text) if "\\" in text else text
