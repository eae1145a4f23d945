"""Alembic, with Flask-Migrate: revisions in Python that name the one before them.

Source: https://alembic.sqlalchemy.org/en/latest/tutorial.html and, for what its commands do, runs of 1.20.
"""

import ast
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .alembic_operations import read_function
from .embedded import NOTHING
from .model import Down, History, Migration, Operation, Tool, Touched
from .project import above, directory, joined, nearest, within
from .python import constants, digest, functions, parsed, raises, text_of, texts_of
from .sides import Reading, touched

_CLAIMED = re.compile(r"(?:^|/)(?:versions|alembic\w*|\w*migrations?)/(?:.+/)?(?!__init__|env)[^/]+\.py$")
# For files that this interpreter does not parse, such as those of Python 2.
_REVISION = re.compile(r"^revision\s*(?::[^=\n]*)?=\s*['\"]([^'\"\n]+)['\"]", re.MULTILINE)
_PREVIOUS = re.compile(r"^down_revision\s*(?::[^=\n]*)?=\s*['\"]([^'\"\n]+)['\"]", re.MULTILINE)


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_revisions, changes))


def _revisions(changes: Changes, side: Side) -> Iterable[Reading]:
    if "down_revision" not in side.text:
        return
    tree = parsed(side)
    names = _names(changes, side.path)
    if tree is None:
        found = _REVISION.search(side.text)
        if found is None:
            return
        previous = _PREVIOUS.search(side.text)
        names |= {"previous": previous[1], "after": previous[1]} if previous else {}
        migration = Migration(id=found[1], path=side.path, project=names["project"], names=names)
        yield Reading(
            migration=migration, digest=digest(side), trouble="it does not parse: what it does is not known"
        )
        return
    values = constants(tree.body)
    revision = text_of(values.get("revision"), values)
    if not revision or "down_revision" not in values:
        return
    before = texts_of(values["down_revision"], values)
    labels = texts_of(values.get("branch_labels"), values)
    depends = texts_of(values.get("depends_on"), values)
    names |= {"previous": before[0] if before else "", "after": " ".join([*before, *depends])}
    names |= {"label": labels[0]} if labels else {}
    up, down, undo = _functions(tree)
    yield Reading(
        migration=Migration(
            id=revision,
            path=side.path,
            line=_line(tree),
            up=up,
            down=down,
            undo=undo,
            project=names["project"],
            names=names,
        ),
        digest=digest(side),
    )


def _functions(tree: ast.Module) -> tuple[list[Operation], Down, list[Operation]]:
    """What the revision does, whether it can be taken back, and what that does."""
    there = functions(tree.body)
    upgrade, downgrade = there.get("upgrade"), there.get("downgrade")
    up = read_function(tree, upgrade) if upgrade else []
    if downgrade is None or raises(downgrade):
        return up or [NOTHING], "missing", []
    undo = read_function(tree, downgrade)
    return up or [NOTHING], "works" if undo else "empty", undo


def _line(tree: ast.Module) -> int:
    for one in tree.body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name == "upgrade":
            return one.lineno
    return 1


def _names(changes: Changes, path: str) -> dict[str, str]:
    """How its commands are run: where, and with which program."""
    found = nearest(changes, path, ["alembic.ini"])
    if found is None:
        return {"project": "", "program": "alembic"}
    place = directory(found)
    environment = changes.after.read(joined(place, "env.py"))
    # Flask-Migrate keeps alembic.ini among the migrations and is run from above them.
    if environment is not None and "current_app" in environment.text:
        project = above(place + "/")[1] if place else ""
        folder = within(place, project)
        option = "" if folder == "migrations" else f" --directory {shlex.quote(folder)}"
        return {"project": project, "program": "flask db", "option": option}
    return {"project": place, "program": "alembic"}


def _command(migration: Migration, verb: str, revision: str) -> str:
    names = migration.names or {}
    return f"{names.get('program', 'alembic')} {verb}{names.get('option', '')} {shlex.quote(revision)}"


def _undo(migration: Migration) -> str:
    previous = (migration.names or {}).get("previous", "")
    # The first of a line has nothing before it; `-1` of it would take back the other lines too.
    return _command(migration, "downgrade", previous or f"{migration.id}@base")


def _apply(migration: Migration) -> str:
    return _command(migration, "upgrade", migration.id)


ALEMBIC = Tool(
    name="alembic",
    claims=_claims,
    read=_read,
    undo=_undo,
    apply=_apply,
    history=(History(table="alembic_version", columns=("version_num",), column="version_num", heads=True),),
    note="A downgrade to the revision before takes back every revision that was built on it, other branches too.",
)
