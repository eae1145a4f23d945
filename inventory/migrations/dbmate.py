"""dbmate: SQL files with `-- migrate:up` and `-- migrate:down`.

Source: https://github.com/amacneil/dbmate
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .model import History, Migration, Tool, Touched
from .project import directory, within
from .sides import Reading, touched
from .sqlfiles import marked, reading

_CLAIMED = re.compile(r"(?:^|/)(\d+)[^/]*\.sql$")
_UP = re.compile(r"^--[ \t]*migrate:up\b.*$", re.MULTILINE)
_DOWN = re.compile(r"^--[ \t]*migrate:down\b.*$", re.MULTILINE)
_DEFAULT = "db/migrations"


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, _migrations)


def _migrations(side: Side) -> Iterable[Reading]:
    number, halves = _CLAIMED.search(side.path), marked(side.text, _UP, _DOWN)
    if number is None or halves is None:
        return
    folder = directory(side.path)
    project = folder.removesuffix(_DEFAULT).rstrip("/") if f"/{folder}".endswith(f"/{_DEFAULT}") else ""
    place = within(folder, project)
    names = {"option": "" if place == _DEFAULT else f" --migrations-dir {shlex.quote(place)}"}
    yield reading(side, number[1], *halves, order=(int(number[1]),), project=project, names=names)


def _command(verb: str, migration: Migration) -> str:
    return f"dbmate{(migration.names or {}).get('option', '')} {verb}"


DBMATE = Tool(
    name="dbmate",
    claims=_claims,
    read=_read,
    undo=partial(_command, "rollback"),
    apply=partial(_command, "up"),
    history=(History(table="schema_migrations", columns=("version",), column="version"),),
    note="`dbmate rollback` takes back the newest applied migration, whichever that is.",
)
