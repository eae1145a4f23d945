"""The environment: variables that a target began or ceased to need, or gave other values, and encrypted secrets."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..changes import Changes, Side
from ..detector import Domain
from ..model import Change, Item
from .environment_credentials import credentials
from .environment_facts import Fact, Role
from .environment_items import Found, Seen, item
from .environment_reading import WHERE, Reader

_NAME = "environment"
_MAX_FILES = 60


@dataclass
class _Trail:
    """What a target did to a variable, by path.

    Attributes:
        before: what a file said of it before the target; None if it said nothing.
        after: what it says in the end.
    """

    before: dict[str, Seen | None] = field(default_factory=dict)
    after: dict[str, Seen | None] = field(default_factory=dict)

    @property
    def was(self) -> list[Seen]:
        """What was said before."""
        return [seen for seen in self.before.values() if seen is not None]

    @property
    def now(self) -> list[Seen]:
        """What is said in the end."""
        return [seen for seen in self.after.values() if seen is not None]


def detect(changes: Changes) -> Iterator[Item]:
    """One item for each variable and each file of encrypted secrets."""
    yield from credentials(changes)
    reader = Reader(changes, _NAME)
    trails = _trails(changes, reader)
    unsure = [name for name, trail in trails.items() if not trail.was or not trail.now]
    mentions = changes.before.mentions(unsure, WHERE) if unsure else {}
    ends = {delta.path: delta.new for delta in changes.deltas} if mentions else {}
    for name, trail in trails.items():
        paths = [path for path in mentions.get(name, ()) if path not in trail.after][:_MAX_FILES]
        before = _role(reader, name, (changes.before.read(path) for path in paths))
        # Files that mention it now and did not before are in the trail.
        after = _role(reader, name, (ends.get(path, changes.before.read(path)) for path in paths))
        found = _found(name, trail, before, after)
        if found is not None:
            yield item(changes, found)


def _trails(changes: Changes, reader: Reader) -> dict[str, _Trail]:
    trails: dict[str, _Trail] = {}
    for delta in changes.deltas:
        old, new = reader.both(delta)
        for name in dict.fromkeys([*old, *new]):
            before, after = old.get(name), new.get(name)
            if before and after and (before.role, before.value) == (after.role, after.value):
                continue
            trail = trails.setdefault(name, _Trail())
            trail.before.setdefault(delta.path, _seen(before, delta.old, delta.commit))
            trail.after[delta.path] = _seen(after, delta.new, delta.commit)
    return trails


def _seen(fact: Fact | None, side: Side | None, commit: str) -> Seen | None:
    return None if fact is None or side is None else Seen(fact=fact, side=side, commit=commit)


def _role(reader: Reader, name: str, sides: Iterable[Side | None]) -> Role | None:
    """What other files do with a variable: the first that declares it, else whether any reads it."""
    found: Role | None = None
    for side in sides:
        role = reader.role(side, name)
        if role is not None and role != "read":
            return role
        found = found or role
    return found


def _found(name: str, trail: _Trail, before: Role | None, after: Role | None) -> Found | None:
    was, now = trail.was, trail.now
    known, known_after = bool(was or before), bool(now or after)
    change: Change
    if not known and not known_after:
        return None
    if known and known_after:
        if not _is_changed(was, now, before, after):
            return None
        change = "changed"
    else:
        change = "removed" if known else "added"
    return Found(name=name, change=change, was=was, now=now)


def _is_changed(was: Sequence[Seen], now: Sequence[Seen], before: Role | None, after: Role | None) -> bool:
    """Whether it is given another value; a further place that reads or shows it is no change."""
    old, new = _values(was), _values(now)
    if any(old[path] != new[path] for path in old.keys() & new.keys()):
        return True
    if old and new:
        return set(old.values()) != set(new.values())
    if not old and not new:
        return False
    # Declared for the first time, or no longer. Where another file declares it, a further example says nothing new.
    declared = {before, after} - {None, "read"}
    return not declared or any(seen.fact.role == "sets" for seen in [*was, *now])


def _values(said: Sequence[Seen]) -> dict[str, str]:
    return {seen.side.path: seen.fact.value or "" for seen in said if seen.fact.role != "read"}


ENVIRONMENT = Domain(name=_NAME, detect=detect)
