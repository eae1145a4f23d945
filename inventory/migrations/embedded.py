"""SQL that stands in the code of a migration, and what could not be told of it."""

from collections.abc import Iterable, Sequence

from ...core.text import one_line
from .model import Effect, Operation

COMPUTED = "computed_when_it_runs"
"""Stands in a text for what only running the code would tell; an object with it in its name is not named."""

NOTHING = Operation(effect="additive", text="changes nothing in the database")
"""What a migration does that is there for the history only: a merge, an option of a model."""


def operation(
    effect: Effect,
    text: str,
    line: int,
    *,
    objects: Iterable[str] = (),
    creates: Iterable[str] = (),
    drops: Iterable[str] = (),
) -> Operation:
    """An operation on objects, of which those whose names are computed are left out.

    Args:
        effect: what it does to data and to those who use the schema.
        text: the tool's word for it; the objects are added.
        line: in the file.
        objects: what it touches and neither creates nor drops.
        creates: what exists only after it.
        drops: what is gone after it.
    """
    made, gone = _named(creates), _named(drops)
    touched = tuple(dict.fromkeys([*made, *gone, *_named(objects)]))
    said = one_line(f"{text} {', '.join(touched)}")
    return Operation(effect=effect, objects=touched, text=said, line=line, creates=made, drops=gone)


def of_sql(sql: str | None, line: int) -> list[Operation]:
    """What SQL does; one operation of unknown effect if it could not be read from the code, none if there is none."""
    if sql is None or sql.strip() == COMPUTED:
        return [Operation(effect="unknown", text="SQL that the code computes", line=line)]
    if not sql.strip():
        return []
    from .ddl import operations_of_sql

    return [
        operation(
            one.effect, one.text, one.line, objects=one.objects, creates=one.creates, drops=one.drops
        ) if COMPUTED in "".join((one.text, *one.objects)) else one
        for one in operations_of_sql(sql, line=line)
    ]  # fmt: skip


def _named(objects: Iterable[str]) -> Sequence[str]:
    return tuple(one for one in dict.fromkeys(objects) if one and COMPUTED not in one)
