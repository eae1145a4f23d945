"""Atlas: SQL files listed in `atlas.sum`; their way back is computed from the database as it is then.

Source: https://atlasgo.io/versioned/down
"""

import dataclasses
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .model import History, Migration, Tool, Touched
from .project import directory
from .sides import Reading, touched
from .sqlfiles import Places, Script, beside, reading

_CLAIMED = re.compile(r"(?:^|/)\d[^/]*\.sql$")
_NUMBER = re.compile(r"(\d+)[^/]*\.sql$")


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None and not path.endswith(".down.sql")


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    if places.read(beside(side.path, "atlas.sum")) is None:
        return
    version = side.path.rpartition("/")[2].partition("_")[0].partition(".")[0]
    project = places.with_file(side.path, ["atlas.hcl"])
    names = {
        "previous": places.previous(side.path, _NUMBER),
        "options": "--env local" if project is not None else _options(side.path),
    }
    found = reading(side, version, Script(side.text), None, order=(int(version),), project=project or "", names=names)
    yield dataclasses.replace(found, migration=dataclasses.replace(found.migration, down="inferred"))


def _options(path: str) -> str:
    folder = shlex.quote(f"file://{directory(path)}")
    return f'--dir {folder} --url "$DATABASE_URL" --dev-url "$DEV_DATABASE_URL"'


def _undo(migration: Migration) -> str:
    names = migration.names or {}
    to = f" --to-version {names['previous']}" if names.get("previous") else ""
    return f"atlas migrate down {names.get('options', '')}{to}"


def _apply(migration: Migration) -> str:
    options = (migration.names or {}).get("options", "").partition(" --dev-url")[0]
    return f"atlas migrate apply {options}"


_COLUMNS = ("version", "description", "applied", "total", "error", "hash")

ATLAS = Tool(
    name="atlas",
    claims=_claims,
    read=_read,
    undo=_undo,
    apply=_apply,
    history=(
        History(table="atlas_schema_revisions.atlas_schema_revisions", columns=_COLUMNS, column="version"),
        History(table="atlas_schema_revisions", columns=_COLUMNS, column="version"),
    ),
    note="Atlas computes the way back from the database as it is then, and takes back every newer migration too; "
    "look at it with `--dry-run` first.",
    down_in_file=False,
)
