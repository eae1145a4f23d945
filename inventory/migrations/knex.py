"""Knex: `exports.up = (knex) => knex.schema…`.

Source: https://knexjs.org/guide/schema-builder.html and, for what its commands do, runs of 3.3.
"""

import shlex
from collections.abc import Iterator, Sequence

from ..changes import Changes, Delta, Side
from .embedded import COMPUTED, of_sql, operation
from .javascript import Chain, Link, chains, claims, is_function, parameters
from .javascript_tools import Reader, Row, Script, filled, read
from .javascript_values import Values
from .model import Effect, History, Migration, Operation, Tool, Touched

_SCHEMA = {
    "createTable": Row("additive", creates="table {0}"),
    "createTableIfNotExists": Row("additive", creates="table {0}"),
    "createTableLike": Row("additive", creates="table {0}"),
    "dropTable": Row("destructive", drops="table {0}"),
    "dropTableIfExists": Row("destructive", drops="table {0}"),
    "renameTable": Row("destructive", drops="table {0}", creates="table {1}"),
    "createView": Row("additive", creates="view {0}"),
    "createViewOrReplace": Row("unknown", objects="view {0}"),
    "createMaterializedView": Row("additive", creates="view {0}"),
    "dropView": Row("destructive", drops="view {0}"),
    "dropViewIfExists": Row("destructive", drops="view {0}"),
    "dropMaterializedView": Row("destructive", drops="view {0}"),
    "createSchema": Row("additive", creates="schema {0}"),
    "createSchemaIfNotExists": Row("additive", creates="schema {0}"),
    "dropSchema": Row("destructive", drops="schema {0}"),
    "dropSchemaIfExists": Row("destructive", drops="schema {0}"),
    "createExtension": Row("additive", creates="extension {0}"),
    "createExtensionIfNotExists": Row("additive", creates="extension {0}"),
    "dropExtension": Row("destructive", drops="extension {0}"),
    "dropExtensionIfExists": Row("destructive", drops="extension {0}"),
}
_TABLES = ("alterTable", "table")
# Of a table that is altered.
_ALTERS = {
    "dropColumn": Row("destructive", drops="column {0}.{1}"),
    "renameColumn": Row("destructive", drops="column {0}.{1}", creates="column {0}.{2}"),
    "setNullable": Row("additive", objects="column {0}.{1}"),
    "dropNullable": Row("restrictive", objects="column {0}.{1}"),
    "unique": Row("restrictive", objects="table {0}"),
    "primary": Row("restrictive", objects="table {0}"),
    "foreign": Row("restrictive", objects="table {0}"),
    "check": Row("restrictive", objects="table {0}"),
    "index": Row("additive", objects="table {0}"),
    "comment": Row("additive", objects="table {0}"),
    "dropIndex": Row("additive", objects="table {0}"),
    "dropUnique": Row("additive", objects="table {0}"),
    "dropPrimary": Row("additive", objects="table {0}"),
    "dropForeign": Row("additive", objects="table {0}"),
    "dropChecks": Row("additive", objects="table {0}"),
    "queryContext": Row("additive", objects="table {0}"),
}
_COLUMNS = frozenset(
    {
        "increments", "bigIncrements", "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "bigInteger",
        "text", "string", "float", "double", "decimal", "boolean", "bool", "date", "datetime", "dateTime", "time",
        "timestamp", "binary", "enum", "enu", "json", "jsonb", "uuid", "geometry", "geography", "point",
        "specificType", "tinyInteger", "smallInteger", "mediumInteger", "real",
    }
)  # fmt: skip
_ROWS = {"insert": "data", "update": "data", "del": "destructive", "delete": "destructive", "truncate": "destructive",
         "upsert": "data", "increment": "data", "decrement": "data", "batchInsert": "data"}  # fmt: skip


def _handle(values: Values, chain: Chain) -> Sequence[Operation] | None:
    """The links of `knex.schema` each do something; a query does what its last but one says."""
    found: list[Operation] = []
    known = False
    for link in chain.links:
        if link.args is None:
            continue
        if link.name == "raw" and link.args:
            # A fragment within a query or a column is not run by itself.
            run = chain.outer in ("", "Promise", "async")
            if run and all(one.name in ("raw", "schema", "then", "transacting", "catch", "") for one in chain.links):
                found += of_sql(values.text(link.args[0], chain.env), link.line)
                known = True
        elif link.name in _SCHEMA:
            names = [values.name(one, chain.env) for one in link.args]
            found.append(filled(_SCHEMA[link.name], link.name, names, link.line))
            known = True
        elif link.name in _TABLES and link.args and is_function(link.args[-1]):
            found += _altered(values, chain, link)
            known = True
    if known:
        return found
    written = next((link for link in chain.links if link.name in _ROWS and link.args is not None), None)
    if written is None or not _is_query(chain):
        return None
    table = _queried(values, chain)
    return [
        operation(_effect(_ROWS[written.name]), f"{written.name} rows of", written.line, objects=[f"table {table}"])
    ]


def _effect(name: str) -> Effect:
    return "data" if name == "data" else "destructive"


def _is_query(chain: Chain) -> bool:
    return any(link.name in ("", "from", "into", "table", "where", "batchInsert") for link in chain.links)


def _queried(values: Values, chain: Chain) -> str:
    for link in chain.links:
        if link.name in ("", "from", "into", "table", "batchInsert") and link.args:
            return values.name(link.args[0], chain.env)
    return COMPUTED


def _altered(values: Values, chain: Chain, link: Link) -> list[Operation]:
    """What the callback of `alterTable` does to its table."""
    args = link.args or ()
    table, callback = values.name(args[0], chain.env), args[-1]
    builder = next(iter(parameters(values.tree, callback)), "")
    found: list[Operation] = []
    for one in chains(values.module, callback):
        first = next((part for part in one.links if part.args is not None), None)
        if one.root not in (builder, "this") or first is None:
            continue
        found += _column(values, one, first, table)
    return found


def _column(values: Values, chain: Chain, first: Link, table: str) -> list[Operation]:
    args = first.args or ()
    called = {link.name for link in chain.links}
    if first.name in _ALTERS:
        names = [table, *(values.name(one, chain.env) for one in args)]
        return [filled(_ALTERS[first.name], first.name, names, first.line)]
    if first.name in ("timestamps", "dropTimestamps"):
        columns = [f"column {table}.{name}" for name in ("created_at", "updated_at")]
        if first.name == "timestamps":
            return [operation("additive", "add", first.line, creates=columns)]
        return [operation("destructive", "drop", first.line, drops=columns)]
    if first.name == "dropColumns":
        names = [name for one in args for name in values.texts(one, chain.env)]
        return [operation("destructive", "drop", first.line, drops=[f"column {table}.{name}" for name in names])]
    if first.name not in _COLUMNS or not args:
        return [operation("unknown", first.name, first.line, objects=[f"table {table}"])]
    column = f"column {table}.{values.name(args[0], chain.env)}"
    if "alter" in called:
        effect: Effect = "restrictive" if {"notNullable", "unique"} & called else "unknown"
        return [operation(effect, "alter", first.line, objects=[column])]
    required = ("notNullable" in called and "defaultTo" not in called) or bool({"unique", "primary"} & called)
    return [operation("restrictive" if required else "additive", "add", first.line, creates=[column])]


def _id(side: Side, _: Script) -> str:
    return side.path.rpartition("/")[2]


_CONFIGS = tuple(f"knexfile.{ending}" for ending in ("js", "ts", "cjs", "mjs", "cts", "mts"))
_READER = Reader(tool="knex", handle=_handle, id_of=_id, configs=_CONFIGS)


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return read(_READER, changes, deltas)


def _undo(migration: Migration) -> str:
    return f"npx knex migrate:down {shlex.quote(migration.id)}"


def _apply(migration: Migration) -> str:
    return f"npx knex migrate:up {shlex.quote(migration.id)}"


KNEX = Tool(
    name="knex",
    claims=claims,
    read=_read,
    undo=_undo,
    apply=_apply,
    history=(History(table="knex_migrations", columns=("id", "name", "batch", "migration_time"), column="name"),),
    note="Do not use `knex migrate:rollback`: it takes back the whole batch, also what others applied with it. "
    "If the built JavaScript is what runs, the history holds the name with .js.",
)
