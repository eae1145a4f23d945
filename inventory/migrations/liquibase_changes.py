"""What Liquibase's changes do, and which it takes back by itself.

Source: https://docs.liquibase.com/change-types/home.html (each type's page says "Auto rollback")
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .embedded import COMPUTED, of_sql, operation
from .liquibase_files import Element
from .model import Effect, Operation


@dataclass(frozen=True)
class Change:
    """What a change does: its operations, and those that take it back; None if Liquibase refuses to."""

    up: Sequence[Operation]
    back: Sequence[Operation] | None


Read = Callable[[Element], Change]

QUIET = frozenset({
    "preConditions", "validCheckSum", "comment", "rollback", "tagDatabase", "empty", "output", "property", "changes",
    "modifySql", "id", "author", "context", "contextFilter", "labels", "dbms", "runOnChange", "runAlways",
    "failOnError", "runInTransaction", "objectQuotingStrategy", "logicalFilePath",
    "ignore", "created", "runOrder", "runWith",
})  # fmt: skip


def change(element: Element) -> Change:
    """What a change does."""
    read = _CHANGES.get(element.name)
    if read is not None:
        return read(element)
    return Change([operation("unknown", element.name, element.line)], None)


def _table(element: Element, name: str = "tableName", schema: str = "schemaName") -> str:
    table, within = element.attributes.get(name, COMPUTED), element.attributes.get(schema, "")
    # Properties such as ${schema} are not known here.
    return f"{within}.{table}" if within and within not in ("public", "dbo") and "$" not in within else table


def _columns(element: Element) -> list[Element]:
    """The columns within a change, which YAML wraps in a list."""
    found = list(element.all("column"))
    for several in element.all("columns"):
        found += several.all("column")
    return found


def _done(
    element: Element,
    effect: Effect,
    back: Effect | None,
    *,
    creates: Sequence[str] = (),
    drops: Sequence[str] = (),
    objects: Sequence[str] = (),
) -> Change:
    up = [operation(effect, element.name, element.line, creates=creates, drops=drops, objects=objects)]
    if back is None:
        return Change(up, None)
    said = f"undo of {element.name}"
    return Change(up, [operation(back, said, element.line, creates=drops, drops=creates, objects=objects)])


def _made(kind: str, name: str) -> Read:
    return lambda one: _done(one, "additive", "destructive", creates=[f"{kind} {_table(one, name)}"])


def _gone(kind: str, name: str) -> Read:
    return lambda one: _done(one, "destructive", None, drops=[f"{kind} {_table(one, name)}"])


def _renamed(kind: str, old: str, new: str) -> Read:
    def read(one: Element) -> Change:
        prefix = f"{_table(one)}." if kind == "column" else ""
        names = [f"{kind} {prefix}{one.attributes.get(key, COMPUTED)}" for key in (old, new)]
        return _done(one, "destructive", "destructive", drops=names[:1], creates=names[1:])

    return read


def _add_column(element: Element) -> Change:
    up, back = list[Operation](), list[Operation]()
    table = _table(element)
    for column in _columns(element):
        limits = {key: value for one in column.all("constraints") for key, value in one.attributes.items()}
        filled = any(
            name.startswith(("defaultValue", "autoIncrement", "computed", "value")) for name in column.attributes
        )
        tight = limits.get("nullable") == "false" and not filled
        tight = tight or any(key in limits for key in ("unique", "references", "foreignKeyName"))
        made = _done(
            Element(name=element.name, line=column.line),
            "restrictive" if tight else "additive",
            "destructive",
            creates=[f"column {table}.{column.attributes.get('name', COMPUTED)}"],
            objects=[f"table {table}"],
        )
        up += made.up
        back += made.back or ()
    return Change(up, back)


def _drop_column(element: Element) -> Change:
    names = [one.attributes.get("name", COMPUTED) for one in _columns(element)]
    names = names or [element.attributes.get("columnName", COMPUTED)]
    return _done(element, "destructive", None, drops=[f"column {_table(element)}.{name}" for name in names])


def _column(element: Element) -> str:
    return f"column {_table(element)}.{element.attributes.get('columnName', COMPUTED)}"


def _touching(effect: Effect, back: Effect | None = None) -> Read:
    def read(one: Element) -> Change:
        named = _column(one) if "columnName" in one.attributes else f"table {_table(one)}"
        return _done(one, effect, back, objects=[named])

    return read


def _create_index(element: Element) -> Change:
    effect: Effect = "restrictive" if element.attributes.get("unique") == "true" else "additive"
    index = f"index {element.attributes.get('indexName', COMPUTED)}"
    return _done(element, effect, "additive", creates=[index], objects=[f"table {_table(element)}"])


def _drop_index(element: Element) -> Change:
    index = f"index {element.attributes.get('indexName', COMPUTED)}"
    return _done(element, "additive", None, drops=[index], objects=[f"table {_table(element)}"])


def _constraint(name: str, table: str = "tableName") -> Read:
    def read(one: Element) -> Change:
        on = _table(one, table, "baseTableSchemaName" if table == "baseTableName" else "schemaName")
        named = [f"constraint {on}.{one.attributes[name]}"] if name in one.attributes else []
        if one.name.startswith("add"):
            return _done(one, "restrictive", "additive", creates=named, objects=[f"table {on}"])
        return _done(one, "additive", None, drops=named, objects=[f"table {on}"])

    return read


def _sql(element: Element) -> Change:
    text = element.text or element.attributes.get("sql", "") or next((one.text for one in element.all("sql")), "")
    found = of_sql(text, element.line)
    return Change(found, None)


_CHANGES: Mapping[str, Read] = {
    "createTable": _made("table", "tableName"),
    "dropTable": _gone("table", "tableName"),
    "dropAllForeignKeyConstraints": _touching("additive"),
    "renameTable": _renamed("table", "oldTableName", "newTableName"),
    "addColumn": _add_column,
    "dropColumn": _drop_column,
    "renameColumn": _renamed("column", "oldColumnName", "newColumnName"),
    "modifyDataType": _touching("destructive"),
    "mergeColumns": _touching("destructive"),
    "addNotNullConstraint": _touching("restrictive", "additive"),
    "dropNotNullConstraint": _touching("additive", "restrictive"),
    "addDefaultValue": _touching("additive", "restrictive"),
    "dropDefaultValue": _touching("restrictive"),
    "addAutoIncrement": _touching("additive"),
    "addUniqueConstraint": _constraint("constraintName"),
    "dropUniqueConstraint": _constraint("constraintName"),
    "addPrimaryKey": _constraint("constraintName"),
    "dropPrimaryKey": _constraint("constraintName"),
    "addCheckConstraint": _constraint("constraintName"),
    "dropCheckConstraint": _constraint("constraintName"),
    "addForeignKeyConstraint": _constraint("constraintName", "baseTableName"),
    "dropForeignKeyConstraint": _constraint("constraintName", "baseTableName"),
    "createIndex": _create_index,
    "dropIndex": _drop_index,
    "createSequence": _made("sequence", "sequenceName"),
    "dropSequence": _gone("sequence", "sequenceName"),
    "renameSequence": _renamed("sequence", "oldSequenceName", "newSequenceName"),
    "alterSequence": _touching("unknown"),
    "createView": _made("view", "viewName"),
    "dropView": _gone("view", "viewName"),
    "renameView": _renamed("view", "oldViewName", "newViewName"),
    "addLookupTable": _made("table", "newTableName"),
    "setTableRemarks": _touching("additive"),
    "setColumnRemarks": _touching("additive"),
    "insert": _touching("data"),
    "update": _touching("data"),
    "loadData": _touching("data"),
    "loadUpdateData": _touching("data"),
    "delete": _touching("destructive"),
    "sql": _sql,
}
"""By the name of the change; others run code, or come from extensions."""
