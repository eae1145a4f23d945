"""What the functions that a Django migration runs do to the data."""

import ast

from .embedded import NOTHING, of_sql, operation
from .model import Operation
from .python import Calls, Env, argument, dotted, functions, resolved, text_of

_WRITES = frozenset(
    {"update", "bulk_update", "bulk_create", "create", "save", "get_or_create", "update_or_create", "abulk_create"}
)
_DELETES = frozenset({"delete", "_raw_delete"})
# Work that is handed to a queue, or to a signal after the migrations, and writes later.
_LATER = frozenset({"delay", "apply_async", "delay_on_commit"})


def run_code(tree: ast.Module, code: ast.expr | None, line: int) -> list[Operation]:
    """What a function given to `RunPython` does: nothing for its noop, unknown where it cannot be told.

    Args:
        tree: the migration's module.
        code: the function, as it is given.
        line: where it is given.
    """
    if code is None or is_noop(code):
        return []
    name = dotted(code)[-1] if isinstance(code, ast.Name | ast.Attribute) else "a function"
    function = functions(tree.body).get(name) if isinstance(code, ast.Name) else None
    if function is None:
        return [operation("unknown", f"runs {name}", line)]
    found: list[Operation] = []
    later = False
    calls = list(Calls(tree).of(function))
    tables = [table for call, names in calls if (table := _table(call, names))]
    for call, names in calls:
        method = dotted(call.func)[-1]
        if method == "execute" and isinstance(call.func, ast.Attribute):
            found += of_sql(text_of(resolved(argument(call, 0, "sql"), names), names), call.lineno)
        elif method in _DELETES and isinstance(call.func, ast.Attribute):
            found.append(operation("destructive", f"{name} deletes rows of", call.lineno, objects=tables))
        elif method in _WRITES and isinstance(call.func, ast.Attribute):
            found.append(operation("data", f"{name} changes rows of", call.lineno, objects=tables))
        elif method in _LATER or dotted(call.func)[-2:] == ["post_migrate", "connect"]:
            later = True
    if later:
        found.append(operation("data", f"{name} changes rows later, in the background", line))
    if not found and any(not isinstance(one, ast.Pass | ast.Return) and not _is_text(one) for one in function.body):
        return [operation("unknown", f"runs {name}", line)]
    # One line for each thing that is done, however often it is.
    return list({(one.effect, tuple(one.objects)): one for one in found}.values()) or [NOTHING]


def _table(call: ast.Call, env: Env) -> str:
    """The table of the model that `apps.get_model("shop", "Order")` or `("shop.Order")` gets, as it is by default."""
    if dotted(call.func)[-1] != "get_model":
        return ""
    given = ".".join(text_of(one, env) or "" for one in call.args)
    app, _, model = given.partition(".")
    return f"table {app}_{model.lower()}" if app and model else ""


def is_noop(code: ast.expr) -> bool:
    """Whether it is `RunPython.noop`, `RunSQL.noop` or a lambda that does nothing."""
    if isinstance(code, ast.Lambda):
        return isinstance(code.body, ast.Constant)
    return isinstance(code, ast.Attribute) and code.attr == "noop"


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
