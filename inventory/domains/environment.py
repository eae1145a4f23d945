"""The environment: variables that a target began or ceased to need, or gave other values, and encrypted secrets."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from ..changes import Changes, Side
from ..detector import Domain
from ..model import Change, Item
from ..reading.trail import Seen, Trail, trails
from ..variables.credentials import credentials
from ..variables.facts import Fact, Role, is_passed_on
from ..variables.items import Found, item
from ..variables.parts import EVERYWHERE, Parts
from ..variables.reading import WHERE, Reader, is_others
from ..variables.workflows import secrets
from ..variables.yaml_files import is_compose

_NAME = "environment"
_MAX_FILES = 60
_Said = Role | Literal["given"]
"""A role, or what a compose file sets for its containers only."""


def detect(changes: Changes) -> Iterator[Item]:
    """One item for each variable and each file of encrypted secrets."""
    reader = Reader(changes, _NAME)
    found = trails(changes, reader.both, _same, "environment")
    parts = Parts(changes)
    unsure = [name for name, trail in found.items() if not trail.was or not trail.now or _crosses(parts, trail)]
    return _items(changes, reader, found, parts, changes.before.asking(unsure, WHERE))


def _items(
    changes: Changes,
    reader: Reader,
    found: Mapping[str, Trail[Fact]],
    parts: Parts,
    asked: Callable[[], Mapping[str, Sequence[str]]],
) -> Iterator[Item]:
    yield from credentials(changes)
    mentions = asked()
    ends = {delta.path: delta.new for delta in changes.deltas} if mentions else {}
    said = set[str]()
    for name, trail in found.items():
        paths = [path for path in mentions.get(name, ()) if path not in trail.after][:_MAX_FILES]
        before = _roles(reader, name, (changes.before.read(path) for path in paths))
        # Files that mention it now and did not before are in the trail.
        after = _roles(reader, name, (ends.get(path, changes.before.read(path)) for path in paths))
        part: str | None = None
        change = _change(trail, before, after)
        if change is None and _begins(trail, before, after):
            change = "added" if all(map(is_others, (*paths, *(seen.side.path for seen in trail.was)))) else None
        if change == "removed" and after and _is_said(changes, name):
            change = None  # Examples show it, and code that was changed names it: it may read it in another way.
        if change is None and parts and name not in EVERYWHERE and (trail.was or trail.now):
            steady = {path: role for path in paths if (role := reader.role(changes.before.read(path), name))}
            change, part = _change_of_part(parts, trail, steady)
        if change is not None:
            said.add(name)
            yield item(changes, Found(name=name, change=change, was=trail.was, now=trail.now, part=part))
    yield from (one for one in secrets(changes) if one.name not in said)


def _same(before: Fact, after: Fact) -> bool:
    return (before.role, before.value) == (after.role, after.value)


def _crosses(parts: Parts, trail: Trail[Fact]) -> bool:
    return {parts.of(one.side.path) for one in trail.was} != {parts.of(one.side.path) for one in trail.now}


def _change_of_part(parts: Parts, trail: Trail[Fact], steady: Mapping[str, Role]) -> tuple[Change | None, str | None]:
    """What happened to a variable in one part of a repository of several, and in which.

    What went from one part to another is needed where it goes: nothing can be said of it.
    """
    was, now = ({one.side.path: one.fact.role for one in side} for side in (trail.was, trail.now))
    gained, lost = parts.gained(was, now, steady), parts.gained(now, was, steady)
    if gained and lost:
        return None, None
    if gained or lost:
        return "added" if gained else "removed", min(gained or lost)
    shown = parts.declared(was, now, steady) ^ parts.declared(now, was, steady)
    return ("changed", min(shown)) if shown else (None, None)


def _is_said(changes: Changes, name: str) -> bool:
    """Whether a changed file still names a variable, in whatever way, but for those that only show it to people."""
    ends = {delta.path: delta.new for delta in changes.deltas}
    return any(
        side is not None and name.encode() in (side.data or b"") and _SHOWS.search(path) is None
        for path, side in ends.items()
    )


_SHOWS = re.compile(
    r"(?:^|/)\.?env[\w.-]*$|\.(?:env|md|mdx|rst|txt)(?:\.\w+)?$|example|sample|template", re.IGNORECASE
)


def _roles(reader: Reader, name: str, sides: Iterable[Side | None]) -> frozenset[_Said]:
    """What other files do with a variable; not all of them are asked once one declares it and one reads it."""
    found = set[_Said]()
    for side in sides:
        role = reader.role(side, name)
        if side is not None and role is not None:
            found.add("given" if role == "sets" and is_compose(side.path) else role)
        if "read" in found and found - {"read", "given"}:
            break
    return frozenset(found)


def _change(trail: Trail[Fact], before: frozenset[_Said], after: frozenset[_Said]) -> Change | None:
    """What happened to a variable, given what files do with it that did not change in this respect."""
    was, now = trail.was, trail.now
    known, known_after = bool(was or before), bool(now or after)
    if not known and not known_after:
        return None
    if known and known_after:
        if _is_read(was, before) and not _is_read(now, after) and not _is_set(now, after):
            return "removed"  # Examples still show it, and nothing reads it any more.
        return "changed" if _is_changed(was, now, before, after) else None
    return "removed" if known else "added"


def _begins(trail: Trail[Fact], before: frozenset[_Said], after: frozenset[_Said]) -> bool:
    """Whether the first to read a variable came, where it was only declared before."""
    return _is_read(trail.now, after) and not _is_read(trail.was, before) and bool(trail.was or before)


def _is_read(said: Sequence[Seen[Fact]], others: frozenset[_Said]) -> bool:
    return "read" in others or any(seen.fact.role == "read" for seen in said)


def _is_set(said: Sequence[Seen[Fact]], others: frozenset[_Said]) -> bool:
    return bool({"sets", "build", "given"} & {*others, *(seen.fact.role for seen in said)})


def _is_changed(
    was: Sequence[Seen[Fact]], now: Sequence[Seen[Fact]], before: frozenset[_Said], after: frozenset[_Said]
) -> bool:
    """Whether it is given another value; a further place that reads or shows it is no change."""
    if any(defaults[0] != defaults[1] for defaults in _defaults(was, now)):
        return True
    old, new = _values(was), _values(now)
    if any(old[path] != new[path] for path in old.keys() & new.keys()):
        return True
    if old and new:
        return set(old.values()) != set(new.values())
    if not old and not new:
        return False
    # Declared for the first time, or no longer. Where another file declares it, a further example says nothing new,
    # and neither does a further place that passes its value on.
    # What a compose file gives its containers says nothing to people.
    declared = (before | after) - {"read", "given"}
    return not declared or any(seen.fact.role == "sets" and not is_passed_on(seen.fact) for seen in [*was, *now])


def _defaults(was: Sequence[Seen[Fact]], now: Sequence[Seen[Fact]]) -> Iterator[tuple[object, object]]:
    """What code says holds where nobody sets it, before and after.

    Of each file that reads it on both sides, and of all that began to read it where others ceased to.
    """
    before, after = (
        {one.side.path: one.fact.value for one in side if one.fact.role == "read"} for side in (was, now)
    )
    yield from ((before[path], after[path]) for path in before.keys() & after.keys())
    gone, come = ({side[path] for path in side.keys() - other} for side, other in ((before, after), (after, before)))
    if gone and come:
        yield gone - {None}, come - {None}


def _values(said: Sequence[Seen[Fact]]) -> dict[str, str]:
    return {seen.side.path: seen.fact.value or "" for seen in said if seen.fact.role != "read"}


ENVIRONMENT = Domain(name=_NAME, detect=detect)
