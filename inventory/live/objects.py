"""The objects of a schema that migrations create and drop, as their items name them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class SchemaObject:
    """An object, its names in lower case: tools differ in whether they quote them.

    Attributes:
        kind: `table`, `column`, `index`, `type`, `schema`, `view`, `constraint` …
        schema: empty if none is named.
        table: of a column, constraint or trigger; empty if none is named.
        name: its own.
        text: as the item names it.
    """

    kind: str
    schema: str
    table: str
    name: str
    text: str


def schema_object(text: str) -> SchemaObject:
    """`column public.users.email` and its kin, read."""
    kind, _, rest = text.strip().partition(" ")
    parts = [part.strip('"`[] ').lower() for part in rest.split(".")]
    on_table = kind in ("column", "constraint", "trigger")
    name = parts.pop()
    table = parts.pop() if on_table and parts else ""
    return SchemaObject(kind=kind.lower(), schema=".".join(parts), table=table, name=name, text=text)


def listed(objects: Iterable[SchemaObject]) -> str:
    """Some of them, in words."""
    texts = [one.text for one in objects]
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True)
class Standing:
    """Which objects of a migration stand.

    Attributes:
        made: objects it creates that stand.
        unmade: objects it creates that do not.
        gone: objects it drops that are not there.
        back: objects it drops that stand.
        untold: objects that could not be looked up.
    """

    made: Sequence[SchemaObject] = ()
    unmade: Sequence[SchemaObject] = ()
    gone: Sequence[SchemaObject] = ()
    back: Sequence[SchemaObject] = ()
    untold: Sequence[SchemaObject] = ()

    @property
    def known(self) -> bool:
        """Whether there is at least one object, and each could be looked up."""
        return bool(self.made or self.unmade or self.gone or self.back) and not self.untold


def standing(
    creates: Sequence[SchemaObject], drops: Sequence[SchemaObject], stands: dict[SchemaObject, bool | None]
) -> Standing:
    """Sort a migration's objects by what a database said of them; what both come and go say nothing."""
    both = {one.text for one in creates} & {one.text for one in drops}
    made = [one for one in creates if one.text not in both]
    dropped = [one for one in drops if one.text not in both]
    return Standing(
        made=[one for one in made if stands.get(one) is True],
        unmade=[one for one in made if stands.get(one) is False],
        gone=[one for one in dropped if stands.get(one) is False],
        back=[one for one in dropped if stands.get(one) is True],
        untold=[one for one in (*made, *dropped) if stands.get(one) is None],
    )
