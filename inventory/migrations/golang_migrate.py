"""golang-migrate: a pair of SQL files for each migration.

Source: https://github.com/golang-migrate/migrate
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .model import History, Migration, Tool, Touched
from .project import directory
from .sides import Reading, touched
from .sqlfiles import Places, Script, of_file, reading

_CLAIMED = re.compile(r"(?:^|/)(\d+)_?[^/]*\.up\.sql$")
_NUMBER = re.compile(r"(\d+)_?[^/]*\.up\.sql$")


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    number = _CLAIMED.search(side.path)
    # sqlx names its pairs alike.
    if number is None or places.uses(side.path, ("Cargo.toml",), "sqlx"):
        return
    down = places.read(side.path.removesuffix(".up.sql") + ".down.sql")
    version = int(number[1])
    previous = places.previous(side.path, _NUMBER)
    names = {"previous": str(int(previous)) if previous else "", "folder": directory(side.path)}
    yield reading(side, str(version), Script(side.text), of_file(down), order=(version,), names=names)


def _command(migration: Migration, words: str) -> str:
    folder = shlex.quote((migration.names or {}).get("folder") or ".")
    return f'migrate -path {folder} -database "$DATABASE_URL" {words}'


def _undo(migration: Migration) -> str:
    previous = (migration.names or {}).get("previous")
    # There is no version to go to before the first.
    return _command(migration, f"goto {previous}" if previous else "down 1")


GOLANG_MIGRATE = Tool(
    name="golang_migrate",
    claims=_claims,
    read=_read,
    undo=_undo,
    apply=lambda migration: _command(migration, f"goto {migration.id}"),
    history=(History(table="schema_migrations", columns=("version", "dirty"), column="version", heads=True),),
    note="Going to the version before takes back every newer migration too. One that fails leaves the history dirty; "
    "`migrate force` only edits that.",
)
