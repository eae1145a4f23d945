"""Flyway: `V<version>__<name>.sql`, with `U<version>__<name>.sql` to take it back in its paid editions.

Source: https://documentation.red-gate.com/flyway (migrations, undo).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .model import History, Migration, Operation, Tool, Touched
from .sides import Reading, touched
from .sqlfiles import Places, Script, digest, of_file, reading

_CLAIMED = re.compile(
    r"(?:^|/)(?:(?P<kind>[VB])(?P<version>\d+(?:[._]\d+)*)|(?P<again>R))__(?P<name>[^/]+)\.(?P<ending>sql|java|kt)$"
)


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    match = _CLAIMED.search(side.path)
    if match is None:
        return
    version = (match["version"] or "").replace("_", ".")
    id_ = version or f"R__{match['name']}"
    order = tuple(int(part) for part in version.split(".")) if version else (match["name"],)
    if match["ending"] != "sql":
        if "BaseJavaMigration" in side.text or "JavaMigration" in side.text:
            yield _of_code(side, id_, order, _rows(side, match["again"]))
        return
    down = _undo_file(places, side.path, match["version"], match["name"]) if match["kind"] == "V" else None
    yield reading(
        side,
        id_,
        Script(side.text),
        of_file(down),
        order=order,
        names={"again": match["again"] or ""},
        rows=_rows(side, match["again"]),
    )


def _rows(side: Side, again: str | None) -> Sequence[tuple[str, str]]:
    """One that is applied again whenever it changes has no version in its row."""
    return [("script", side.path.rpartition("/")[2])] if again else ()


def _of_code(side: Side, id_: str, order: tuple[str | int, ...], rows: Sequence[tuple[str, str]]) -> Reading:
    operation = Operation(effect="unknown", text="code that Flyway runs", line=1)
    migration = Migration(id=id_, path=side.path, up=[operation], down="missing", order=order, rows=rows)
    return Reading(migration=migration, digest=digest(Script(side.text)))


def _undo_file(places: Places, path: str, version: str, name: str) -> Side | None:
    """The script that takes a version back: beside it, or in a folder of their own."""
    place, _, own = path.rpartition("/")
    own = "U" + own[1:]
    found = places.read(f"{place}/{own}" if place else own)
    if found is not None:
        return found
    names = {own, f"U{version}__{name}.sql"}
    views = (places.changes.after, places.changes.before)
    return next((view.read(one) for view in views for wanted in names for one in view.by_name.get(wanted, ())), None)


def _undo(migration: Migration) -> str:
    return f"flyway undo -target={migration.id}" if migration.down in ("works", "empty") else ""


FLYWAY = Tool(
    name="flyway",
    claims=_claims,
    read=_read,
    undo=_undo,
    apply=lambda _: "flyway migrate",
    history=(
        History(
            table="flyway_schema_history",
            columns=("installed_rank", "version", "description", "type", "script", "checksum", "success"),
            column="version",
            undone="success = false",
            paths=True,
        ),
    ),
    note="Undo is part of Flyway's paid editions, and takes back every newer version too; without it, run the undo "
    "script by hand and delete its row from the history.",
)
