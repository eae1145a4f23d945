"""What a configuration file holds: every key and every scalar, with its place."""

import re
from dataclasses import dataclass, field

Where = tuple[str | int, ...]
"""Keys and positions that lead to a value from the top of a file."""

LARGEST = 500_000
"""Bytes above which a file is data and not configuration; it is not taken apart."""

_TOKEN = re.compile(
    r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?P<comment>//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|\#[^\n]*)"""
    r"""|[{}\[\],]|(?P<between>[:=])|(?:[^\s{}\[\],:="'\#/]|:(?=[^\s{}\[\],"'])|/(?![/*])|(?<=:)//)+"""
)
_ESCAPE = re.compile(r"\\(.)")
_DEEPEST = 200
_LONGEST_BARE = 1000


@dataclass
class Values:
    """What was found.

    Attributes:
        found: every scalar: where, its text without quotes, its line.
        keys: every key of a mapping: where, its line.
        problem: why not all was found, for a person; empty if all was.
    """

    found: list[tuple[Where, str, int]] = field(default_factory=list)
    keys: list[tuple[Where, int]] = field(default_factory=list)
    problem: str = ""


def text_of(data: bytes) -> str:
    """Bytes as text; what is not UTF-8 is Latin-1."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def unquote(text: str) -> str:
    """A scalar without its quotes."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPE.sub(r"\1", text[1:-1]) if "\\" in text else text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def take(text: str, out: Values, where: Where = (), line: int = 1) -> None:
    """Put what a JSON text, a YAML flow or a TOML array or inline table holds into `out`.

    Comments, trailing commas and bare words are fine, as JSON5, YAML and TOML have them.
    """
    open_: list[tuple[Where, bool]] = []
    base, is_map, key, index, pending = where, False, None, 0, ""
    indexes: list[int] = []
    at = 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        sign = match[0]
        if match["comment"] is not None:
            continue
        if sign in "{[":
            if len(open_) >= _DEEPEST:
                out.problem = f"line {line}: nested deeper than {_DEEPEST}"
                return
            inner = base if not open_ else (*base, key if is_map else index)
            open_.append((base, is_map))
            indexes.append(index)
            base = tuple(one for one in inner if one is not None)
            is_map, key, index, pending = sign == "{", None, 0, ""
        elif sign in "}]":
            _put(out, base, is_map, key, index, pending, line)
            if not open_:
                return
            base, is_map = open_.pop()
            index, key, pending = indexes.pop(), None, ""
        elif sign == ",":
            _put(out, base, is_map, key, index, pending, line)
            key, index, pending = None, index + 1, ""
        elif match["between"] is not None:
            if is_map and key is None:
                key, pending = unquote(pending), ""
                out.keys.append(((*base, key), line))
        elif len(pending) < _LONGEST_BARE:
            pending = f"{pending} {sign}" if pending else sign
    if not open_ and pending:
        out.found.append((where, unquote(pending), line))


def _put(out: Values, base: Where, is_map: bool, key: str | None, index: int, text: str, line: int) -> None:
    if text and (key is not None or not is_map):
        out.found.append(((*base, key if key is not None else index), unquote(text), line))


def json_values(data: bytes) -> Values:
    """What a JSON file holds, comments or not."""
    out = Values()
    take(text_of(data), out)
    return out
