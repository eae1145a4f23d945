"""Rails: Ruby files in `db/migrate` and its siblings.

Source: https://guides.rubyonrails.org/active_record_migrations.html and
https://guides.rubyonrails.org/active_record_multiple_databases.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import yaml

from ...core.grammar import line
from ..changes import Changes, Delta, Side
from .embedded import NOTHING
from .model import Down, History, Migration, Operation, Tool, Touched
from .project import above, directory, joined
from .rails_body import Body
from .ruby import Class, Source, read_source
from .sides import Reading, touched
from .sqlfiles import Places

_CLAIMED = re.compile(
    r"(?:^|/)db/(?:(?P<folder>(?:\w+_)?(?:migrate|migrations))|(?P<named>\w+)/(?:post_)?migrate)/(?:[^/]+/)*"
    r"(?P<version>\d+)_\w+(?:\.\w+)?\.rb$"
)
_READ = frozenset({"migrate", "post_migrate"})
_METHODS = ("change", "up", "down")
_ERB = re.compile(r"<%=?.*?%>", re.DOTALL)


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    match = _CLAIMED.search(side.path)
    if match is not None:
        folder = match["folder"] or f"{match['named']}_migrate"
        yield from migrations(places, side, int(match["version"]), folder)


def migrations(places: Places, side: Side, version: int, folder: str) -> Iterable[Reading]:
    """The migration in a file.

    Args:
        places: where its project is looked for.
        side: the file.
        version: the number in its name.
        folder: its directory's name in `db`; `animals_migrate` is for the database `animals`.
    """
    if side.data is None:
        return
    source = read_source(side)
    owner = None if source is None else _migration_class(source)
    up, down, undo = _methods(source, owner)
    project = next((one for one in above(side.path) if _is_application(places, one)), _above_db(side.path))
    adapter, databases = _configured(places, project)
    names = _namespace(folder, side.path, databases)
    trouble = "" if owner is not None else "no migration class was found in it: what it does is not known"
    if source is not None and source.tree.root.has_error:
        trouble = "it does not parse: part of what it does is not known"
    yield Reading(
        migration=Migration(
            id=str(version),
            path=side.path,
            line=_line(owner),
            up=up or [NOTHING],
            down=down,
            undo=undo,
            order=(version,),
            database=adapter,
            project=project,
            names=names,
        ),
        digest=side.entry.oid
        if source is None or owner is None or owner.body is None
        else source.digest([owner.body]),
        trouble=trouble,
    )


def _migration_class(source: Source) -> Class | None:
    """The class that Rails runs: the one whose name ends the file's, told by its parent or its methods."""
    found = list(source.classes())
    named = (one for one in found if "Migration" in one.parent)
    return next(named, None) or next((one for one in found if any(name in one.methods for name in _METHODS)), None)


def _methods(source: Source | None, owner: Class | None) -> tuple[list[Operation], Down, list[Operation]]:
    if source is None or owner is None:
        return [Operation(effect="unknown", text="code that could not be read", line=1)], "unknown", []
    return Body(source, owner).read()


def _line(owner: Class | None) -> int:
    lines = [line(owner.methods[name]) for name in _METHODS if name in owner.methods] if owner else []
    return min(lines, default=1)


def _is_application(places: Places, place: str) -> bool:
    files = ("config/application.rb", "bin/rails", "config/database.yml")
    return any(places.changes.after.files.get(joined(place, name)) is not None for name in files)


def _above_db(path: str) -> str:
    """The directory above `db`, for an engine without an application of its own."""
    return directory(path.rpartition("/db/")[0] + "/") if "/db/" in path else ""


def _configured(places: Places, project: str) -> tuple[str, Mapping[str, str]]:
    """The kind of database, and of several databases each one's migrations directory, by name."""
    side = places.read(joined(project, "config/database.yml")) or places.read(
        joined(project, "config/database.yml.example")
    )
    return ("", {}) if side is None else _database_yml(side.text)


@lru_cache(maxsize=32)
def _database_yml(text: str) -> tuple[str, Mapping[str, str]]:
    try:
        data = yaml.safe_load(_ERB.sub("", text))
    except (yaml.YAMLError, ValueError, RecursionError):
        return "", {}
    sections = [one for one in data.values() if isinstance(one, dict)] if isinstance(data, dict) else []
    adapters = {_adapter(one) for section in sections for one in (section, *section.values()) if _adapter(one)}
    several: dict[str, str] = {}
    for name in ("production", "development", "test"):
        section = data.get(name) if isinstance(data, dict) else None
        inner = (
            {key: one for key, one in section.items() if isinstance(one, dict)} if isinstance(section, dict) else {}
        )
        # A replica has no migrations; with one database left, tasks are named without it.
        several = {str(key): _folder(one) for key, one in inner.items() if not one.get("replica")}
        if inner:
            break
    return (adapters.pop() if len(adapters) == 1 else ""), several if len(several) > 1 else {}


_ADAPTERS = {
    "postgresql": "postgresql",
    "postgis": "postgresql",
    "mysql2": "mysql",
    "trilogy": "mysql",
    "sqlite3": "sqlite",
}


def _adapter(section: Any) -> str:
    return _ADAPTERS.get(str(section.get("adapter")), "") if isinstance(section, dict) else ""


def _folder(section: Mapping[str, Any]) -> str:
    paths = section.get("migrations_paths") or "db/migrate"
    first = paths[0] if isinstance(paths, list) and paths else paths
    return str(first).strip("/")


def _namespace(folder: str, path: str, databases: Mapping[str, str]) -> dict[str, str]:
    """The part of a task's name that says which database it is about, where there are several."""
    if not databases:
        prefix = folder.removesuffix("_migrate").removesuffix("_migrations")
        alone = folder in _READ or prefix in ("post", folder)
        return {"namespace": "" if alone else f":{prefix}"}
    place = directory(path)
    named = sorted(
        (name for name, one in databases.items() if f"/{place}/".find(f"/{one}/") >= 0),
        key=lambda name: -len(databases[name]),
    )
    return {"namespace": f":{named[0] if named else next(iter(databases))}"}


def _command(verb: str, migration: Migration) -> str:
    return f"bin/rails db:migrate:{verb}{(migration.names or {}).get('namespace', '')} VERSION={migration.id}"


RAILS = Tool(
    name="rails",
    claims=_claims,
    read=_read,
    undo=partial(_command, "down"),
    apply=partial(_command, "up"),
    history=(History(table="schema_migrations", columns=("version",), column="version"),),
    note="It writes `db/schema.rb` or `db/structure.sql` anew outside of production: restore that with the code.",
)
