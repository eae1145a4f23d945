"""Prisma Migrate: a directory with a `migration.sql` for each migration; nothing takes one back.

Source: https://www.prisma.io/docs/orm/prisma-migrate and, for the history table, `prisma migrate` itself.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .model import History, Migration, Tool, Touched
from .project import directory, joined, within
from .sides import Reading, touched
from .sqlfiles import Places, Script, beside, of_file, reading

_CLAIMED = re.compile(r"(?:^|/)[^/]+/[^/]+/migration\.sql$")
_PROVIDER = re.compile(r"^\s*provider\s*=\s*\"(\w+)\"", re.MULTILINE)
_DATASOURCE = re.compile(r"\bdatasource\s+\w+\s*\{[^}]*?\bprovider\s*=\s*\"(\w+)\"")
_SCHEMAS = ("schema.prisma", "prisma/schema.prisma")


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    # Drizzle's newer layout is the same but for its snapshots.
    if places.read(beside(side.path, "snapshot.json")) is not None:
        return
    home = directory(side.path)
    id_, folder = home.rpartition("/")[2], directory(home)
    lock = places.read(joined(folder, "migration_lock.toml"))
    schema = next(
        (found for found in (places.read(joined(directory(folder), name)) for name in _SCHEMAS) if found), None
    )
    provider = _PROVIDER.search(lock.text) if lock else _DATASOURCE.search(schema.text) if schema else None
    project = places.with_file(side.path, ["package.json"]) or ""
    option = ""
    if schema is not None and within(schema.path, project) not in _SCHEMAS:
        option = f" --schema {shlex.quote(within(schema.path, project))}"
    down = places.read(beside(side.path, "down.sql"))
    names = {"option": option} | ({"down": within(down.path, project)} if down else {})
    yield reading(
        side,
        id_,
        Script(side.text),
        of_file(down),
        order=(id_,),
        dialect=provider[1] if provider else "",
        project=project,
        names=names,
    )


def _undo(migration: Migration) -> str:
    names = migration.names or {}
    if "down" not in names:
        return ""
    return f"npx prisma db execute --file {shlex.quote(names['down'])}{names['option']}"


def _apply(migration: Migration) -> str:
    return f"npx prisma migrate deploy{(migration.names or {}).get('option', '')}"


PRISMA = Tool(
    name="prisma",
    claims=_claims,
    read=_read,
    undo=_undo,
    apply=_apply,
    history=(
        History(
            table="_prisma_migrations",
            columns=("migration_name", "checksum", "applied_steps_count", "rolled_back_at"),
            column="migration_name",
            undone="rolled_back_at IS NOT NULL",
        ),
    ),
    note="Prisma takes no migration back: what a script undoes stays in `_prisma_migrations` until its row is "
    "deleted. `prisma migrate resolve --rolled-back` is for failed migrations only and changes no schema.",
    down_in_file=False,
)
