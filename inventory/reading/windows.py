"""Which part of a changed file can matter: what changed, with what stands around it.

Of a large file that hardly changed nearly everything says the same before and after. A reader may look at the windows
first, and at the whole file only if they do not say the same on both sides.
"""

import copy
import re
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..changes import Delta, Side, Spans

AROUND = 8
"""Lines before and after a changed one that may be part of the same call."""

# Lines above changed ones that are looked at for what opens their blocks; only data has so many.
_MAX_ABOVE = 200_000

# What a line gives a name to, under which the rest of the file may use it: functions and classes, values that may say
# text (by themselves, on the lines below, or by a constant), and keys whose value is text or a function. Attributes
# and keyword arguments, which have no space before their sign, are no names.
_VALUE = rb"(?=[ \t\r]*$|[^\n]{0,200}(?:['\"`]|[\[({=>:\\][ \t\r]*$|\b[A-Z][A-Z0-9_]{2}))"
_DEFINES = re.compile(
    rb"\b(?:def|function\*?|fn|func|fun|class|module|enum)\s+(?:self\.)?([\w$@]+)"
    rb"|(?<![\w$@])([\w$@]+)(?::[^=\n]{0,80}|[ \t]*:|[ \t]*\|\|)?(?:[ \t]+|(?<=[A-Z0-9_])|(?<=:)|(?<=\|\|))=(?![=>~])"
    + _VALUE
    + rb"|^[ \t]*(?:(?:public|private|protected|static|async|export|override|readonly)\s+)*"
    rb"(?!(?:if|for|while|switch|catch|with|else|return|function)\b)([\w$]+)\s*\([^\n]{0,500}\{[ \t]*$"
    rb"|(?<![\w$])([\w$]+)['\"]?\s*(?::|=>)\s*(?=['\"`(:]|[\w$]+\s*=>|async\b|function\b)",
    re.MULTILINE,
)
# A function whose last line says what it returns, or whose result is an expression of several lines.
_SAYS_SO = re.compile(rb"\breturn\b")
_BLOCK = re.compile(rb"(?:\{|:|\bdo|\|)[ \t\r]*$")
_BY_ITSELF = (".rb", ".rake", ".erb", ".ex", ".exs", ".rs")
# What says something of everything below it.
_PREFIX = re.compile(rb"Controller\b|RequestMapping|RoutePrefix|Route\(|\bnamespace\b|\bscope\b")
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$")


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One side of a change.

    Attributes:
        side: the file.
        changed: the rows that the other side has not, from 0.
        rows: the first row of each window, and the one behind its last.
        text: what the windows show.
    """

    side: Side
    changed: Sequence[int]
    rows: Sequence[tuple[int, int]]
    text: bytes

    @cached_property
    def heads(self) -> Sequence[bytes]:
        """The lines that open the blocks which the changed ones stand in."""
        lines = _lines(self.side)
        # Where all of a file is the window, they stand in it.
        return self._heads(lines) if self.changed and list(self.rows) != [(0, len(lines))] else ()

    def narrowed(self, *, literal: bool) -> Side | None:
        """The side with its windows; None if what changed may alter what is said outside of them."""
        lines = _lines(self.side)
        starts, at = [0], 0
        for line in lines:
            at += len(line) + 1
            starts.append(at)
        spans = tuple((starts[first], starts[end]) for first, end in self.rows)
        if 2 * sum(end - first for first, end in self.rows) > len(lines) + 1:
            return None  # little would be left out
        if self.changed and not literal and self._reaches(lines, spans):
            return None
        part = copy.copy(self.side)
        object.__setattr__(part, "spans", spans)
        return part

    def _reaches(self, lines: Sequence[bytes], spans: Spans) -> bool:
        changed = b"\n".join(lines[at] for at in self.changed)
        if _PREFIX.search(changed):
            return True
        heads = self.heads
        if not self.side.path.endswith(_BY_ITSELF) and not _SAYS_SO.search(changed):
            heads = [line for line in heads if not _BLOCK.search(line)]
        data = self.side.data or b""
        for words in _DEFINES.findall(b"\n".join([changed, *heads])):
            plain = next((word for word in words[:-1] if word), b"")
            if _stands(plain or b"." + words[-1], data, spans):
                return True
        return False

    def _heads(self, lines: Sequence[bytes]) -> list[bytes]:
        found: dict[int, bytes] = {}
        behind, left = -1, _MAX_ABOVE
        for at in self.changed:
            if at < behind:
                continue
            behind = at + AROUND
            depth = _depth(lines[at])
            row = at
            while row > 0 and depth > 0 and left > 0:
                row, left = row - 1, left - 1
                line = lines[row]
                if (own := _depth(line)) < depth and line.strip():
                    depth = own
                    if row in found:
                        break
                    found[row] = line
        return list(found.values())


def _lines(side: Side) -> list[bytes]:
    # What is binary has no lines: its text is empty.
    return (side.data or b"").split(b"\n") if side.text else []


def _rows(changed: Sequence[int], count: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for at in changed:
        first, end = max(0, at - AROUND), min(count, at + AROUND + 1)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((first, end))
    return found


def _depth(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))


def _stands(name: bytes, data: bytes, spans: Spans) -> bool:
    """Whether a name stands outside of some spans as a whole word."""
    name = name.lstrip(b"@$")
    if len(name) < 2:
        return bool(name.strip(b"."))
    at = data.find(name)
    while at >= 0:
        end = at + len(name)
        begins = name.startswith(b".") or at == 0 or data[at - 1] not in _WORD
        whole = begins and (end == len(data) or data[end] not in _WORD)
        if whole and not any(first <= at < last for first, last in spans):
            return True
        at = data.find(name, end)
    return False


@dataclass(frozen=True, kw_only=True)
class _Windows:
    """Both sides of a change, the newer first."""

    parts: Sequence[_Part]

    @cached_property
    def text(self) -> str:
        return b"\n".join(part.text for part in self.parts).decode("utf-8", "replace")

    @cached_property
    def sides(self) -> Sequence[Side] | None:
        return self._narrowed(literal=False)

    @cached_property
    def literal_sides(self) -> Sequence[Side] | None:
        return self._narrowed(literal=True)

    def _narrowed(self, *, literal: bool) -> Sequence[Side] | None:
        found = [part.narrowed(literal=literal) for part in self.parts] if len(self.parts) == 2 else []
        return tuple(side for side in found if side is not None) if found and None not in found else None


_KNOWN: "weakref.WeakKeyDictionary[Delta, _Windows]" = weakref.WeakKeyDictionary()


def near(delta: Delta) -> str:
    """The lines that a change added or removed, with those around them that may be part of the same call."""
    return _windows(delta).text


def surrounded(delta: Delta) -> bytes:
    """What `near` gives, and the lines that open the blocks which the changed ones stand in, however far above."""
    return b"\n".join(line for part in _windows(delta).parts for line in (*part.heads, part.text))


def narrowed(delta: Delta, *, literal: bool = False) -> Sequence[Side] | None:
    """Both sides of a change, of which readers look at the windows alone: what those do not say did not change.

    Args:
        delta: the change.
        literal: whether the reader takes what stands there at its word, and follows no name to where it is defined.

    Returns:
        None if the whole has to be read: a file came or went, or what changed is used elsewhere in the file.
    """
    return _windows(delta).literal_sides if literal else _windows(delta).sides


def _windows(delta: Delta) -> _Windows:
    known = _KNOWN.get(delta)
    if known is None:
        known = _KNOWN[delta] = _read(delta)
    return known


def _read(delta: Delta) -> _Windows:
    sides = [side for side in (delta.new, delta.old) if side is not None]
    lines = [_lines(side) for side in sides]
    if len(sides) == 1:
        everything = ((0, len(lines[0])),)
        only = _Part(side=sides[0], changed=range(len(lines[0])), rows=everything, text=b"\n".join(lines[0]))
        return _Windows(parts=[only])
    known = [set(one) for one in lines]
    own = (known[0] - known[1], known[1] - known[0])
    parts = []
    for side, rows, new in zip(sides, lines, own, strict=True):
        changed = [at for at, line in enumerate(rows) if line in new]
        windows = _rows(changed, len(rows))
        text = b"\n".join(line for first, end in windows for line in rows[first:end])
        parts.append(_Part(side=side, changed=changed, rows=windows, text=text))
    return _Windows(parts=parts)
