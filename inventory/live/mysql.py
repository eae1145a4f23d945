"""MySQL and MariaDB: migrations, asked in a read-only transaction with SELECTs only."""

import contextlib
import ssl
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
    from pymysql.connections import Connection as Driver

_SCHEMES = ("mysql", "mysql2", "mariadb", "trilogy")
_LOCK_SECONDS = 1

# Of information_schema: the view, and its columns for schema, table (empty if there is none) and name.
_OBJECTS: Mapping[str, tuple[str, str, str, str]] = {
    "table": ("tables", "table_schema", "''", "table_name"),
    "view": ("views", "table_schema", "''", "table_name"),
    "column": ("columns", "table_schema", "table_name", "column_name"),
    "index": ("statistics", "table_schema", "table_name", "index_name"),
    "constraint": ("table_constraints", "table_schema", "table_name", "constraint_name"),
    "trigger": ("triggers", "event_object_schema", "event_object_table", "trigger_name"),
    "function": ("routines", "routine_schema", "''", "routine_name"),
    "schema": ("schemata", "schema_name", "''", "schema_name"),
}
# The right without which the server does not list them; SELECT for the others.
_LISTED_TO: Mapping[str, str] = {"constraint": "REFERENCES", "trigger": "TRIGGER", "function": "EXECUTE"}


class _MySql:
    """An open session, as a `Catalog`."""

    def __init__(self, driver: "Driver[Any]") -> None:
        self._driver = driver
        ((name,),) = self._run("SELECT DATABASE()")
        if not name:
            raise ProbeError("its address names no database")
        self._name, self._schema = str(name), str(name).lower()
        everywhere = self._run("SELECT privilege_type FROM information_schema.user_privileges")
        here = self._run(
            "SELECT privilege_type FROM information_schema.schema_privileges WHERE DATABASE() LIKE table_schema"
        )
        self._everywhere = {str(row[0]) for row in everywhere}
        self._here = self._everywhere | {str(row[0]) for row in here}

    def schemas(self) -> Sequence[str]:
        return [self._schema]

    def tables(self, names: Sequence[str]) -> Sequence[Table]:
        columns: dict[tuple[str, str], dict[str, str]] = {}
        query = f"""SELECT table_schema, table_name, column_name FROM information_schema.columns
            WHERE table_schema = DATABASE() AND lower(table_name) IN ({_places(names)})
            ORDER BY table_name, ordinal_position"""  # noqa: S608
        for schema, table, column in self._run(query, *names):
            columns.setdefault((schema, table), {})[column.lower()] = column
        return [Table(schema=schema, name=name, columns=those) for (schema, name), those in columns.items()]

    def rows(self, table: Table, columns: Sequence[str]) -> Rows:
        listed = ", ".join(_quoted(table.columns[column]) for column in columns)
        found = self._run(f"SELECT {listed} FROM {_quoted(table.schema)}.{_quoted(table.name)} LIMIT {MAX_ROWS + 1}")  # noqa: S608
        return [dict(zip(columns, row, strict=True)) for row in found]

    def stands(self, objects: Sequence[SchemaObject]) -> dict[SchemaObject, bool | None]:
        answers: dict[SchemaObject, bool | None] = dict.fromkeys(objects)
        for kind, (view, schema, table, name) in _OBJECTS.items():
            asked = [one for one in objects if one.kind == kind]
            if not asked:
                continue
            names = sorted({one.name for one in asked})
            schemas = sorted({self._name, *(one.schema for one in asked if one.schema)})
            # Without the schemas, the server would open every table of every database.
            where = "" if kind == "schema" else f" AND {schema} IN ({_places(schemas)})"
            where += " AND table_type <> 'VIEW'" if kind == "table" else ""
            query = f"""SELECT DISTINCT {schema}, {table}, {name} FROM information_schema.{view}
                WHERE lower({name}) IN ({_places(names)}){where}"""  # noqa: S608
            rows = self._run(query, *names, *(schemas if kind != "schema" else ()))
            there = [tuple(str(part).lower() for part in row) for row in rows]
            for one in asked:
                # What a role may not read is not listed to it: that it is not there, only a wider one can say.
                own = kind != "schema" and (kind == "index" or one.schema in ("", self._schema))
                sees = _LISTED_TO.get(kind, "SELECT") in (self._here if own else self._everywhere)
                answers[one] = any(self._is(one, *found) for found in there) or (False if sees else None)
        return answers

    def shape(self) -> Sequence[Sequence[Any]]:
        columns = self._run(
            """SELECT table_name, column_name, column_type, is_nullable FROM information_schema.columns
            WHERE table_schema = DATABASE() ORDER BY table_name, column_name"""
        )
        indexes = self._run(
            """SELECT table_name, index_name, column_name, seq_in_index, non_unique FROM information_schema.statistics
            WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index"""
        )
        return [*columns, *indexes]

    def _is(self, one: SchemaObject, schema: str, table: str, name: str) -> bool:
        if name != one.name or (one.table and table != one.table):
            return False
        if one.kind == "schema":
            return True
        if one.kind == "index" and one.schema:
            # `index t.i`: an index is its table's.
            return table == one.schema and schema == self._schema
        return schema == (one.schema or self._schema)

    def _run(self, query: str, *parameters: str) -> Sequence[Sequence[Any]]:
        try:
            with self._driver.cursor() as cursor:
                # Without parameters, `%` is nothing special to the driver.
                cursor.execute(query, parameters or None)
                return list(cursor.fetchall())
        except _errors() as error:
            raise ProbeError(_why(error)) from None


def _ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
    with _opened(connection) as catalog:
        return ask_catalog(catalog, connection, items)


def _fingerprint(connection: Connection) -> Mapping[str, str]:
    with _opened(connection) as catalog:
        return fingerprint_catalog(catalog)


@contextlib.contextmanager
def _opened(connection: Connection) -> Iterator[_MySql]:
    """A read-only session; every statement in it is limited, and waits for no lock for long."""
    address = database_address(connection, _SCHEMES)
    driver = _connected(address, connection)
    try:
        with driver.cursor() as cursor:
            # Seconds in MariaDB, milliseconds in MySQL, under different names.
            cursor.execute("SELECT VERSION()")
            if "mariadb" in str(cursor.fetchone()).lower():
                cursor.execute(f"SET SESSION max_statement_time = {connection.seconds:.3f}")
            else:
                cursor.execute(f"SET SESSION max_execution_time = {max(int(connection.seconds * 1000), 1)}")
            cursor.execute(f"SET SESSION lock_wait_timeout = {_LOCK_SECONDS}")
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute("START TRANSACTION READ ONLY")
        yield _MySql(driver)
    except _errors() as error:
        raise ProbeError(_why(error)) from None
    finally:
        with contextlib.suppress(*_errors()):
            driver.rollback()
        with contextlib.suppress(*_errors()):
            driver.close()


def _errors() -> tuple[type[Exception], ...]:
    from pymysql.err import Error

    # RuntimeError: an account whose way of logging in needs a package that is not there.
    return (Error, OSError, RuntimeError)


def _connected(address: Address, connection: Connection) -> "Driver[Any]":
    try:
        from pymysql.connections import Connection as Driver
    except ImportError:
        raise ProbeError("the driver PyMySQL is not installed: install safe-rollback[live]") from None
    seconds = max(int(connection.seconds), 1)
    given: dict[str, Any] = {
        "user": address.user or None,
        "password": address.password.encode(),
        "database": address.database or None,
        "connect_timeout": seconds,
        "read_timeout": seconds,
        "write_timeout": seconds,
        "charset": "utf8mb4",
        "local_infile": False,
        "program_name": "safe-rollback (read-only)",
    }
    socket = address.options.get("socket") or address.options.get("unix_socket")
    if socket:
        given["unix_socket"] = socket
    else:
        given |= {"host": address.host or "127.0.0.1", "port": address.port or 3306, **_ssl(address)}
    # ValueError: of what the driver cannot send.
    errors: tuple[type[Exception], ...] = (*_errors(), ValueError)
    try:
        return Driver(**given)
    except errors as error:
        raise ProbeError(f"cannot connect: {_why(error)}") from None


def _ssl(address: Address) -> dict[str, Any]:
    """What the driver takes for the ways in which addresses ask for TLS."""
    options = {name.lower(): value.lower() for name, value in address.options.items()}
    mode = options.get("ssl-mode") or options.get("sslmode") or options.get("ssl") or options.get("sslaccept") or ""
    if mode in ("verify_ca", "verify_identity", "verify-ca", "verify-full", "strict"):
        return {"ssl_verify_cert": True, "ssl_verify_identity": mode not in ("verify_ca", "verify-ca")}
    if mode in ("required", "require", "true", "accept_invalid_certs"):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return {"ssl": context}
    return {"ssl_disabled": True} if mode in ("disabled", "disable", "false") else {}


def _places(names: Sequence[str]) -> str:
    """A place for each parameter."""
    return ", ".join(["%s"] * len(names))


def _quoted(name: str) -> str:
    """An identifier, so that nothing in it is anything else."""
    return "`" + name.replace("`", "``") + "`"


def _why(error: Exception) -> str:
    """What the server said."""
    message = error.args[1] if len(error.args) > 1 else error.args[0] if error.args else ""
    if isinstance(error, TimeoutError) or "timed out" in str(message):
        return "it did not answer in time"
    return one_line(str(message) or type(error).__name__)


MYSQL = Probe(kind="mysql", domain="database", answers=is_migration, ask=_ask, fingerprint=_fingerprint)
