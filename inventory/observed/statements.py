"""What a database client was told to run: SQL, or calls of mongosh. Queries are no items."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..migrations.model import Operation
from ..model import Reversible
from .lines import FILE, PIPE, TEXT
from .pattern import told_apart
from .prefix import Program

_BACKUP = "Restore what it dropped, deleted or overwrote from a backup: no statement brings it back."
_SCRIPT = "What the script did is in its text: undo it by statements of your own, or from a backup."
_UNKNOWN = "Look at what it did, and undo it by a statement of your own."
_CREATED = "Drop what it created; what was written there since is lost with it."


@dataclass(frozen=True, kw_only=True)
class Client:
    """How a client is called.

    Attributes:
        dialect: as `operations_of_sql` takes it.
        values: its options that take the next word.
        texts: those of them whose value is run.
        files: those whose value is a file that is run.
        database: those that name the database.
        operand: which plain word names the database; its text, if it takes one so, is the next.
        text_operand: whether the word behind the database is run.
        run: the option by which a statement is given.
    """

    dialect: str
    values: frozenset[str]
    texts: Sequence[str]
    files: Sequence[str] = ()
    database: Sequence[str] = ()
    operand: int = 0
    text_operand: bool = False
    run: str = ""


_MYSQL = Client(
    dialect="mysql",
    values=frozenset({"-e", "--execute", "-h", "--host", "-P", "--port", "-D", "--database", "-S", "--socket", "-u",
                      "--user", "--default-character-set", "--defaults-file", "--ssl-mode", "--init-command"}),
    texts=("-e", "--execute", "--init-command"),
    database=("-D", "--database"),
    run="-e",
)  # fmt: skip
_SQLITE = Client(
    dialect="sqlite", values=frozenset({"-cmd", "--cmd", "-init", "-separator", "-newline"}), texts=("-cmd", "--cmd"),
    text_operand=True,
)  # fmt: skip
_MONGO = Client(
    dialect="",
    values=frozenset({"--eval", "-f", "--file", "--host", "--port", "-u", "--username", "-p", "--password",
                      "--authenticationDatabase"}),
    texts=("--eval",),
    files=("-f", "--file"),
)  # fmt: skip
CLIENTS: Mapping[str, Client] = {
    "psql": Client(
        dialect="postgres",
        values=frozenset({"-c", "--command", "-d", "--dbname", "-f", "--file", "-h", "--host", "-p", "--port", "-U",
                          "--username", "-v", "--set", "--variable", "-o", "--output", "-F", "-P", "-R", "-L", "-T"}),
        texts=("-c", "--command"),
        files=("-f", "--file"),
        database=("-d", "--dbname"),
        run="-c",
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite3": _SQLITE,
    "sqlite": _SQLITE,
    "duckdb": Client(
        dialect="duckdb", values=frozenset({"-c", "-s", "-cmd", "-init", "-f"}), texts=("-c", "-s", "-cmd"),
        files=("-f",), text_operand=True,
    ),
    "clickhouse-client": Client(
        dialect="clickhouse",
        values=frozenset({"-q", "--query", "-h", "--host", "-u", "--user", "-d", "--database", "--port",
                          "--password"}),
        texts=("-q", "--query"),
        database=("-d", "--database"),
        run="-q",
    ),
    "cockroach": Client(
        dialect="postgres",
        values=frozenset({"-e", "--execute", "--host", "--url", "-d", "--database", "-f", "--file"}),
        texts=("-e", "--execute"), files=("-f", "--file"), database=("-d", "--database"), operand=1,
    ),
    "sqlcmd": Client(
        dialect="sqlserver", values=frozenset({"-Q", "-q", "-S", "-U", "-P", "-d", "-i", "-o", "-v"}),
        texts=("-Q", "-q"), files=("-i",), database=("-d",), run="-Q",
    ),
    "mongosh": _MONGO,
    "mongo": _MONGO,
}  # fmt: skip
_LISTS = frozenset({"-l", "--list", "--version", "-V", "--help"})


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Something that a client was told to do, and that changes something.

    Attributes:
        kind: what it touches: `table`, `column` …, or `statement`, `script`.
        name: which; strings in it are hidden.
        database: which database, without a password.
        effect: as the policies' vocabulary has it.
        objects: all that it touches.
        connection: the client's own words, without what it was told.
        undo: words that take it back, behind those; empty if nothing is known to.
        advice: how it is taken back.
        reversible: whether that brings back what was.
        cautions: what to know before.
        sure: whether it is known to change something.
    """

    kind: str
    name: str
    database: str
    effect: str
    objects: Sequence[str] = ()
    connection: Sequence[str] = ()
    undo: Sequence[str] = ()
    advice: str = _UNKNOWN
    reversible: Reversible = "unknown"
    cautions: Sequence[str] = ()
    sure: bool = True


def statements_of(program: Program, how: str, fed: str) -> Iterator[Statement]:
    """What a client changed, as far as its words and what it was fed tell.

    Args:
        program: its name one of `CLIENTS`.
        how: how it was fed: `TEXT`, `FILE`, `PIPE` or not at all.
        fed: the text or file.
    """
    client = CLIENTS[program.name]
    words = told_apart(program.words, client.values)
    if any(name in _LISTS for name, _ in words.options):
        return
    texts = [value or "" for name, value in words.options if name in client.texts]
    files = [value or "" for name, value in words.options if name in client.files]
    operands = list(words.operands)
    named = [value or "" for name, value in words.options if name in client.database]
    database = _database(named[-1] if named else "".join(operands[client.operand : client.operand + 1]))
    if client.text_operand:
        texts += operands[client.operand + 1 :]
    texts += [fed] if how == TEXT and not texts else []
    files += [fed] if how == FILE and not files else []
    piped = how == PIPE and not texts and not files
    connection = _connection(program.words, client)
    for text in texts:
        if client is _MONGO:
            yield from _mongo(text, database)
        else:
            yield from _sql(text, client, database, connection)
    for file in [*files, *(["what was piped in"] if piped else [])]:
        yield Statement(kind="script", name=file, database=database, effect="db.write", advice=_SCRIPT, sure=False)


def _database(word: str) -> str:
    """A database's name, from a name or an address."""
    if "://" not in word:
        return word.partition("=")[2] if word.startswith("dbname=") else word
    try:
        parts = urlsplit(word)
        return f"{parts.hostname or ''}{parts.path}"
    except ValueError:
        return ""


def _connection(words: Sequence[str], client: Client) -> list[str]:
    """A client's words without what it is told."""
    found, skip = list[str](), False
    dropped = {*client.texts, *client.files}
    for word in words:
        if skip or word in dropped:
            skip = word in dropped
        elif not any(word.startswith(f"{one}=") for one in dropped):
            found.append(word)
    return found[: client.operand + 1] if client.text_operand else found


# The client's own commands; these bring something in.
_OWN = re.compile(r"^[ \t]*\.(?!import\b|read\b|restore\b|clone\b)\w[^\n]*$", re.MULTILINE)
_PRAGMA = re.compile(r"pragma\s+[\w.]+\s*(?:\([^)]*\))?\s*", re.IGNORECASE)


def _sql(text: str, client: Client, database: str, connection: Sequence[str]) -> Iterator[Statement]:
    from ..migrations.ddl import operations_of_sql

    sql = _OWN.sub("", text) if client.dialect in ("sqlite", "duckdb") else text
    for operation in operations_of_sql(sql, client.dialect):
        if not _PRAGMA.fullmatch(operation.text):
            yield _statement(operation, client, database, connection)


def _statement(operation: Operation, client: Client, database: str, connection: Sequence[str]) -> Statement:
    first = operation.objects[0] if operation.objects else ""
    kind, _, name = first.partition(" ")
    drops = operation.effect in ("destructive", "irreversible")
    undo = _undo(operation) if not drops else ""
    advice = _CREATED if undo else _BACKUP if drops or operation.effect == "data" else _UNKNOWN
    reversible: Reversible = "lossy" if undo else "no" if drops or operation.effect == "data" else "unknown"
    return Statement(
        kind=kind if name else "statement",
        name=name or operation.text[:120],
        database=database,
        effect="db.drop" if operation.drops or (drops and not operation.creates) else "db.write",
        objects=operation.objects,
        connection=connection,
        undo=([client.run, undo] if client.run else [undo]) if undo and (client.run or client.text_operand) else (),
        advice=advice,
        reversible=reversible,
        sure=operation.effect != "unknown",
    )


def _undo(operation: Operation) -> str:
    """SQL that drops what an operation creates; empty if it creates nothing whose name is known."""
    out = []
    for one in reversed(operation.creates):
        kind, _, name = one.partition(" ")
        table, _, column = name.rpartition(".")
        if kind == "column" and table:
            out.append(f"ALTER TABLE {table} DROP COLUMN {column}")
        elif kind in ("table", "index", "view", "schema", "database", "type", "sequence"):
            out.append(f"DROP {kind.upper()} {name}")
    return "; ".join(out) if len(out) == len(operation.creates) else ""


_CALL = re.compile(
    r"(?:\.(?P<collection>[\w$]+)|getCollection\(['\"](?P<named>[^'\"]+)['\"]\))?\s*\.\s*(?P<call>drop\w*|"
    r"delete\w*|remove|insert\w*|update\w*|replace\w*|findOneAnd\w+|findAndModify|bulkWrite|create\w+|rename\w*|save)\s*\("
)
_DROPS = re.compile(r"drop|delete|remove")


def _mongo(code: str, database: str) -> Iterator[Statement]:
    """Calls that change something."""
    for found in _CALL.finditer(code):
        collection = found["collection"] or found["named"] or database or "db"
        drops = bool(_DROPS.match(found["call"]))
        yield Statement(
            kind="collection",
            name=collection,
            database=database,
            effect="db.drop" if found["call"].startswith("drop") else "db.write",
            objects=[f"collection {collection}"],
            advice=_BACKUP if drops else _UNKNOWN,
            reversible="no" if drops else "unknown",
        )
