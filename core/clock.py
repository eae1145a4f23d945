"""Time and randomness behind one seam, so that tests are repeatable."""

import os
from datetime import UTC, datetime
from typing import Protocol

from .records import dataclass


class Clock(Protocol):
    """Where time and fresh ids come from."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...

    def token(self) -> str:
        """Eight lower-case hexadecimal digits nobody else has."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock and random source."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return datetime.now(UTC)

    def token(self) -> str:
        """Eight random hexadecimal digits."""
        return os.urandom(4).hex()


def stamp(moment: datetime) -> str:
    """RFC 3339 with milliseconds, in UTC: `2026-11-20T09:30:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def parse_stamp(text: str) -> datetime:
    """The moment behind `stamp`."""
    return datetime.fromisoformat(text)
