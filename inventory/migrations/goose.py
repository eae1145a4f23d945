"""goose: SQL files with `-- +goose Up` and `-- +goose Down`, or Go code.

Source: https://github.com/pressly/goose
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .goose_code import of_code
from .model import History, Migration, Tool, Touched
from .project import directory
from .sides import Reading, touched
from .sqlfiles import Places, marked, reading

_CLAIMED = re.compile(r"(?:^|/)(\d+)_[^/]+\.(?:sql|go)$")
_NUMBER = re.compile(r"(\d+)_[^/]+\.(?:sql|go)$")
_UP = re.compile(r"^[ \t]*--[ \t]*\+goose[ \t]+Up\b.*$", re.MULTILINE | re.IGNORECASE)
_DOWN = re.compile(r"^[ \t]*--[ \t]*\+goose[ \t]+Down\b.*$", re.MULTILINE | re.IGNORECASE)


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None and not path.endswith("_test.go")


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    number = _CLAIMED.search(side.path)
    if number is None or "goose" not in side.text:
        return
    previous = places.previous(side.path, _NUMBER)
    names = {"previous": str(int(previous)) if previous else "0", "folder": directory(side.path)}
    version = int(number[1])
    if side.path.endswith(".go"):
        yield from of_code(side, str(version), (version,), names)
        return
    halves = marked(side.text, _UP, _DOWN)
    if halves is not None:
        yield reading(side, str(version), *halves, order=(version,), names=names)


def _command(migration: Migration, words: str) -> str:
    folder = shlex.quote((migration.names or {}).get("folder") or ".")
    return f"goose -dir {folder} {words}"


def _undo(migration: Migration) -> str:
    return _command(migration, f"down-to {(migration.names or {}).get('previous', '0')}")


GOOSE = Tool(
    name="goose",
    claims=_claims,
    read=_read,
    undo=_undo,
    apply=lambda migration: _command(migration, f"up-to {migration.id}"),
    history=(
        History(
            table="goose_db_version",
            columns=("id", "version_id", "is_applied", "tstamp"),
            column="version_id",
            undone="is_applied = false",
        ),
    ),
    note="`goose down-to` takes back every newer migration too. The database is that of GOOSE_DRIVER and "
    "GOOSE_DBSTRING.",
)
