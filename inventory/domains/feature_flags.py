"""Feature flags: those that a target began or ceased to ask for, and those whose default it changed."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..changes import Changes, Side
from ..detector import Domain
from ..flags.facts import Flag, strength
from ..flags.items import Found, item
from ..flags.reading import WHERE, Reader
from ..model import Change, Item
from ..reading.trail import Seen, Trail, trails

_NAME = "feature_flags"
_MAX_FILES = 60


def detect(changes: Changes) -> Iterator[Item]:
    """One item for each flag."""
    reader = Reader(changes, _NAME)
    found = trails(changes, reader.both, _same, _NAME)
    unsure = [key for key, trail in found.items() if not trail.was or not trail.now]
    return _items(changes, reader, found, _mentions(changes, unsure))


def _items(
    changes: Changes,
    reader: Reader,
    found: Mapping[str, Trail[Flag]],
    asked: Callable[[], Mapping[str, Sequence[str]]],
) -> Iterator[Item]:
    mentions = asked()
    ends = {delta.path: delta.new for delta in changes.deltas} if mentions else {}
    for key, trail in found.items():
        paths = sorted((path for path in mentions.get(key, ()) if path not in trail.after), key=_unlikely)[
            :_MAX_FILES
        ]
        before = _others(reader, key, (changes.before.read(path) for path in paths))
        # Files that mention it now and did not before are in the trail.
        later = _others(reader, key, (ends.get(path, changes.before.read(path)) for path in paths))
        # A migration that made it once stays, whatever becomes of the flag.
        after = [flag for flag in later if not flag.table]
        change = _change(trail, before, after)
        if change is not None:
            provider = next((flag.provider for flag in [*_flags(trail), *before] if flag.provider), "")
            yield item(Found(key=key, change=change, was=trail.was, now=trail.now, provider=provider))


def _mentions(changes: Changes, keys: Sequence[str]) -> Callable[[], Mapping[str, Sequence[str]]]:
    """Which files may speak of which flag; searched for meanwhile."""
    # Ruby asks for a flag by a method that is named for it.
    asked = {key: [key, f"{key}_enabled"] if key.isidentifier() else [key] for key in keys}
    searched = changes.before.asking([word for words in asked.values() for word in words], WHERE)

    def answer() -> Mapping[str, Sequence[str]]:
        found = searched()
        return {
            key: list(dict.fromkeys(path for word in words for path in found[word])) for key, words in asked.items()
        }

    return answer


def _same(before: Flag, after: Flag) -> bool:
    return (before.role, before.default) == (after.role, after.default)


def _unlikely(path: str) -> tuple[bool, int]:
    """Sorts the files that list flags before those that may mention the key as an everyday word."""
    name = path.lower()
    return (not any(word in name for word in ("flag", "feature", "experiment", "toggle")), name.count(os.sep))


def _others(reader: Reader, key: str, sides: Iterable[Side | None]) -> list[Flag]:
    """What other files say of a flag; one that defines it is enough."""
    found: list[Flag] = []
    for side in sides:
        flag = reader.elsewhere(side, key)
        if flag is not None:
            found.append(flag)
            if flag.role == "defines" and not flag.table:
                break
    return found


def _flags(trail: Trail[Flag]) -> list[Flag]:
    return [seen.fact for seen in (*trail.now, *trail.was)]


def _change(trail: Trail[Flag], before: list[Flag], after: list[Flag]) -> Change | None:
    """What happened to a flag.

    A list of flags outweighs what asks for them: a flag that was asked for and is now listed is new, and one that is
    listed no longer is gone, whoever still asks.
    """
    was, now = _strongest(trail.was), _strongest(trail.now)
    listed = max(was, now)
    known = was >= listed or _any(before, listed) or (listed < 2 and was >= 0)
    known_after = now >= listed or _any(after, listed) or (listed < 2 and now >= 0)
    if listed < 1 and len(trail.was) > max(1, len(after)) and not trail.now:
        # Nothing lists it, and hardly anything asks for it any more: a forgotten question keeps no flag alive.
        return "removed"
    if not known and not known_after:
        return None
    if known and known_after:
        return "changed" if _is_changed(trail) else None
    return "removed" if known else "added"


def _strongest(said: list[Seen[Flag]]) -> int:
    return max((strength(seen.fact.role) for seen in said), default=-1)


def _any(flags: list[Flag], least: int) -> bool:
    """Whether one of the flags says as much; what lists a flag is only matched by another list."""
    return any(strength(flag.role) >= (2 if least == 2 else 0) for flag in flags)


def _is_changed(trail: Trail[Flag]) -> bool:
    """Whether a file gives it another default."""
    pairs = ((old, trail.after.get(path)) for path, old in trail.before.items())
    return any(
        old is not None
        and new is not None
        and "calls" not in (old.fact.role, new.fact.role)
        and old.fact.default != new.fact.default
        for old, new in pairs
    )


FEATURE_FLAGS = Domain(name=_NAME, detect=detect)
