"""Entity Framework Core: C# classes with `Up` and `Down`.

Source: https://learn.microsoft.com/en-us/ef/core/managing-schemas/migrations/
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, parse, walk
from ..changes import Changes, Delta, Side
from .efcore_operations import operations
from .embedded import NOTHING
from .model import Down, History, Migration, Operation, Tool, Touched
from .project import above, directory, joined
from .sides import Reading, touched
from .sqlfiles import Places
from .trees import digest

if TYPE_CHECKING:
    from tree_sitter import Node

_CLAIMED = re.compile(r"(?:^|/)(?P<id>\d{14}_[^/.]+)\.cs$")
_CONTEXT = re.compile(r"\[DbContext\(typeof\((?:\w+\.)*(\w+)\)\)\]")
_DRIVERS = {
    "Npgsql.EntityFrameworkCore": "postgresql",
    "Pomelo.EntityFrameworkCore.MySql": "mysql",
    "MySql.EntityFrameworkCore": "mysql",
    "Microsoft.EntityFrameworkCore.SqlServer": "sqlserver",
    "Microsoft.EntityFrameworkCore.Sqlite": "sqlite",
}


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    match = _CLAIMED.search(side.path)
    if match is None or "MigrationBuilder" not in side.text:
        return
    id_ = match["id"]
    tree = parse("csharp", side.text.encode())
    methods = {} if tree is None else _methods(tree)
    up, down, undo = _read_methods(tree, methods)
    project, database = _project(places, side.path)
    designer = places.read(side.path.removesuffix(".cs") + ".Designer.cs")
    context = _CONTEXT.search(designer.text) if designer else None
    names = {
        "previous": _previous(places, side.path, id_),
        "option": f" --context {shlex.quote(context[1])}" if context else "",
    }
    yield Reading(
        migration=Migration(
            id=id_,
            path=side.path,
            line=line(methods["Up"]) if "Up" in methods else 1,
            up=up or [NOTHING],
            down=down,
            undo=undo,
            order=(id_,),
            database=database,
            project=project,
            names=names,
        ),
        digest=digest(tree, list(methods.values())) if tree else side.entry.oid,
        trouble="" if tree and not tree.root.has_error else "it does not parse: part of what it does is not known",
    )


def _methods(tree: Tree) -> dict[str, "Node"]:
    found = (node for node in walk(tree.root) if node.type == "method_declaration")
    named = ((tree.text(node.child_by_field_name("name")), node) for node in found)
    return {name: node for name, node in named if name in ("Up", "Down")}


def _read_methods(tree: Tree | None, methods: dict[str, "Node"]) -> tuple[list[Operation], Down, list[Operation]]:
    if tree is None or "Up" not in methods:
        return [Operation(effect="unknown", text="code that could not be read", line=1)], "unknown", []
    up = operations(tree, methods["Up"])
    if "Down" not in methods:
        # The base class refuses.
        return up, "missing", []
    body = tree.text(methods["Down"].child_by_field_name("body"))
    undo = operations(tree, methods["Down"])
    if re.search(r"\bthrow\s+new\s+\w*(?:NotSupported|NotImplemented|InvalidOperation)", body):
        return up, "missing", []
    return up, "works" if undo else "empty", undo


def _previous(places: Places, path: str, id_: str) -> str:
    found = (_CLAIMED.search(name) for name in places.names(directory(path)))
    return max((match["id"] for match in found if match and match["id"] < id_), default="0")


def _project(places: Places, path: str) -> tuple[str, str]:
    """The directory with the project's file, and the database that it has a driver for."""
    for place in above(path):
        file = next((name for name in places.names(place) if name.endswith(".csproj")), None)
        if file is not None:
            side = places.read(joined(place, file))
            drivers = {kind for driver, kind in _DRIVERS.items() if side and driver in side.text}
            return place, drivers.pop() if len(drivers) == 1 else ""
    return "", ""


def _command(migration: Migration, to: str) -> str:
    return f"dotnet ef database update {shlex.quote(to)}{(migration.names or {}).get('option', '')}"


EFCORE = Tool(
    name="efcore",
    claims=_claims,
    read=_read,
    undo=lambda migration: _command(migration, (migration.names or {}).get("previous", "0")),
    apply=lambda migration: _command(migration, migration.id),
    history=(
        History(table="__EFMigrationsHistory", columns=("migrationid", "productversion"), column="MigrationId"),
    ),
    note="It names the migration that stays; every newer one is taken back.",
)
