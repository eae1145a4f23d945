"""SQL that only reads, and shows whether a migration is taken back.

The tools' own commands for this write: several make their history table when they are asked for the state.
"""

from collections.abc import Sequence

from .model import History, Migration, Tool

_SHOWN = 5


def verification(
    tool: Tool, migration: Migration, creates: Sequence[str], drops: Sequence[str], *, gone: bool
) -> str:
    """Statements on the history and the schema, each with what it has to answer; empty if the tool keeps no history.

    Args:
        tool: whose history.
        migration: what is looked for.
        creates: what exists only while it is applied.
        drops: what exists only while it is not.
        gone: whether it has to be gone for the target to be rolled back.
    """
    if not tool.history:
        return ""
    history = tool.history[0]
    lines = [_history(history, migration, gone=gone)]
    if gone:
        lines += [_schema(creates, "no row"), _schema(drops, "a row for each")]
    return "\n".join(line for line in lines if line)


def _history(history: History, migration: Migration, *, gone: bool) -> str:
    table = _name(history.table, migration.database)
    if history.heads:
        answer = f"neither {migration.id} nor one that came after it" if gone else f"{migration.id} or one after it"
        return f"SELECT {history.column} FROM {table}; -- {answer}"  # noqa: S608
    column, value = migration.rows[0] if migration.rows else (history.column, migration.id)
    parts = [part.strip() for part in column.split("||")]
    named, values = [part for part in parts if not part.startswith("'")], [value]
    for between in (part.strip("'") for part in parts if part.startswith("'")):
        values[-1:] = values[-1].split(between, 1)
    wanted = " AND ".join(
        f"{_name(column, migration.database)} = {_text(value)}" for column, value in zip(named, values, strict=False)
    )
    unless = f" AND NOT ({history.undone})" if history.undone else ""
    answer = "no row" if gone else "a row where it is applied"
    listed = ", ".join(_name(column, migration.database) for column in named)
    return f"SELECT {listed} FROM {table} WHERE {wanted}{unless}; -- {answer}"  # noqa: S608


def _schema(objects: Sequence[str], answer: str) -> str:
    """Asks the standard's schema for tables and columns; what it does not know is not asked for."""
    tables = [one.removeprefix("table ") for one in objects if one.startswith("table ")]
    columns = [one.removeprefix("column ") for one in objects if one.startswith("column ") and "." in one]
    # The columns of a table that comes or goes are told by the table.
    columns = [one for one in columns if one.rpartition(".")[0] not in tables]
    wanted = [f"table_name = {_text(one.rpartition('.')[2])}" for one in tables[:_SHOWN]]
    wanted += [
        f"table_name = {_text(table.rpartition('.')[2])} AND column_name = {_text(column)}"
        for table, _, column in (one.rpartition(".") for one in columns[:_SHOWN])
    ]
    if not wanted:
        return ""
    condition = " OR ".join(f"({one})" if " AND " in one and wanted[1:] else one for one in wanted)
    named = "table_name" if tables else "table_name, column_name"
    return f"SELECT DISTINCT {named} FROM information_schema.columns WHERE {condition}; -- {answer}"  # noqa: S608


def _name(name: str, database: str) -> str:
    """A name as SQL writes it: quoted if its case matters."""
    if name == name.lower():
        return name
    quote = "`" if database in ("mysql", "mariadb") else '"'
    return ".".join(f"{quote}{part}{quote}" if part != part.lower() else part for part in name.split("."))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
