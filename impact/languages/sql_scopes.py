"""The queries of a SQL file: what each selects, from where, under which names."""

from dataclasses import dataclass, field

from .sql_tables import KEYWORDS, text_at
from .sql_tokens import Sql, Token, Tokens
from .vocabulary import words

_END_OF_SELECT = words("from where group order having limit union intersect except minus qualify window")
_AFTER_SELECT = frozenset(("distinct", "all"))
_JOINS = frozenset(("from", "join", "into", "update", "using"))
_END_OF_TABLES = frozenset(
    ("where", "group", "order", "having", "set", "values", "window", "qualify", "limit", "union")
)
_DEEPEST = 200


@dataclass(slots=True)
class Column:
    """One item of a SELECT list.

    Attributes:
        name: what it is called outside; `*` for all of `source`, empty if it has no name of its own.
        source: what stands before the `.` of a plain column or a `*`; empty for none.
        token: where it is.
    """

    name: str
    source: str
    token: Token


@dataclass(slots=True)
class Query:
    """A SELECT, with those inside of it not counted.

    Attributes:
        start: the position of its SELECT.
        end: the position after its last word.
        parent: the query it stands in.
        columns: its list.
        sources: what it reads: alias to table; a subquery's alias to an empty string.
        name: of the common table expression it is the body of.
    """

    start: int
    end: int
    parent: "Query | None"
    columns: list[Column] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    name: str = ""


def queries(sql: Sql) -> list[Query]:
    """Every SELECT of a file, in order of its first word."""
    tokens = sql.tokens
    found: list[Query] = []
    open_: list[tuple[int, Query | None]] = []
    depth, current = 0, None
    among_tables = False
    for position, token in enumerate(tokens):
        text = token.text if not token.quoted else ""
        if text == "(":
            depth += 1
        elif text in (")", ";"):
            while open_ and (open_[-1][0] >= depth or text == ";"):
                open_closed = open_.pop()[1]
                if current is not None:
                    current.end = position
                current = open_closed
            depth = 0 if text == ";" else max(depth - 1, 0)
        elif text == "select" and len(open_) < _DEEPEST:
            if open_ and open_[-1][0] == depth and current is not None:
                # The next part of a UNION, or the final SELECT after common table expressions.
                current.end = position
                current = open_.pop()[1]
            open_.append((depth, current))
            current = Query(position, len(tokens), current)
            current.columns = _columns(tokens, position)
            current.name = _cte_name(tokens, position)
            found.append(current)
            among_tables = False
        elif current is not None and (text in _JOINS or (text == "," and among_tables and depth == open_[-1][0])):
            among_tables = True
            _read(tokens, position, current)
        elif text in _END_OF_TABLES and open_ and depth == open_[-1][0]:
            among_tables = False
    return found


def _cte_name(tokens: Tokens, position: int) -> str:
    """The name in `name AS (SELECT`; empty if it is not the body of one."""
    at = position - 1
    if text_at(tokens, at) != "(":
        return ""
    at -= 1
    while text_at(tokens, at) in ("materialized", "not"):
        at -= 1
    if text_at(tokens, at) != "as" or at < 1 or not tokens[at - 1].word:
        return ""
    before = text_at(tokens, at - 2)
    return tokens[at - 1].text if before in ("with", ",", "recursive") else ""


def _columns(tokens: Tokens, position: int) -> list[Column]:
    """The items between SELECT and what follows its list."""
    at, depth, item, out = position + 1, 0, list[Token](), list[Column]()
    while text_at(tokens, at) in _AFTER_SELECT:
        at += 1
    while at < len(tokens):
        text = text_at(tokens, at)
        if depth == 0 and (text in _END_OF_SELECT or text in (")", ";", ",")):
            if text == "except" and text_at(tokens, at + 1) == "(":  # SELECT * EXCEPT (a, b)
                text = ""
            else:
                if item:
                    out.append(_column(item))
                item = []
                if text != ",":
                    return out
        if text == "(":
            # What stands in brackets has its own scope; its ends are enough to see that there is something.
            item.append(tokens[at])
            at = tokens.after(at) - 1
            text = text_at(tokens, at)
        elif text in ("[", "]"):
            depth += 1 if text == "[" else -1
        if text != "," or depth:
            item.append(tokens[at])
        at += 1
    if item:
        out.append(_column(item))
    return out


def _column(item: list[Token]) -> Column:
    first, last = item[0], item[-1]
    texts = [one.text if not one.quoted else "" for one in item]
    if first.text == "*" or first.text.endswith(".*"):
        return Column("*", first.text[:-2] if first.word else "", first)
    if len(item) == 1 and first.word:
        source, _, name = first.text.rpartition(".")
        known = not name.startswith("__jinja") and (first.quoted or name not in KEYWORDS)
        return Column(name if known else "", source, first)
    named = last.word and (last.quoted or last.text not in KEYWORDS)
    if len(item) > 1 and named and (texts[-2] == "as" or texts[-2] not in _OPERATORS):
        return Column(last.text.rpartition(".")[2], "", last)
    return Column("", "", first)


_OPERATORS = words("+ - * / % | & ^ = < > ! . : :: ~ ( , and or not in is like ilike between collate at zone")


def _read(tokens: Tokens, position: int, query: Query) -> None:
    """Note a table and its alias after FROM, JOIN or a comma between tables, whose position is given."""
    at = position + 1
    while text_at(tokens, at) in ("only", "lateral", "overwrite", "table"):
        at += 1
    if at >= len(tokens):
        return
    table, token = "", tokens[at]
    if token.text == "(" or text_at(tokens, at + 1) == "(":
        at = tokens.after(at if token.text == "(" else at + 1)
    elif token.word and (token.quoted or token.text not in KEYWORDS):
        table, at = token.text, at + 1
    else:
        return
    at += text_at(tokens, at) == "as"
    if at < len(tokens) and tokens[at].word and (tokens[at].quoted or tokens[at].text not in KEYWORDS):
        query.sources[tokens[at].text] = table
    elif table:
        query.sources[table] = table
        query.sources.setdefault(table.rpartition(".")[2], table)
