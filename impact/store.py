"""Facts of blobs, kept between runs: one database for all worktrees of a repository, safe to delete.

A fact depends on nothing but a blob's bytes and the version of the language that read them, so
nothing here is ever wrong, only missing. What does not open or read is made anew.
"""

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..core.files import make_private
from ..core.ids import Oid
from .model import Facts, Language, Name, Reference

FILE = "impact.db"
MAX_BYTES = 256 << 20
"""What the rows may hold together; those not used for the longest time go first."""

_APPLICATION_ID = 0x53524942  # "SRIB"
_VERSION = 1
_SCHEMA = """
CREATE TABLE facts (
    blob BLOB NOT NULL,
    language TEXT NOT NULL,
    day INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (blob, language)
) STRICT, WITHOUT ROWID;
"""
_MANY = 500
_PATIENCE = 2.0


class Store:
    """Facts by blob and language.

    Args:
        folder: our state directory for the repository.
    """

    def __init__(self, folder: str) -> None:
        make_private(folder)
        self._path = os.path.join(folder, FILE)
        self._today = int(time.time() // 86_400)

    def get(self, language: Language, blobs: Iterable[Oid]) -> dict[Oid, Facts]:
        """What is known of these blobs."""
        wanted = list(dict.fromkeys(blobs))
        found: dict[Oid, Facts] = {}
        stale: list[bytes] = []
        with self._opened() as database:
            for start in range(0, len(wanted), _MANY):
                keys = [bytes.fromhex(blob) for blob in wanted[start : start + _MANY]]
                marks = ",".join("?" * len(keys))
                query = f"SELECT blob, day, data FROM facts WHERE language = ? AND blob IN ({marks})"  # noqa: S608
                for key, day, data in database.execute(query, (_key(language), *keys)):
                    with contextlib.suppress(ValueError, TypeError, IndexError):
                        found[Oid(key.hex())] = decode(data)
                        if day != self._today:
                            stale.append(key)
            self._touch(database, language, stale)
        return found

    def put(self, language: Language, facts: Mapping[Oid, Facts]) -> None:
        """Keep facts; a database that cannot be written keeps none, and nothing else happens."""
        rows = [(bytes.fromhex(blob), _key(language), self._today, encode(one)) for blob, one in facts.items()]
        with self._opened() as database, contextlib.suppress(sqlite3.Error), database:
            database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)", rows)
            _prune(database)

    def _touch(self, database: sqlite3.Connection, language: Language, keys: Sequence[bytes]) -> None:
        with contextlib.suppress(sqlite3.Error), database:
            database.executemany(
                "UPDATE facts SET day = ? WHERE blob = ? AND language = ?",
                [(self._today, key, _key(language)) for key in keys],
            )

    @contextlib.contextmanager
    def _opened(self) -> Any:
        database = self._connect()
        try:
            yield database
        finally:
            database.close()

    def _connect(self) -> sqlite3.Connection:
        try:
            return _open(self._path)
        except sqlite3.OperationalError:
            # Locked or not writable: this run goes without.
            return _empty()
        except sqlite3.Error:
            with contextlib.suppress(OSError):
                os.unlink(self._path)
        try:
            return _open(self._path)
        except sqlite3.Error:
            return _empty()


def _open(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_PATIENCE)
    try:
        # Losing the last rows in a crash costs time and nothing else.
        database.execute("PRAGMA synchronous = OFF")
        (known,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if (known, version) != (_APPLICATION_ID, _VERSION):
            os.chmod(path, 0o600)
            with database:
                database.execute("DROP TABLE IF EXISTS facts")
                database.execute(_SCHEMA)
                database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                database.execute(f"PRAGMA user_version = {_VERSION}")
        database.execute("SELECT count(*) FROM (SELECT 1 FROM facts LIMIT 1)").fetchone()
    except BaseException:
        database.close()
        raise
    return database


def _empty() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute(_SCHEMA)
    return database


def _prune(database: sqlite3.Connection) -> None:
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    (size,) = database.execute("PRAGMA page_size").fetchone()
    (free,) = database.execute("PRAGMA freelist_count").fetchone()
    if (pages - free) * size <= MAX_BYTES:
        return
    (total,) = database.execute("SELECT count(*) FROM facts").fetchone()
    database.execute(
        "DELETE FROM facts WHERE (blob, language) IN (SELECT blob, language FROM facts ORDER BY day LIMIT ?)",
        (total // 4 + 1,),
    )


def _key(language: Language) -> str:
    return f"{language.name}/{language.version}"


def encode(facts: Facts) -> str:
    """Facts as JSON, in rows without names."""
    references = [
        [one.kind, one.target, one.line, [[name.name, name.local] for name in one.names], one.local, one.confidence]
        for one in facts.references
    ]
    # Lone surrogates stand for bytes that are no UTF-8: SQLite's TEXT holds escapes only.
    return json.dumps([references, facts.provides, facts.problems], separators=(",", ":"))


def decode(data: str) -> Facts:
    """What `encode` made.

    Raises:
        ValueError: if it did not.
    """
    references, provides, problems = json.loads(data)
    return Facts(
        references=tuple(
            Reference(kind, target, line, tuple([Name(name, local) for name, local in names]), here, confidence)
            for kind, target, line, names, here, confidence in references
        ),
        provides=tuple(provides),
        problems=tuple(problems),
    )
