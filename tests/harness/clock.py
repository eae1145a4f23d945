"""A clock that stands still unless it is moved, and tokens that count."""

import itertools
from datetime import UTC, datetime, timedelta


class FixedClock:
    """Starts at 2026-03-04 09:00 UTC."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
        self._tokens = itertools.count(1)

    def now(self) -> datetime:
        """The same moment until `move`."""
        return self._now

    def token(self) -> str:
        """`00000001`, `00000002`, …"""
        return f"{next(self._tokens):08x}"

    def move(self, **delta: float) -> None:
        """Let time pass: `move(days=31)`."""
        self._now += timedelta(**delta)
