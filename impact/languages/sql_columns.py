"""What others can use of a SQL file: tables, views and models with their columns; macros."""

from collections.abc import Sequence

from ..model import Definition
from . import dbt
from .lines import Lines
from .sql_scopes import Query, queries
from .sql_tables import MAKING, name_at, text_at
from .sql_tokens import Sql, Token
from .vocabulary import words

_NO_COLUMN = words("constraint primary foreign unique check key index exclude like period partition fulltext spatial")
_DEEPEST = 50


def definitions(data: bytes) -> Sequence[Definition]:
    """Tables with their columns as `table.column`, a model's columns by their names alone, macros.

    A `*` that takes columns from another file is the name `*`: then not all of them are known.
    """
    if b"\0" in data[:8192]:
        return []
    sql = Sql(data)
    found = [*dbt.definitions(data, Lines(data)), *_altered(sql)]
    selects = queries(sql)
    created = list(_created(sql))
    for kind, name in created:
        found += _made(sql, kind, name, selects)
    if not created and (final := _final(sql, selects)) is not None:
        found += _selected(sql, final, "", selects)
    return sorted(dict.fromkeys(found), key=lambda one: one.line)


def unknown_columns(sql: Sql) -> list[str]:
    """What takes all columns of a table of another file: names of views, `the model` for a model."""
    if not any(token.text == "*" or token.text.endswith(".*") for token in sql.tokens):
        return []
    selects = queries(sql)
    created = list(_created(sql))
    unknown = []
    for _, name in created:
        query = _body(sql, name, selects)
        if query is not None and any(one.name == "*" for one in _selected(sql, query, "", selects)):
            unknown.append(sql.tokens[name].text)
    final = _final(sql, selects) if not created and sql.places else None
    if final is not None and any(one.name == "*" for one in _selected(sql, final, "", selects)):
        unknown.append("the model")
    return unknown


def _created(sql: Sql) -> list[tuple[str, int]]:
    """Every CREATE TABLE or VIEW: what it is, and the position of its name."""
    out = []
    for position, token in enumerate(sql.tokens):
        if token.text != "create" or token.quoted:
            continue
        for at in range(position + 1, position + 8):
            if text_at(sql.tokens, at) in MAKING:
                name = name_at(sql.tokens, at + 1)
                if name >= 0:
                    out.append((text_at(sql.tokens, at), name))
                break
            if text_at(sql.tokens, at) in ("index", "trigger", "function", "on", ";"):
                break
    return out


def _made(sql: Sql, kind: str, name: int, selects: list[Query]) -> list[Definition]:
    """A table or view, and its columns."""
    token = sql.tokens[name]
    found = [Definition(token.text, sql.line(token), f"{kind} {token.text}", kind)]
    if text_at(sql.tokens, name + 1) == "(" and text_at(sql.tokens, name + 2) not in ("select", "with"):
        found += _declared(sql, token.text, name + 1)
    query = _body(sql, name, selects)
    if query is not None:
        found += _selected(sql, query, f"{token.text}.", selects)
    return found


def _body(sql: Sql, name: int, selects: list[Query]) -> Query | None:
    """The outer SELECT of CREATE … AS; the last at its level before the statement ends."""
    end = next((at for at in range(name, len(sql.tokens)) if sql.tokens[at].text == ";"), len(sql.tokens))
    inside = [one for one in selects if name < one.start < end and not one.name]
    return _first_of_last(inside)


def _first_of_last(inside: list[Query]) -> Query | None:
    """The first outermost query that is no common table expression's: a UNION takes its names from there."""
    ids = {id(one) for one in inside}
    return next((one for one in inside if not one.name and (one.parent is None or id(one.parent) not in ids)), None)


def _final(sql: Sql, selects: list[Query]) -> Query | None:
    """The query a model is, if the file is one query and no script."""
    if not selects:
        return None
    if any(text_at(sql.tokens, at) in ("insert", "update", "merge", "delete", "create") for at in _starts(sql)):
        return None
    return _first_of_last([one for one in selects if one.parent is None])


def _starts(sql: Sql) -> list[int]:
    return [0, *(at + 1 for at, token in enumerate(sql.tokens) if token.text == ";")]


def _declared(sql: Sql, table: str, bracket: int) -> list[Definition]:
    """Columns between the brackets of CREATE TABLE, each with its type and constraints."""
    out, depth, item = list[Definition](), 0, list[Token]()
    for at in range(bracket, len(sql.tokens)):
        token = sql.tokens[at]
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 or (depth == 1 and token.text == ","):
            out += _declaration(sql, table, item)
            item = []
            if depth == 0:
                break
        elif at > bracket:
            item.append(token)
    return out


def _declaration(sql: Sql, table: str, item: list[Token]) -> list[Definition]:
    if not item or not item[0].word or (item[0].text in _NO_COLUMN and not item[0].quoted):
        return []
    signature = " ".join(one.text for one in item)
    return [Definition(f"{table}.{item[0].text}", sql.line(item[0]), signature, "column")]


def _altered(sql: Sql) -> list[Definition]:
    """Columns of ALTER TABLE … ADD, and the new names of RENAME."""
    out, table = list[Definition](), ""
    for at, token in enumerate(sql.tokens):
        text = text_at(sql.tokens, at)
        if text == "alter" and text_at(sql.tokens, at + 1) == "table":
            name = name_at(sql.tokens, at + 2)
            table = sql.tokens[name].text if name >= 0 else ""
        elif text == ";":
            table = ""
        elif text == "add" and table:
            name = at + 1 + (text_at(sql.tokens, at + 1) == "column")
            name = name_at(sql.tokens, name)
            if name >= 0:
                end = next(
                    (one for one in range(name, len(sql.tokens)) if text_at(sql.tokens, one) in (";", ",", "add")),
                    len(sql.tokens),
                )
                out += _declaration(sql, table, sql.tokens[name:end])
        elif (
            text == "to"
            and table
            and text_at(sql.tokens, at - 2) in ("column", "rename")
            and at + 1 < len(sql.tokens)
        ):
            new = sql.tokens[at + 1]
            out.append(Definition(f"{table}.{new.text}", sql.line(token), f"{new.text} renamed", "column"))
    return out


def _selected(sql: Sql, query: Query, prefix: str, selects: list[Query]) -> list[Definition]:
    """Columns of a query; a `*` over a query of the same file is what that selects."""
    out = list[Definition]()
    for name, token in _names(query, {one.name: one for one in reversed(selects) if one.name}, 0):
        if name == "*":
            out.append(Definition(f"{prefix}*", sql.line(token), "all columns of another table", "column"))
        else:
            out.append(Definition(f"{prefix}{name}", sql.line(token), name, "column"))
    return out


def _names(query: Query, named: dict[str, Query], depth: int) -> list[tuple[str, Token]]:
    out = list[tuple[str, Token]]()
    for column in query.columns:
        if column.name != "*":
            if column.name:
                out.append((column.name, column.token))
            continue
        tables = [query.sources.get(column.source, column.source)] if column.source else list(query.sources.values())
        for table in dict.fromkeys(tables or ["?"]):
            inner = named.get(table)
            if inner is None or inner is query or depth > _DEEPEST:
                out.append(("*", column.token))
            else:
                out += _names(inner, named, depth + 1)
    return out
