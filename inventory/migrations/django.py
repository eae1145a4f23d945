"""Django: `app/migrations/NNNN_name.py`, a class with a list of operations.

Source: https://docs.djangoproject.com/en/5.2/topics/migrations/ and, for what its commands do, runs of 5.2.
"""

import ast
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ..changes import Changes, Delta, Side, View
from .django_fields import NOT_IN_DATABASE
from .django_operations import Done, read_operation, with_defaults
from .django_state import Models, migration_class, steps
from .embedded import NOTHING, operation
from .model import Down, History, Migration, Operation, Tool, Touched
from .project import below, directory, joined
from .python import Env, constants, digest, parsed, resolved, text_of, texts_of
from .sides import Reading, touched

_CLAIMED = re.compile(r"(?:^|/)\w*migrations\w*/(?!__init__)\w[^/]*\.py$")
_LABEL = re.compile(r"^\s+label\s*=\s*['\"](\w+)['\"]", re.MULTILINE)
# Of the class: in which order, and how, but not what.
_NOT_DONE = frozenset({"dependencies", "replaces", "run_before", "initial", "atomic", "elidable"})
_NUMBERED = re.compile(r"\d{4}_")


def _claims(path: str) -> bool:
    return _CLAIMED.search(path) is not None


def _read(changes: Changes, deltas: Sequence[Delta]) -> Iterator[Touched]:
    return touched(changes, deltas, partial(_migrations, changes))


def _migrations(changes: Changes, side: Side) -> Iterable[Reading]:
    if "migrations.Migration" not in side.text and "class Migration" not in side.text:
        return
    view = changes.after if changes.after.read(side.path) is not None else changes.before
    app = _label(view, side.path)
    name = side.path.rpartition("/")[2].removesuffix(".py")
    manage = below(changes, side.path, ["manage.py"])
    base: dict[str, str] = {"app": app, "name": name}
    base |= {"program": "django-admin" if manage is None else "python manage.py"}
    project = directory(manage) if manage else ""
    tree = parsed(side)
    found = None if tree is None else migration_class(tree)
    if tree is None:
        if _NUMBERED.match(name) is None:
            return
        migration = Migration(id=f"{app}.{name}", path=side.path, order=_order(name), project=project, names=base)
        yield Reading(
            migration=migration, digest=_digest(side), trouble="it does not parse: what it does is not known"
        )
        return
    if found is None:
        return
    env = {**constants(tree.body), **constants(found.body)}
    if "operations" not in env and "dependencies" not in env and "replaces" not in env:
        return
    up, down, undo = _done(tree, env, Models(app=app, view=view, path=side.path))
    yield Reading(
        migration=Migration(
            id=f"{app}.{name}",
            path=side.path,
            line=found.lineno,
            up=up,
            down=down,
            undo=undo,
            order=_order(name),
            project=project,
            names={**base, **_dependencies(env, app)},
        ),
        digest=_digest(side),
    )


def _digest(side: Side) -> str:
    return digest(side, _NOT_DONE, NOT_IN_DATABASE)


def _order(name: str) -> tuple[str | int, ...]:
    number = name.partition("_")[0]
    return (int(number) if number.isdecimal() else 0, name)


def _label(view: View, path: str) -> str:
    """The application's label: what its configuration says, or the name of its directory."""
    place = directory(directory(path))
    config = view.read(joined(place, "apps.py"))
    labels = _LABEL.findall(config.text) if config is not None else []
    return labels[0] if len(labels) == 1 else place.rpartition("/")[2] or "app"


def _dependencies(env: Env, app: str) -> dict[str, str]:
    listed = resolved(env.get("dependencies"), env)
    found: list[tuple[str, str]] = []
    for one in listed.elts if isinstance(listed, ast.List | ast.Tuple) else ():
        if isinstance(one, ast.Tuple) and len(one.elts) == 2:
            label, name = (text_of(part, env) for part in one.elts)
            found += [(label, name)] if label and name else []
    own = sorted(name for label, name in found if label == app and not name.startswith("__"))
    replaced = resolved(env.get("replaces"), env)
    replaces = [texts_of(one, env) for one in replaced.elts] if isinstance(replaced, ast.List | ast.Tuple) else []
    names = {"previous": own[-1] if own else "", "after": " ".join(f"{label}.{name}" for label, name in found)}
    if replaces:
        names["replaces"] = " ".join(".".join(one) for one in replaces)
    return names


def _done(tree: ast.Module, env: Env, models: Models) -> tuple[list[Operation], Down, list[Operation]]:
    """What the migration does, whether it can be taken back, and what that does."""
    done: list[Done] = []
    for step in steps(env.get("operations"), env) if "operations" in env else ():
        if step is None:
            unknown = operation("unknown", "operations that the code computes", 1)
            done.append(Done(up=[unknown], undo=[unknown], down="unknown"))
            continue
        done.append(read_operation(tree, models, step))
        models.earlier.append(step)
    sql = "\n".join(
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    up = [one for part in done for one in part.up if one != NOTHING] or [NOTHING]
    undo = [one for part in reversed(done) for one in part.undo if one != NOTHING]
    return with_defaults(up, sql), _down(done), undo


def _down(done: Sequence[Done]) -> Down:
    """Whether all of it can be taken back: one operation without a way back keeps the others too."""
    kinds = {one.down for one in done if one.up != (NOTHING,) and list(one.up) != [NOTHING]}
    if any(one.down == "missing" for one in done):
        return "missing"
    if "unknown" in kinds:
        return "unknown"
    return "empty" if kinds == {"empty"} else "works"


def _command(migration: Migration, name: str) -> str:
    names = migration.names or {}
    return (
        f"{names.get('program', 'python manage.py')} migrate {shlex.quote(names.get('app', ''))} {shlex.quote(name)}"
    )


def _undo(migration: Migration) -> str:
    return _command(migration, (migration.names or {}).get("previous") or "zero")


def _apply(migration: Migration) -> str:
    return _command(migration, (migration.names or {}).get("name", ""))


DJANGO = Tool(
    name="django",
    claims=_claims,
    read=_read,
    undo=_undo,
    apply=_apply,
    history=(
        History(
            table="django_migrations",
            columns=("id", "app", "name", "applied"),
            column="app || '.' || name",
        ),
    ),
    note="Going back to the migration before takes back every later one of the application, and those of others that "
    "depend on them.",
)
