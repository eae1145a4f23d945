"""PostgreSQL: migrations, asked in a read-only transaction with SELECTs on catalogs and the history table.

Source of the settings: https://www.postgresql.org/docs/current/runtime-config-client.html
"""

import contextlib
import getpass
import os
import socket
import ssl
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...core.text import one_line
from ..model import Item, Live
from .address import Address, database_address
from .histories import Rows, Table
from .objects import SchemaObject
from .probe import Connection, Probe, ProbeError
from .sqlcheck import MAX_ROWS, ask_catalog, fingerprint_catalog, is_migration

if TYPE_CHECKING:
    from pg8000.native import Connection as Driver  # type: ignore[import-untyped]

_SCHEMES = ("postgres", "postgresql", "pgsql", "postgis", "cockroachdb")
_LOCK_MS = 1000
_SSL_CHECKED = ("verify-ca", "verify-full")

_TABLES = """
    SELECT n.nspname, c.relname, a.attname
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND lower(c.relname) = ANY(CAST(:names AS text[]))
    ORDER BY 1, 2, a.attnum"""

# Each gives schema, table (empty if there is none) and name.
_OBJECTS: Mapping[str, str] = {
    "table": """
        SELECT n.nspname, '', c.relname FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'f') AND lower(c.relname) = ANY(CAST(:names AS text[]))""",
    "view": """
        SELECT n.nspname, '', c.relname FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm') AND lower(c.relname) = ANY(CAST(:names AS text[]))""",
    "index": """
        SELECT n.nspname, '', c.relname FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('i', 'I') AND lower(c.relname) = ANY(CAST(:names AS text[]))""",
    "sequence": """
        SELECT n.nspname, '', c.relname FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'S' AND lower(c.relname) = ANY(CAST(:names AS text[]))""",
    "column": """
        SELECT n.nspname, c.relname, a.attname FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
        AND lower(a.attname) = ANY(CAST(:names AS text[]))""",
    "constraint": """
        SELECT n.nspname, c.relname, k.conname FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE lower(k.conname) = ANY(CAST(:names AS text[]))""",
    "trigger": """
        SELECT n.nspname, c.relname, t.tgname FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT t.tgisinternal AND lower(t.tgname) = ANY(CAST(:names AS text[]))""",
    "type": """
        SELECT n.nspname, '', t.typname FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype IN ('e', 'd', 'c', 'r') AND lower(t.typname) = ANY(CAST(:names AS text[]))""",
    "function": """
        SELECT n.nspname, '', p.proname FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE lower(p.proname) = ANY(CAST(:names AS text[]))""",
    "schema": """
        SELECT '', '', nspname FROM pg_catalog.pg_namespace WHERE lower(nspname) = ANY(CAST(:names AS text[]))""",
    "extension": """
        SELECT '', '', extname FROM pg_catalog.pg_extension WHERE lower(extname) = ANY(CAST(:names AS text[]))""",
}

_SHAPE = """
    SELECT n.nspname, c.relname, c.relkind::text, coalesce(a.attname, ''),
           coalesce(pg_catalog.format_type(a.atttypid, a.atttypmod), ''), coalesce(a.attnotnull, false)
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'i', 'I') AND lower(n.nspname) = ANY(CAST(:names AS text[]))
    ORDER BY 1, 2, 3, 4"""


class _Postgres:
    """An open session, as a `Catalog`."""

    def __init__(self, driver: "Driver", connection: Connection, schema: str) -> None:
        self._driver, self._connection = driver, connection
        self._begin()
        found = self._run("SELECT unnest(pg_catalog.current_schemas(false))")
        self._schemas = [schema.lower()] if schema else [str(row[0]).lower() for row in found]

    def schemas(self) -> Sequence[str]:
        return self._schemas

    def tables(self, names: Sequence[str]) -> Sequence[Table]:
        columns: dict[tuple[str, str], dict[str, str]] = {}
        for schema, table, column in self._run(_TABLES, names=list(names)):
            columns.setdefault((schema, table), {})[column.lower()] = column
        found = [Table(schema=schema, name=name, columns=those) for (schema, name), those in columns.items()]
        return sorted(found, key=self._place)

    def rows(self, table: Table, columns: Sequence[str]) -> Rows:
        listed = ", ".join(_quoted(table.columns[column]) for column in columns)
        found = self._run(f"SELECT {listed} FROM {_quoted(table.schema)}.{_quoted(table.name)} LIMIT {MAX_ROWS + 1}")  # noqa: S608
        return [dict(zip(columns, row, strict=True)) for row in found]

    def stands(self, objects: Sequence[SchemaObject]) -> dict[SchemaObject, bool | None]:
        answers: dict[SchemaObject, bool | None] = dict.fromkeys(objects)
        for kind, query in _OBJECTS.items():
            asked = [one for one in objects if one.kind == kind]
            if not asked:
                continue
            rows = self._run(query, names=sorted({one.name for one in asked}))
            there = [(schema.lower(), table.lower(), name.lower()) for schema, table, name in rows]
            for one in asked:
                answers[one] = any(self._is(one, *found) for found in there)
        return answers

    def shape(self) -> Sequence[Sequence[Any]]:
        return self._run(_SHAPE, names=list(self._schemas))

    def _is(self, one: SchemaObject, schema: str, table: str, name: str) -> bool:
        if name != one.name or (one.table and table != one.table):
            return False
        if one.schema or not schema:
            # `index t.i` names a table where others name a schema.
            return one.kind == "index" or not schema or schema == one.schema
        return schema in self._schemas

    def _place(self, table: Table) -> int:
        schema = table.schema.lower()
        return self._schemas.index(schema) if schema in self._schemas else len(self._schemas)

    def _begin(self) -> None:
        # In the transaction, not as the session's start: poolers refuse that, and carry settings of a session on.
        self._driver.run("BEGIN TRANSACTION READ ONLY")
        self._driver.run(f"SET LOCAL statement_timeout = {max(int(self._connection.seconds * 1000), 1)}")
        self._driver.run(f"SET LOCAL lock_timeout = {_LOCK_MS}")

    def _run(self, query: str, **parameters: Any) -> Sequence[Sequence[Any]]:
        try:
            return self._driver.run(query, **parameters) or ()
        except _errors() as error:
            with contextlib.suppress(*_errors()):
                # What failed ends the transaction; the next question needs a new one.
                self._driver.run("ROLLBACK")
                self._begin()
            raise ProbeError(_why(error)) from None


def _ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
    with _opened(connection) as catalog:
        return ask_catalog(catalog, connection, items)


def _fingerprint(connection: Connection) -> Mapping[str, str]:
    with _opened(connection) as catalog:
        return fingerprint_catalog(catalog)


@contextlib.contextmanager
def _opened(connection: Connection) -> Iterator[_Postgres]:
    """A read-only session; every statement in it is limited, and waits for no lock for long."""
    address = database_address(connection, _SCHEMES)
    driver = _connected(address, connection)
    try:
        yield _Postgres(driver, connection, connection.option("schema") or address.options.get("schema", ""))
    except _errors() as error:
        raise ProbeError(_why(error)) from None
    finally:
        with contextlib.suppress(*_errors()):
            driver.run("ROLLBACK")
        with contextlib.suppress(*_errors()):
            driver.close()


def _errors() -> tuple[type[Exception], ...]:
    """What the driver raises; struct.error where a server breaks off in the middle of a message."""
    from pg8000.exceptions import DatabaseError, InterfaceError  # type: ignore[import-untyped]

    return (DatabaseError, InterfaceError, OSError, struct.error)


def _connected(address: Address, connection: Connection) -> "Driver":
    try:
        from pg8000.native import Connection as Driver
    except ImportError:
        raise ProbeError("the driver pg8000 is not installed: install safe-rollback[live]") from None
    port = address.port or 5432
    local = not address.host or address.host.startswith("/")
    given: dict[str, Any] = {
        "user": address.user or connection.environ.get("PGUSER") or getpass.getuser(),
        "host": address.host,
        "password": address.password or None,
        "database": address.database or None,
        "application_name": "safe-rollback (read-only)",
        "ssl_context": False if local else _ssl(address),
    }

    def connected(**more: Any) -> "Driver":
        # Our own socket: the driver leaves one open where TLS fails.
        with contextlib.ExitStack() as stack:
            opened = stack.enter_context(_socket(address.host, port, connection.seconds, local=local))
            driver = Driver(sock=opened, **given, **more)
            stack.pop_all()
        return driver

    try:
        try:
            return connected(startup_params={"default_transaction_read_only": "on"})
        except _errors() as error:
            # A pooler that takes no such setting: the transaction is read-only all the same.
            if "startup parameter" not in _why(error):
                raise
            return connected()
    except _errors() as error:
        raise ProbeError(f"cannot connect: {_why(error)}") from None


def _socket(host: str, port: int, seconds: float, *, local: bool) -> socket.socket:
    if not local:
        return socket.create_connection((host, port), timeout=seconds)
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        opened.settimeout(seconds)
        opened.connect(os.path.join(host or "/var/run/postgresql", f".s.PGSQL.{port}"))
    except OSError:
        opened.close()
        raise
    return opened


def _ssl(address: Address) -> Any:
    """What the driver takes for `sslmode`: None tries, False does not, a context insists."""
    mode = address.options.get("sslmode") or address.options.get("ssl") or "prefer"
    if mode in ("disable", "allow", "false"):
        return False
    if mode in _SSL_CHECKED:
        root = address.options.get("sslrootcert")
        context = ssl.create_default_context(cafile=root if root and root != "system" else None)
        context.check_hostname = mode == "verify-full"
        return context
    return True if mode in ("require", "true", "no-verify") else None


def _quoted(name: str) -> str:
    """An identifier, so that nothing in it is anything else."""
    return '"' + name.replace('"', '""') + '"'


def _why(error: Exception) -> str:
    """What the server said: its message, without details, which may hold values."""
    first = error.args[0] if error.args else ""
    if isinstance(first, dict):
        return one_line(str(first.get("M", "the server refused")))
    if isinstance(error, TimeoutError) or "timed out" in str(error) or isinstance(error.__cause__, TimeoutError):
        return "it did not answer in time"
    cause = error.__cause__
    return one_line(str(cause)) if isinstance(cause, OSError) else one_line(str(first) or type(error).__name__)


POSTGRES = Probe(kind="postgres", domain="database", answers=is_migration, ask=_ask, fingerprint=_fingerprint)
