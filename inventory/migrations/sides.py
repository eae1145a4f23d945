"""From the two sides of a file's change to the migration that it touched."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..changes import Changes, Delta, Side
from .model import Migration, Touched


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A migration, and what its file says.

    Attributes:
        migration: the migration.
        digest: of what the code does; the same if only layout, comments or imports differ.
        trouble: why a part of it could not be read; empty if all of it was.
    """

    migration: Migration
    digest: str
    trouble: str = ""


Read = Callable[[Side], Iterable[Reading]]


def touched(changes: Changes, deltas: Sequence[Delta], read: Read) -> Iterator[Touched]:
    """The migrations that deltas added, removed or edited.

    Args:
        changes: takes what could not be read.
        deltas: oldest first.
        read: the migrations of one side of a file; nothing if it is not this tool's.
    """
    for delta in deltas:
        found: list[dict[str, Reading]] = []
        for side in (delta.old, delta.new):
            if side is not None and side.data is None:
                changes.unread("database", delta.path, "too large to be read as a migration")
            found.append({} if side is None else {one.migration.id: one for one in read(side)})
        was, now = found
        for key in dict.fromkeys([*was, *now]):
            there = now.get(key) or was[key]
            if there.trouble:
                changes.unread("database", delta.path, there.trouble)
            yield from _touched(delta, was.get(key), now.get(key))


def _touched(delta: Delta, was: Reading | None, now: Reading | None) -> Iterator[Touched]:
    if now is None and was is not None:
        yield Touched(change="removed", migration=was.migration, delta=delta)
    elif now is not None and was is None:
        yield Touched(change="added", migration=now.migration, delta=delta)
    elif now is not None and was is not None and now.digest != was.digest:
        yield Touched(change="changed", migration=now.migration, delta=delta, edited=True, was=was.migration)
