"""The ledger's database: an index over what the refs hold, chained by hash.

A rollback journal, not WAL: SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two
connections write and checkpoint at once. Every write happens under the repository's lock.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Self

from ..clock import Clock, stamp
from ..errors import BusyError, DamagedError, SafeRollbackError
from ..files import canonical_json, make_private
from ..records import dataclass
from .event import Event
from .events import LedgerRebuilt, from_data, kind_of, to_data

FILE = "ledger.db"
GENESIS = "0" * 64
_REPAIR = "Run `safe-rollback doctor --repair`."
_APPLICATION_ID = 0x53524C42  # "SRLB"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    session TEXT,
    data TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX IF NOT EXISTS events_kind ON events (kind, seq);
CREATE INDEX IF NOT EXISTS events_session ON events (session, seq);
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
"""
COLUMNS = "seq, at, kind, session, data, prev, hash"
# SQLite waits where no signal reaches it, and a hook has to answer in time.
_BUSY_SECONDS = 10.0
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# What goes wrong around a sound file: a rebuild would not help.
_SURROUNDINGS = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One line of the ledger.

    Attributes:
        seq: position, from 1.
        at: RFC 3339, UTC.
        kind: the event's kind.
        session: the session it belongs to, if any.
        data: the event's fields, canonical JSON.
        prev: hash of the record before.
        hash: SHA-256 over prev, seq, at, kind, session and data.
    """

    seq: int
    at: str
    kind: str
    session: str | None
    data: str
    prev: str
    hash: str

    @property
    def event(self) -> Event | None:
        """The event, or None for a kind this version does not know.

        Raises:
            DamagedError: if the record does not read as what it says it is.
        """
        try:
            return from_data(self.kind, json.loads(self.data))
        except (ValueError, TypeError, AttributeError) as error:
            raise DamagedError(f"Record {self.seq} of the ledger does not read: {error}.", hint=_REPAIR) from error

    def expected_hash(self) -> str:
        """What `hash` must be."""
        return _chain(self.prev, self.seq, self.at, self.kind, self.session, self.data)

    def line(self) -> str:
        """One JSON line, as sealed into checkpoints."""
        return canonical_json(vars(self))

    @classmethod
    def from_values(cls, values: Sequence[Any]) -> Self | None:
        """A record from a row whose origin is not trusted; None if it does not hash to what it says."""
        with contextlib.suppress(ValueError, TypeError):
            seq, at, kind, session, data, prev, digest = values
            record = cls(seq=seq, at=at, kind=kind, session=session, data=data, prev=prev, hash=digest)
            texts = all(isinstance(one, str) for one in (at, kind, data, prev, "" if session is None else session))
            if texts and isinstance(seq, int) and seq > 0 and record.expected_hash() == digest:
                return record
        return None

    @classmethod
    def from_line(cls, line: bytes) -> Self | None:
        """The record behind `line`; None if it does not hash to what it says."""
        with contextlib.suppress(ValueError, TypeError, KeyError):
            values = json.loads(line)
            return cls.from_values([values[name] for name in COLUMNS.split(", ")])
        return None


def _chain(prev: str, seq: int, at: str, kind: str, session: str | None, data: str) -> str:
    text = canonical_json([prev, seq, at, kind, session, data])
    return hashlib.sha256(text.encode()).hexdigest()


class Ledger:
    """The record of one repository.

    Args:
        directory: our state directory.
        clock: dates the records.
    """

    def __init__(self, directory: str, clock: Clock) -> None:
        self.path = os.path.join(directory, FILE)
        self._clock = clock
        self._guard = threading.RLock()
        self._file: tuple[int, int] | None = None
        make_private(directory)
        self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        # Created with the right mode before SQLite does it with the umask's; an existing one is not
        # opened for that, because closing it would drop the locks of this process's other connections.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with self._explained(), contextlib.ExitStack() as unless_opened:
            db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS)
            unless_opened.callback(db.close)
            db.executescript(
                "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA mmap_size=0;"
                "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA foreign_keys=ON;"
            )
            application, tables = db.execute(
                "SELECT application_id, (SELECT count(*) FROM sqlite_master) FROM pragma_application_id"
            ).fetchone()
            if application == 0 and tables == 0:
                db.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA application_id={_APPLICATION_ID};COMMIT;")
            elif application != _APPLICATION_ID:
                raise sqlite3.DatabaseError("it is another program's database")
            self._file = _identity(self.path)
            unless_opened.pop_all()
        return db

    @property
    def stands(self) -> bool:
        """Whether the file at `path` is still the one that was opened: not deleted, not rebuilt."""
        return self._file is not None and _identity(self.path) == self._file

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            # Text of a damaged database need not be text.
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _LOCKED:
                raise BusyError(
                    "Another process holds the ledger.", hint="Try again when it has finished; nothing was recorded."
                ) from error
            if code in _SURROUNDINGS:
                raise SafeRollbackError(
                    f"The ledger cannot be used: {error}.", hint=f"Check free space and permissions of {self.path}."
                ) from error
            raise DamagedError(f"The ledger cannot be used: {error}.", hint=_REPAIR) from error

    def close(self) -> None:
        """Close the database."""
        with self._guard:
            self._db.close()

    def _query(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._guard, self._explained():
            return self._db.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._guard, self._explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def append(self, event: Event, *, session: str | None = None) -> Record:
        """Add one event. The caller holds the repository's lock.

        Args:
            event: what happened.
            session: the session it belongs to; defaults to the event's own `session` field.

        Raises:
            BusyError: if another program holds the database.
            DamagedError: if it does not verify.
        """
        data = to_data(event)
        owner = session if session is not None else data.get("session")
        text, kind, at = canonical_json(data), kind_of(event), stamp(self._clock.now())
        with self._transaction():
            last = self._db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
            seq, prev = last or (0, GENESIS)
            # Never a number that stands in a checkpoint: cutting off the end would leave no trace.
            seq = max(seq, self.sealed()) + 1
            digest = _chain(prev, seq, at, kind, owner, text)
            row = (seq, at, kind, owner, text, prev, digest)
            self._db.execute(f"INSERT INTO events ({COLUMNS}) VALUES (?,?,?,?,?,?,?)", row)  # noqa: S608
        return Record(seq=seq, at=at, kind=kind, session=owner, data=text, prev=prev, hash=digest)

    def restore(self, records: Sequence[Record]) -> None:
        """Fill an empty ledger with records that were sealed elsewhere."""
        with self._transaction():
            self._db.executemany(
                f"INSERT INTO events ({COLUMNS}) VALUES (?,?,?,?,?,?,?)",  # noqa: S608
                [(r.seq, r.at, r.kind, r.session, r.data, r.prev, r.hash) for r in records],
            )

    def head(self) -> str:
        """Hash of the newest record; returned with every tool result as a witness."""
        rows = self._query("SELECT hash FROM events ORDER BY seq DESC LIMIT 1")
        return str(rows[0][0]) if rows else GENESIS

    def records(
        self,
        *kinds: type[Event],
        session: str | None = None,
        after: int = 0,
        containing: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[Record]:
        """Records in order, filtered.

        Args:
            kinds: only these events; none means all.
            session: only this session's.
            after: only those with a greater `seq`.
            containing: only those one of whose fields is exactly this text.
            limit: at most so many.
            newest_first: reverse order.
        """
        where: list[str] = ["seq > ?"]
        values: list[str | int] = [after]
        if kinds:
            where.append(f"kind IN ({','.join('?' * len(kinds))})")
            values += [kind_of(kind) for kind in kinds]
        if session is not None:
            where.append("session = ?")
            values.append(session)
        if containing is not None:
            where.append("instr(data, ?) > 0")
            values.append(canonical_json(containing))
        order = "DESC" if newest_first else "ASC"
        cut = f" LIMIT {int(limit)}" if limit is not None else ""
        rows = self._query(
            f"SELECT {COLUMNS} FROM events WHERE {' AND '.join(where)} ORDER BY seq {order}{cut}",  # noqa: S608
            values,
        )
        return [Record(seq=r[0], at=r[1], kind=r[2], session=r[3], data=r[4], prev=r[5], hash=r[6]) for r in rows]

    def sealed(self) -> int:
        """The newest `seq` that stands in a checkpoint."""
        rows = self._query("SELECT value FROM marks WHERE name = 'sealed'")
        return int(rows[0][0]) if rows else 0

    def mark_sealed(self, seq: int) -> None:
        """Remember that everything up to `seq` stands in a checkpoint. The caller holds the lock."""
        self._query(
            "INSERT INTO marks VALUES ('sealed', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (seq,),
        )

    def verify(self) -> list[str]:
        """Check the database and the chain; one sentence for every break.

        Gaps that a rebuild found and named are no break: their records are known to be lost.
        """
        said = [str(row[0]) for row in self._query("PRAGMA integrity_check(5)")]
        problems = [f"The database says: {text}." for text in said if text != "ok"]
        records = self.records()
        known = [gap for record in records if record.kind == kind_of(LedgerRebuilt) for gap in _acknowledged(record)]
        prev, seq = GENESIS, 0
        for record in records:
            if record.seq != seq + 1:
                problems += [_missing(*span) for span in _outside(seq + 1, record.seq - 1, known)]
            elif record.prev != prev:
                problems.append(f"Record {record.seq} does not follow record {seq}.")
            if record.hash != record.expected_hash():
                problems.append(f"Record {record.seq} was changed.")
            prev, seq = record.hash, record.seq
        if self.sealed() > seq:
            problems.append(_missing(seq + 1, self.sealed()))
        return problems


def _identity(path: str) -> tuple[int, int] | None:
    try:
        info = os.stat(path)
    except OSError:
        return None
    return info.st_dev, info.st_ino


def _missing(first: int, last: int) -> str:
    return f"Records {first} to {last} are missing." if first != last else f"Record {first} is missing."


def _acknowledged(record: Record) -> list[tuple[int, int]]:
    """The gaps a rebuild named, all of them before its own record."""
    event = record.event if record.hash == record.expected_hash() else None
    gaps = event.gaps if isinstance(event, LedgerRebuilt) else ()
    return [(first, last) for first, last in gaps if first <= last < record.seq]


def _outside(first: int, last: int, known: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of a range that lie in none of the known ones."""
    for start, end in sorted(known):
        if end < first or start > last:
            continue
        if start > first:
            yield first, start - 1
        first = max(first, end + 1)
    if first <= last:
        yield first, last
