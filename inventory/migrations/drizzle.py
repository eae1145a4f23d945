"""Drizzle Kit: SQL files listed in `meta/_journal.json`, or a directory with a snapshot for each.

Source: https://orm.drizzle.team/docs/drizzle-kit-migrate and, for what its history holds, runs of 0.31.
"""

import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from ..changes import Changes, Delta, Side
from .model import History, Migration, Tool, Touched
from .project import directory, joined, within
from .sides import Reading, touched
from .sqlfiles import Places, Script, beside, of_file, reading

_CLAIMED = re.compile(r"(?:^|/)[^/]+\.sql$")
_CONFIGS = tuple(f"drizzle.config.{ending}" for ending in ("ts", "js", "mjs", "cjs", "mts", "json"))


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    place, name = directory(side.path), side.path.rpartition("/")[2].removesuffix(".sql")
    rows: list[tuple[str, str]] = []
    snapshot = places.read(joined(place, "snapshot.json")) if name == "migration" else None
    if snapshot is not None:
        tag = place.rpartition("/")[2]
        dialect, order = _dialect(snapshot.text), (0, tag)
    else:
        journals = [
            view.read(joined(place, "meta/_journal.json")) for view in (places.changes.after, places.changes.before)
        ]
        entries = [entry for journal in journals if journal for entry in [_entries(journal.text).get(name)] if entry]
        if not entries:
            return
        tag, dialect, order = name, entries[0]["dialect"], (entries[0]["when"], name)
        # It goes by this alone when it looks for what is not applied yet: an edited file keeps it.
        rows = [("created_at", str(entries[0]["when"]))]
    project = places.with_file(side.path, _CONFIGS) or places.with_file(side.path, ["package.json"]) or ""
    down = next((found for one in _downs(side.path) if (found := places.read(one))), None)
    yield reading(
        side,
        tag,
        Script(side.text),
        of_file(down),
        order=order,
        dialect=dialect,
        project=project,
        names={"down": within(down.path, project)} if down else None,
        rows=[("hash", hashlib.sha256(side.data or b"").hexdigest()), *rows],
    )


def _downs(path: str) -> Iterator[str]:
    """Where people keep what Drizzle does not generate."""
    stem = path.removesuffix(".sql")
    if stem.endswith("/migration"):
        yield beside(path, "down.sql")
    else:
        yield from (f"{stem}.down.sql", f"{stem}_down.sql")


@lru_cache(maxsize=32)
def _entries(text: str) -> Mapping[str, Mapping[str, Any]]:
    """What a journal says of each migration, by its tag."""
    try:
        data = json.loads(text)
        return {str(one["tag"]): {"when": int(one["when"]), "dialect": _of_database(data)} for one in data["entries"]}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return {}


def _dialect(text: str) -> str:
    try:
        return _of_database(json.loads(text))
    except (ValueError, AttributeError, RecursionError):
        return ""


def _of_database(data: Mapping[str, Any]) -> str:
    # Its older versions named the driver.
    return str(data.get("dialect") or "").replace("pg", "postgresql").replace("postgresqlsql", "postgresql")


def _undo(migration: Migration) -> str:
    down = (migration.names or {}).get("down")
    return f'psql "$DATABASE_URL" -f {shlex.quote(down)}' if down and migration.database == "postgresql" else ""


_COLUMNS = ("id", "hash", "created_at")

DRIZZLE = Tool(
    name="drizzle",
    claims=_claims,
    read=_read,
    undo=_undo,
    apply=lambda _: "npx drizzle-kit migrate",
    history=(
        History(table="drizzle.__drizzle_migrations", columns=_COLUMNS, column="hash"),
        History(table="__drizzle_migrations", columns=_COLUMNS, column="hash"),
    ),
    note="Drizzle takes no migration back: `drizzle-kit drop` deletes the file only, and the row of the history has "
    "to be deleted by its hash, which is the SHA-256 of the file.",
    down_in_file=False,
)
