"""What a target did to a thing that several files speak of: what they said before, and what they say in the end."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ...core.remembered import Remembered
from ..changes import Changes, Delta, Side

Fact = TypeVar("Fact")
_OURS = f"{__name__.partition('.')[0]}."


@dataclass(frozen=True, kw_only=True)
class Seen(Generic[Fact]):
    """What a file says of a thing.

    Attributes:
        fact: what it says.
        side: the file, before or after a change.
        commit: the commit that changed it.
    """

    fact: Fact
    side: Side
    commit: str


@dataclass
class Trail(Generic[Fact]):
    """What the changed files say of a thing, by path.

    Attributes:
        before: what a file said before the target; None if it said nothing.
        after: what it says in the end.
    """

    before: dict[str, Seen[Fact] | None] = field(default_factory=dict)
    after: dict[str, Seen[Fact] | None] = field(default_factory=dict)

    @property
    def was(self) -> list[Seen[Fact]]:
        """What was said before."""
        return [seen for seen in self.before.values() if seen is not None]

    @property
    def now(self) -> list[Seen[Fact]]:
        """What is said in the end."""
        return [seen for seen in self.after.values() if seen is not None]


Pair = tuple[Mapping[str, Fact], Mapping[str, Fact]]
Both = Callable[[Delta], Pair[Fact]]
"""The facts of both sides of a change, by the name of what they are about; they follow from it alone."""

_READ = Remembered[Pair[Any]](20_000)


# What most domains pass over by its name: translations, documents, pictures, what is dumped by a program.
_SELDOM_READ = re.compile(
    r"\.(?:po|pot|mo|mdx?|rst|txt|svg|png|jpe?g|gif|webp|avif|ico|pdf|woff2?|ttf|otf|eot|mp[34]|zip|gz|snap|ambr|csv|tsv|"
    r"graphqls?|map)$",
    re.IGNORECASE,
)


def wanted(changes: Changes, domains: Sequence[str]) -> Iterator[Delta]:
    """The changes that some domains are going to read.

    Args:
        changes: the target's.
        domains: those that look into nearly every file; what they had nothing to say of is remembered.
    """
    quiet = changes.quiet
    for delta in changes.deltas:
        if _SELDOM_READ.search(delta.path):
            continue
        if quiet is None or not all(quiet.holds(domain, delta) for domain in domains):
            yield delta


def trails(
    changes: Changes, both: Both[Fact], same: Callable[[Fact, Fact], bool], domain: str
) -> dict[str, Trail[Fact]]:
    """The trails of everything that a changed file says something else of, by name.

    Args:
        changes: the target's.
        both: reads the facts.
        same: whether two facts of a file say the same.
        domain: whose facts they are.
    """
    found: dict[str, Trail[Fact]] = {}
    # Readers of other packages may change without our knowing.
    ours = both.__module__.startswith(_OURS)
    quiet = changes.quiet if ours else None
    for delta in changes.deltas:
        if quiet is not None and quiet.holds(domain, delta):
            continue
        unread = len(changes.unknowns)
        old, new = _read(both, delta, domain, changes) if ours else both(delta)
        said = False
        for name in dict.fromkeys([*old, *new]):
            before, after = old.get(name), new.get(name)
            if before is not None and after is not None and same(before, after):
                continue
            said = True
            trail = found.setdefault(name, Trail())
            trail.before.setdefault(delta.path, _seen(before, delta.old, delta))
            trail.after[delta.path] = _seen(after, delta.new, delta)
        if quiet is not None and not said and len(changes.unknowns) == unread:
            quiet.add(domain, delta)
    return found


def _read(both: Both[Fact], delta: Delta, domain: str, changes: Changes) -> Pair[Fact]:
    """Both sides, remembered unless something could not be read: that is to be said again."""
    sides = (None if side is None else (side.entry.mode, side.entry.oid) for side in (delta.old, delta.new))
    question = (domain, delta.path, *sides)
    known = _READ.get(question)
    if known is None:
        unread = len(changes.unknowns)
        known = both(delta)
        if len(changes.unknowns) == unread and not any(side.is_missed for side in delta.sides):
            _READ.put(question, known)
    return known


def _seen(fact: Fact | None, side: Side | None, delta: Delta) -> Seen[Fact] | None:
    held = side or delta.new or delta.old
    return None if fact is None or held is None else Seen(fact=fact, side=held, commit=delta.commit)
