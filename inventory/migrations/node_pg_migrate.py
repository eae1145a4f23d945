"""node-pg-migrate: `exports.up = (pgm) => pgm.createTable(…)`, or one SQL file with both directions.

Source: https://salsita.github.io/node-pg-migrate/ and, for what its commands do, runs of 9.0.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..changes import Changes, Delta, Side
from .embedded import COMPUTED, NOTHING, of_sql, operation
from .javascript import Chain, Link
from .javascript import claims as claims_script
from .javascript_tools import Reader, Row, Script, by_row, is_required, order, read, stem
from .javascript_values import Values
from .loss import net
from .model import Down, Effect, History, Migration, Operation, Tool, Touched
from .project import dependencies, directory, within
from .sides import Reading, touched

if TYPE_CHECKING:
    from tree_sitter import Node

_UP = re.compile(r"^\s*--[\s-]*up\s+migration.*$", re.IGNORECASE | re.MULTILINE)
_DOWN = re.compile(r"^\s*--[\s-]*down\s+migration.*$", re.IGNORECASE | re.MULTILINE)

_ROWS = {
    "createTable": Row("additive", creates="table {0}"),
    "dropTable": Row("destructive", drops="table {0}"),
    "renameTable": Row("destructive", drops="table {0}", creates="table {1}"),
    "renameColumn": Row("destructive", drops="column {0}.{1}", creates="column {0}.{2}"),
    "addConstraint": Row("restrictive", creates="constraint {0}.{1}", objects="table {0}"),
    "createConstraint": Row("restrictive", creates="constraint {0}.{1}", objects="table {0}"),
    "dropConstraint": Row("additive", drops="constraint {0}.{1}", objects="table {0}"),
    "renameConstraint": Row(
        "additive", drops="constraint {0}.{1}", creates="constraint {0}.{2}", objects="table {0}"
    ),
    "createType": Row("additive", creates="type {0}"),
    "dropType": Row("destructive", drops="type {0}"),
    "renameType": Row("destructive", drops="type {0}", creates="type {1}"),
    "addTypeValue": Row("irreversible", objects="type {0}"),
    "renameTypeValue": Row("destructive", objects="type {0}"),
    "createExtension": Row("additive", creates="extension {0}"),
    "addExtension": Row("additive", creates="extension {0}"),
    "dropExtension": Row("destructive", drops="extension {0}"),
    "createSchema": Row("additive", creates="schema {0}"),
    "dropSchema": Row("destructive", drops="schema {0}"),
    "createSequence": Row("additive", creates="sequence {0}"),
    "dropSequence": Row("destructive", drops="sequence {0}"),
    "createView": Row("additive", creates="view {0}"),
    "dropView": Row("destructive", drops="view {0}"),
    "createMaterializedView": Row("additive", creates="view {0}"),
    "dropMaterializedView": Row("destructive", drops="view {0}"),
    "createFunction": Row("unknown", creates="function {0}"),
    "dropFunction": Row("unknown", drops="function {0}"),
    "createTrigger": Row("unknown", creates="trigger {1}"),
    "dropTrigger": Row("unknown", drops="trigger {1}"),
    "createPolicy": Row("additive", creates="policy {0}.{1}"),
    "dropPolicy": Row("restrictive", drops="policy {0}.{1}"),
}
# What it takes back by itself if the file has no `down`.
_INFERRED = frozenset(
    {
        "createTable", "addColumns", "addColumn", "renameTable", "renameColumn", "addConstraint", "createConstraint",
        "renameConstraint", "createIndex", "addIndex", "createType", "renameType", "createExtension", "addExtension",
        "createSchema", "createSequence", "createView", "createMaterializedView", "createFunction", "createTrigger",
        "createPolicy",
    }
)  # fmt: skip


def _handle(values: Values, chain: Chain) -> Sequence[Operation] | None:
    link = next((one for one in chain.links if one.args is not None), None)
    if link is None:
        return None
    if link.name == "sql":
        return of_sql(values.text(link.args[0], chain.env) if link.args else "", link.line)
    if link.name in ("noTransaction", "func"):
        return []
    special = _special(values, chain, link, link.args or ())
    return special if special is not None else by_row(_ROWS, values, chain, link)


def _special(values: Values, chain: Chain, link: Link, args: Sequence["Node"]) -> list[Operation] | None:
    env, name, at = chain.env, link.name, link.line
    if not args:
        return None
    table = values.name(args[0], env)
    if name in ("addColumn", "addColumns"):
        given = values.members(args[1], env) if len(args) > 1 else {}
        tight = any(_required(values, one, env) for one in given.values())
        columns = [f"column {table}.{column}" for column in given]
        return [
            operation("restrictive" if tight else "additive", name, at, creates=columns, objects=[f"table {table}"])
        ]
    if name in ("dropColumn", "dropColumns"):
        names = values.texts(args[1], env) if len(args) > 1 else []
        return [
            operation(
                "destructive", name, at, drops=[f"column {table}.{one}" for one in names] or [f"column {COMPUTED}"]
            )
        ]
    if name == "alterColumn" and len(args) > 2:
        given = values.members(args[2], env)
        tight = values.is_constant(given.get("notNull"), env, "true")
        effect: Effect = "destructive" if "type" in given else "restrictive" if tight else "additive"
        return [operation(effect, name, at, objects=[f"column {table}.{values.name(args[1], env)}"])]
    if name in ("createIndex", "addIndex", "dropIndex"):
        options = values.members(args[2], env) if len(args) > 2 else {}
        called = values.text(options.get("name"), env)
        index = [
            f"index {called or '_'.join((table, *values.texts(args[1] if len(args) > 1 else None, env), 'index'))}"
        ]
        if name == "dropIndex":
            return [operation("additive", name, at, drops=index, objects=[f"table {table}"])]
        unique = values.is_constant(options.get("unique"), env, "true")
        return [
            operation("restrictive" if unique else "additive", name, at, creates=index, objects=[f"table {table}"])
        ]
    return None


def _required(values: Values, column: "Node", env: Mapping[str, "Node"]) -> bool:
    return is_required(values, values.members(column, env), env, nullable="notNull=true", default="default")


def _infer(up: Sequence[Operation]) -> tuple[Down, list[Operation]]:
    """What it takes back without a `down`: its own builders, but no SQL."""
    if any(one.text.split(" ")[0] not in _INFERRED for one in up):
        return "missing", []
    creates, drops = net(up)
    if not creates and not drops:
        return "inferred", []
    return "inferred", [
        operation("destructive", "drop", 0, drops=creates),
        *([operation("additive", "create", 0, creates=drops)] if drops else []),
    ]


def _id(side: Side, _: Script) -> str:
    return stem(side.path)


_READER = Reader(tool="node_pg_migrate", handle=_handle, id_of=_id, infer=_infer, configs=(".pgmigraterc",))


def _claims(path: str) -> bool:
    return claims_script(path) or (path.endswith(".sql") and "migrat" in path.lower())


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    scripts = [one for one in deltas if not one.path.endswith(".sql")]
    yield from read(_READER, changes, scripts)
    yield from touched(changes, [one for one in deltas if one.path.endswith(".sql")], partial(_sql, changes))


def _sql(changes: Changes, side: Side) -> Iterable[Reading]:
    text = side.text
    start = _UP.search(text)
    if start is None:
        return
    end = _DOWN.search(text)
    forward = text[start.end() : end.start() if end and end.start() > start.end() else len(text)]
    back = text[end.end() :] if end else None
    up = of_sql(forward, text.count("\n", 0, start.end()) + 1)
    undo = of_sql(back, text.count("\n", 0, end.end()) + 1) if end and back is not None else []
    down: Down = "missing" if back is None else "works" if undo else "empty"
    migration = Migration(
        id=stem(side.path),
        path=side.path,
        up=up or [NOTHING],
        down=down,
        undo=undo,
        database="postgresql",
        order=order(side.path),
        project=dependencies(changes, side.path)[0],
    )
    yield Reading(migration=migration, digest=" ".join(text.split()))


def _command(migration: Migration, verb: str) -> str:
    place = within(directory(migration.path), migration.project)
    folder = "" if place == "migrations" else f" --migrations-dir {shlex.quote(place)}"
    return f"npx node-pg-migrate {verb} {shlex.quote(migration.id)}{folder}"


NODE_PG_MIGRATE = Tool(
    name="node_pg_migrate",
    claims=_claims,
    read=_read,
    undo=lambda migration: _command(migration, "down"),
    apply=lambda migration: _command(migration, "up"),
    history=(History(table="pgmigrations", columns=("id", "name", "run_on"), column="name"),),
    note="One taken out of the middle stops every later run at its check of the order: the newest goes first.",
)
