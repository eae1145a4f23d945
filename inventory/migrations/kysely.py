"""Kysely: `export async function up(db: Kysely<any>)`.

Source: https://kysely.dev/docs/migrations and, for what its commands do, runs of kysely-ctl 0.20.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..changes import Changes, Delta, Side
from .embedded import COMPUTED, of_sql, operation
from .javascript import Chain, Link, chains, claims, is_function
from .javascript_tools import Reader, Row, Script, filled, read, stem
from .javascript_values import Values
from .model import Effect, History, Migration, Operation, Tool, Touched

if TYPE_CHECKING:
    from tree_sitter import Node

_SCHEMA = {
    "createTable": Row("additive", creates="table {0}"),
    "dropTable": Row("destructive", drops="table {0}"),
    "dropIndex": Row("additive", drops="index {0}"),
    "createSchema": Row("additive", creates="schema {0}"),
    "dropSchema": Row("destructive", drops="schema {0}"),
    "createType": Row("additive", creates="type {0}"),
    "dropType": Row("destructive", drops="type {0}"),
    "createView": Row("additive", creates="view {0}"),
    "dropView": Row("destructive", drops="view {0}"),
    "refreshMaterializedView": Row("additive", objects="view {0}"),
}
_ALTERS = {
    "dropColumn": Row("destructive", drops="column {0}.{1}"),
    "renameColumn": Row("destructive", drops="column {0}.{1}", creates="column {0}.{2}"),
    "renameTo": Row("destructive", drops="table {0}", creates="table {1}"),
    "setSchema": Row("destructive", objects="table {0}"),
    "addUniqueConstraint": Row("restrictive", creates="constraint {0}.{1}", objects="table {0}"),
    "addPrimaryKeyConstraint": Row("restrictive", creates="constraint {0}.{1}", objects="table {0}"),
    "addCheckConstraint": Row("restrictive", creates="constraint {0}.{1}", objects="table {0}"),
    "addForeignKeyConstraint": Row("restrictive", creates="constraint {0}.{1}", objects="table {0}"),
    "dropConstraint": Row("additive", drops="constraint {0}.{1}", objects="table {0}"),
    "addIndex": Row("additive", creates="index {1}", objects="table {0}"),
    "dropIndex": Row("additive", drops="index {1}", objects="table {0}"),
}
_WRITES: Mapping[str, Effect] = {
    "insertInto": "data",
    "replaceInto": "data",
    "updateTable": "data",
    "mergeInto": "data",
    "deleteFrom": "destructive",
}


def _handle(values: Values, chain: Chain) -> Sequence[Operation] | None:
    env = chain.env
    for place, link in enumerate(chain.links):
        if link.args is None:
            continue
        if not link.name and chain.root == "sql":
            # A fragment within a builder is not run by itself.
            executed = any(one.name == "execute" for one in chain.links)
            return of_sql(values.text(link.args[0], env) if link.args else "", link.line) if executed else []
        if link.name == "raw" and chain.root == "sql":
            executed = any(one.name == "execute" for one in chain.links)
            return of_sql(values.text(link.args[0], env) if link.args else "", link.line) if executed else []
        names = [values.name(one, env) for one in link.args]
        if link.name == "alterTable":
            return _altered(values, env, names[0] if names else COMPUTED, chain.links[place + 1 :])
        if link.name == "createIndex":
            return [_index(values, env, names, chain.links[place + 1 :], link.line)]
        if link.name in _SCHEMA:
            return [filled(_SCHEMA[link.name], link.name, names, link.line)]
        if link.name in _WRITES:
            return [
                operation(_WRITES[link.name], "rows of", link.line, objects=[f"table {one}" for one in names[:1]])
            ]
    return None


def _altered(values: Values, env: Mapping[str, "Node"], table: str, links: Sequence[Link]) -> list[Operation]:
    found: list[Operation] = []
    for link in links:
        args = link.args or ()
        names = [table, *(values.name(one, env) for one in args)]
        if link.name == "addColumn" and args:
            called = _called(values, args[-1])
            tight = ("notNull" in called and "defaultTo" not in called) or "unique" in called
            made = [f"column {table}.{names[1]}"]
            found.append(operation("restrictive" if tight else "additive", "add", link.line, creates=made))
        elif link.name in ("alterColumn", "modifyColumn") and args:
            called = _called(values, args[-1])
            effect: Effect = "additive"
            if "setDataType" in called or link.name == "modifyColumn":
                effect = "destructive"
            elif "setNotNull" in called:
                effect = "restrictive"
            found.append(operation(effect, "alter", link.line, objects=[f"column {table}.{names[1]}"]))
        elif link.name in _ALTERS:
            found.append(filled(_ALTERS[link.name], link.name, names, link.line))
    return found


def _called(values: Values, callback: "Node") -> set[str]:
    """The methods that a column's callback calls."""
    if not is_function(callback):
        return set()
    return {link.name for chain in chains(values.module, callback) for link in chain.links}


def _index(
    values: Values, env: Mapping[str, "Node"], names: Sequence[str], links: Sequence[Link], at: int
) -> Operation:
    unique = any(link.name == "unique" for link in links)
    on = [f"table {values.name(link.args[0], env)}" for link in links if link.name == "on" and link.args]
    made = [f"index {one}" for one in names[:1]]
    return operation("restrictive" if unique else "additive", "create", at, creates=made, objects=on)


def _id(side: Side, _: Script) -> str:
    return stem(side.path)


_CONFIGS = tuple(f"kysely.config.{ending}" for ending in ("ts", "js", "mts", "mjs", "cts", "cjs"))
# Without a `down` it says that it undid the migration, and does nothing at all.
_READER = Reader(tool="kysely", handle=_handle, id_of=_id, configs=_CONFIGS, before=True)


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return read(_READER, changes, deltas)


def _undo(migration: Migration) -> str:
    previous = (migration.names or {}).get("previous", "")
    # Named is what stays; where that is the newest already, nothing happens.
    return f"npx kysely migrate:down {shlex.quote(previous)}" if previous else "npx kysely migrate:down"


def _apply(migration: Migration) -> str:
    return f"npx kysely migrate:up {shlex.quote(migration.id)}"


KYSELY = Tool(
    name="kysely",
    claims=claims,
    read=_read,
    undo=_undo,
    apply=_apply,
    history=(History(table="kysely_migration", columns=("name", "timestamp"), column="name"),),
    note="It takes back everything that is newer than the migration it names. The command is that of kysely-ctl; a "
    "project with a script of its own calls `migrateTo` of the migrator with the same name.",
)
