"""Flags that are rows: a migration inserts, deletes or updates them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..reading.calls import Code
from .facts import Flag, Role, is_key

if TYPE_CHECKING:
    from sqlglot import expressions
    from tree_sitter import Node

_TABLE = re.compile(
    r"^(?:features?|(?:\w+_)?feature_?flags?|(?:admin_|app_)?flags?|flipper_(?:features|gates)|toggles|feature_?toggles?|"
    r"waffle_(?:flag|switch|sample))$",
    re.IGNORECASE,
)
_BEGINS = r"(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|DELETE\s+FROM|UPDATE)\s+[\"'`\[\w.]*?(?:feature|flag|toggle|waffle_)"
_VERBS = (b"insert", b"delete", b"update")
# What a table of flags is called with.
_TABLES = (b"feature", b"flag", b"toggle", b"waffle_")
_MAY = re.compile(_BEGINS.encode(), re.IGNORECASE)

_MAY_TEXT = re.compile(_BEGINS, re.IGNORECASE)
_KEYS = ("slug", "key", "name", "id", "feature_key", "flag_key", "flag", "feature")
_DEFAULTS = ("enabled", "default", "is_enabled", "active", "everyone", "value", "on")
# To the semicolon that ends it: others stand in texts.
_STATEMENT = re.compile(r"(?:[^;'\"]|'[^']*'|\"[^\"]*\")*+")
_DOWN = re.compile(r"(?:^|\.)(?:down|downgrade|backwards?|reverse\w*|rollback)$")
_DOWN_MARK = re.compile(
    r"^[ \t]*--[ \t]*(?:migrate:down|\+goose Down|\+migrate Down|rollback\b|down\b)", re.IGNORECASE | re.MULTILINE
)
_MAX = 20_000


def in_script(text: str) -> list[Flag]:
    """The flags that the statements of an SQL file make, remove and set; not those that take it back."""
    found: list[Flag] = []
    text, end = _DOWN_MARK.split(text)[0], 0
    for match in _MAY_TEXT.finditer(text):
        if match.start() >= end:
            statement = _STATEMENT.match(text, match.start(), match.start() + _MAX)
            end = statement.end() if statement else match.end()
            found += _statement(text[match.start() : end], text.count("\n", 0, match.start()) + 1)
    return found


def may_say(low: bytes) -> bool:
    """Whether a text, given in lower case, holds the beginning of a statement about flags."""
    if not any(word in low for word in _TABLES):
        return False
    for verb in _VERBS:
        at = low.find(verb)
        while at >= 0:
            if _MAY.match(low, at):
                return True
            at = low.find(verb, at + 1)
    return False


def in_code(source: Code) -> Iterator[Flag]:
    """Those of statements that code passes to a call."""
    for use in source.uses:
        if use.form == "call" and _MAY_TEXT.search(use.name) and not _is_down(source, use.node):
            for flag in in_script(use.name):
                yield Flag(
                    key=flag.key,
                    role=flag.role,
                    line=use.line + flag.line - 1,
                    default=flag.default,
                    how=flag.how,
                    table=flag.table,
                )


def _is_down(source: Code, node: "Node") -> bool:
    """Whether a statement stands in what takes a migration back."""
    above = node.parent
    while above is not None:
        name = above.child_by_field_name("name") or above.child_by_field_name("left")
        if name is not None and _DOWN.search(source.tree.text(name)):
            return True
        above = above.parent
    return False


def _statement(text: str, line: int) -> Iterator[Flag]:
    # Late: it takes long to load, and few targets have such a statement.
    import sqlglot
    from sqlglot import expressions
    from sqlglot.errors import SqlglotError

    try:
        parsed = sqlglot.parse_one(text, read="postgres")
    except (SqlglotError, RecursionError, ValueError):
        return
    table = parsed.find(expressions.Table)
    if table is None or not _TABLE.search(table.name):
        return
    if isinstance(parsed, expressions.Insert):
        for row in _inserted(parsed):
            yield _flag(row, "defines", line, table.name)
    elif isinstance(parsed, expressions.Delete):
        for row in _compared(parsed):
            yield _flag(row, "removes", line, table.name)
    elif isinstance(parsed, expressions.Update):
        told = {
            one.this.name: one.expression.sql().strip("'").lower() for one in parsed.expressions if one.expression
        }
        for row in _compared(parsed):
            yield _flag({**told, **row}, "defines", line, table.name)


def _inserted(parsed: "expressions.Insert") -> Iterator[dict[str, str]]:
    from sqlglot import expressions

    held = parsed.this
    columns = [one.name for one in held.expressions] if isinstance(held, expressions.Schema) else []
    values = parsed.expression
    rows = values.expressions if isinstance(values, expressions.Values) else []
    for row in rows:
        cells = [cell.name if isinstance(cell, expressions.Literal) else cell.sql() for cell in row.expressions]
        yield dict(zip(columns, cells, strict=False))


def _compared(parsed: "expressions.Expression") -> Iterator[dict[str, str]]:
    """Rows that a condition picks by their key."""
    from sqlglot import expressions

    where = parsed.args.get("where")
    if where is None:
        return
    for one in where.find_all(expressions.EQ):
        if isinstance(one.this, expressions.Column) and isinstance(one.expression, expressions.Literal):
            yield {one.this.name: one.expression.name}
    for one in where.find_all(expressions.In):
        for value in one.expressions:
            if isinstance(one.this, expressions.Column) and isinstance(value, expressions.Literal):
                yield {one.this.name: value.name}


def _flag(row: dict[str, str], role: Role, line: int, table: str) -> Flag:
    columns = {name.lower(): value for name, value in row.items()}
    key = next((columns[name] for name in _KEYS if is_key(columns.get(name, ""))), "")
    default = next((columns[name].lower() for name in _DEFAULTS if name in columns), None)
    return Flag(key=key, role=role, line=line, default=default, how=f"table {table}", table=table)
