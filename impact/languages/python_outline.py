r"""A Python text without the bodies of functions that do not matter: much less to parse, with the same lines.

Only bodies that evidently end where they seem to are left out. What stands for one is `...` and its line breaks, so a
text that parses still does; one that does not after this is to be parsed whole.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import cache

from ...core.grammar import Tree, parse

_HEADER = re.compile(rb"^( *)(?:async +)?def\b[^\n]*\n", re.MULTILINE)
_OPENS = re.compile(rb"[(\[{]")
_CLOSES = re.compile(rb"[)\]}]")
_COLON = re.compile(rb":[ \t]*(?:#[^\n]*)?\n\Z")
_QUOTED = re.compile(
    rb"#[^\n]*"
    rb"|\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*(?:\"\"\"|\Z)"
    rb"|'''(?:[^'\\]|\\.|'(?!''))*(?:'''|\Z)"
    rb"|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?",
    re.DOTALL,
)
_INDENTED = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\n)*( *)")
_LONGEST_HEADER = 300
"""Lines of a function's header that are looked at."""

_SHORTEST = 200
"""Bytes of a body that is worth leaving out."""


def parse_outline(data: bytes, drop: Callable[[int, int], bool]) -> Tree | None:
    """The tree of a text without some bodies, or of the whole text where that does not parse; see `outline`."""
    short = outline(data, drop)
    tree = parse("python", short)
    return parse("python", data) if tree is not None and tree.root.has_error and short is not data else tree


def without(data: bytes, words: Iterable[bytes]) -> Callable[[int, int], bool]:
    """Tells of a part of a text whether none of some words begins in it."""
    places: list[int] = []
    for word in words:
        at = data.find(word)
        while at >= 0:
            places.append(at)
            at = data.find(word, at + 1)
    places.sort()

    def drop(start: int, end: int) -> bool:
        place = bisect_left(places, start)
        return place == len(places) or places[place] >= end

    return drop


def outline(data: bytes, drop: Callable[[int, int], bool]) -> bytes:
    r"""The text without some bodies.

    Args:
        data: the text, with `\n` for line ends.
        drop: whether the body that stands from one offset to another may go.
    """
    if b"\r" in data:
        return data
    found: list[bytes] = []
    taken = at = 0
    while (match := _HEADER.search(data, at)) is not None:
        indent = len(match[1])
        start = _body(data, match.start(), match.end(), indent)
        if start is None:
            at = match.end()
            continue
        end = _end(data, start, indent)
        if end is None:
            at = start
            continue
        if end - start < _SHORTEST or not drop(start, end):
            # What is kept may hold functions of its own, but they are rarely worth a look.
            at = end
            continue
        first = _INDENTED.match(data, start)
        blank = b" " * (len(first[1]) if first is not None else indent + 1)
        found += (data[taken:start], blank, b"...", b"\n" * data.count(b"\n", start, end))
        taken = at = end
    return b"".join((*found, data[taken:])) if found else data


def _body(data: bytes, start: int, end: int, indent: int) -> int | None:
    """Where a function's body begins, whose header's first line stands from `start` to `end`; None if unsure."""
    opened = _depth(data, start, end)
    for _ in range(_LONGEST_HEADER):
        if opened <= 0:
            break
        following = data.find(b"\n", end) + 1
        if not following:
            return None
        line = data[end:following]
        bare = line.lstrip(b" ")
        if bare.strip() and len(line) - len(bare) <= indent and bare[:1] not in b")]}#":
            return None
        opened += _depth(data, end, following)
        end = following
    return end if opened == 0 and _COLON.search(data, max(start, end - 200), end) is not None else None


def _depth(data: bytes, start: int, end: int) -> int:
    return len(_OPENS.findall(data, start, end)) - len(_CLOSES.findall(data, start, end))


def _end(data: bytes, start: int, indent: int) -> int | None:
    """Where a body ends that begins at `start`, for a function that is indented so far."""
    quoted: list[tuple[int, int]] | None = None
    for match in _outdented(indent).finditer(data, start - 1):
        at = match.start() + 1
        if at == start:
            return None
        if data[at - 2 : at - 1] == b"\\":
            continue  # a statement goes on
        if quoted is None and b'"""' not in (body := data[start:at]) and b"'''" not in body:
            return at
        quoted = _strings(data, start, at, quoted or [])
        if not quoted or quoted[-1][1] <= at:
            return at
    return len(data)


def _strings(data: bytes, start: int, upto: int, known: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The strings and comments of a body that begin before a place; the last one may end after it."""
    at = known[-1][1] if known else start
    while at < upto and (match := _QUOTED.search(data, at, len(data))) is not None and match.start() < upto:
        known.append(match.span())
        at = max(match.end(), at + 1)
    return known


@cache
def _outdented(indent: int) -> re.Pattern[bytes]:
    """A line that is code and indented no further."""
    return re.compile(rb"\n {0,%d}(?![ \n#])" % indent)
