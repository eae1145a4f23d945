"""TypeORM: a class with `up(queryRunner)` and `down(queryRunner)`, whose name ends with a time.

Source: https://typeorm.io/docs/migrations/why and, for what its commands do, runs of 1.1.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.grammar import walk
from ..changes import Changes, Delta, Side
from .embedded import COMPUTED, of_sql, operation
from .javascript import Chain, Link, claims
from .javascript_tools import Reader, Row, Script, filled, read, stem
from .javascript_values import Values
from .model import Effect, History, Migration, Operation, Tool, Touched
from .project import below, within

if TYPE_CHECKING:
    from tree_sitter import Node

_ROWS = {
    "createTable": Row("additive", creates="table {0}"),
    "createTables": Row("additive", creates="table {0}"),
    "dropTable": Row("destructive", drops="table {0}"),
    "renameTable": Row("destructive", drops="table {0}", creates="table {1}"),
    "addColumn": Row("additive", creates="column {0}.{1}"),
    "dropColumn": Row("destructive", drops="column {0}.{1}"),
    "renameColumn": Row("destructive", drops="column {0}.{1}", creates="column {0}.{2}"),
    "changeColumn": Row("unknown", objects="column {0}.{1}"),
    "createIndex": Row("additive", creates="index {1}", objects="table {0}"),
    "dropIndex": Row("additive", drops="index {1}", objects="table {0}"),
    "createForeignKey": Row("restrictive", creates="constraint {0}.{1}", objects="table {0}"),
    "dropForeignKey": Row("additive", drops="constraint {0}.{1}", objects="table {0}"),
    "createUniqueConstraint": Row("restrictive", creates="constraint {0}.{1}", objects="table {0}"),
    "dropUniqueConstraint": Row("additive", drops="constraint {0}.{1}", objects="table {0}"),
    "createCheckConstraint": Row("restrictive", creates="constraint {0}.{1}", objects="table {0}"),
    "dropCheckConstraint": Row("additive", drops="constraint {0}.{1}", objects="table {0}"),
    "createPrimaryKey": Row("restrictive", objects="table {0}"),
    "dropPrimaryKey": Row("additive", objects="table {0}"),
    "createView": Row("additive", creates="view {0}"),
    "dropView": Row("destructive", drops="view {0}"),
    "createSchema": Row("additive", creates="schema {0}"),
    "dropSchema": Row("destructive", drops="schema {0}"),
    "clearTable": Row("destructive", objects="table {0}"),
}
_SEVERAL = {"addColumns": "addColumn", "dropColumns": "dropColumn", "createIndices": "createIndex",
            "createForeignKeys": "createForeignKey"}  # fmt: skip
# Of `queryRunner.manager` and of repositories.
_WRITES = {"save": "data", "insert": "data", "update": "data", "upsert": "data", "delete": "destructive",
           "remove": "destructive", "clear": "destructive"}  # fmt: skip
_ENTITIES = frozenset({"manager", "getRepository", "createQueryBuilder"})
_UNIQUE = frozenset({"isUnique"})


def _handle(values: Values, chain: Chain) -> Sequence[Operation] | None:
    for link in chain.links:
        if link.args is None:
            continue
        if link.name == "query" and link.args:
            return of_sql(values.text(link.args[0], chain.env), link.line)
        done = _built(values, chain, link)
        if done is not None:
            return done
        if link.name in _WRITES and any(one.name in _ENTITIES for one in chain.links):
            effect: Effect = "data" if _WRITES[link.name] == "data" else "destructive"
            return [operation(effect, f"{link.name} rows", link.line)]
    return None


def _built(values: Values, chain: Chain, link: Link) -> list[Operation] | None:
    args, env = link.args or (), chain.env
    if link.name in _SEVERAL and len(args) > 1:
        listed = values.elements(args[1], env)
        return [_one(values, env, _SEVERAL[link.name], [args[0], one], link.line) for one in listed]
    return [_one(values, env, link.name, args, link.line)] if link.name in _ROWS else None


def _one(values: Values, env: Mapping[str, "Node"], method: str, args: Sequence["Node"], at: int) -> Operation:
    row = _ROWS[method]
    names = [_name(values, one, env) for one in args]
    given = _given(values, args[1], env) if len(args) > 1 else {}
    unique = any(values.is_constant(given.get(name), env, "true") for name in _UNIQUE)
    if method == "addColumn":
        # A column is required unless it says otherwise.
        filled_in = "default" in given or "asExpression" in given
        required = bool(given) and not values.is_constant(given.get("isNullable"), env, "true") and not filled_in
        row = Row("restrictive" if required or unique else "additive", creates=row.creates)
    elif method == "createIndex" and unique:
        row = Row("restrictive", creates=row.creates, objects=row.objects)
    return filled(row, method, names, at)


def _name(values: Values, node: "Node", env: Mapping[str, "Node"]) -> str:
    """The name of `new Table({ name: … })` too."""
    given = _given(values, node, env)
    if given:
        return values.text(given.get("name"), env) or COMPUTED
    return values.name(node, env)


def _given(values: Values, node: "Node", env: Mapping[str, "Node"]) -> dict[str, "Node"]:
    found = values.resolved(node, env)
    if found is not None and found.type == "new_expression":
        found = next((one for one in walk(found) if one.type == "object"), None)
    return values.members(found, env)


def _id(side: Side, script: Script) -> str:
    owner = script.owner
    if owner is None:
        return stem(side.path)
    given = owner.fields.get("name")
    text = script.module.tree.text(given).strip("'\"`") if given is not None else ""
    return text or owner.name or stem(side.path)


_CONFIGS = tuple(
    f"{name}.{ending}"
    for name in ("ormconfig", "data-source", "datasource", "dataSource", "typeorm.config", "ormconfig.migrations")
    for ending in ("ts", "js", "json")
)
_READER = Reader(tool="typeorm", handle=_handle, id_of=_id)


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    for one in read(_READER, changes, deltas):
        time = re.search(r"(\d{13})", one.migration.id)
        order = (int(time[1]) if time else 0, one.migration.id)
        config = below(changes, one.migration.path, _CONFIGS)
        source = within(config, one.migration.project) if config else "path/to/data-source.ts"
        names = {"source": source}
        yield replace(one, migration=replace(one.migration, order=order, names=names))


def _command(migration: Migration, verb: str) -> str:
    source = (migration.names or {}).get("source", "")
    return f"npx typeorm migration:{verb} --dataSource {shlex.quote(source)}"


TYPEORM = Tool(
    name="typeorm",
    claims=claims,
    read=_read,
    undo=lambda migration: _command(migration, "revert"),
    apply=lambda migration: _command(migration, "run"),
    history=(History(table="migrations", columns=("id", "timestamp", "name"), column="name"),),
    note="It takes back whichever migration was applied last: ask the history first which that is, and stop if it is "
    "another one.",
)
