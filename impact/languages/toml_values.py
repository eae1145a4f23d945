"""What a TOML or INI file holds, line by line, so that each key has its line."""

import re

from .values import LARGEST, Values, Where, take, text_of, unquote

_TABLE = re.compile(r"\[(\[)?\s*([^\[\]\n]+?)\s*\]")
_KEY = re.compile(r"([^=\n]{1,200}?)\s*(?:=|:(?=\s))\s*(.*)")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([^\s."']+)""")
_LONGEST_ARRAY = 5000


def values(data: bytes) -> Values:
    """What a TOML file holds; the lines of a multi-line string are scalars of their own."""
    out = Values()
    if len(data) > LARGEST:
        return Values(problem=f"larger than {LARGEST:,} bytes: taken for data, and not read")
    lines = text_of(data).replace("\r\n", "\n").split("\n")
    table: Where = ()
    tables = dict[tuple[str, ...], int]()
    at = 0
    while at < len(lines):
        content = lines[at].strip()
        at += 1
        if not content or content[0] in "#;":
            continue
        if head := _TABLE.match(content):
            name = _parts(head[2])
            table = name
            if head[1]:
                tables[name] = tables.get(name, -1) + 1
                table = (*name, tables[name])
            out.keys.append((name, at))
            continue
        pair = _KEY.match(content)
        if pair is None:
            continue
        where = (*table, *_parts(pair[1]))
        out.keys.append((where, at))
        at = _value(pair[2], lines, at, where, out)
    return out


def _parts(name: str) -> tuple[str, ...]:
    return tuple(one or two or three for one, two, three in _PART.findall(name))


def _value(value: str, lines: list[str], at: int, where: Where, out: Values) -> int:
    """Take a value that starts on the line before `at`; returns the line to go on with."""
    if value[:3] in ('"""', "'''"):
        quote, first, line = value[:3], value[3:], at
        while quote not in first:
            out.found.append((where, first.strip(), line))
            if at >= len(lines):
                return at
            first, line, at = lines[at], at + 1, at + 1
        out.found.append((where, first[: first.index(quote)].strip(), line))
        return at
    if value[:1] in ("[", "{"):
        parts, line = [value], at
        depth = _depth(value)
        while depth > 0 and at < len(lines) and len(parts) < _LONGEST_ARRAY:
            parts.append(lines[at])
            depth += _depth(lines[at])
            at += 1
        take("\n".join(parts), out, where, line)
        return at
    if value[:1] in ('"', "'"):
        end = value.find(value[0], 1)
        out.found.append((where, unquote(value[: end + 1]), at))
    elif text := re.split(r"\s[#;]", value, maxsplit=1)[0].strip():
        out.found.append((where, text, at))
    return at


def _depth(text: str) -> int:
    text = re.sub(r"\"[^\"]*\"|'[^']*'|#.*", "", text)
    return sum(text.count(one) for one in "[{") - sum(text.count(one) for one in "]}")
