"""Scripts that change data and stand in directories of their own among Prisma's migrations, or beside them.

Prisma does not run them, the project does; there is no history that is the same everywhere.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ...core.grammar import parse
from ..changes import Changes, Delta, Side
from .model import Migration, Operation, Tool, Touched
from .project import directory
from .sides import Reading, touched
from .sqlfiles import Places
from .trees import digest

_CLAIMED = re.compile(
    r"(?:^|/)(?:data[-_])?migrations?/(?P<id>\d{8,14}[-_][^/]+)/(?:data[-_])?migration(?P<fix>-[\w-]+)?\.[cm]?[jt]s$"
)


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_scripts, Places(changes)))


def _scripts(places: Places, side: Side) -> Iterable[Reading]:
    match = _CLAIMED.search(side.path)
    project = places.with_file(side.path, ["schema.prisma", "prisma/schema.prisma"])
    if match is None or project is None:
        return
    views = (places.changes.after, places.changes.before)
    named = (directory(one) for view in views for one in view.by_name.get("migration.sql", ()))
    # Beside SQL of the same name it is a part of that.
    if any(one.rpartition("/")[2] == match["id"] for one in named):
        return
    tree = parse("typescript", side.text.encode())
    yield Reading(
        migration=Migration(
            id=match["id"] + (match["fix"] or ""),
            path=side.path,
            up=[Operation(effect="unknown", text="a script that changes data", line=1)],
            down="missing",
            order=(directory(side.path).rpartition("/")[2],),
            project=project,
        ),
        digest=digest(tree, [tree.root]) if tree else side.entry.oid,
    )


PRISMA_SCRIPTS = Tool(
    name="prisma_scripts",
    claims=_claims,
    read=_read,
    undo=lambda _: "",
    apply=lambda _: "",
    down_in_file=False,
)
