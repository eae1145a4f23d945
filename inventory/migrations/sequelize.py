"""Sequelize's migrations: `up(queryInterface, Sequelize)`.

Source: https://sequelize.org/docs/v6/other-topics/migrations/ and, for its commands, runs of sequelize-cli 6.6.
"""

import shlex
from collections.abc import Iterator, Sequence

from ..changes import Changes, Delta, Side
from .embedded import of_sql, operation
from .javascript import Chain, Link, claims
from .javascript_tools import Reader, Row, Script, by_row, filled, is_required, read
from .javascript_values import Values
from .model import Effect, History, Migration, Operation, Tool, Touched

_ROWS = {
    "createTable": Row("additive", creates="table {0}"),
    "dropTable": Row("destructive", drops="table {0}"),
    "dropAllTables": Row("destructive"),
    "renameTable": Row("destructive", drops="table {0}", creates="table {1}"),
    "removeColumn": Row("destructive", drops="column {0}.{1}"),
    "renameColumn": Row("destructive", drops="column {0}.{1}", creates="column {0}.{2}"),
    "removeIndex": Row("additive", drops="index {1}", objects="table {0}"),
    "removeConstraint": Row("additive", drops="constraint {0}.{1}", objects="table {0}"),
    "createSchema": Row("additive", creates="schema {0}"),
    "dropSchema": Row("destructive", drops="schema {0}"),
    "dropEnum": Row("destructive", drops="type {0}"),
    "bulkInsert": Row("data", objects="table {0}"),
    "insert": Row("data", objects="table {1}"),
    "upsert": Row("data", objects="table {0}"),
    "bulkUpdate": Row("data", objects="table {0}"),
    "bulkDelete": Row("destructive", objects="table {0}"),
    "createFunction": Row("unknown", creates="function {0}"),
    "dropFunction": Row("unknown", drops="function {0}"),
    "createTrigger": Row("unknown", creates="trigger {1}"),
    "dropTrigger": Row("unknown", drops="trigger {1}"),
}


def _handle(values: Values, chain: Chain) -> Sequence[Operation] | None:
    for link in chain.links:
        if link.args is None:
            continue
        if link.name == "query" and link.args:
            return of_sql(values.text(link.args[0], chain.env), link.line)
        special = _special(values, chain, link)
        done = special if special is not None else by_row(_ROWS, values, chain, link)
        if done is not None:
            return done
    return None


def _special(values: Values, chain: Chain, link: Link) -> list[Operation] | None:
    args, env = link.args or (), chain.env
    names = [values.name(one, env) for one in args]
    if link.name == "addColumn" and len(args) > 1:
        given = values.members(args[2], env) if len(args) > 2 else {}
        required = is_required(values, given, env, nullable="allowNull=false", default="defaultValue")
        row = Row("restrictive" if required else "additive", creates="column {0}.{1}")
        return [filled(row, link.name, names, link.line)]
    if link.name == "changeColumn" and len(args) > 1:
        given = values.members(args[2], env) if len(args) > 2 else {}
        if values.is_constant(given.get("allowNull"), env, "false") or values.is_constant(
            given.get("unique"), env, "true"
        ):
            return [filled(Row("restrictive", objects="column {0}.{1}"), link.name, names, link.line)]
        # It states the whole column: whether its type is another one is not in the file.
        effect: Effect = "unknown" if "type" in given or not given else "additive"
        return [operation(effect, link.name, link.line, objects=[f"column {names[0]}.{names[1]}"])]
    if link.name == "addIndex" and args:
        options = next((found for one in args[1:] if (found := values.members(one, env))), {})
        unique = (
            values.is_constant(options.get("unique"), env, "true")
            or values.text(options.get("type"), env) == "UNIQUE"
        )
        name = values.text(options.get("name") or options.get("indexName"), env)
        effect = "restrictive" if unique else "additive"
        made = [f"index {name}"] if name else []
        return [operation(effect, link.name, link.line, creates=made, objects=[f"table {names[0]}"])]
    if link.name == "addConstraint" and args:
        options = next((found for one in args[1:] if (found := values.members(one, env))), {})
        name = values.text(options.get("name"), env)
        made = [f"constraint {names[0]}.{name}"] if name else []
        return [operation("restrictive", link.name, link.line, creates=made, objects=[f"table {names[0]}"])]
    return None


def _id(side: Side, _: Script) -> str:
    return side.path.rpartition("/")[2]


_READER = Reader(tool="sequelize", handle=_handle, id_of=_id, configs=(".sequelizerc",))


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return read(_READER, changes, deltas)


def _undo(migration: Migration) -> str:
    return f"npx sequelize-cli db:migrate:undo --name {shlex.quote(migration.id)}"


def _apply(migration: Migration) -> str:
    return f"npx sequelize-cli db:migrate --name {shlex.quote(migration.id)}"


SEQUELIZE = Tool(
    name="sequelize",
    claims=claims,
    read=_read,
    undo=_undo,
    apply=_apply,
    history=(History(table="SequelizeMeta", columns=("name",), column="name"),),
)
