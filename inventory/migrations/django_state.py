"""What earlier migrations of a Django application say about a model: its table and its fields."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ...core.ids import Oid
from ..changes import View
from .project import directory, joined, siblings
from .python import Env, argument, constants, dotted, parsed_text, resolved, text_of

_MOST_READ = 400
"""Earlier files that are looked into, newest first."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """An operation of a migration.

    Attributes:
        name: its class, `AddField`.
        call: the expression.
        env: what names stand for in its module.
    """

    name: str
    call: ast.Call
    env: Env

    def text(self, position: int, keyword: str) -> str:
        """An argument that is a string; empty if it is none."""
        return text_of(argument(self.call, position, keyword), self.env) or ""


def steps(node: ast.expr | None, env: Env, *, state: bool = False) -> Iterator[Step | None]:
    """The operations of a list, in order; None for each part that is not one as it stands.

    Args:
        node: the value of `operations`.
        env: what names stand for.
        state: whether those that only change Django's own picture of the models count too.
    """
    node = resolved(node, env)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from steps(node.left, env, state=state)
        yield from steps(node.right, env, state=state)
        return
    if not isinstance(node, ast.List | ast.Tuple):
        yield None
        return
    for one in node.elts:
        part = resolved(one.value if isinstance(one, ast.Starred) else one, env)
        if isinstance(one, ast.Starred):
            yield from steps(part, env, state=state)
        elif not isinstance(part, ast.Call):
            yield None
        elif dotted(part.func)[-1] == "SeparateDatabaseAndState":
            given = [argument(part, 0, "database_operations")]
            given += [argument(part, 1, "state_operations")] if state else []
            for listed in given:
                if listed is not None:
                    yield from steps(listed, env, state=state)
        else:
            yield Step(name=dotted(part.func)[-1], call=part, env=env)


def migration_class(tree: ast.Module) -> ast.ClassDef | None:
    """The class `Migration` of a module; None if it has none."""
    for one in tree.body:
        if isinstance(one, ast.ClassDef) and one.name == "Migration" and one.bases:
            return one if any(dotted(base)[-1].endswith("Migration") for base in one.bases) else None
    return None


@dataclass
class Models:
    """The models of an application before an operation of a migration.

    Args:
        app: its label.
        view: the tree.
        path: the migration.
        earlier: the operations of the migration itself that come before.
    """

    app: str
    view: View
    path: str
    earlier: list[Step] = field(default_factory=list)

    def table(self, model: str) -> str:
        """The table of a model."""
        # The default follows the model's name; one that is given stays when the model is renamed.
        default = default_table(self.app, model)
        for step in self._back(["db_table", "AlterModelTable"]):
            if step.name == "RenameModel" and step.text(1, "new_name").lower() == model.lower():
                model = step.text(0, "old_name")
            elif step.name == "AlterModelTable" and step.text(0, "name").lower() == model.lower():
                return step.text(1, "table") or default
            elif step.name == "CreateModel" and step.text(0, "name").lower() == model.lower():
                return option(step, "db_table") or default
        return default

    def field(self, model: str, name: str) -> ast.Call | None:
        """How a field was last defined; None if that was not found."""
        words = [name]
        for step in self._back(words):
            if step.name == "RenameModel" and step.text(1, "new_name").lower() == model.lower():
                model = step.text(0, "old_name")
            elif step.name == "RenameField" and step.text(0, "model_name").lower() == model.lower():
                if step.text(2, "new_name") == name:
                    name = step.text(1, "old_name")
                    words.append(name)
            elif step.name in ("AddField", "AlterField"):
                if step.text(0, "model_name").lower() == model.lower() and step.text(1, "name") == name:
                    return _call(argument(step.call, 2, "field"), step.env)
            elif step.name == "CreateModel" and step.text(0, "name").lower() == model.lower():
                return dict(fields(step)).get(name)
        return None

    def _back(self, words: list[str]) -> Iterator[Step]:
        """The operations before, newest first, of the files that hold one of the words, which may become more."""
        yield from reversed(self.earlier)
        own = self.path.rpartition("/")[2]
        names = [name for name in siblings(self.view, self.path, (".py",)) if name < own and name[:1].isdigit()]
        sides = [self.view.read(joined(directory(self.path), name)) for name in names[-_MOST_READ:]]
        self.view.contents.want(Oid(side.entry.oid) for side in sides if side is not None)
        for side in reversed(sides):
            if side is None or not any(word.encode() in (side.data or b"") for word in (*words, "RenameModel")):
                continue
            yield from reversed(_operations(side.text))


@lru_cache(maxsize=1024)
def _operations(text: str) -> Sequence[Step]:
    """The operations of a migration that are read, in its order. Remembered: those behind it look back at it."""
    tree = parsed_text(text)
    found = None if tree is None else migration_class(tree)
    if tree is None or found is None:
        return ()
    env = {**constants(tree.body), **constants(found.body)}
    return [one for one in steps(env.get("operations"), env, state=True) if one is not None]


def default_table(app: str, model: str) -> str:
    """The table that a model has if it does not name one."""
    return f"{app}_{model.lower()}"


def fields(step: Step) -> Sequence[tuple[str, ast.Call]]:
    """The fields of a `CreateModel`, by name."""
    listed = resolved(argument(step.call, 1, "fields"), step.env)
    found: list[tuple[str, ast.Call]] = []
    for one in listed.elts if isinstance(listed, ast.List | ast.Tuple) else ():
        if isinstance(one, ast.Tuple) and len(one.elts) == 2:
            name, value = text_of(one.elts[0], step.env), _call(one.elts[1], step.env)
            if name and value is not None:
                found.append((name, value))
    return found


def option(step: Step, name: str) -> str:
    """An option of a `CreateModel` as text: a string as it is, True and False as those words, empty for none."""
    given = resolved(argument(step.call, 2, "options"), step.env)
    if not isinstance(given, ast.Dict):
        return ""
    for key, value in zip(given.keys, given.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == name:
            text = text_of(value, step.env)
            if text is not None:
                return text
            return str(value.value) if isinstance(value, ast.Constant) else ""
    return ""


def _call(node: ast.expr | None, env: Env) -> ast.Call | None:
    node = resolved(node, env)
    return node if isinstance(node, ast.Call) else None
