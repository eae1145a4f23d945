"""SQLite files are read without a trace: same bytes, same times, nothing beside them."""

import contextlib
import hashlib
import os
import sqlite3
from pathlib import Path

import pytest

from safe_rollback.core.inventory import InventorySettings, LiveSource
from safe_rollback.inventory.live.ask import ask_live
from tests.inventory.live.kit import DJANGO, RAILS, SALT, ask, migration, one, prints


def make(path: Path, *, wal: bool = False, close: bool = True) -> sqlite3.Connection:
    """A database with a history; in WAL mode with what is not yet in the main file, while it is open."""
    database = sqlite3.connect(path, isolation_level=None)
    if wal:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA wal_autocheckpoint = 0")
    for statement in (
        "CREATE TABLE schema_migrations (version text)",
        "INSERT INTO schema_migrations VALUES ('20240101'), ('20240102')",
        "CREATE TABLE users (id integer PRIMARY KEY, email text)",
        "CREATE INDEX users_idx ON users (email)",
        "CREATE VIEW names AS SELECT id FROM users",
        'CREATE TABLE "odd""name" ("ver""sion" text)',
    ):
        database.execute(statement)
    if close:
        database.close()
    return database


def traces(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Every file of a directory, with content and time of change."""
    return {
        name: (hashlib.sha256((folder / name).read_bytes()).hexdigest(), stat.st_mtime_ns, stat.st_ino)
        for name in sorted(os.listdir(folder))
        if (stat := (folder / name).stat())
    }


def test_history_and_schema_are_both_looked_at(tmp_path: Path) -> None:
    make(tmp_path / "dev.sqlite3")
    before = traces(tmp_path)
    applied = migration("20240102", RAILS, creates=["column users.email", "index users_idx", "view names"])
    assert one("sqlite", applied, str(tmp_path), path="dev.sqlite3")[:2] == ("applied", False)
    gone = migration("20240103", RAILS, creates=["table orders"], drops=["column users.email"])
    assert one("sqlite", gone, str(tmp_path), path="dev.sqlite3")[:2] == ("not applied", True)
    empty = migration("20240103", RAILS, creates=["column users.email"], down="empty")
    state, clean, detail = one("sqlite", empty, str(tmp_path), path="dev.sqlite3")
    assert (state, clean) == ("not applied", False) and "but column users.email still stands" in detail
    assert one("sqlite", migration("x", DJANGO), str(tmp_path), path="dev.sqlite3")[0] == "elsewhere"
    unlooked = migration("20240103", RAILS, creates=["constraint users.c"])
    assert one("sqlite", unlooked, str(tmp_path), path="dev.sqlite3")[1] is None
    assert prints("sqlite", str(tmp_path), path="dev.sqlite3")["schema"]
    assert traces(tmp_path) == before


@pytest.mark.parametrize("closed", [True, False])
def test_a_database_in_wal_mode_gets_no_files_beside_it(tmp_path: Path, closed: bool) -> None:
    database = make(tmp_path / "dev.db", wal=True, close=closed)
    before = traces(tmp_path)
    assert set(before) == {"dev.db"} if closed else set(before) == {"dev.db", "dev.db-wal", "dev.db-shm"}
    applied = migration("20240102", RAILS, creates=["column users.email"])
    assert one("sqlite", applied, str(tmp_path), path="dev.db")[:2] == ("applied", False)
    assert traces(tmp_path) == before
    database.close()


def test_a_writer_is_neither_held_up_nor_waited_for(tmp_path: Path) -> None:
    make(tmp_path / "dev.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "dev.db", isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        (live,), unknowns = ask("sqlite", [migration("20240102", RAILS)], str(tmp_path), path="dev.db")
        assert live is not None and live.clean is None and "database is locked" in f"{unknowns}{live.detail}"
        writer.execute("INSERT INTO users (email) VALUES ('x')")
        writer.execute("COMMIT")


@pytest.mark.parametrize(
    "address", ["file:./db/dev.db?mode=rw", "sqlite:///db/dev.db", "sqlite3:db/dev.db", "db/dev.db"]
)
def test_addresses_as_projects_write_them(tmp_path: Path, address: str) -> None:
    (tmp_path / "db").mkdir()
    make(tmp_path / "db" / "dev.db")
    (tmp_path / ".env").write_text(f"DATABASE_URL='{address}'\n")
    given = {"url_env": "DATABASE_URL", "options": {"dotenv": ".env"}}
    assert one("sqlite", migration("20240102", RAILS), str(tmp_path), **given)[0] == "applied"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../outside.db", "leads outside of the worktree"),
        ("link.db", "leads outside of the worktree"),
        ("absent.db", "it cannot be read: No such file or directory"),
        ("text.db", "it is no SQLite database"),
        ("folder", "it cannot be read: Is a directory"),
    ],
)
def test_what_is_no_database_of_the_worktree_is_not_opened(tmp_path: Path, path: str, why: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    make(tmp_path / "outside.db")
    (root / "link.db").symlink_to(tmp_path / "outside.db")
    (root / "text.db").write_text("no database\n")
    (live,), unknowns = ask("sqlite", [migration("20240102", RAILS)], str(root), path=path)
    assert live is not None and (live.checked, live.clean) == (False, None) and why in unknowns[0]
    assert not (root / "absent.db").exists()


def test_identifiers_are_quoted(tmp_path: Path) -> None:
    make(tmp_path / "dev.db")
    odd = {"table": 'odd"name', "columns": ['ver"sion'], "column": '`ver"sion`'}
    assert one("sqlite", migration("1", odd), str(tmp_path), path="dev.db")[0] == "not applied"


def test_a_damaged_database_is_unknown(tmp_path: Path) -> None:
    make(tmp_path / "dev.db")
    data = bytearray((tmp_path / "dev.db").read_bytes())
    data[100:4000] = os.urandom(3900)
    (tmp_path / "dev.db").write_bytes(data)
    (live,), _ = ask("sqlite", [migration("20240102", RAILS)], str(tmp_path), path="dev.db")
    assert live is not None and live.clean is None and live.state == "unknown"


def test_a_database_without_the_tools_history_leaves_the_word_to_another(tmp_path: Path) -> None:
    make(tmp_path / "mine.sqlite3")
    sqlite3.connect(tmp_path / "other.sqlite3").execute("CREATE TABLE x (id integer)").connection.close()
    gone = migration("20240103", RAILS, creates=["table orders"])
    sources = [LiveSource(kind="sqlite", name=name, path=f"{name}.sqlite3") for name in ("other", "mine")]
    for given in (sources, sources[::-1]):
        answers, unknowns = ask_live(InventorySettings(live=tuple(given)), [gone], {}, str(tmp_path), salt=SALT)
        assert (answers[gone.id].state, answers[gone.id].clean, unknowns) == ("not applied", True, [])
    alone, _ = ask_live(InventorySettings(live=(sources[0],)), [gone], {}, str(tmp_path), salt=SALT)
    assert (alone[gone.id].state, alone[gone.id].clean) == ("elsewhere", None)


DRIZZLE = {"table": "__drizzle_migrations", "columns": ["id", "hash", "created_at"], "column": "hash"}
LIQUIBASE = {
    "table": "databasechangelog",
    "columns": ["id", "author", "filename"],
    "column": "filename || '::' || id || '::' || author",
    "paths": True,
}
FLYWAY = {
    "table": "flyway_schema_history",
    "columns": ["version", "script", "success"],
    "column": "version",
    "undone": "success = false",
    "paths": True,
}


@pytest.mark.parametrize(
    ("history", "id_", "rows", "state"),
    [
        (DRIZZLE, "0000_init", [("hash", "aa"), ("created_at", "5")], "applied"),
        (DRIZZLE, "0000_edited_since", [("hash", "other"), ("created_at", "17")], "applied"),
        (DRIZZLE, "0001_next", [("hash", "bb"), ("created_at", "18")], "not applied"),
        (DRIZZLE, "0001_next", [("hash", "bb"), ("no_such_column", "17")], "not applied"),
        (LIQUIBASE, "db/a.xml::1::me", (), "applied"),
        (LIQUIBASE, "app/src/db/a.xml::1::me", (), "applied"),
        (LIQUIBASE, "other.xml::1::me", (), "not applied"),
        (LIQUIBASE, "b.xml::1::me", (), "applied"),
        (LIQUIBASE, "db/a.xml::2::me", (), "not applied"),
        (FLYWAY, "2", (), "applied"),
        (FLYWAY, "3", (), "not applied"),
        (FLYWAY, "R__views", [("script", "R__views.sql")], "applied"),
        (FLYWAY, "R__failed", [("script", "R__failed.sql")], "not applied"),
    ],
)
def test_a_row_that_does_not_hold_the_id_is_found_all_the_same(
    tmp_path: Path, history: dict[str, object], id_: str, rows: list[tuple[str, str]], state: str
) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "dev.db", isolation_level=None)) as database:
        for statement in (
            # As a run of drizzle-orm 0.45 leaves it in SQLite, where the id is null.
            "CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)",
            "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('aa', 17)",
            "CREATE TABLE databasechangelog (id text, author text, filename text)",
            "INSERT INTO databasechangelog VALUES ('1', 'me', 'classpath:db/a.xml'), ('1', 'me', 'sub/b.xml')",
            "CREATE TABLE flyway_schema_history (version text, script text, success boolean)",
            "INSERT INTO flyway_schema_history VALUES ('2', 'V2__a.sql', 1), (NULL, 'sub/R__views.sql', 1)",
            "INSERT INTO flyway_schema_history VALUES (NULL, 'R__failed.sql', 0)",
        ):
            database.execute(statement)
    asked = migration(id_, {"heads": False, "undone": "", **history}, rows=[list(one) for one in rows])
    assert one("sqlite", asked, str(tmp_path), path="dev.db")[0] == state
