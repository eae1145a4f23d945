"""What a damaged database still says, and which records make one chain."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing

from .store import COLUMNS, GENESIS, Record

_SMALLEST = 100
"""Bytes no record stays below: its two hashes alone are longer."""


def readable(path: str, scratch: str) -> list[Record]:
    """Records of a database that still hash to what they say.

    Args:
        path: the database; it is not changed.
        scratch: an empty directory for a copy. An interrupted transaction is rolled back in there.
    """
    found: list[Record] = []
    copy = os.path.join(scratch, "old.db")
    for suffix in ("", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(path + suffix, copy + suffix)
    if not os.path.exists(copy):
        return found
    patience = os.path.getsize(copy) // _SMALLEST
    query = f"SELECT {COLUMNS} FROM events WHERE seq > ? ORDER BY seq LIMIT 1"  # noqa: S608
    with closing(sqlite3.connect(copy)) as db:
        seq = 0
        while patience >= 0:
            try:
                row = db.execute(query, (seq,)).fetchone()
            except (sqlite3.DatabaseError, OverflowError, UnicodeDecodeError):
                # Behind this number stands a damaged page; the next page may be whole.
                seq, patience = seq + 1, patience - 1
                continue
            if row is None:
                break
            seq = row[0]
            record = Record.from_values(row)
            if record is not None:
                found.append(record)
    return found


def one_chain(sealed: Iterable[Record], salvaged: Iterable[Record]) -> list[Record]:
    """Records that follow each other, in order; where two histories part, what checkpoints sealed wins."""
    chosen: dict[int, Record] = {}
    for group in (sealed, salvaged):
        for record in sorted(group, key=lambda one: one.seq):
            before, after = chosen.get(record.seq - 1), chosen.get(record.seq + 1)
            prev = GENESIS if record.seq == 1 else record.prev if before is None else before.hash
            if record.seq not in chosen and record.prev == prev and (after is None or after.prev == record.hash):
                chosen[record.seq] = record
    return [chosen[seq] for seq in sorted(chosen)]


def gaps_of(records: Iterable[Record]) -> list[tuple[int, int]]:
    """First and last number of each stretch that is missing between records."""
    gaps, expected = [], 1
    for record in records:
        if record.seq > expected:
            gaps.append((expected, record.seq - 1))
        expected = record.seq + 1
    return gaps
