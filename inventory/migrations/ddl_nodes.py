"""What a statement does, as sqlglot reads it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlglot import exp

from .ddl_found import DROP_EFFECTS, Found, named


def of_tree(tree: object) -> list[Found] | None:
    """What a statement does; None if the parser did not understand it."""
    return next((read(tree) for kind, read in _READERS if isinstance(tree, kind)), None)


def _name(node: exp.Expression | None) -> str:
    """The name at a node, with its schema."""
    if isinstance(node, exp.Schema | exp.Index | exp.UserDefinedFunction) and node.this is not None:
        node = node.this if isinstance(node.this, exp.Expression) else node
    if isinstance(node, exp.Table):
        return named([node.catalog, node.db, node.name])
    return "" if node is None else node.name.strip()


def _create(tree: exp.Create) -> list[Found] | None:
    kind, name = str(tree.args.get("kind") or "").lower(), _name(tree.this)
    if kind == "index":
        table = _name(tree.this.args.get("table"))
        unique = bool(tree.args.get("unique"))
        return [
            Found(
                effect="restrictive" if unique else "additive",
                creates=[f"index {name}"] if name else [],
                touches=[f"table {table}"],
                table=table if unique else "",
            )
        ]
    if kind not in ("table", "view", "schema", "type", "sequence", "database"):
        return None
    properties = tree.args.get("properties")
    if properties is not None and properties.find(exp.TemporaryProperty):
        return [Found(effect="additive")]
    if tree.args.get("replace"):
        return [Found(effect="destructive" if kind == "table" else "unknown", touches=[f"{kind} {name}"])]
    return [Found(effect="additive", creates=[f"{kind} {name}"])]


def _drop(tree: exp.Drop) -> list[Found] | None:
    kind = str(tree.args.get("kind") or "").lower()
    names = [_name(one) for one in tree.args.get("tables") or ()]
    if tree.args.get("temporary"):
        return []
    if kind not in DROP_EFFECTS or not all(names):
        return None
    return [Found(effect=DROP_EFFECTS[kind], drops=[f"{kind} {name}" for name in names])]


def _alter(tree: exp.Alter) -> list[Found] | None:
    kind, table = str(tree.args.get("kind") or "").lower(), _name(tree.this)
    found = list[Found]()
    if tree.args.get("options"):
        # `RENAME a TO b` of a column is read as a table's, with an option.
        return None
    for action in tree.args.get("actions") or ():
        one = _renamed(action, kind, table) if kind != "table" else _action(action, table)
        if one is None:
            return None
        found += one
    return found or None


def _renamed(action: exp.Expression, kind: str, name: str) -> list[Found] | None:
    if not isinstance(action, exp.AlterRename) or kind not in ("index", "view"):
        return None
    effect = DROP_EFFECTS[kind]
    return [Found(effect=effect, drops=[f"{kind} {name}"], creates=[f"{kind} {_name(action.this)}"])]


def _action(action: exp.Expression, table: str) -> list[Found] | None:
    read = next((read for kind, read in _ACTIONS if isinstance(action, kind)), None)
    return None if read is None else read(action, table)


def _added_column(column: exp.ColumnDef, table: str) -> list[Found]:
    kinds = [one.args.get("kind") for one in column.args.get("constraints") or ()]
    filled = isinstance(column.kind, exp.DataType) and column.kind.this in _SERIAL
    filled = filled or any(isinstance(kind, _FILLED) for kind in kinds)
    demands = any(isinstance(kind, exp.NotNullColumnConstraint) and not kind.args.get("allow_null") for kind in kinds)
    limits = any(isinstance(kind, _LIMITS) for kind in kinds)
    restricts = limits or (demands and not filled)
    return [
        Found(
            effect="restrictive" if restricts else "additive",
            creates=[f"column {table}.{_name(column.this)}"],
            touches=[f"table {table}"],
            table=table if restricts else "",
        )
    ]


def _added_constraint(action: exp.AddConstraint, table: str) -> list[Found]:
    found = []
    for one in action.expressions:
        if isinstance(one, exp.IndexColumnConstraint):
            found.append(Found(effect="additive", creates=[f"index {_name(one.this)}"] if one.this else []))
            continue
        creates = [f"constraint {table}.{_name(one.this)}"] if isinstance(one, exp.Constraint) else []
        if isinstance(one, exp.UniqueColumnConstraint) and isinstance(one.this, exp.Schema) and one.this.this:
            # MySQL's UNIQUE KEY has a name, and is an index.
            creates = [f"index {_name(one.this)}"]
        found.append(Found(effect="restrictive", creates=creates, touches=[f"table {table}"], table=table))
    return found


def _dropped(action: exp.Drop, table: str) -> list[Found] | None:
    kind = str(action.args.get("kind") or "").lower()
    names = [_name(one) for one in action.args.get("tables") or ()]
    if kind == "column":
        return [Found(effect="destructive", drops=[f"column {table}.{name}" for name in names])]
    if kind in ("index", "key"):
        return [Found(effect="additive", drops=[f"index {name}" for name in names])]
    if kind in ("constraint", "foreign key", "check", "primary key"):
        drops = [f"constraint {table}.{name}" for name in names if name]
        return [Found(effect="additive", drops=drops, touches=[f"table {table}"])]
    return None


def _altered_column(action: exp.AlterColumn, table: str) -> list[Found] | None:
    column, given = f"column {table}.{_name(action.this)}", action.args
    if given.get("dtype") or given.get("rename_to"):
        return [Found(effect="destructive", touches=[column])]
    if given.get("allow_null") is False:
        return [Found(effect="restrictive", touches=[column], table=table)]
    if given.get("allow_null") or given.get("default") is not None or given.get("comment"):
        return [Found(effect="additive", touches=[column])]
    if given.get("drop"):
        # Who wrote no value relied on the default.
        return [Found(effect="restrictive", touches=[column], table=table)]
    return None


def _modified_column(action: exp.ModifyColumn, table: str) -> list[Found]:
    new, old = _name(action.this.this), _name(action.args.get("rename_from"))
    names = [f"column {table}.{name}" for name in (old, new)]
    if not old or old == new:
        return [Found(effect="destructive", touches=names[1:])]
    return [Found(effect="destructive", drops=names[:1], creates=names[1:])]


def _renamed_column(action: exp.RenameColumn, table: str) -> list[Found]:
    names = [f"column {table}.{_name(one)}" for one in (action.this, action.args.get("to"))]
    return [Found(effect="destructive", drops=names[:1], creates=names[1:])]


def _renamed_table(action: exp.AlterRename, table: str) -> list[Found]:
    return [Found(effect="destructive", drops=[f"table {table}"], creates=[f"table {_name(action.this)}"])]


def _query(tree: exp.Expression) -> list[Found] | None:
    """What a query does besides answering."""
    found = list[Found]()
    for write in tree.find_all(exp.Delete, exp.Insert, exp.Update, exp.Merge):
        if isinstance(write.parent, exp.When):
            continue
        deletes = isinstance(write, exp.Delete) or any(
            one.text("then").upper() == "DELETE" for one in write.find_all(exp.When)
        )
        found.append(Found(effect="destructive" if deletes else "data", touches=[f"table {_name(write.this)}"]))
    into = tree.args.get("into")
    if into is not None:
        found.append(
            Found(effect="additive", creates=[] if into.args.get("temporary") else [f"table {_name(into.this)}"])
        )
    calls = {node.name.lower() for node in tree.find_all(exp.Anonymous)} - _HARMLESS
    if "setval" in calls:
        return [*found, Found(effect="data")]
    # Any other function may do anything.
    return None if calls and not found else found


_HARMLESS = frozenset({"set_config", "pg_catalog.set_config", "now", "version", "current_setting", "to_regclass"})
_SERIAL = {exp.DataType.Type.SERIAL, exp.DataType.Type.BIGSERIAL, exp.DataType.Type.SMALLSERIAL}
_FILLED = (
    exp.DefaultColumnConstraint,
    exp.ComputedColumnConstraint,
    exp.GeneratedAsIdentityColumnConstraint,
    exp.GeneratedAsRowColumnConstraint,
    exp.AutoIncrementColumnConstraint,
)
_LIMITS = (exp.UniqueColumnConstraint, exp.CheckColumnConstraint, exp.Reference, exp.PrimaryKeyColumnConstraint)

_READERS: Sequence[tuple[type[Any], Callable[..., list[Found] | None]]] = (
    (exp.Create, _create),
    (exp.Drop, _drop),
    (exp.Alter, _alter),
    (exp.TruncateTable, lambda tree: [Found(effect="destructive", touches=_tables(tree.expressions))]),
    (exp.Query, _query),
    (exp.DML, _query),
    (exp.Merge, _query),
    (exp.Comment, lambda _: [Found(effect="additive")]),
)

_ACTIONS: Sequence[tuple[type[Any], Callable[..., list[Found] | None]]] = (
    (exp.ColumnDef, _added_column),
    (exp.AddConstraint, _added_constraint),
    (exp.Drop, _dropped),
    (exp.ModifyColumn, _modified_column),
    (exp.RenameColumn, _renamed_column),
    (exp.AlterRename, _renamed_table),
    (exp.AlterColumn, _altered_column),
)


def _tables(nodes: Iterable[exp.Expression]) -> list[str]:
    return [f"table {_name(node)}" for node in nodes]
