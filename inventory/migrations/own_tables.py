"""Tables that a migration itself creates: nobody writes to them yet."""

import dataclasses
from collections.abc import Iterable

from .model import Operation


def on_own_tables(operations: Iterable[Operation]) -> list[Operation]:
    """Operations, of which those that restrict only tables created by one of them restrict nobody."""
    found = list(operations)
    made = {name.partition(" ")[2] for one in found for name in one.creates if name.startswith("table ")}
    return [
        dataclasses.replace(one, effect="additive") if one.effect == "restrictive" and _is_within(one, made) else one
        for one in found
    ]


def _is_within(one: Operation, made: set[str]) -> bool:
    tables = [
        name if kind == "table" else name.rpartition(".")[0]
        for kind, _, name in (each.partition(" ") for each in one.objects)
        if kind in ("table", "column", "constraint")
    ]
    return bool(tables) and made.issuperset(tables)
