"""What the operations of a Django migration do, and what taking them back does.

Source: https://docs.djangoproject.com/en/5.2/ref/migration-operations/
"""

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .django_code import is_noop, run_code
from .django_fields import altered, column, has_own_table, is_many, is_required, many_table
from .django_state import Models, Step, default_table, fields, option
from .embedded import COMPUTED, NOTHING, of_sql, operation
from .model import Down, Effect, Operation
from .python import argument, dotted, resolved, text_of


@dataclass(frozen=True, kw_only=True)
class Done:
    """What one operation of a migration does.

    Attributes:
        up: applying it.
        undo: taking it back.
        down: whether it can be taken back.
    """

    up: Sequence[Operation]
    undo: Sequence[Operation] = ()
    down: Down = "works"


_NONE = Done(up=(NOTHING,))
_SET_DEFAULT = re.compile(r"alter\s+column\s+\"?(\w+)\"?\s+set\s+default\s+(?!null)", re.IGNORECASE)


def read_operation(tree: ast.Module, models: Models, step: Step) -> Done:
    """What one operation does.

    Args:
        tree: the migration's module.
        models: what is known of the application's models before it.
        step: the operation.
    """
    handler = _HANDLERS.get(step.name)
    if handler is not None:
        return handler(models, step)
    line = step.call.lineno
    if step.name == "RunPython":
        return _run_python(tree, step)
    if step.name == "RunSQL":
        return _run_sql(step)
    if step.name.endswith("Extension"):
        name = step.text(0, "name") or step.name.removesuffix("Extension").lower()
        return _made("additive", line, [f"extension {name}"], loses=False)
    return Done(
        up=[operation("unknown", step.name, line)], undo=[operation("unknown", step.name, line)], down="unknown"
    )


def with_defaults(up: Sequence[Operation], sql: str) -> list[Operation]:
    """Operations, of which those that require a column do not where SQL beside them gives it a default."""
    filled = {name.lower() for name in _SET_DEFAULT.findall(sql)}
    return [
        replace(one, effect="additive")
        if one.effect == "restrictive" and one.creates and _column_of(one) in filled
        else one
        for one in up
    ]


def _column_of(one: Operation) -> str:
    return one.creates[0].rpartition(".")[2].lower() if one.creates[0].startswith("column ") else ""


def _made(effect: Effect, line: int, creates: Sequence[str], *, loses: bool, objects: Sequence[str] = ()) -> Done:
    """Something that is made; taking it back drops it."""
    return Done(
        up=[operation(effect, "create", line, creates=creates, objects=objects)],
        undo=[operation("destructive" if loses else "additive", "drop", line, drops=creates, objects=objects)],
    )


def _gone(line: int, drops: Sequence[str], *, loses: bool, objects: Sequence[str] = ()) -> Done:
    """Something that is dropped; taking it back makes it again."""
    return Done(
        up=[operation("destructive" if loses else "additive", "drop", line, drops=drops, objects=objects)],
        undo=[operation("additive", "create", line, creates=drops, objects=objects)],
    )


def _renamed(line: int, old: Sequence[str], new: Sequence[str]) -> Done:
    if tuple(old) == tuple(new):
        return _NONE
    return Done(
        up=[operation("destructive", "rename", line, drops=old, creates=new)],
        undo=[operation("destructive", "rename", line, drops=new, creates=old)],
    )


def _model(step: Step) -> str:
    return step.text(0, "model_name") or step.text(0, "name") or COMPUTED


def _call(node: ast.expr | None, step: Step) -> ast.Call | None:
    node = resolved(node, step.env)
    return node if isinstance(node, ast.Call) else None


def _create_model(models: Models, step: Step) -> Done:
    if option(step, "managed") == "False" or option(step, "proxy") == "True":
        return _NONE
    name = step.text(0, "name") or COMPUTED
    table = option(step, "db_table") or default_table(models.app, name)
    many = [many_table(one, table, called) for called, one in fields(step) if is_many(one) and has_own_table(one)]
    return _made("additive", step.call.lineno, [f"table {one}" for one in (table, *many)], loses=True)


def _delete_model(models: Models, step: Step) -> Done:
    table = models.table(step.text(0, "name") or COMPUTED)
    return _gone(step.call.lineno, [f"table {table}"], loses=True)


def _rename_model(models: Models, step: Step) -> Done:
    old, new = step.text(0, "old_name"), step.text(1, "new_name")
    table = models.table(old)
    if table != default_table(models.app, old):
        return _NONE
    return _renamed(step.call.lineno, [f"table {table}"], [f"table {default_table(models.app, new)}"])


def _alter_table(models: Models, step: Step) -> Done:
    name = step.text(0, "name")
    new = step.text(1, "table") or default_table(models.app, name)
    return _renamed(step.call.lineno, [f"table {models.table(name)}"], [f"table {new}"])


def _field_object(models: Models, model: str, field: ast.Call | None, name: str) -> str:
    """The column of a field, or its table; empty if a model of its own holds it."""
    table = models.table(model)
    if field is not None and is_many(field):
        return f"table {many_table(field, table, name)}" if has_own_table(field) else ""
    return f"column {table}.{column(field, name)}"


def _add_field(models: Models, step: Step) -> Done:
    field = _call(argument(step.call, 2, "field"), step)
    made = _field_object(models, _model(step), field, step.text(1, "name") or COMPUTED)
    if not made:
        return _NONE
    required = field is not None and not is_many(field) and is_required(field)
    return _made("restrictive" if required else "additive", step.call.lineno, [made], loses=True)


def _remove_field(models: Models, step: Step) -> Done:
    name = step.text(1, "name")
    dropped = _field_object(models, _model(step), models.field(_model(step), name), name or COMPUTED)
    return _gone(step.call.lineno, [dropped], loses=True) if dropped else _NONE


def _alter_field(models: Models, step: Step) -> Done:
    name, line = step.text(1, "name"), step.call.lineno
    new, old = _call(argument(step.call, 2, "field"), step), models.field(_model(step), name)
    table = models.table(_model(step))
    if new is not None and is_many(new):
        return _NONE
    was, now = column(old, name), column(new, name)
    if old is None:
        # Its column is told by how it is now: `_id` or not.
        was = now
    there, back = altered(old, new, f"{table}.{now}", line), altered(new, old, f"{table}.{was}", line)
    if was == now:
        return Done(up=[there], undo=[back])
    renamed = _renamed(line, [f"column {table}.{was}"], [f"column {table}.{now}"])
    return Done(up=[*renamed.up, there], undo=[*renamed.undo, back])


def _rename_field(models: Models, step: Step) -> Done:
    old, new, model = step.text(1, "old_name"), step.text(2, "new_name"), _model(step)
    field = models.field(model, old)
    if is_many(field):
        return _NONE
    table = models.table(model)
    return _renamed(
        step.call.lineno, [f"column {table}.{column(field, old)}"], [f"column {table}.{column(field, new)}"]
    )


def _named(step: Step, keyword: str) -> str:
    """The name of the index or constraint that is given, as a call or as its name."""
    call = _call(argument(step.call, 1, keyword), step)
    if call is not None:
        return text_of(argument(call, -1, "name"), step.env) or COMPUTED
    return step.text(1, "name") or COMPUTED


def _on(models: Models, step: Step) -> list[str]:
    return [f"table {models.table(_model(step))}"]


def _add_index(models: Models, step: Step) -> Done:
    made = [f"index {_named(step, 'index')}"]
    return _made("additive", step.call.lineno, made, loses=False, objects=_on(models, step))


def _remove_index(models: Models, step: Step) -> Done:
    return _gone(step.call.lineno, [f"index {_named(step, 'index')}"], loses=False, objects=_on(models, step))


def _rename_index(models: Models, step: Step) -> Done:
    new = step.text(1, "new_name")
    old = text_of(argument(step.call, 2, "old_name"), step.env)
    line, on = step.call.lineno, _on(models, step)
    return Done(
        up=[
            operation(
                "additive",
                "rename",
                line,
                creates=[f"index {new}"],
                drops=[f"index {old}"] if old else [],
                objects=on,
            )
        ],
        undo=[
            operation(
                "additive",
                "rename",
                line,
                drops=[f"index {new}"],
                creates=[f"index {old}"] if old else [],
                objects=on,
            )
        ],
    )


def _constraint(models: Models, step: Step) -> str:
    """A unique constraint on some rows only, or on an expression, is an index in the database."""
    call = _call(argument(step.call, 1, "constraint"), step)
    if call is not None and dotted(call.func)[-1] == "UniqueConstraint":
        given = {one.arg for one in call.keywords}
        if call.args or given & {"condition", "include", "opclasses"}:
            return f"index {_named(step, 'constraint')}"
    return f"constraint {models.table(_model(step))}.{_named(step, 'constraint')}"


def _add_constraint(models: Models, step: Step) -> Done:
    made = [_constraint(models, step)]
    return _made("restrictive", step.call.lineno, made, loses=False, objects=_on(models, step))


def _remove_constraint(models: Models, step: Step) -> Done:
    dropped = [_constraint(models, step)]
    return _gone(step.call.lineno, dropped, loses=False, objects=_on(models, step))


def _validate_constraint(models: Models, step: Step) -> Done:
    named = [f"constraint {models.table(_model(step))}.{step.text(1, 'name')}"]
    return Done(up=[operation("restrictive", "validate", step.call.lineno, objects=named)])


def _together(models: Models, step: Step) -> Done:
    given = resolved(
        argument(step.call, 1, step.name.removeprefix("Alter").replace("Together", "_together").lower()), step.env
    )
    empty = given is None or (isinstance(given, ast.Call) and not given.args) or not _elements(given)
    unique = step.name == "AlterUniqueTogether" and not empty
    line, on = step.call.lineno, _on(models, step)
    effect: Effect = "restrictive" if unique else "additive"
    what = "makes unique together in" if unique else "changes what is together in"
    return Done(up=[operation(effect, what, line, objects=on)], undo=[operation("additive", what, line, objects=on)])


def _elements(node: ast.expr) -> bool:
    return not isinstance(node, ast.Set | ast.List | ast.Tuple) or bool(node.elts)


def _order_with(models: Models, step: Step) -> Done:
    made = [f"column {models.table(_model(step))}._order"]
    return _made("restrictive", step.call.lineno, made, loses=True)


def _nothing(_: Models, __: Step) -> Done:
    return _NONE


def _run_python(tree: ast.Module, step: Step) -> Done:
    code, reverse = argument(step.call, 0, "code"), argument(step.call, 1, "reverse_code")
    reverse = resolved(reverse, {name: value for name, value in step.env.items() if not isinstance(value, ast.Name)})
    up = run_code(tree, code, step.call.lineno) or [NOTHING]
    if reverse is None or (isinstance(reverse, ast.Constant) and reverse.value is None):
        return Done(up=up, down="missing")
    if is_noop(reverse):
        return Done(up=up, down="empty")
    undo = [one for one in run_code(tree, reverse, step.call.lineno) if one != NOTHING]
    return Done(up=up, undo=undo, down="works" if undo else "empty")


def _run_sql(step: Step) -> Done:
    forward, back = argument(step.call, 0, "sql"), argument(step.call, 1, "reverse_sql")
    up = _sql(forward, step)
    if back is None or (isinstance(back, ast.Constant) and back.value is None):
        return Done(up=up or [NOTHING], down="missing")
    if is_noop(back):
        return Done(up=up or [NOTHING], down="empty")
    undo = _sql(back, step)
    return Done(up=up or [NOTHING], undo=undo, down="works" if undo else "empty")


def _sql(node: ast.expr | None, step: Step) -> list[Operation]:
    """SQL as a string, or as a list of strings and of pairs with parameters."""
    node = resolved(node, step.env)
    if node is None or is_noop(node):
        return []
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    found: list[Operation] = []
    for one in parts:
        first = one.elts[0] if isinstance(one, ast.Tuple) and one.elts else one
        found += of_sql(text_of(first, step.env), getattr(first, "lineno", step.call.lineno))
    return found


_HANDLERS: dict[str, Callable[[Models, Step], Done]] = {
    "CreateModel": _create_model,
    "DeleteModel": _delete_model,
    "RenameModel": _rename_model,
    "AlterModelTable": _alter_table,
    "AlterModelOptions": _nothing,
    "AlterModelManagers": _nothing,
    "AlterModelTableComment": _nothing,
    "AlterOrderWithRespectTo": _order_with,
    "AlterUniqueTogether": _together,
    "AlterIndexTogether": _together,
    "AddField": _add_field,
    "RemoveField": _remove_field,
    "AlterField": _alter_field,
    "RenameField": _rename_field,
    "AddIndex": _add_index,
    "AddIndexConcurrently": _add_index,
    "RemoveIndex": _remove_index,
    "RemoveIndexConcurrently": _remove_index,
    "RenameIndex": _rename_index,
    "AddConstraint": _add_constraint,
    "AddConstraintNotValid": _add_constraint,
    "RemoveConstraint": _remove_constraint,
    "ValidateConstraint": _validate_constraint,
}
