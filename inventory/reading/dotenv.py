"""Files of `NAME=value` lines: .env and its kin."""

import re
from dataclasses import dataclass

_LINE = re.compile(r"(#[ \t]?)?(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=(.*)")
_NAME_ONLY = re.compile(r"(?:export[ \t]+)?([A-Z_][A-Z0-9_]*)")
_MAX_LINE = 20_000
_QUOTES = ("'", '"', "`")
# A comment that ends like a sentence, or has more words than a value, explains.
_PROSE = re.compile(r"\S+[ \t]+\S+[ \t]+\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A variable that a file sets, or shows in a comment.

    Attributes:
        name: the variable.
        value: without quotes; empty if it has none.
        line: from 1.
        commented: whether the line is a comment.
    """

    name: str
    value: str
    line: int
    commented: bool = False


def settings(text: str) -> list[Setting]:
    """The variables of a text, in its order; values in quotes may span lines."""
    found: list[Setting] = []
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line, start = lines[number].strip(), number + 1
        number += 1
        match = _LINE.fullmatch(line) if len(line) <= _MAX_LINE else None
        if match is None:
            alone = _NAME_ONLY.fullmatch(line)
            if alone is not None:
                found.append(Setting(name=alone[1], value="", line=start))
            continue
        commented, value = match[1] is not None, match[3].strip()
        if commented and (not match[2].isupper() or _PROSE.match(value)):
            continue
        quote = value[:1]
        if quote in _QUOTES and quote not in value[1:]:
            end = number if commented else _closing(lines, number, quote)
            value = "\n".join([value, *lines[number:end]])
            number = end
        found.append(Setting(name=match[2], value=_plain(value), line=start, commented=commented))
    return found


def _closing(lines: list[str], start: int, quote: str) -> int:
    """Behind the line that ends a value that is not ended on its first; the start if none does."""
    for number in range(start, min(start + 200, len(lines))):
        if quote in lines[number]:
            return number + 1
        # A quote that is never closed must not swallow the variables behind it.
        if re.match(r"[A-Z_][A-Z0-9_]*=", lines[number]):
            break
    return start


def _plain(value: str) -> str:
    quote = value[:1]
    if quote in _QUOTES:
        end = value.find(quote, 1)
        return value[1:end] if end > 0 else value[1:]
    return re.sub(r"(?:^|[ \t]+)#.*", "", value)
