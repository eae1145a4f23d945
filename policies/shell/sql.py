"""SQL given on the command line, by the words its statements begin with."""

import re

from ...core.late import late
from ..effects import Effect
from .command import Command
from .outcome import outcome

# Quoted names and text, and comments: a keyword in there is none.
_QUIET = late(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$\$.*?\$\$|--[^\n]*|/\*.*?\*/", re.DOTALL)
_STATEMENTS: tuple[tuple[str, str, str], ...] = (
    (r"drop\s+(?:database|schema|table|collection|keyspace|view|owned|user|role|index)\b", "db.drop", "it drops"),
    (r"truncate\b", "db.drop", "it empties a table"),
    (r"delete\s+from\s+[\w.\"]+\s*$", "db.drop", "it deletes every row of a table"),
    (r"alter\s+.*\bdrop\b", "db.drop", "it drops a part of a table"),
    (r"(?:insert|update|delete|merge|replace|upsert|copy|load|vacuum|reindex|grant|revoke|lock|call|do)\b",
    "db.write",
     "it changes data"),
    (r"(?:create|alter|comment|rename|drop|attach|import|set\s+global)\b", "db.write", "it changes the schema"),
    (r"with\b.*\b(?:insert|update|delete)\b", "db.write", "it changes data"),
)  # fmt: skip
_READS = late(
    r"(?:select|show|explain|describe|desc|with|values|table|pragma|begin|start|commit|rollback|end|set|use|analyze"
    r"|\\[a-z?]|\.(?:tables|schema|mode|headers|indexes|databases|dump|help|quit))", re.IGNORECASE
)  # fmt: skip
_COMPILED = tuple((late(one, re.IGNORECASE | re.DOTALL), effect, why) for one, effect, why in _STATEMENTS)


def sql_effects(text: str, command: Command) -> list[Effect]:
    """What SQL does, one effect for each kind of statement in it."""
    found: dict[str, str] = {}
    for piece in _QUIET.sub(" q ", text).split(";"):
        statement = piece.strip()
        if statement:
            effect, why = _kind(statement)
            found.setdefault(effect, why)
    if len(found) > 1:
        found.pop("db.read", None)
    return [one for effect, why in found.items() for one in outcome(command, effect, why)]


def _kind(statement: str) -> tuple[str, str]:
    for pattern, effect, why in _COMPILED:
        if pattern.match(statement):
            return effect, why
    if _READS.match(statement):
        return "db.read", "it asks a database"
    return "unknown", "what its statement does is not known"
