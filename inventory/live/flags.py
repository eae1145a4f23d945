"""Feature flags of a provider: whether they are there, and where they are on."""

from collections.abc import Callable, Mapping, Sequence

from ..model import Item, Live
from .probe import Connection, Probe

Flags = Mapping[str, Mapping[str, str]]
"""Key → environment (empty if there is only one) → `on`, `off`, or another state in a word or two."""


def flags_probe(kind: str, read: Callable[[Connection], Flags]) -> Probe:
    """A probe that compares flags with those of a provider."""

    def ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
        found = read(connection)
        return {item.id: live_of(item, found.get(item.name), connection.recorded) for item in items}

    def fingerprint(connection: Connection) -> Mapping[str, str]:
        return {key: states(where) for key, where in read(connection).items()}

    return Probe(kind=kind, domain="feature_flags", answers=is_flag, ask=ask, fingerprint=fingerprint)


def is_flag(item: Item) -> bool:
    """Whether an item is a flag."""
    return item.domain == "feature_flags"


def states(where: Mapping[str, str]) -> str:
    """`development off, production on`."""
    return ", ".join(f"{name} {state}".strip() for name, state in sorted(where.items())) or "in no environment"


def live_of(item: Item, where: Mapping[str, str] | None, recorded: Mapping[str, str]) -> Live:
    """What a flag's state means for one that is to be as it was before.

    Args:
        item: the flag.
        where: its state now; None if there is none.
        recorded: the states from before; empty if they were not recorded.
    """
    now = "" if where is None else states(where)
    if recorded:
        before = recorded.get(item.name, "")
        same = now == before
        detail = (now or "there is no such flag") + ("" if same else f"; before: {before or 'no such flag'}")
        return Live(checked=True, state="same" if same else "changed", detail=detail, clean=same)
    if where is None:
        # Code that comes back asks for it again.
        clean = {"added": True, "removed": False}.get(item.change)
        return Live(checked=True, state="absent", detail="there is no such flag", clean=clean)
    if item.change == "added":
        off = all(state == "off" for state in where.values())
        return Live(checked=True, state="present", detail=now, clean=off)
    return Live(checked=True, state="present", detail=f"{now}; nothing tells its state from before")
