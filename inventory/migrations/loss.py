"""What operations leave behind, and what is lost by them."""

from collections.abc import Iterable, Sequence

from .model import Operation

_ROWS = ("table", "column", "schema", "database")


def net(operations: Iterable[Operation]) -> tuple[Sequence[str], Sequence[str]]:
    """The objects that exist only after operations, and those that are gone after them."""
    creates: dict[str, None] = {}
    drops: dict[str, None] = {}
    for one in operations:
        # What a rename drops is not what it creates, so within one operation the order does not matter.
        for name in one.drops:
            if name in creates:
                del creates[name]
            else:
                drops[name] = None
        for name in one.creates:
            if name in drops:
                del drops[name]
            else:
                creates[name] = None
    return tuple(creates), tuple(drops)


def loses(operation: Operation) -> bool:
    """Whether data is lost by an operation: not by a rename, nor by dropping what holds none."""
    if operation.effect != "destructive":
        return False
    if not operation.drops:
        return True
    return bool(lost_objects([operation]))


def lost_objects(operations: Iterable[Operation]) -> list[str]:
    """The tables and columns that operations drop for good."""
    found: list[str] = []
    for one in operations:
        kinds = {name.split(" ")[0] for name in one.creates}
        if one.effect == "destructive":
            # A rename drops and creates the same kind of thing.
            found += [name for name in one.drops if name.split(" ")[0] in _ROWS and name.split(" ")[0] not in kinds]
    return list(dict.fromkeys(found))


def held(objects: Iterable[str]) -> list[str]:
    """Those of the objects that hold data."""
    return [name for name in objects if name.split(" ")[0] in _ROWS]
