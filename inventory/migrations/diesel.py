"""Diesel: a directory with `up.sql` and `down.sql` for each migration.

Source: https://diesel.rs/guides/getting-started and `diesel_migrations`.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .model import History, Migration, Tool, Touched
from .project import directory, within
from .sides import Reading, touched
from .sqlfiles import Places, Script, beside, of_file, reading

_CLAIMED = re.compile(r"(?:^|/)([\d-]*\d)_[^/]*/up\.sql$")


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    number = _CLAIMED.search(side.path)
    if number is None:
        return
    configured = places.with_file(side.path, ["diesel.toml"])
    if configured is None and not places.uses(side.path, ("Cargo.toml",), "diesel"):
        return
    project = configured if configured is not None else places.with_file(side.path, ["Cargo.toml"]) or ""
    folder = within(directory(directory(side.path)), project)
    down = places.read(beside(side.path, "down.sql"))
    version = number[1].replace("-", "")
    names = {"option": "" if folder == "migrations" else f" --migration-dir {shlex.quote(folder)}"}
    yield reading(side, version, Script(side.text), of_file(down), order=(version,), project=project, names=names)


def _command(verb: str, migration: Migration) -> str:
    return f"diesel migration {verb}{(migration.names or {}).get('option', '')}"


DIESEL = Tool(
    name="diesel",
    claims=_claims,
    read=_read,
    undo=partial(_command, "revert"),
    apply=partial(_command, "run"),
    history=(History(table="__diesel_schema_migrations", columns=("version", "run_on"), column="version"),),
    note="`diesel migration revert` takes back the newest applied migration, whichever that is, and writes "
    "`schema.rs` anew.",
)
