"""sqlx: SQL files in `migrations`, alone or in pairs.

Source: https://docs.rs/sqlx/latest/sqlx/macro.migrate.html and https://docs.rs/crate/sqlx-cli
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .model import History, Migration, Tool, Touched
from .project import directory, within
from .sides import Reading, touched
from .sqlfiles import Places, Script, of_file, reading

_CLAIMED = re.compile(r"(?:^|/)(\d+)_[^/]*(?<!\.down)\.sql$")
_NUMBER = re.compile(r"(\d+)_[^/]*(?<!\.down)\.sql$")


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None and "supabase/migrations/" not in path


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    number = _CLAIMED.search(side.path)
    if number is None or not places.uses(side.path, ("Cargo.toml",), "sqlx"):
        return
    pair = side.path.endswith(".up.sql")
    down = places.read(side.path.removesuffix(".up.sql") + ".down.sql") if pair else None
    project = places.with_file(side.path, ["Cargo.toml"]) or ""
    folder = within(directory(side.path), project)
    version = int(number[1])
    names = {
        "previous": str(int(places.previous(side.path, _NUMBER) or 0)),
        "option": "" if folder == "migrations" else f" --source {shlex.quote(folder)}",
        "pair": "yes" if pair else "",
    }
    yield reading(
        side, str(version), Script(side.text), of_file(down), order=(version,), project=project, names=names
    )


def _undo(migration: Migration) -> str:
    names = migration.names or {}
    if not names.get("pair"):
        return ""
    return f"sqlx migrate revert{names.get('option', '')} --target-version {names.get('previous', '0')}"


SQLX = Tool(
    name="sqlx",
    claims=_claims,
    read=_read,
    undo=_undo,
    apply=lambda migration: (
        f"sqlx migrate run{(migration.names or {}).get('option', '')} --target-version {migration.id}"
    ),
    history=(
        History(
            table="_sqlx_migrations",
            columns=("version", "description", "installed_on", "success", "checksum", "execution_time"),
            column="version",
            undone="success = false",
        ),
    ),
    note="`--target-version` names the migration that stays; every newer one is taken back. Code that embeds the "
    "migrations refuses to start on a database that has one it does not know.",
)
