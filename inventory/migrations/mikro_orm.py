"""MikroORM: `class Migration20240101000000 extends Migration` with `this.addSql(…)`.

Source: https://mikro-orm.io/docs/migrations and, for what its commands do, runs of 6.4.
"""

import shlex
from collections.abc import Iterator, Sequence

from ..changes import Changes, Delta, Side
from .embedded import of_sql, operation
from .javascript import Chain, claims
from .javascript_tools import Reader, Script, read, stem
from .javascript_values import Values
from .model import History, Operation, Tool, Touched


def _handle(values: Values, chain: Chain) -> Sequence[Operation] | None:
    for link in chain.links:
        if link.name in ("addSql", "execute") and link.args:
            return of_sql(values.text(link.args[0], chain.env), link.line)
        if link.name in ("getKnex", "getEntityManager"):
            return [operation("unknown", link.name, link.line)]
    return None


def _id(side: Side, _: Script) -> str:
    return stem(side.path)


_CONFIGS = tuple(f"mikro-orm.config.{ending}" for ending in ("ts", "js", "cjs", "mjs"))
_READER = Reader(tool="mikro_orm", handle=_handle, id_of=_id, configs=_CONFIGS)


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return read(_READER, changes, deltas)


MIKRO_ORM = Tool(
    name="mikro_orm",
    claims=claims,
    read=_read,
    undo=lambda migration: f"npx mikro-orm migration:down --only {shlex.quote(migration.id)}",
    apply=lambda migration: f"npx mikro-orm migration:up --only {shlex.quote(migration.id)}",
    history=(History(table="mikro_orm_migrations", columns=("id", "name", "executed_at"), column="name"),),
)
