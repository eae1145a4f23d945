"""What blobs say, kept between runs: one database for all worktrees of a repository, safe to delete.

It depends on nothing but a blob's bytes and the version of the language that read them, so nothing here
is ever wrong, only missing. What does not open or read is made anew.
"""

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..core.files import make_private
from ..core.ids import Oid
from .languages import LANGUAGES
from .languages.everywhere import EVERYWHERE
from .model import Definition, Facts, Language, Name, Reference
from .words import VERSION as WORDS_VERSION

FILE = "impact.db"
MAX_BYTES = 256 << 20
"""What the rows may hold together; those not used for the longest time go first."""

Key = tuple[str, Oid]
"""The name of a language, and a blob it reads."""

WORDS = "words"
"""In the place of a language: the words of a blob."""

_APPLICATION_ID = 0x53524942  # "SRIB"
_VERSION = 3
_SCHEMA = """
CREATE TABLE said (
    blob BLOB NOT NULL,
    kind TEXT NOT NULL,
    day INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (blob, kind)
) STRICT, WITHOUT ROWID;
"""
_MANY = 500
_PATIENCE = 2.0


def language(name: str) -> Language:
    """The language of a name."""
    return next(one for one in (*LANGUAGES, EVERYWHERE) if one.name == name)


class Store:
    """What is known by blob and language.

    Args:
        folder: our state directory for the repository.
    """

    def __init__(self, folder: str) -> None:
        make_private(folder)
        self.folder = folder
        self._path = os.path.join(folder, FILE)
        self._today = int(time.time() // 86_400)

    def facts(self, keys: Iterable[Key]) -> dict[Key, Facts]:
        """The facts that are known of blobs."""
        found: dict[Key, Facts] = {}
        for key, data in self._get("facts", keys):
            with contextlib.suppress(ValueError, TypeError, IndexError):
                found[key] = decode(data)
        return found

    def words(self, blobs: Iterable[Oid]) -> dict[Oid, bytes]:
        """The words that are known of blobs, as `words_of` says them."""
        return {blob: data.encode() for (_, blob), data in self._get("facts", ((WORDS, blob) for blob in blobs))}

    def keep_facts(self, facts: Mapping[Key, Facts]) -> None:
        """Keep facts; see `keep`."""
        self.keep((key, encode(one)) for key, one in facts.items())

    def keep(self, rows: Iterable[tuple[Key, str]]) -> None:
        """Keep what blobs say, facts as `encode` makes them; a database that cannot be written keeps none."""
        self._put("facts", rows)

    def definitions(self, keys: Iterable[Key]) -> dict[Key, tuple[Definition, ...]]:
        """The definitions that are known of blobs."""
        found: dict[Key, tuple[Definition, ...]] = {}
        for key, data in self._get("definitions", keys):
            with contextlib.suppress(ValueError, TypeError):
                found[key] = tuple(Definition(*row) for row in json.loads(data))
        return found

    def keep_definitions(self, definitions: Mapping[Key, Sequence[Definition]]) -> None:
        """Keep definitions; see `keep`."""
        rows = (
            (key, json.dumps([[one.name, one.line, one.signature, one.kind] for one in all_], separators=(",", ":")))
            for key, all_ in definitions.items()
        )
        self._put("definitions", rows)

    def _get(self, what: str, keys: Iterable[Key]) -> Iterator[tuple[Key, str]]:
        by_language: dict[str, list[bytes]] = {}
        for name, blob in dict.fromkeys(keys):
            by_language.setdefault(name, []).append(bytes.fromhex(blob))
        if not by_language:
            return
        with self._opened() as database:
            for name, blobs in by_language.items():
                kind, stale = _kind(what, name), []
                for start in range(0, len(blobs), _MANY):
                    asked = blobs[start : start + _MANY]
                    marks = ",".join("?" * len(asked))
                    query = f"SELECT blob, day, data FROM said WHERE kind = ? AND blob IN ({marks})"  # noqa: S608
                    rows: list[tuple[bytes, int, str]] = []
                    with self._forgiving():
                        rows = database.execute(query, (kind, *asked)).fetchall()
                    for raw, day, data in rows:
                        yield (name, Oid(raw.hex())), data
                        if day != self._today:
                            stale.append((self._today, raw, kind))
                with self._forgiving(), database:
                    database.executemany("UPDATE said SET day = ? WHERE blob = ? AND kind = ?", stale)

    def _put(self, what: str, rows: Iterable[tuple[Key, str]]) -> None:
        kinds: dict[str, str] = {}
        values = []
        for (name, blob), data in rows:
            kind = kinds.get(name) or kinds.setdefault(name, _kind(what, name))
            values.append((bytes.fromhex(blob), kind, self._today, data))
        if not values:
            return
        values.sort()  # rows that go in by their key take a third of the time
        with self._opened() as database, self._forgiving(), database:
            database.executemany("INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?)", values)
            _prune(database)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        database = self._connect()
        try:
            yield database
        finally:
            database.close()

    @contextlib.contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Goes without what the database does not give; a damaged one is made anew by whoever opens it next."""
        try:
            yield
        except sqlite3.OperationalError:
            pass  # locked or not writable: it may be well
        except sqlite3.Error:
            self._remove()

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self._path)

    def _connect(self) -> sqlite3.Connection:
        try:
            return _open(self._path)
        except sqlite3.OperationalError:
            # Locked or not writable: this run goes without.
            return _empty()
        except sqlite3.Error:
            self._remove()
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
                for table in ("facts", "said"):
                    database.execute(f"DROP TABLE IF EXISTS {table}")
                database.execute(_SCHEMA)
                database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                database.execute(f"PRAGMA user_version = {_VERSION}")
        database.execute("SELECT count(*) FROM (SELECT 1 FROM said LIMIT 1)").fetchone()
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
    (total,) = database.execute("SELECT count(*) FROM said").fetchone()
    database.execute(
        "DELETE FROM said WHERE (blob, kind) IN (SELECT blob, kind FROM said ORDER BY day LIMIT ?)", (total // 4 + 1,)
    )


def _kind(what: str, name: str) -> str:
    if name == WORDS:
        return f"{what}/{name}/{WORDS_VERSION}"
    return f"{what}/{name}/{language(name).version}"


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
