"""Environment variables of a platform: their names, and hashes of what can be read of their values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..model import Item, Live
from .probe import Connection, Probe, presence, recorded_hash, unknown

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The variables of a platform.

    Attributes:
        values: name → value; None for one that is not shown.
        digests: name → what the platform itself says of its value.
        missing: why some are not among them; empty if all are.
    """

    values: Mapping[str, str | None] = field(repr=False)
    digests: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""


def variables_probe(kind: str, read: Callable[[Connection], Listed]) -> Probe:
    """A probe that compares variables with those a platform lists."""

    def listed(connection: Connection) -> Listed:
        found = read(connection)
        for name, value in found.values.items():
            if value:
                connection.redactor.hide(value, name)
        return found

    def ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
        found = listed(connection)
        return {item.id: live_of(item, found, connection) for item in items}

    def fingerprint(connection: Connection) -> Mapping[str, str]:
        found = listed(connection)
        return {name: state_of(found, name, connection) for name in found.values}

    return Probe(kind=kind, domain="environment", answers=is_variable, ask=ask, fingerprint=fingerprint)


def is_variable(item: Item) -> bool:
    """Whether an item is an environment variable."""
    return item.domain == "environment" and _NAME.fullmatch(item.name) is not None


def state_of(listed: Listed, name: str, connection: Connection) -> str:
    """`#ab12cd34` of a value, or of what the platform says of it; `set` if it says nothing."""
    value = listed.values[name]
    if value is not None:
        return f"#{connection.hash(value)}"
    return f"digest #{connection.hash(listed.digests[name])}" if name in listed.digests else "set"


def live_of(item: Item, listed: Listed, connection: Connection) -> Live:
    """What a platform's variables mean for one that is to be as it was before."""
    if item.name not in listed.values:
        if listed.missing:
            return unknown(f"not among those that may be read: {listed.missing}", checked=True)
        if item.name in connection.recorded:
            return Live(checked=True, state="absent", detail="it is not set; before, it was", clean=False)
        return presence(item, False, "it is not set")
    now = state_of(listed, item.name, connection)
    before = connection.recorded.get(item.name) or _marked(recorded_hash(item.before))
    if connection.recorded and item.name not in connection.recorded:
        return Live(checked=True, state="present", detail="it is set; before, it was not", clean=False)
    if item.change == "added" and not before:
        return presence(item, True, "it is still set")
    if now == "set":
        return Live(checked=True, state="present", detail="it is set; its value is not shown")
    if now == before:
        return Live(checked=True, state="same", detail=f"it has the value from before, {now}", clean=True)
    if now == _marked(recorded_hash(item.after)):
        return Live(checked=True, state="changed", detail=f"it has the newer value, {now}", clean=False)
    if before:
        # What was seen in a file need not be what this platform had: only what was recorded of it proves a change.
        clean = False if connection.recorded else None
        return Live(checked=True, state="changed", detail=f"it has another value than before, {now}", clean=clean)
    return Live(checked=True, state="present", detail=f"it is set, {now}; nothing tells its value from before")


def _marked(hashed: str) -> str:
    return f"#{hashed}" if hashed else ""
