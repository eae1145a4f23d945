"""Ecto: Elixir modules with `change`, or `up` and `down`.

Source: https://hexdocs.pm/ecto_sql/Ecto.Migration.html and `Ecto.Migration.Runner`.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ...core.grammar import line, parse
from ..changes import Changes, Delta, Side
from .ecto_body import Body, functions
from .embedded import NOTHING
from .model import Down, History, Migration, Operation, Tool, Touched
from .project import directory, within
from .sides import Reading, touched
from .sqlfiles import Places
from .trees import digest

_CLAIMED = re.compile(r"(?:^|/)(?:\w*migrations)/(?:[^/]+/)*(?P<version>\d+)_[^/.]+\.exs$")
_DEFAULT = "priv/repo/migrations"
_UNREAD: tuple[list[Operation], Down, list[Operation]] = (
    [Operation(effect="unknown", text="code that could not be read", line=1)], "unknown", []
)  # fmt: skip


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, Places(changes)))


def _migrations(places: Places, side: Side) -> Iterable[Reading]:
    match = _CLAIMED.search(side.path)
    if match is None or "Migration" not in side.text:
        return
    version = int(match["version"])
    tree = parse("elixir", side.text.encode())
    found = {} if tree is None else functions(tree)
    project = places.with_file(side.path, ["mix.exs"]) or ""
    folder = within(directory(side.path), project)
    if tree is None or not found.keys() & {"up", "change"}:
        up, down, undo = _UNREAD
    else:
        up, down, undo = Body(tree, found).read()
    yield Reading(
        migration=Migration(
            id=str(version),
            path=side.path,
            line=min((line(found[name]) for name in ("up", "change") if name in found), default=1),
            up=up or [NOTHING],
            down=down,
            undo=undo,
            order=(version,),
            project=project,
            names={"option": "" if folder == _DEFAULT else f" --migrations-path {shlex.quote(folder)}"},
        ),
        digest=digest(tree, list(found.values())) if tree else side.entry.oid,
        trouble="" if tree and not tree.root.has_error else "it does not parse: part of what it does is not known",
    )


def _command(verb: str, migration: Migration) -> str:
    return f"mix ecto.{verb} --to {migration.id}{(migration.names or {}).get('option', '')}"


ECTO = Tool(
    name="ecto",
    claims=_claims,
    read=_read,
    undo=partial(_command, "rollback"),
    apply=partial(_command, "migrate"),
    history=(History(table="schema_migrations", columns=("version", "inserted_at"), column="version"),),
    note="`mix ecto.rollback --to` takes back every newer migration too; with several repositories name one by `-r`.",
)
