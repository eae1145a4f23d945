"""Statements by their first words: what needs no parser, and what sqlglot leaves unread."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from .ddl_found import DROP_EFFECTS, QUALIFIED, Found, plain
from .model import Effect


@dataclass(frozen=True)
class Row:
    """One form of statement.

    Attributes:
        words: what it begins with; `[X]` may be absent, `X|Y` is either, `<a>` is a name, `<a*>` names with commas
            between them, `...` is anything up to the next word.
        effect: what it does; None if it does nothing to the schema or the data.
        objects: `+kind {a}` is created, `-kind {a}` dropped, `~kind {a}` touched.
        table: the name of the table whose writers it restricts.
    """

    words: str
    effect: Effect | None
    objects: str = ""
    table: str = ""


_QUIET = """
    BEGIN|START|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE|SET|RESET|USE|SHOW|EXPLAIN|ANALYZE|ANALYSE|VACUUM|REINDEX|
    CHECKPOINT|LOCK|UNLOCK|DISCARD|LISTEN|NOTIFY|PRINT|CLUSTER|OPTIMIZE|FLUSH|DESCRIBE|RAISE
"""

PLAIN = (
    Row(re.sub(r"\s", "", _QUIET), None),
    Row("REFRESH MATERIALIZED VIEW", None),
    Row("PRAGMA foreign_keys|defer_foreign_keys|foreign_key_check|legacy_alter_table|journal_mode|synchronous", None),
    Row("COMMENT ON", "additive"),
    Row("GRANT", "additive"),
    Row("REVOKE", "restrictive"),
    Row("COPY <a> ... FROM", "data", "~table {a}"),
    Row("COPY", None),
    Row("INSERT [OR REPLACE|IGNORE] [LOW_PRIORITY|DELAYED|HIGH_PRIORITY] [IGNORE] [INTO] <a>", "data", "~table {a}"),
    Row("REPLACE INTO <a>", "data", "~table {a}"),
    Row("UPDATE [ONLY] <a>", "data", "~table {a}"),
    Row("DELETE FROM [ONLY] <a>", "destructive", "~table {a}"),
    Row("TRUNCATE [TABLE] [ONLY] <a*>", "destructive", "~table {a}"),
)
"""Before a parser is asked: what needs none, however long it is."""

OPAQUE = (
    Row("ALTER TYPE <a> ADD VALUE", "irreversible", "~type {a}"),
    Row("ALTER TYPE <a> RENAME VALUE", "destructive", "~type {a}"),
    Row("ALTER TYPE <a> RENAME TO <b>", "destructive", "-type {a} +type {b}"),
    Row("ALTER TYPE <a> ADD ATTRIBUTE", "additive", "~type {a}"),
    Row("ALTER TYPE <a> DROP|ALTER|RENAME ATTRIBUTE", "destructive", "~type {a}"),
    Row("ALTER INDEX [IF EXISTS] <a> RENAME TO <b>", "additive", "-index {a} +index {b}"),
    Row("ALTER INDEX [IF EXISTS] <a> SET|RESET|ATTACH|ALTER", "additive", "~index {a}"),
    Row("ALTER SCHEMA <a> RENAME TO <b>", "destructive", "-schema {a} +schema {b}"),
    Row("ALTER SEQUENCE [IF EXISTS] <a> RENAME TO <b>", "destructive", "-sequence {a} +sequence {b}"),
    Row("ALTER SEQUENCE [IF EXISTS] <a> OWNED|AS|INCREMENT|CACHE|MAXVALUE|MINVALUE|NO", "additive", "~sequence {a}"),
    Row("ALTER SEQUENCE [IF EXISTS] <a> RESTART", "data", "~sequence {a}"),
    Row("ALTER [MATERIALIZED] VIEW [IF EXISTS] <a> RENAME TO <b>", "destructive", "-view {a} +view {b}"),
    Row("ALTER [MATERIALIZED] VIEW [IF EXISTS] <a> RENAME", "destructive", "~view {a}"),
    Row("ALTER ... SET SCHEMA <b>", "destructive", "~schema {b}"),
    Row("ALTER DEFAULT PRIVILEGES ... GRANT", "additive"),
    Row("ALTER DEFAULT PRIVILEGES ... REVOKE", "restrictive"),
    Row("ALTER PUBLICATION <a> ADD TABLE", "additive"),
    Row("ALTER VIEW|SEQUENCE|SCHEMA|TYPE|DOMAIN|FUNCTION|PROCEDURE|MATERIALIZED ... OWNER TO", "additive"),
    Row("CREATE EXTENSION [IF NOT EXISTS] <a>", "additive", "+extension {a}"),
    Row("CREATE SCHEMA [IF NOT EXISTS] <a>", "additive", "+schema {a}"),
    Row("CREATE TYPE <a>", "additive", "+type {a}"),
    Row("CREATE DOMAIN <a>", "additive", "+domain {a}"),
    Row("CREATE [UNLOGGED] SEQUENCE [IF NOT EXISTS] <a>", "additive", "+sequence {a}"),
    Row("CREATE DATABASE [IF NOT EXISTS] <a>", "additive", "+database {a}"),
    Row("CREATE ROLE|USER|COLLATION|STATISTICS|PUBLICATION|TEXT SEARCH", "additive"),
    Row("CREATE TEMP|TEMPORARY|GLOBAL|LOCAL ... TABLE", "additive"),
    Row("CREATE [UNLOGGED|FOREIGN|VIRTUAL|EXTERNAL] TABLE [IF NOT EXISTS] <a>", "additive", "+table {a}"),
    Row("CREATE [RECURSIVE|MATERIALIZED] VIEW [IF NOT EXISTS] <a>", "additive", "+view {a}"),
    Row("CREATE UNIQUE INDEX [CONCURRENTLY] ON [ONLY] <t>", "restrictive", "~table {t}", "t"),
    Row(
        "CREATE UNIQUE [CLUSTERED|NONCLUSTERED] INDEX [CONCURRENTLY] [IF NOT EXISTS] <a> ON [ONLY] <t>",
        "restrictive", "+index {a} ~table {t}", "t",
    ),
    Row("CREATE INDEX [CONCURRENTLY] ON [ONLY] <t>", "additive", "~table {t}"),
    Row(
        "CREATE [FULLTEXT|SPATIAL|CLUSTERED|NONCLUSTERED] INDEX [CONCURRENTLY] [IF NOT EXISTS] <a> ON [ONLY] <t>",
        "additive", "+index {a} ~table {t}",
    ),
    Row("CREATE POLICY <a> ON <t> AS RESTRICTIVE", "restrictive", "+policy {t}.{a}", "t"),
    Row("CREATE POLICY <a> ON <t>", "additive", "+policy {t}.{a}"),
    Row("CREATE FUNCTION <a>", "unknown", "+function {a}"),
    Row("CREATE PROCEDURE <a>", "unknown", "+procedure {a}"),
    Row("CREATE OR REPLACE FUNCTION|PROCEDURE <a>", "unknown", "~function {a}"),
    Row("CREATE [CONSTRAINT] TRIGGER [IF NOT EXISTS] <a>", "unknown", "+trigger {a}"),
    Row("DROP POLICY [IF EXISTS] <a> ON <t>", "restrictive", "-policy {t}.{a}"),
    Row("DROP FUNCTION [IF EXISTS] <a>", "unknown", "-function {a}"),
    Row("DROP PROCEDURE [IF EXISTS] <a>", "unknown", "-procedure {a}"),
    Row("DROP TRIGGER [IF EXISTS] <a>", "unknown", "-trigger {a}"),
    *(
        Row(f"DROP [MATERIALIZED|FOREIGN] {kind.upper()} [CONCURRENTLY] [IF EXISTS] <a*>", effect, f"-{kind} {{a}}")
        for kind, effect in DROP_EFFECTS.items()
    ),
    Row("RENAME TABLE <a> TO <b>", "destructive", "-table {a} +table {b}"),
    Row(r"EXEC|EXECUTE sp_rename|sys\.sp_rename", "destructive"),
)  # fmt: skip
"""What sqlglot reads as an opaque command, or not at all."""

ACTIONS = (
    Row(
        "ADD CONSTRAINT <c> CHECK|UNIQUE|FOREIGN|PRIMARY|EXCLUDE|NOT",
        "restrictive", "+constraint {t}.{c} ~table {t}", "t",
    ),
    Row("ADD CHECK|FOREIGN|PRIMARY|EXCLUDE", "restrictive", "~table {t}", "t"),
    Row("ADD UNIQUE [INDEX|KEY] <c>", "restrictive", "+index {c} ~table {t}", "t"),
    Row("ADD UNIQUE", "restrictive", "~table {t}", "t"),
    Row("ADD [FULLTEXT|SPATIAL] INDEX|KEY <c>", "additive", "+index {c} ~table {t}"),
    Row("ADD INDEX|KEY", "additive", "~table {t}"),
    Row("RENAME CONSTRAINT <c> TO <d>", "additive", "-constraint {t}.{c} +constraint {t}.{d}"),
    Row("RENAME INDEX|KEY <c> TO <d>", "additive", "-index {c} +index {d}"),
    Row("RENAME TO|AS <d>", "destructive", "-table {t} +table {d}"),
    Row("RENAME [COLUMN] <c> TO <d>", "destructive", "-column {t}.{c} +column {t}.{d}"),
    Row("VALIDATE CONSTRAINT <c>", "additive", "~constraint {t}.{c}"),
    Row("ALTER CONSTRAINT <c>", "unknown", "~constraint {t}.{c}"),
    Row("DROP CONSTRAINT|CHECK [IF EXISTS] <c>", "additive", "-constraint {t}.{c}"),
    Row("DROP FOREIGN KEY [IF EXISTS] <c>", "additive", "-constraint {t}.{c}"),
    Row("DROP PRIMARY KEY", "additive", "~table {t}"),
    Row("DROP INDEX|KEY [IF EXISTS] <c>", "additive", "-index {c} ~table {t}"),
    Row("DROP PARTITION", "destructive", "~table {t}"),
    Row("DROP [COLUMN] [IF EXISTS] <c>", "destructive", "-column {t}.{c}"),
    Row("ENABLE|FORCE ROW LEVEL SECURITY", "restrictive", "~table {t}", "t"),
    Row("DISABLE ROW LEVEL SECURITY", "additive", "~table {t}"),
    Row("NO FORCE ROW LEVEL SECURITY", "additive", "~table {t}"),
    Row("OWNER TO", "additive", "~table {t}"),
    Row("SET SCHEMA <s>", "destructive", "-table {t} ~schema {s}"),
    Row("SET TABLESPACE|LOGGED|UNLOGGED|WITHOUT|ACCESS", "additive", "~table {t}"),
    Row("REPLICA IDENTITY", "additive", "~table {t}"),
    Row("CLUSTER ON", "additive", "~table {t}"),
    Row("ATTACH PARTITION", "additive", "~table {t}"),
    Row("DETACH PARTITION", "destructive", "~table {t}"),
    Row("ALTER [COLUMN] <c> TYPE", "destructive", "~column {t}.{c}"),
    Row("ALTER [COLUMN] <c> SET DATA TYPE", "destructive", "~column {t}.{c}"),
    Row("ALTER [COLUMN] <c> SET NOT NULL", "restrictive", "~column {t}.{c}", "t"),
    Row("ALTER [COLUMN] <c> DROP NOT NULL", "additive", "~column {t}.{c}"),
    Row("ALTER [COLUMN] <c> SET DEFAULT|STATISTICS|STORAGE|COMPRESSION|GENERATED", "additive", "~column {t}.{c}"),
    Row("ALTER [COLUMN] <c> ADD GENERATED", "additive", "~column {t}.{c}"),
    Row("ALTER [COLUMN] <c> DROP DEFAULT|IDENTITY", "restrictive", "~column {t}.{c}", "t"),
    Row("ALTER [COLUMN] <c> DROP EXPRESSION", "additive", "~column {t}.{c}"),
    Row("MODIFY [COLUMN] [IF EXISTS] <c>", "destructive", "~column {t}.{c}"),
    Row("CHANGE [COLUMN] [IF EXISTS] <c> <d>", "destructive", "-column {t}.{c} +column {t}.{d}"),
    Row("ENGINE|COMMENT|AUTO_INCREMENT|ROW_FORMAT|ALGORITHM|LOCK|DEFAULT|ORDER", "additive", "~table {t}"),
    Row("ENABLE|DISABLE KEYS", "additive", "~table {t}"),
)  # fmt: skip
"""What an ALTER TABLE does, where sqlglot does not say; `{t}` is the table."""


def by_words(rows: Sequence[Row], text: str, table: str = "") -> list[Found] | None:
    """What the first row that fits says; nothing if it says that nothing is done, None if no row fits.

    Args:
        rows: the rows.
        text: the statement, or what it does to `table`.
        table: see `ACTIONS`.
    """
    for row in rows:
        match = _pattern(row.words).match(text)
        if match is not None:
            return [] if row.effect is None else [_found(row, row.effect, match, table)]
    return None


def _found(row: Row, effect: Effect, match: re.Match[str], table: str) -> Found:
    names = {"t": [table]} if table else dict[str, list[str]]()
    for group, value in match.groupdict().items():
        names[group] = [plain(one) for one in _LISTED.findall(value or "")]
    objects: dict[str, list[str]] = {"+": [], "-": [], "~": []}
    for sign, template in _OBJECT.findall(row.objects):
        objects[sign] += _filled(template, names)
    restricted = (names.get(row.table) or [""])[0]
    return Found(effect=effect, touches=objects["~"], creates=objects["+"], drops=objects["-"], table=restricted)


_OBJECT = re.compile(r"([+~-])(\w+ \S+)")
_LISTED = re.compile(QUALIFIED)
_SLOT = re.compile(r"\{(\w)\}")


def _filled(template: str, names: dict[str, list[str]]) -> Iterator[str]:
    slots = set(_SLOT.findall(template))
    if not all(names[slot] for slot in slots):
        return
    for position in range(max(len(names[slot]) for slot in slots)):
        yield template.format(**{slot: names[slot][min(position, len(names[slot]) - 1)] for slot in slots})


_PART = re.compile(r"\[(?P<maybe>[^\]]+)\]|<(?P<name>\w)(?P<many>\*?)>|(?P<any>\.\.\.)|(?P<word>\S+)")


@cache
def _pattern(words: str) -> re.Pattern[str]:
    out = r"\s*"
    for match in _PART.finditer(words):
        if match["maybe"]:
            out += "(?:" + "".join(rf"(?:{one})\s+" for one in match["maybe"].split()) + ")?"
        elif match["name"]:
            many = rf"(?:\s*,\s*{QUALIFIED})*" if match["many"] else ""
            out += rf"(?P<{match['name']}>{QUALIFIED}{many})\s*"
        elif match["any"]:
            out += r".{0,400}?\b"
        else:
            out += rf"(?:{match['word']})\b\s*"
    return re.compile(out, re.IGNORECASE | re.DOTALL)
