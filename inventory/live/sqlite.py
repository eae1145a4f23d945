"""SQLite: migrations, read from a file that is not touched.

A database in WAL mode is read from a copy in memory or in a directory of our own: opening it, even read-only, makes
files beside it. Source: https://www.sqlite.org/wal.html#read_only_databases
"""

import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from ...core.text import one_line
from ..model import Item, Live
from .histories import Rows, Table
from .objects import SchemaObject
from .probe import Connection, Probe, ProbeError, inside
from .sqlcheck import MAX_ROWS, ask_catalog, fingerprint_catalog, is_migration

_MAGIC = b"SQLite format 3\0"
_WAL = 2
_MAX_COPY = 512 << 20
_STEPS = 10_000
_KINDS = {"table": "table", "view": "view", "index": "index", "trigger": "trigger"}


class _Sqlite:
    """An open database, as a `Catalog`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def schemas(self) -> Sequence[str]:
        return ()

    def tables(self, names: Sequence[str]) -> Sequence[Table]:
        found = []
        for (name,) in self._run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
            if name.lower() in names:
                found.append(Table(schema="", name=name, columns=self._columns(name)))
        return found

    def rows(self, table: Table, columns: Sequence[str]) -> Rows:
        listed = ", ".join(_quoted(table.columns[column]) for column in columns)
        found = self._run(f"SELECT {listed} FROM {_quoted(table.name)} LIMIT {MAX_ROWS + 1}")  # noqa: S608
        return [dict(zip(columns, row, strict=True)) for row in found]

    def stands(self, objects: Sequence[SchemaObject]) -> dict[SchemaObject, bool | None]:
        everything = self._run("SELECT type, lower(name), lower(tbl_name), name FROM sqlite_master")
        columns = {
            name: self._columns(spelled) for kind, name, _, spelled in everything if kind in ("table", "view")
        }  # fmt: skip
        answers: dict[SchemaObject, bool | None] = {}
        for one in objects:
            if one.kind in _KINDS:
                answers[one] = any(row[:2] == (_KINDS[one.kind], one.name) for row in everything)
            elif one.kind == "column":
                answers[one] = one.name in columns.get(one.table, {})
            else:
                # Constraints have no entry of their own, and of types and schemas there are none.
                answers[one] = None
        return answers

    def shape(self) -> Sequence[Sequence[Any]]:
        return self._run("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name")

    def _columns(self, table: str) -> dict[str, str]:
        return {name.lower(): name for (name,) in self._run("SELECT name FROM pragma_table_info(?)", table)}

    def _run(self, query: str, *parameters: str) -> Sequence[Sequence[Any]]:
        try:
            return self._database.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise ProbeError(_why(error)) from None


def _ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
    with _opened(connection) as catalog:
        return ask_catalog(catalog, connection, items)


def _fingerprint(connection: Connection) -> Mapping[str, str]:
    with _opened(connection) as catalog:
        return fingerprint_catalog(catalog)


def _file(connection: Connection) -> str:
    """The database's file: the source's path, or what its address names; inside of the worktree."""
    path = connection.source.path
    if not path:
        address = connection.address().value
        for scheme in ("sqlite3:", "sqlite:", "file:", "jdbc:sqlite:"):
            address = address.removeprefix(scheme)
        path = unquote(address.partition("?")[0])
        # Three slashes before a path from the project's directory, four before one from the root.
        path = path.removeprefix("//").removeprefix("/") if path.startswith("///") else path.removeprefix("//")
    return inside(connection.root, path)


@contextlib.contextmanager
def _opened(connection: Connection) -> Iterator[_Sqlite]:
    path = _file(connection)
    before = _state(path)
    with contextlib.ExitStack() as stack:
        address = _readable(path, stack)
        try:
            database = sqlite3.connect(address, uri=True, timeout=min(connection.seconds, 1.0), isolation_level=None)
        except sqlite3.Error as error:
            raise ProbeError(_why(error)) from None
        stack.callback(database.close)
        deadline = connection.deadline
        database.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        try:
            database.execute("PRAGMA query_only = ON")
            database.execute("PRAGMA trusted_schema = OFF")
        except sqlite3.Error as error:
            raise ProbeError(_why(error)) from None
        yield _Sqlite(database)
        if "mode=ro" not in address and _state(path) != before:
            raise ProbeError("it is being written: ask again")


def _state(path: str) -> tuple[object, ...]:
    found: list[object] = []
    for one in (path, f"{path}-wal"):
        try:
            stat = os.stat(one)
        except FileNotFoundError:
            found.append(None)
        except OSError as error:
            raise ProbeError(f"it cannot be read: {error.strerror}") from None
        else:
            found.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return tuple(found)


def _readable(path: str, stack: contextlib.ExitStack) -> str:
    """A URI under which the database is read without a trace beside it."""
    try:
        with open(path, "rb") as file:
            head = file.read(20)
    except OSError as error:
        raise ProbeError(f"it cannot be read: {error.strerror}") from None
    if head and not head.startswith(_MAGIC):
        raise ProbeError("it is no SQLite database")
    if len(head) < 20 or _WAL not in head[18:20]:
        return f"file:{quote(path)}?mode=ro"
    log = f"{path}-wal"
    if not os.path.exists(log) or not os.path.getsize(log):
        return f"file:{quote(path)}?immutable=1"
    if os.path.getsize(path) + os.path.getsize(log) > _MAX_COPY:
        raise ProbeError("it is in WAL mode and too large to be copied: checkpoint it first")
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="safe-rollback-"))
    copy = os.path.join(folder, "copy.db")
    try:
        shutil.copyfile(path, copy)
        shutil.copyfile(log, f"{copy}-wal")
    except OSError as error:
        raise ProbeError(f"it cannot be copied: {error.strerror}") from None
    return f"file:{quote(copy)}?mode=rw"


def _quoted(name: str) -> str:
    """An identifier, so that nothing in it is anything else."""
    return '"' + name.replace('"', '""') + '"'


def _why(error: sqlite3.Error) -> str:
    return "it did not answer in time" if "interrupted" in str(error) else one_line(str(error))


SQLITE = Probe(kind="sqlite", domain="database", answers=is_migration, ask=_ask, fingerprint=_fingerprint)
