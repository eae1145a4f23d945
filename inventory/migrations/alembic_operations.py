"""What the functions of an Alembic revision do: the methods of `op`, and SQL that is executed beside them.

Source: https://alembic.sqlalchemy.org/en/latest/ops.html
"""

import ast
from collections.abc import Callable, Iterable

from .embedded import COMPUTED, of_sql, operation
from .model import Operation
from .python import (
    Calls,
    Env,
    Function,
    argument,
    chain_root,
    dotted,
    foreign_names,
    is_false,
    is_none,
    is_true,
    resolved,
    text_of,
)

_HARMLESS = frozenset(
    {
        "get_bind", "get_context", "f", "inline_literal", "batch_alter_table", "create_table_comment",
        "drop_table_comment", "implementation_for", "register_operation",
    }
)  # fmt: skip
_CONSTRAINTS = frozenset(
    {"create_unique_constraint", "create_foreign_key", "create_check_constraint", "create_primary_key",
     "create_exclude_constraint"}
)  # fmt: skip
# Of a session, a connection or a query: they write rows.
_WRITES = frozenset(
    {
        "add",
        "add_all",
        "merge",
        "bulk_save_objects",
        "bulk_insert_mappings",
        "bulk_update_mappings",
        "insert",
        "update",
    }
)
_EXECUTES = frozenset({"execute", "exec_driver_sql", "executemany", "scalar", "scalars"})


class _Reader:
    """Reads one function.

    Args:
        foreign: names of what other modules define.
    """

    def __init__(self, foreign: set[str]) -> None:
        self._foreign = foreign

    def read(self, call: ast.Call, env: Env) -> Iterable[Operation]:
        names = dotted(call.func)
        root, method = names[0], names[-1]
        batch = _batch_table(root, env)
        if root == "op" and len(names) == 2:
            return self._op(method, call, env, None)
        if batch is not None and len(names) == 2:
            return self._op(method, call, env, batch)
        if method in _EXECUTES and len(names) > 1:
            return _executed(call, env)
        if method in ("create", "drop") and isinstance(call.func, ast.Attribute):
            return _type(method, call, resolved(call.func.value, env), env)
        if method in ("create_all", "drop_all"):
            return [operation("unknown", method, call.lineno)]
        if method in ("delete", *_WRITES) and len(names) > 1 and _may_be_session(chain_root(call)):
            if method == "delete":
                return [operation("destructive", "deletes rows", call.lineno)]
            return [operation("data", f"{method} rows", call.lineno)]
        if len(names) == 1 and root in self._foreign:
            return [operation("unknown", f"calls {root}", call.lineno)]
        return []

    def _op(self, method: str, call: ast.Call, env: Env, batch: str | None) -> Iterable[Operation]:
        if method in _HARMLESS:
            return []
        if method == "execute":
            return _executed(call, env)
        # The methods of a batch are those of `op` without the table.
        given = _Given(call, env, batch)
        if method in _TABLES:
            return _TABLES[method](given)
        if method in _CONSTRAINTS:
            made, on = given.text(0, "constraint_name"), given.table(1, "source_table")
            named = [f"constraint {on}.{made}"] if made else []
            what = method.replace("_", " ")
            return [operation("restrictive", what, call.lineno, objects=[f"table {on}"], creates=named)]
        if method == "bulk_insert":
            return [operation("data", "insert rows", call.lineno)]
        if method == "sync_enum_values":
            name = given.text(1, "enum_name") or given.text(0, "enum_name")
            return [operation("unknown", "values of", call.lineno, objects=[f"type {name}"])]
        return [operation("unknown", f"op.{method}", call.lineno)]


class _Given:
    """The arguments of a method of `op`, or of a batch, which has the table already.

    Args:
        call: the call.
        env: what names stand for.
        batch: the batch's table; None outside of one.
    """

    def __init__(self, call: ast.Call, env: Env, batch: str | None) -> None:
        self.call, self.env, self.line = call, env, call.lineno
        self._batch = batch

    def text(self, position: int, keyword: str) -> str:
        """A string; empty if it is not there."""
        return text_of(argument(self.call, position, keyword), self.env) or ""

    def table(self, position: int, keyword: str = "table_name") -> str:
        """The table."""
        return self._batch if self._batch is not None else self.text(position, keyword) or COMPUTED

    def after_table(self, keyword: str) -> ast.expr | None:
        """The argument that follows the table."""
        return argument(self.call, 1 if self._batch is None else 0, keyword)

    def column(self) -> str:
        """The column's name."""
        return text_of(self.after_table("column_name"), self.env) or COMPUTED


def _create_table(given: _Given) -> list[Operation]:
    return [operation("additive", "create", given.line, creates=[f"table {given.text(0, 'table_name') or COMPUTED}"])]


def _drop_table(given: _Given) -> list[Operation]:
    return [operation("destructive", "drop", given.line, drops=[f"table {given.text(0, 'table_name') or COMPUTED}"])]


def _rename_table(given: _Given) -> list[Operation]:
    old, new = given.text(0, "old_table_name"), given.text(1, "new_table_name")
    return [operation("destructive", "rename", given.line, creates=[f"table {new}"], drops=[f"table {old}"])]


def _drop_column(given: _Given) -> list[Operation]:
    return [operation("destructive", "drop", given.line, drops=[f"column {given.table(0)}.{given.column()}"])]


def _create_index(given: _Given) -> list[Operation]:
    unique = is_true(argument(given.call, -1, "unique"))
    name, on = given.text(0, "index_name"), f"table {given.table(1)}"
    made = [f"index {name}"] if name else []
    return [operation("restrictive" if unique else "additive", "create", given.line, objects=[on], creates=made)]


def _drop_index(given: _Given) -> list[Operation]:
    named = f"index {given.text(0, 'index_name') or COMPUTED}"
    return [operation("additive", "drop", given.line, drops=[named], objects=[f"table {given.table(1)}"])]


def _drop_constraint(given: _Given) -> list[Operation]:
    on = given.table(1)
    named = f"constraint {on}.{given.text(0, 'constraint_name') or COMPUTED}"
    return [operation("additive", "drop", given.line, drops=[named], objects=[f"table {on}"])]


def read_function(tree: ast.Module, function: Function) -> list[Operation]:
    """What `upgrade` or `downgrade` does, in order; nothing if it is certain that it does nothing."""
    reader = _Reader(foreign_names(tree))
    calls = list(Calls(tree).of(function))
    found = [one for call, env in calls for one in reader.read(call, env)]
    if not found and not all(_is_idle(call) for call, _ in calls):
        return [operation("unknown", "runs code", function.lineno)]
    return found


def _is_idle(call: ast.Call) -> bool:
    """Whether a call certainly changes nothing in a database."""
    root = chain_root(call)
    return root in ("op", "print", "sa", "str", "int", "len", "list", "context") or "log" in root.lower()


def _batch_table(root: str, env: Env) -> str | None:
    """The table of a `with op.batch_alter_table(…) as root`."""
    opened = env.get(root)
    if not isinstance(opened, ast.Call) or dotted(opened.func)[-1] != "batch_alter_table":
        return None
    return text_of(argument(opened, 0, "table_name"), env) or COMPUTED


def _add_column(given_here: _Given) -> list[Operation]:
    env, column = given_here.env, resolved(given_here.after_table("column"), given_here.env)
    name, required = COMPUTED, False
    if isinstance(column, ast.Call):
        name = text_of(argument(column, 0, "name"), env) or COMPUTED
        given = {one.arg: one.value for one in column.keywords}
        filled = "server_default" in given and not is_none(given["server_default"])
        computed = any(
            isinstance(one, ast.Call) and dotted(one.func)[-1] in ("Computed", "Identity") for one in column.args
        )
        required = is_false(given.get("nullable")) and not filled and not computed
        required = required or is_true(given.get("unique"))
    made = [f"column {given_here.table(0)}.{name}"]
    return [operation("restrictive" if required else "additive", "add", given_here.line, creates=made)]


def _alter_column(given_here: _Given) -> list[Operation]:
    env, line, table = given_here.env, given_here.line, given_here.table(0)
    given = {one.arg: one.value for one in given_here.call.keywords}
    found: list[Operation] = []
    there = f"column {table}.{given_here.column()}"
    renamed = given.get("new_column_name")
    if renamed is not None and not is_none(renamed):
        new = f"column {table}.{text_of(renamed, env) or COMPUTED}"
        found.append(operation("destructive", "rename", line, drops=[there], creates=[new]))
    if "type_" in given and not is_none(given["type_"]):
        found.append(operation("destructive", "type of", line, objects=[there]))
    if is_false(given.get("nullable")):
        found.append(operation("restrictive", "require", line, objects=[there]))
    return found or [operation("additive", "alter", line, objects=[there])]


_TABLES: dict[str, Callable[[_Given], list[Operation]]] = {
    "create_table": _create_table,
    "drop_table": _drop_table,
    "rename_table": _rename_table,
    "add_column": _add_column,
    "drop_column": _drop_column,
    "alter_column": _alter_column,
    "create_index": _create_index,
    "drop_index": _drop_index,
    "drop_constraint": _drop_constraint,
}


def _executed(call: ast.Call, env: Env) -> Iterable[Operation]:
    """What is executed: a text, or an expression of SQLAlchemy."""
    node = resolved(argument(call, 0, "sqltext"), env)
    if node is None:
        return []
    sql = text_of(node, env)
    if sql is not None:
        return of_sql(sql, node.lineno)
    verbs = [dotted(one.func)[-1] for one in ast.walk(node) if isinstance(one, ast.Call)]
    if "delete" in verbs:
        return [operation("destructive", "deletes rows", call.lineno)]
    if {"insert", "update"} & set(verbs):
        return [operation("data", "writes rows", call.lineno)]
    if "select" in verbs:
        return []
    return of_sql(None, call.lineno)


def _type(method: str, call: ast.Call, on: ast.expr | None, env: Env) -> Iterable[Operation]:
    """`Enum(…, name="mood").create(bind)`; of others than types only that it is not known."""
    if not isinstance(on, ast.Call) or dotted(on.func)[-1].lower() not in ("enum", "domain"):
        return []
    named = [f"type {text_of(argument(on, -1, 'name'), env) or COMPUTED}"]
    if method == "create":
        return [operation("additive", "create", call.lineno, creates=named)]
    return [operation("destructive", "drop", call.lineno, drops=named)]


def _may_be_session(root: str) -> bool:
    return any(word in root.lower() for word in ("session", "conn", "bind", "db", "query"))
