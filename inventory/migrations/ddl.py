"""What SQL does to a schema, its data, and those who use it."""

import dataclasses
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from .ddl_found import QUALIFIED, Found, plain
from .ddl_words import ACTIONS, OPAQUE, PLAIN, by_words
from .model import Operation
from .sql_statements import MAX_STATEMENTS, Statement, statements

_LONGEST = 30_000
"""Longer statements are data, or lists of columns; their first words say enough."""
_PARSED = 250_000
"""Characters of a script that are parsed; about a second's worth."""
_MANY = 300
"""Actions of an ALTER TABLE that sqlglot cannot read as a whole are read one by one, unless there are so many."""
_TEXT = 200

# It tells the log about every statement that it keeps as it is.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def operations_of_sql(sql: str, dialect: str = "", line: int = 1) -> list[Operation]:
    """What a script does, one operation for each thing, in order. Never raises.

    Effects: what drops, deletes, renames or changes a type is `destructive`; what makes the writes of older code
    fail (NOT NULL without a value, UNIQUE, CHECK, a foreign key, a default that goes) is `restrictive`, except on
    tables that the script itself creates; a new value of an enum is `irreversible`; what could not be read, what
    runs code (`DO`, functions, triggers), and what replaces something is `unknown`. What touches neither schema
    nor data (`SET`, `BEGIN`, a query) is no operation. Dropping an index or a constraint, and allowing NULL, is
    `additive`: older code still works.

    Objects are named without quotes and without the schema `public` or `dbo`; what is created and dropped again, or
    dropped and created again, is in neither list. Strings are not shown where they may be data.

    Args:
        sql: the script.
        dialect: as the project or tool calls its database (`postgresql`, `mysql`, `sqlite`, `sqlserver` …); empty
            to guess from the script.
        line: the number of its first line.
    """
    known = _known(dialect) or guessed(sql) or "postgres"
    pairs, budget, count = list[tuple[Statement, Found]](), _PARSED, 0
    seen = set[str]()
    for statement in statements(sql, known, line):
        text = statement.text
        parsed = len(text) <= _LONGEST and (text in seen or len(text) <= budget)
        if parsed and text not in seen:
            seen.add(text)
            budget -= len(text)
        pairs += ((statement, one) for one in _of_statement(text, known, parsed))
        count += 1
    if count == MAX_STATEMENTS:
        pairs.append((Statement(f"(only the first {count} statements were read)", line), Found(effect="unknown")))
    return _net(pairs)


_DIALECTS = {
    "postgresql": "postgres", "pg": "postgres", "pgsql": "postgres", "cockroachdb": "postgres",
    "supabase": "postgres", "mariadb": "mysql", "singlestore": "mysql", "mysql2": "mysql", "tidb": "mysql",
    "planetscale": "mysql", "sqlite3": "sqlite", "turso": "sqlite", "libsql": "sqlite", "d1": "sqlite",
    "sqlserver": "tsql", "mssql": "tsql",
}  # fmt: skip
_READ = frozenset(
    {"postgres", "mysql", "sqlite", "tsql", "oracle", "snowflake", "bigquery", "redshift", "clickhouse", "duckdb"}
)
_GUESSES = {
    "tsql": r"\[dbo\]|\bnvarchar\b|^go[ \t\r]*$|\bidentity\s*\(\s*\d|^\s*if\s+object_id\b|\bsp_rename\b"
    r"|\[\w+\]\.\[\w+\]|\b(?:non)?clustered\b",
    "sqlite": r"\bautoincrement\b|^\s*pragma\b|\bwithout\s+rowid\b|\bdatetime\('now'\)|\bvirtual\s+table\b",
    "mysql": r"\bauto_increment\b|\bengine\s*=|\bmodify\s+column\b|^delimiter\b|/\*!\d{5}|\bunsigned\b"
    r"|\bcharset\s*=|`\w+`\s+(?:int|varchar|text|datetime|tinyint|bigint|json)"
    r"|^\s*(?:alter|create)\s+table\s+(?:if not exists\s+)?`",
}
_GUESSERS = tuple((name, re.compile(pattern, re.IGNORECASE | re.MULTILINE)) for name, pattern in _GUESSES.items())
_HEAD = 20_000


def _known(dialect: str) -> str:
    """How sqlglot calls a dialect; empty if it is not known."""
    name = dialect.lower()
    return _DIALECTS.get(name, name if name in _READ else "")


def guessed(sql: str) -> str:
    """The dialect that a script is written in, as sqlglot calls it, by words of its own; empty if it has none."""
    return next((name for name, pattern in _GUESSERS if pattern.search(sql, 0, _HEAD)), "")


@lru_cache(maxsize=4096)
def _of_statement(text: str, dialect: str, parsed: bool) -> Sequence[Found]:
    """What one statement does.

    Args:
        text: the statement.
        dialect: as sqlglot calls it.
        parsed: whether to parse it; its first words have to do otherwise.
    """
    body = _BLOCK.fullmatch(text)
    return _of_plain(text, dialect, parsed) if body is None else _of_block(body["body"], dialect, parsed)


def _of_plain(text: str, dialect: str, parsed: bool) -> Sequence[Found]:
    """What a statement does that is no block of code."""
    # A statement that writes one table can empty another, except these.
    if not parsed or text[:6].lower() in ("delete", "insert") or not _DELETES.search(text):
        plainly = by_words(PLAIN, text)
        if plainly is not None:
            return plainly
    read = _parsed(text, dialect) if parsed else None
    if match := _ALTER.match(text):
        return _of_alter(match, text, dialect, read, parsed)
    if read is None:
        read = by_words(OPAQUE, text)
    return [Found(effect="unknown")] if read is None else read


_DELETES = re.compile(r"\bdelete\b", re.IGNORECASE)


def _parsed(text: str, dialect: str) -> list[Found] | None:
    """What sqlglot says; None if it understood nothing."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    from .ddl_nodes import of_tree

    try:
        trees = [tree for tree in sqlglot.parse(text, dialect=dialect) if tree is not None]
        found = [of_tree(tree) for tree in trees]
    # The parser is no place for surprises of others' making: what it trips over is unread.
    except (SqlglotError, RecursionError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None
    if not trees or None in found:
        return None
    return [one for several in found for one in several or ()]


_ALTER = re.compile(
    rf"\s*alter\s+(?:foreign\s+)?table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<table>{QUALIFIED})\s*", re.IGNORECASE
)


def _of_alter(
    match: re.Match[str], text: str, dialect: str, read: list[Found] | None, parsed: bool
) -> Sequence[Found]:
    """What an ALTER TABLE does, one action after the other, each with its own words."""
    table, pieces = plain(match["table"]), list(_pieces(text, match.end()))
    several = (
        [[one] for one in read]
        if read is not None
        else [
            _of_action(match[0] + piece, piece, table, dialect, parsed and 1 < len(pieces) < _MANY)
            for _, piece in pieces
        ]
    )
    if len(pieces) == 1 or len(pieces) != len(several):
        return [one for found in several for one in found]
    placed = list[Found]()
    for (start, piece), found in zip(pieces, several, strict=True):
        row = text.count("\n", 0, start + len(piece) - len(piece.lstrip()))
        placed += (dataclasses.replace(one, row=row, text=piece) for one in found)
    return placed


def _of_action(alone: str, words: str, table: str, dialect: str, parsed: bool) -> list[Found]:
    """What one action of an ALTER TABLE does that sqlglot did not read with the others."""
    read = _parsed(alone, dialect) if parsed else None
    if read is None:
        read = by_words(ACTIONS, words, table)
    return [Found(effect="unknown", touches=[f"table {table}"])] if read is None else read


_COMMA = re.compile(r"'[^']*+'?|\"[^\"]*+\"?|`[^`]*+`?|[(),]")


def _pieces(text: str, start: int) -> Iterator[tuple[int, str]]:
    """What stands between commas that are in no parentheses and no quotes, and where."""
    depth = 0
    for match in _COMMA.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[0] == "," and depth == 0:
            yield start, text[start : match.start()]
            start = match.end()
    yield start, text[start:]


_BLOCK = re.compile(
    r"\s*do\s+(?:language\s+\w+\s+)?(?P<tag>\$\w*\$)(?P<body>.*)(?P=tag).*", re.IGNORECASE | re.DOTALL
)
# "Do this unless it is there already", as generators write it.
_UNLESS_THERE = re.compile(
    r"\s*begin\b(?P<body>.*)\bexception\s+(?:when\s+duplicate_\w+\s+then\s+(?:null|raise\s+notice\s+'[^']*')\s*;\s*)+end\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)
_CONTROL = re.compile(
    r"\b(?:if|loop|execute|for|while|perform|case|declare|exception|raise)\b(?!\s+(?:not\s+)?exists)", re.IGNORECASE
)
_LEADING = re.compile(r"\b(?:begin|then|else|loop)\b", re.IGNORECASE)


def _of_block(body: str, dialect: str, parsed: bool) -> Sequence[Found]:
    """What a block of code does: unknown, and the worst that is written out in it."""
    simple = _UNLESS_THERE.fullmatch(body)
    if simple and not _CONTROL.search(simple["body"]):
        pieces = statements(simple["body"], dialect)
        return [one for piece in pieces for one in _of_plain(piece.text, dialect, parsed)]
    found = [Found(effect="unknown")]
    for piece in statements(body, dialect, blocks=False):
        text = _LEADING.split(piece.text)[-1].lstrip()
        found += (one for one in _of_plain(text, dialect, False) if one.effect in ("destructive", "irreversible"))
    return found


_SHOWN = re.compile(
    r"\s*(?:create|alter|drop)\s+(?:unique\s+|temp\w*\s+)?(?:table|type|index|view|domain|schema|sequence)\b",
    re.IGNORECASE,
)
_STRING = re.compile(r"'(?:[^'\\]|''|\\.)*+(?:'|\\?\Z)|(\$\w*\$).*?(?:\1|\Z)", re.DOTALL)


def _text(statement: Statement, found: Found) -> str:
    """What to show of a statement."""
    text = (found.text or statement.text)[: 10 * _TEXT]
    if not _SHOWN.match(statement.text):
        text = _STRING.sub("'…'", text)
    text = " ".join(text.split())
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


def _net(pairs: Iterable[tuple[Statement, Found]]) -> list[Operation]:
    """The operations, each with what is there or gone when all have run."""
    pairs = list(pairs)
    first, last = dict[str, bool](), dict[str, bool]()
    for _, found in pairs:
        for names, there in ((found.drops, False), (found.creates, True)):
            for name in names:
                first.setdefault(name, there)
                last[name] = there
        last.update(dict.fromkeys(found.touches, True))
    made = {name for name, there in first.items() if there}
    operations = []
    for statement, found in pairs:
        effect = found.effect
        own = f"table {found.table}" in made if found.table else bool(found.drops) and made.issuperset(found.drops)
        if own and effect in ("restrictive", "destructive"):
            effect = "additive"
        operations.append(
            Operation(
                effect=effect,
                objects=list(dict.fromkeys([*found.creates, *found.drops, *found.touches])),
                text=_text(statement, found),
                line=statement.line + found.row,
                creates=[name for name in found.creates if last[name] and first[name]],
                drops=[name for name in found.drops if not last[name] and not first[name]],
            )
        )
    return operations
