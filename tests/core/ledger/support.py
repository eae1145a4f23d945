"""A ledger with a little of everything, and its file opened behind its back."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from safe_rollback.core.ledger.event import Event
from safe_rollback.core.ledger.events import CommandRefused, CommandTrusted, GateRun
from safe_rollback.core.ledger.store import FILE, Ledger
from tests.harness.clock import FixedClock

SESSION = "2026-03-04-001"


def events(count: int) -> list[Event]:
    """Events of three kinds, some of a session."""
    made: list[Event] = []
    for number in range(count):
        if number % 3 == 0:
            made.append(CommandTrusted(text=f"make check-{number} \udcff é \U0001f600"))
        elif number % 3 == 1:
            made.append(CommandRefused(session=SESSION, tool="run_git", command=f"reset {number}", rule="r"))
        else:
            made.append(GateRun(session=SESSION, name="tests", status="passed", exit_code=0, seconds=0.5))
    return made


def filled(folder: str, count: int) -> Ledger:
    """A new ledger in a directory, with `count` records."""
    ledger = Ledger(folder, FixedClock())
    for event in events(count):
        ledger.append(event)
    return ledger


def sql(folder: str, *statements: tuple[str, Sequence[Any]]) -> list[Any]:
    """Run statements on the database of a directory; rows of the last."""
    with closing(sqlite3.connect(os.path.join(folder, FILE), isolation_level=None)) as db:
        rows: list[Any] = []
        for statement, values in statements:
            rows = db.execute(statement, values).fetchall()
        return rows
