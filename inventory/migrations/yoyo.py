"""yoyo: `step("CREATE …", "DROP …")` in Python, or a SQL file with a `.rollback.sql` beside it.

Source: https://ollycope.com/software/yoyo/latest/ and, for what its commands do, runs of 9.0.
"""

import ast
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side
from .embedded import NOTHING, of_sql, operation
from .model import Down, History, Migration, Operation, Tool, Touched
from .project import directory, joined, nearest, within
from .python import (
    Calls,
    Env,
    argument,
    constants,
    digest,
    dotted,
    functions,
    is_none,
    parsed,
    resolved,
    text_of,
    texts_of,
)
from .sides import Reading, touched

_CLAIMED = re.compile(r"migrat[^/]*/(?:.+/)?[^/]+\.(?:py|sql)$", re.IGNORECASE)
_IMPORT = re.compile(r"^\s*(?:from|import)\s+yoyo\b", re.MULTILINE)
_BACK = ".rollback.sql"


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    scripts = [one for one in deltas if one.path.endswith(".py")]
    yield from touched(changes, scripts, partial(_script, changes))
    plain = [one for one in deltas if one.path.endswith(".sql") and not one.path.endswith(_BACK)]
    yield from touched(changes, plain, partial(_sql, changes))


def _project(changes: Changes, path: str) -> str:
    config = nearest(changes, path, ["yoyo.ini"])
    return directory(config) if config else ""


def _script(changes: Changes, side: Side) -> Iterable[Reading]:
    if _IMPORT.search(side.text) is None:
        return
    tree = parsed(side)
    name = side.path.rpartition("/")[2].removesuffix(".py")
    up, undo, after = ([], [], "") if tree is None else _steps(tree)
    # A step without a way back is passed over without a word.
    down: Down = "unknown" if tree is None else "works" if undo else "empty"
    yield Reading(
        migration=Migration(
            id=name,
            path=side.path,
            up=up if tree is None else up or [NOTHING],
            down=down,
            undo=undo,
            order=(name,),
            project=_project(changes, side.path),
            names={"after": after},
        ),
        digest=digest(side),
        trouble="it does not parse: what it does is not known" if tree is None else "",
    )


def _steps(tree: ast.Module) -> tuple[list[Operation], list[Operation], str]:
    """What the steps of a file do, what taking them back does, and the migrations it depends on."""
    env = constants(tree.body)
    up: list[Operation] = []
    undo: list[Operation] = []
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and dotted(one.func)[-1] == "step"]
    for call in sorted(calls, key=lambda one: one.lineno):
        up += _run(tree, argument(call, 0, "apply"), env, call.lineno)
        # Backwards, the last step is the first.
        undo[:0] = _run(tree, argument(call, 1, "rollback"), env, call.lineno)
    return up, undo, " ".join(texts_of(_keys(env.get("__depends__"), env), env))


def _keys(node: ast.expr | None, env: Env) -> ast.expr | None:
    """`__depends__` is a set, or was a dictionary once."""
    node = resolved(node, env)
    if isinstance(node, ast.Dict):
        return ast.List(elts=[one for one in node.keys if one is not None], ctx=ast.Load())
    return node


def _run(tree: ast.Module, node: ast.expr | None, env: Env, line: int) -> list[Operation]:
    """What a side of a step does: SQL, or a function that is given the connection."""
    node = resolved(node, env)
    if node is None or is_none(node):
        return []
    text = text_of(node, env)
    if text is not None:
        return of_sql(text, node.lineno)
    function = functions(tree.body).get(node.id) if isinstance(node, ast.Name) else None
    if function is None:
        return [operation("unknown", "runs code", line)]
    found: list[Operation] = []
    for call, names in Calls(tree).of(function):
        if dotted(call.func)[-1] in ("execute", "executemany"):
            found += of_sql(text_of(argument(call, 0), names), call.lineno)
    return found or [operation("unknown", "runs code", line)]


def _sql(changes: Changes, side: Side) -> Iterable[Reading]:
    """A plain SQL file is yoyo's where yoyo's configuration or a file with the way back says so."""
    name = side.path.rpartition("/")[2].removesuffix(".sql")
    place = directory(side.path)
    back = next(
        (found for view in (changes.after, changes.before) if (found := view.read(joined(place, f"{name}{_BACK}")))),
        None,
    )
    if back is None and nearest(changes, side.path, ["yoyo.ini"]) is None:
        return
    undo = of_sql(back.text, 1) if back is not None else []
    yield Reading(
        migration=Migration(
            id=name,
            path=side.path,
            up=of_sql(side.text, 1) or [NOTHING],
            down="works" if undo else "empty",
            undo=undo,
            order=(name,),
            project=_project(changes, side.path),
        ),
        digest=" ".join(side.text.split()),
    )


def _command(migration: Migration, verb: str) -> str:
    place = within(directory(migration.path), migration.project)
    return f"yoyo {verb} --batch --revision {shlex.quote(migration.id)} {shlex.quote(place or '.')}"


YOYO = Tool(
    name="yoyo",
    claims=_claims,
    read=_read,
    undo=lambda migration: _command(migration, "rollback"),
    apply=lambda migration: _command(migration, "apply"),
    history=(
        History(
            table="_yoyo_migration",
            columns=("migration_hash", "migration_id", "applied_at_utc"),
            column="migration_id",
        ),
    ),
    note="It takes back those that depend on it too.",
)
