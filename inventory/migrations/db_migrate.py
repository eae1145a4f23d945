"""db-migrate: `exports.up = (db, callback) => db.runSql(…)`.

Source: https://db-migrate.readthedocs.io/ and, for what its commands do, runs and the source of 0.11.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..changes import Changes, Delta, Side
from .embedded import of_sql
from .javascript import Chain, Link, claims
from .javascript_tools import Reader, Row, Script, by_row, filled, is_required, read, stem
from .javascript_values import Values
from .model import Effect, History, Migration, Operation, Tool, Touched
from .project import directory, within

if TYPE_CHECKING:
    from tree_sitter import Node

_ROWS = {
    "createTable": Row("additive", creates="table {0}"),
    "dropTable": Row("destructive", drops="table {0}"),
    "renameTable": Row("destructive", drops="table {0}", creates="table {1}"),
    "removeColumn": Row("destructive", drops="column {0}.{1}"),
    "renameColumn": Row("destructive", drops="column {0}.{1}", creates="column {0}.{2}"),
    "removeIndex": Row("additive", drops="index {1}", objects="table {0}"),
    "addForeignKey": Row("restrictive", creates="constraint {0}.{2}", objects="table {0}"),
    "removeForeignKey": Row("additive", drops="constraint {0}.{1}", objects="table {0}"),
    "insert": Row("data", objects="table {0}"),
    "createDatabase": Row("additive", creates="database {0}"),
    "dropDatabase": Row("destructive", drops="database {0}"),
}
# `db.createTable.bind(db, "a", …)` is called later by whatever it is handed to.
_BOUND = frozenset({*_ROWS, "addColumn", "changeColumn", "addIndex", "runSql", "all", "allAsync", "runSqlAsync"})


def _handle(values: Values, chain: Chain) -> Sequence[Operation] | None:
    link = next((one for one in chain.links if one.name in _BOUND), None)
    if link is None:
        return _script(values, chain)
    if link.args is None:
        bound = next((one for one in chain.links if one.name == "bind" and one.args), None)
        if bound is None or bound.args is None:
            return None
        link = Link(link.name, bound.args[1:], bound.line)
    args = link.args or ()
    if link.name.startswith(("runSql", "all")):
        sql = values.text(args[0], chain.env) if args else ""
        if sql is None and _has_script(values):
            return []
        return of_sql(sql, link.line)
    special = _special(values, chain, link, args)
    return special if special is not None else by_row(_ROWS, values, chain, link)


def _special(values: Values, chain: Chain, link: Link, args: Sequence["Node"]) -> list[Operation] | None:
    env = chain.env
    names = [values.name(one, env) for one in args]
    if link.name == "addColumn":
        given = values.members(args[2], env) if len(args) > 2 else {}
        required = is_required(values, given, env, nullable="notNull=true", default="defaultValue")
        return [
            filled(Row("restrictive" if required else "additive", creates="column {0}.{1}"), "add", names, link.line)
        ]
    if link.name == "changeColumn":
        given = values.members(args[2], env) if len(args) > 2 else {}
        tight = values.is_constant(given.get("notNull"), env, "true") or values.is_constant(
            given.get("unique"), env, "true"
        )
        effect: Effect = "destructive" if "type" in given else "restrictive" if tight else "additive"
        return [filled(Row(effect, objects="column {0}.{1}"), "change", names, link.line)]
    if link.name == "addIndex":
        unique = any(values.is_constant(one, env, "true") for one in args[3:])
        row = Row("restrictive" if unique else "additive", creates="index {1}", objects="table {0}")
        return [filled(row, "create", names, link.line)]
    return None


def _script(values: Values, chain: Chain) -> Sequence[Operation] | None:
    """`path.join(__dirname, "sqls", "…-up.sql")`: the file that is run."""
    for link in chain.links:
        if link.name == "join" and chain.root == "path" and link.args and not chain.outer:
            name = values.text(link.args[-1], chain.env) or ""
            if name.endswith(".sql"):
                return of_sql(values.file(f"sqls/{name}"), link.line)
    return None


def _has_script(values: Values) -> bool:
    return b".sql'" in values.tree.data or b'.sql"' in values.tree.data


_DIRECTORY = re.compile(r"^(.*?[^/]*migrat[^/]*)(?:/(.+))?$", re.IGNORECASE)


def _place(path: str) -> tuple[str, str]:
    """The directory of all migrations, and below it the scope, which is part of their ids."""
    found = _DIRECTORY.match(directory(path))
    return (directory(path), "") if found is None else (found[1], found[2] or "")


def _id(side: Side, _: Script) -> str:
    # The table has the scope, which is empty for most, and a slash before the name.
    return f"{_place(side.path)[1]}/{stem(side.path)}"


_READER = Reader(
    tool="db_migrate", handle=_handle, id_of=_id, configs=("database.json", ".db-migraterc"), before=True
)


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return read(_READER, changes, deltas)


def _command(migration: Migration, verb: str, name: str) -> str:
    place, scope = _place(migration.path)
    place = within(place, migration.project)
    folder = "" if place == "migrations" else f" --migrations-dir {shlex.quote(place)}"
    return f"npx db-migrate {verb}{f':{shlex.quote(scope)}' if scope else ''} {name}{folder}"


def _undo(migration: Migration) -> str:
    previous = (migration.names or {}).get("previous", "")
    # Down to the one before: where it is not applied this does nothing, and a count would take another one.
    return _command(migration, "down", shlex.quote(previous) if previous else "--count 1")


def _apply(migration: Migration) -> str:
    return _command(migration, "up", shlex.quote(stem(migration.path)))


DB_MIGRATE = Tool(
    name="db_migrate",
    claims=claims,
    read=_read,
    undo=_undo,
    apply=_apply,
    history=(History(table="migrations", columns=("id", "name", "run_on"), column="name"),),
    note="It takes back everything that is newer than the migration it names.",
)
