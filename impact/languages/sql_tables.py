"""Which tables a SQL file reads, writes and makes, from its words alone: no dialect is needed."""

from dataclasses import dataclass, field

from .sql_tokens import Sql, Token, Tokens
from .vocabulary import words

MAKING = frozenset(("table", "view"))
_BEFORE_NAME = words("if not exists only table into overwrite concurrently lateral temporary")
_MODIFIERS = words(
    "or replace alter temp temporary global local unlogged external transient materialized recursive secure dynamic"
    " iceberg hybrid foreign live streaming volatile multiset set unique force noforce editionable algorithm definer"
    " sql security invoker undefined merge temptable"
)
# A word that cannot be a table after FROM or JOIN, or that ends a list of them.
KEYWORDS = words(
    "select from where join inner left right full outer cross natural on using group order by having limit offset"
    " union intersect except minus qualify window fetch for lateral unnest table values set as with and or not in is"
    " null case when then else end insert update delete merge into create alter drop returning tablesample pivot"
    " unpivot asof semi anti global any all exists between like only distinct start connect prewhere final sample"
    " array straight_join use force ignore partition execute do begin declare if language returns return"
)
# Of those, what a table may be called all the same.
_SOFT = words(
    "language start connect final sample array use force ignore partition returns return declare global anti semi"
    " offset window begin any all do"
)
# FROM and USING belong to other things after these.
_NOT_A_TABLE_FROM = words("extract substring trim overlay position ltrim rtrim btrim")
_ENGINE = frozenset(
    ("dual", "''", "stdin", "stdout", "lateral", "information_schema", "pg_catalog", "sys", "excluded")
)
_ENGINE_SCHEMAS = ("information_schema.", "pg_catalog.", "sys.", "mysql.", "performance_schema.", "pg_")


@dataclass(slots=True)
class Tables:
    """What one file does with tables. Each name with the word that says so first.

    Attributes:
        made: by CREATE, or SELECT INTO.
        altered: by ALTER, and by an index, a trigger or a policy on it.
        filled: by INSERT, UPDATE, MERGE, COPY.
        emptied: by DROP, TRUNCATE, DELETE.
        read: by FROM, JOIN, USING, REFERENCES.
        passing: made for the file alone: common table expressions, temporary tables.
    """

    made: dict[str, Token] = field(default_factory=dict)
    altered: dict[str, Token] = field(default_factory=dict)
    filled: dict[str, Token] = field(default_factory=dict)
    emptied: dict[str, Token] = field(default_factory=dict)
    read: dict[str, Token] = field(default_factory=dict)
    passing: set[str] = field(default_factory=set)


def tables(sql: Sql) -> Tables:
    """Scan the words once."""
    found = Tables()
    tokens = sql.tokens
    for position, token in enumerate(tokens):
        if not token.word or token.quoted:
            continue
        step = _STEPS.get(token.text)
        if step is not None:
            step(tokens, position, found)
    for kind in (found.made, found.altered, found.filled, found.emptied, found.read):
        for name in [one for one in kind if one in found.passing or _is_engine(one)]:
            del kind[name]
    return found


def _is_engine(name: str) -> bool:
    return name in _ENGINE or name.startswith(_ENGINE_SCHEMAS) or name[:1] in ("@", ":") or "__jinja__" in name


def text_at(tokens: Tokens, position: int) -> str:
    """The word or sign at a position; empty beyond the ends and for what is quoted."""
    if 0 <= position < len(tokens) and not tokens[position].quoted:
        return tokens[position].text
    return ""


def name_at(tokens: Tokens, position: int) -> int:
    """Where the name stands that a statement is about, after words such as IF NOT EXISTS; -1 if there is none."""
    while text_at(tokens, position) in _BEFORE_NAME:
        position += 1
    if position >= len(tokens) or not tokens[position].word:
        return -1
    token = tokens[position]
    return position if token.quoted or token.text not in KEYWORDS or token.text in _SOFT else -1


def _create(tokens: Tokens, position: int, found: Tables) -> None:
    at, temporary = position + 1, False
    while text_at(tokens, at) in _MODIFIERS or text_at(tokens, at) == "=":
        temporary = temporary or text_at(tokens, at) in ("temp", "temporary", "volatile")
        at += 1
    if text_at(tokens, at) in ("index", "trigger", "policy", "rule", "statistics"):
        _on(tokens, at, found)
        return
    if text_at(tokens, at) not in MAKING:
        return
    name = name_at(tokens, at + 1)
    if name >= 0:
        text = tokens[name].text
        if temporary or text.startswith("#"):
            found.passing.add(text)
        else:
            found.made.setdefault(text, tokens[name])
        if text_at(tokens, name + 1) in ("like", "clone", "of") or text_at(tokens, name + 2) == "like":
            at = name + 2 if text_at(tokens, name + 1) in ("like", "clone", "of") else name + 3
            _add(tokens, name_at(tokens, at), found.read)


def _on(tokens: Tokens, position: int, found: Tables) -> None:
    """The table of CREATE INDEX, TRIGGER or POLICY: the name after the next ON."""
    for at in range(position, min(position + 40, len(tokens))):
        if text_at(tokens, at) == ";":
            return
        if text_at(tokens, at) == "on":
            _add(tokens, name_at(tokens, at + 1), found.altered)
            return


def _add(tokens: Tokens, position: int, kind: dict[str, Token]) -> None:
    if position >= 0:
        kind.setdefault(tokens[position].text, tokens[position])


def _alter(tokens: Tokens, position: int, found: Tables) -> None:
    at = position + 1
    while text_at(tokens, at) in _MODIFIERS:
        at += 1
    if text_at(tokens, at) in MAKING:
        at = name_at(tokens, at + 1)
        dropped = text_at(tokens, position) == "drop"
        _add(tokens, at, found.emptied if dropped else found.altered)
        while at >= 0 and dropped and text_at(tokens, at + 1) == ",":
            at = name_at(tokens, at + 2)
            _add(tokens, at, found.emptied)


def _truncate(tokens: Tokens, position: int, found: Tables) -> None:
    if text_at(tokens, position - 1) not in (",", "grant", "("):
        _add(tokens, name_at(tokens, position + 1), found.emptied)


def _insert(tokens: Tokens, position: int, found: Tables) -> None:
    if text_at(tokens, position + 1) in ("into", "overwrite", "ignore", "or", "low_priority", "high_priority"):
        at = position + 1
        while at < position + 4 and text_at(tokens, at) not in ("into", "overwrite", "ignore"):
            at += 1
        while text_at(tokens, at) in ("into", "overwrite", "ignore"):
            at += 1
        _add(tokens, name_at(tokens, at), found.filled)


def _merge(tokens: Tokens, position: int, found: Tables) -> None:
    if text_at(tokens, position + 1) == "into":
        _add(tokens, name_at(tokens, position + 2), found.filled)


def _update(tokens: Tokens, position: int, found: Tables) -> None:
    """UPDATE name … SET, and not FOR UPDATE, ON UPDATE or DO UPDATE."""
    if text_at(tokens, position - 1) in (
        "for",
        "on",
        "do",
        "then",
        "or",
        "before",
        "after",
        "of",
        ",",
        "grant",
        "key",
    ):
        return
    name = name_at(tokens, position + 1)
    if name >= 0 and "set" in [text_at(tokens, at) for at in range(name + 1, name + 5)]:
        _add(tokens, name, found.filled)


def _copy(tokens: Tokens, position: int, found: Tables) -> None:
    if text_at(tokens, position - 1) in ("", ";"):
        name = name_at(tokens, position + 1 + (text_at(tokens, position + 1) == "into"))
        _add(tokens, name, found.filled)


def _from(tokens: Tokens, position: int, found: Tables) -> None:
    """The tables of a FROM, with those after commas."""
    if text_at(tokens, position - 1) == "distinct" and text_at(tokens, position - 2) in ("is", "not"):
        return
    if text_at(tokens, position - 1) == "delete":
        _add(tokens, name_at(tokens, position + 1), found.emptied)
        return
    if _inside_a_call(tokens, position):
        return
    at = position + 1
    while True:
        after = _source(tokens, at, found)
        if after < 0:
            return
        at = after
        while at < len(tokens) and tokens[at].word and (tokens[at].quoted or tokens[at].text not in KEYWORDS):
            at += 1
        if text_at(tokens, at) == "as":
            at += 2
        if text_at(tokens, at) != ",":
            return
        at += 1


def _source(tokens: Tokens, at: int, found: Tables) -> int:
    """Add the table at a position, unless it is a function or a subquery; returns what follows, or -1 for none."""
    at = at + 1 if text_at(tokens, at) in ("only", "lateral") else at
    if text_at(tokens, at) == "(":
        if text_at(tokens, at + 1) not in ("select", "with", "values", "("):
            _source(tokens, at + 1, found)
        return tokens.after(at)
    if text_at(tokens, at + 1) == "(":
        return tokens.after(at + 1)
    name = name_at(tokens, at) if at < len(tokens) else -1
    _add(tokens, name, found.read)
    return at + 1 if name >= 0 else -1


def _inside_a_call(tokens: Tokens, position: int) -> bool:
    """Whether this FROM is one of EXTRACT(… FROM …) and the like."""
    bracket = tokens.around(position)
    return text_at(tokens, bracket - 1) in _NOT_A_TABLE_FROM and text_at(tokens, bracket + 1) != "select"


def _join(tokens: Tokens, position: int, found: Tables) -> None:
    _source(tokens, position + 1, found)


def _using(tokens: Tokens, position: int, found: Tables) -> None:
    """USING names a table after MERGE INTO and DELETE FROM; after JOIN it stands before a bracket."""
    if text_at(tokens, position + 1) == "(" or text_at(tokens, position + 2) == "(":
        return
    for at in range(position - 1, max(position - 8, -1), -1):
        if text_at(tokens, at) in ("merge", "delete"):
            _add(tokens, name_at(tokens, position + 1), found.read)
            return


def _references(tokens: Tokens, position: int, found: Tables) -> None:
    if text_at(tokens, position - 1) not in (",", "grant"):
        _add(tokens, name_at(tokens, position + 1), found.read)


def _with(tokens: Tokens, position: int, found: Tables) -> None:
    """Names of common table expressions: `name [(columns)] AS [[NOT] MATERIALIZED] (`."""
    at = position + 1
    if text_at(tokens, at) == "recursive":
        at += 1
    while at + 2 < len(tokens) and tokens[at].word:
        name = tokens[at].text
        at += 1
        if text_at(tokens, at) == "(":
            at = tokens.after(at)
        if text_at(tokens, at) != "as":
            return
        at += 1
        while text_at(tokens, at) in ("not", "materialized"):
            at += 1
        if text_at(tokens, at) != "(":
            return
        found.passing.add(name)
        at = tokens.after(at)
        if text_at(tokens, at) != ",":
            return
        at += 1


def _into(tokens: Tokens, position: int, found: Tables) -> None:
    """SELECT … INTO name FROM: a table is made; INSERT INTO and MERGE INTO are not meant."""
    if text_at(tokens, position - 1) in ("insert", "merge", "overwrite", "copy", "ignore", "replace", "fetch"):
        return
    name = name_at(tokens, position + 1)
    if name >= 0 and text_at(tokens, name + 1) == "from":
        _add(tokens, name, found.made)


_STEPS = {
    "create": _create,
    "alter": _alter,
    "drop": _alter,
    "truncate": _truncate,
    "insert": _insert,
    "replace": _insert,
    "merge": _merge,
    "update": _update,
    "copy": _copy,
    "from": _from,
    "join": _join,
    "using": _using,
    "references": _references,
    "with": _with,
    "into": _into,
}
