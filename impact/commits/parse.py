"""Reads what `git log --raw --patch --unified=0` prints.

Paths come quoted and hunks are taken by their counts, so nothing in a repository can pass for a header.
"""

import os
import re
from collections.abc import Iterator, Sequence

from ...core.ids import Oid
from .model import Change, Diff, Hunk

COMMIT = b"commit "
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_SECTION = b"diff --git "
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_FILE_KINDS = {"100", "000"}


def parse(data: bytes) -> Iterator[Diff]:
    """The commits in the output of `git log --format='commit %H'`, in its order.

    Raises:
        ValueError: if it is no such output, or was cut off.
    """
    lines = data.split(b"\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line:
            continue
        if not line.startswith(COMMIT):
            raise ValueError(f"not a commit's header: {line[:80]!r}")
        raw = []
        while at < len(lines) and (not lines[at] or lines[at].startswith(b":")):
            if lines[at]:
                raw.append(lines[at])
            at += 1
        changes = []
        for entry in raw:
            change, at = _change(entry, lines, at)
            changes.append(change)
        yield Diff(oid=Oid(line.removeprefix(COMMIT).decode("ascii")), changes=changes)


def parse_raw(data: bytes) -> Iterator[Diff]:
    """The commits in output without patches: their files count as wholes."""
    found: list[Change] = []
    name = b""
    for line in [*data.split(b"\n"), COMMIT]:
        if line.startswith(b":"):
            found.append(_entry(line))
        elif line.startswith(COMMIT):
            if name:
                yield Diff(oid=Oid(name.decode("ascii")), changes=found, read=False)
            name, found = line.removeprefix(COMMIT), []


def _change(entry: bytes, lines: Sequence[bytes], at: int) -> tuple[Change, int]:
    """One file: its raw line and its section of the patch; and where the next section starts."""
    plain = _entry(entry)
    hunks: list[Hunk] = []
    known = plain.old_mode[:3] in _FILE_KINDS and plain.new_mode[:3] in _FILE_KINDS
    # A file that became a link, or the other way, is printed as a deletion and a creation.
    twice = plain.old is not None and plain.new is not None and plain.old_mode[:3] != plain.new_mode[:3]
    for _ in range(2 if twice else 1):
        while at < len(lines) and not lines[at]:
            at += 1
        if at == len(lines) or not lines[at].startswith(_SECTION):
            raise ValueError("a file's header is missing")
        at += 1
        while at < len(lines) and lines[at] and not lines[at].startswith((b"@@", _SECTION, COMMIT)):
            known = known and not lines[at].startswith(b"Binary files ")
            at += 1
        while at < len(lines) and (match := _HUNK.match(lines[at])):
            hunk, at = _hunk(match, lines, at + 1)
            hunks.append(hunk)
    return Change(
        plain.old, plain.new, plain.old_mode, plain.new_mode, plain.old_blob, plain.new_blob, hunks if known else None
    ), at


def _hunk(match: re.Match[bytes], lines: Sequence[bytes], at: int) -> tuple[Hunk, int]:
    _, old_count, start, new_count = match.groups()
    old, at = _side(lines, at, 1 if old_count is None else int(old_count), b"-")
    count = 1 if new_count is None else int(new_count)
    new, at = _side(lines, at, count, b"+")
    return Hunk(start=int(start) - 1 if count else int(start), old=old, new=new), at


def _side(lines: Sequence[bytes], at: int, count: int, sign: bytes) -> tuple[list[bytes], int]:
    end = at + count
    side = [line[1:] for line in lines[at:end]]
    if len(side) != count or (count and (lines[at][:1] != sign or lines[end - 1][:1] != sign)):
        raise ValueError("a hunk was cut off")
    if count and end < len(lines) and lines[end].startswith(b"\\"):
        side[-1] += b"\n\\"
        end += 1
    return side, end


def _entry(line: bytes) -> Change:
    r"""A raw line: `:<mode> <mode> <blob> <blob> <status>\t<path>[\t<path>]`."""
    info, *paths = line.split(b"\t")
    old_mode, new_mode, old_blob, new_blob, status = info[1:].decode("ascii").split(" ")
    first, last = unquoted(paths[0]), unquoted(paths[-1])
    return Change(
        old=None if status == "A" else first,
        new=None if status == "D" else last,
        old_mode=old_mode,
        new_mode=new_mode,
        old_blob=old_blob,
        new_blob=new_blob,
        hunks=None,
    )


def unquoted(path: bytes) -> str:
    """A path as git prints it, as an `os.fsdecode` string."""
    if path[:1] == b'"':
        path = _ESCAPE.sub(_unescaped, path[1:-1])
    return os.fsdecode(path)


def _unescaped(match: re.Match[bytes]) -> bytes:
    word = match[1]
    return bytes([int(word, 8)]) if len(word) == 3 else _LETTERS.get(word, word)
