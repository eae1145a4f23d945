"""PostgreSQL is asked for real: history and schema, by a role that may only read, with no lock anyone would feel."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.inventory.live.kit import ALEMBIC, DJANGO, PRISMA, RAILS, ask, migration, one, prints
from tests.inventory.live.servers import needed, postgres_login, refusing, silent
from tests.inventory.live.wire import postgres_statements, relayed

CANARY = "canary-password-1234"

SCHEMA = """
    CREATE TABLE django_migrations (id serial PRIMARY KEY, app text, name text, applied timestamptz);
    INSERT INTO django_migrations (app, name) VALUES ('shop', '0001_initial'), ('shop', '0002_email');
    CREATE TABLE users (id int PRIMARY KEY, email text CONSTRAINT users_email_key UNIQUE);
    CREATE INDEX users_email_idx ON users (email);
    CREATE TYPE mood AS ENUM ('sad', 'ok');
    CREATE VIEW names AS SELECT id FROM users;
    CREATE SCHEMA extra;
    CREATE TABLE extra.things (id int);
    CREATE TABLE "Mixed" (id int);
    CREATE TABLE _prisma_migrations (id text, checksum text, migration_name text, rolled_back_at timestamptz);
    INSERT INTO _prisma_migrations VALUES ('a', 'x', '20240101_one', NULL), ('b', 'x', '20240102_two', now()),
        ('c', 'x', '20240103_three', now()), ('d', 'x', '20240103_three', NULL);
    CREATE TABLE alembic_version (version_num text);
    INSERT INTO alembic_version VALUES ('ccc');
    CREATE TABLE migrations (id int, other text);
"""


class Server:
    """A database of its own, its owner's session, and the address of a role that may only read."""

    def __init__(self, login: dict[str, Any], name: str, reader: str) -> None:
        self.login, self.name, self.reader = login, name, reader

    def session(self) -> Any:
        from pg8000.native import Connection

        return Connection(**{**self.login, "database": self.name})

    def url(self, port: int | None = None, host: str = "", query: str = "sslmode=disable") -> str:
        host = host or self.login.get("host", "")
        place = f"{host}:{port or self.login.get('port')}"
        return f"postgresql://{self.reader}:{CANARY}@{place}/{self.name}?{query}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    from pg8000.native import Connection

    login = needed(postgres_login())
    if "host" not in login:
        pytest.skip("the tests need PostgreSQL over TCP")
    tag = os.urandom(4).hex()
    name, reader = f"safe_rollback_{tag}", f"safe_rollback_reader_{tag}"
    with Connection(**login) as admin:
        admin.run(f"CREATE DATABASE {name}")
        admin.run(f"CREATE ROLE {reader} LOGIN PASSWORD '{CANARY}'")
    found = Server(login, name, reader)
    try:
        with found.session() as owner:
            for statement in filter(str.strip, SCHEMA.split(";")):
                owner.run(statement)
            owner.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}")
            owner.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        yield found
    finally:
        with Connection(**login) as admin:
            admin.run(f"DROP DATABASE {name} WITH (FORCE)")
            admin.run(f"DROP ROLE {reader}")


def asked(server: Server, item: Any, root: str = "/", **more: Any) -> tuple[str, bool | None, str]:
    return one("postgres", item, root, {"DATABASE_URL": server.url()}, url_env="DATABASE_URL", **more)


def test_what_is_applied_is_not_taken_back(server: Server) -> None:
    applied = migration("shop.0002_email", DJANGO, creates=["column users.email", "index users_email_idx"])
    assert asked(server, applied) == (
        "applied", False,
        "public.django_migrations has its row; column users.email, index users_email_idx still stand",
    )  # fmt: skip


def test_what_is_gone_from_history_and_schema_is_taken_back(server: Server) -> None:
    gone = migration("shop.0003_phone", DJANGO, creates=["column users.phone"], drops=["table public.users"])
    assert asked(server, gone) == (
        "not applied", True,
        "public.django_migrations has no row for it; column users.phone is not there and table public.users stands",
    )  # fmt: skip


def test_an_empty_down_is_found_out(server: Server) -> None:
    """The history row is gone, which is all that the tool's own status would look at."""
    left = migration("shop.0003_phone", DJANGO, creates=["column users.email"], down="empty")
    state, clean, detail = asked(server, left)
    assert (state, clean) == ("not applied", False)
    assert "history row is gone" in detail and "but column users.email still stands" in detail
    dropped = migration("shop.0003_phone", DJANGO, drops=["table orders"])
    assert asked(server, dropped)[1:] == (
        False, "history row is gone (public.django_migrations has no row for it), but table orders is still missing",
    )  # fmt: skip


def test_a_row_without_its_objects_is_told(server: Server) -> None:
    state, clean, detail = asked(server, migration("shop.0002_email", DJANGO, creates=["table ghosts"]))
    assert (state, clean) == ("applied", False) and "but table ghosts is not there" in detail


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("table users", True), ("table public.users", True), ("table extra.users", False), ("table things", False),
        ("table extra.things", True), ("table mixed", True), ("table names", False), ("view names", True),
        ("column users.email", True), ("column public.users.email", True), ("column users.phone", False),
        ("index users_email_idx", True), ("index users.users_email_idx", True), ("index nobody_idx", False),
        ("type mood", True), ("type users_mood", False), ("schema extra", True), ("schema absent", False),
        ("constraint users.users_email_key", True), ("constraint users_email_key", True),
        ("constraint orders.users_email_key", False),
    ],
)  # fmt: skip
def test_each_kind_of_object_is_looked_up(server: Server, name: str, there: bool) -> None:
    _, clean, detail = asked(server, migration("shop.none", DJANGO, creates=[name]))
    assert (clean, f"{name} still stands" in detail) == (not there, there)


def test_what_cannot_be_looked_up_is_never_clean(server: Server) -> None:
    state, clean, detail = asked(server, migration("shop.none", DJANGO, creates=["policy p"]))
    assert (state, clean) == ("not applied", None) and "not looked up: policy p" in detail


@pytest.mark.parametrize(("down", "clean"), [("works", True), ("inferred", True), ("empty", None), ("unknown", None)])
def test_with_no_object_to_look_at_a_down_that_may_do_nothing_proves_nothing(
    server: Server, down: str, clean: bool | None
) -> None:
    assert asked(server, migration("shop.none", DJANGO, down=down))[:2] == ("not applied", clean)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("20240101_one", "applied"),
        ("20240102_two", "not applied"),
        ("20240103_three", "applied"),
        ("no", "not applied"),
    ],
)
def test_rows_that_do_not_count_are_left_out(server: Server, name: str, state: str) -> None:
    assert asked(server, migration(name, PRISMA))[0] == state


@pytest.mark.parametrize(
    ("name", "parents", "state"),
    [
        ("ccc", {"ccc": "bbb"}, "applied"),
        ("bbb", {"bbb": "aaa", "ccc": "bbb"}, "applied"),
        ("ddd", {"ddd": "ccc"}, "not applied"),
        ("bbb", {"bbb": "aaa"}, "unknown"),
    ],
)
def test_an_older_revision_is_applied_if_the_head_was_built_on_it(
    server: Server, tmp_path: Any, name: str, parents: dict[str, str], state: str
) -> None:
    items = [migration(key, ALEMBIC, names={"after": value}, tool="alembic") for key, value in parents.items()]
    given = {"url_env": "DATABASE_URL"}
    said, _ = ask("postgres", items, str(tmp_path), {"DATABASE_URL": server.url()}, **given)
    live = dict(zip(parents, said, strict=True))[name]
    assert live is not None and live.state == state, live
    if state == "unknown":
        assert live.clean is None and "is at ccc; whether that was built on bbb cannot be told" in live.detail


def test_files_beside_tell_who_comes_after_whom(server: Server, tmp_path: Any) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "3.py").write_text('revision: str = "ccc"\ndown_revision = ("bbb",)\n')
    (tmp_path / "versions" / "broken.py").write_text("def (:\n")
    older = migration("bbb", ALEMBIC, names={"after": "aaa"}, path="versions/2.py")
    assert asked(server, older, str(tmp_path))[0] == "applied"


def test_a_table_of_that_name_is_another_tools_without_its_columns(server: Server) -> None:
    typeorm = {"table": "migrations", "columns": ["id", "timestamp", "name"], "column": "name"}
    assert asked(server, migration("A1", typeorm, creates=["table users"])) == (
        "unknown", False, "no table migrations with the columns of a tool; table users still stands"
    )  # fmt: skip
    assert asked(server, migration("1", RAILS))[:2] == ("elsewhere", None)


def test_a_history_outside_of_the_search_path_is_named(server: Server) -> None:
    history = {"table": "things", "columns": ["id"], "column": "id"}
    assert (
        asked(server, migration("1", history))[2]
        == "extra.things is outside of the search path: set the option schema"
    )
    state, _, detail = asked(server, migration("1", history), options={"schema": "extra"})
    assert (state, detail) == ("unknown", "extra.things cannot be read: permission denied for schema extra")


def test_a_removed_migration_is_as_before_if_the_database_still_has_it(server: Server) -> None:
    assert (
        asked(server, migration("shop.0002_email", DJANGO, creates=["column users.email"], change="removed"))[1]
        is True
    )
    assert asked(server, migration("shop.0009_none", DJANGO, change="removed"))[1] is None
    assert asked(server, migration("shop.0002_email", DJANGO, change="changed"))[1] is None


def test_it_only_selects_in_a_read_only_transaction_and_locks_nothing(server: Server) -> None:
    locks: set[tuple[str, str]] = set()
    with server.session() as owner:

        def before(_: bytes) -> None:
            rows = owner.run(
                """SELECT l.locktype, l.mode FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()"""
            )
            locks.update((kind, mode) for kind, mode in rows)

        things = "SELECT relname, relnamespace, relfilenode FROM pg_class ORDER BY 1, 2"
        written = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"
        state = (owner.run(things), owner.run(written))
        with relayed(server.login["host"], server.login["port"], before) as wire:
            url = server.url(wire.port, "127.0.0.1")
            items = [
                migration("shop.0002_email", DJANGO, creates=["column users.email", "type mood", "schema extra"]),
                migration("ccc", ALEMBIC),
            ]
            said, unknowns = ask("postgres", items, "/", {"DB": url}, url_env="DB")
            assert prints("postgres", "/", {"DB": url}, url_env="DB")["schema"]
        assert [live.state for live in said if live] == ["applied", "applied"] and not unknowns
        assert (owner.run(things), owner.run(written)) == state
    assert b"default_transaction_read_only\0on\0" in wire.sent
    # Two sessions, each beginning with its length, the protocol's version and the user.
    second = wire.sent.rfind(b"user\0") - 8
    statements = [*postgres_statements(bytes(wire.sent[:second])), *postgres_statements(bytes(wire.sent[second:]))]
    assert statements.count("BEGIN TRANSACTION READ ONLY") == statements.count("ROLLBACK") == 2
    rest = {one.split(" ")[0] for one in statements if not one.startswith(("BEGIN", "ROLLBACK", "SET LOCAL"))}
    assert rest == {"SELECT"}
    assert not [one for one in statements if "FOR UPDATE" in one.upper() or "shop.0002_email" in one]
    assert ("relation", "AccessShareLock") in locks
    assert {mode for kind, mode in locks if kind != "virtualxid"} == {"AccessShareLock"}


def test_a_locked_history_is_not_waited_for(server: Server) -> None:
    with server.session() as owner:
        owner.run("BEGIN")
        owner.run("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        state, clean, detail = asked(server, migration("shop.0002_email", DJANGO, creates=["column users.phone"]))
        owner.run("ROLLBACK")
    assert (state, clean) == ("unknown", None) and "lock timeout" in detail


def test_identifiers_from_the_database_are_quoted(server: Server) -> None:
    table, column = 'odd"; DROP TABLE users; --', 'ver"sion'
    with server.session() as owner:
        quoted = '"' + table.replace('"', '""') + '"'
        owner.run(f'CREATE TABLE {quoted} ("ver""sion" text)')
        owner.run(f"INSERT INTO {quoted} VALUES ('1')")
        owner.run(f"GRANT SELECT ON {quoted} TO {server.reader}")
        history = {"table": table, "columns": [column], "column": column}
        bad = {"table": table, "columns": [column], "column": f'"{column}"'}
        for one_history in (history, bad):
            state, clean, _ = asked(server, migration("1", one_history))
            assert (state, clean) == ("unknown", None)
        fine = {"table": table, "columns": [column], "column": '`ver"sion`'}
        assert asked(server, migration("1", fine))[0] == "applied"
        assert asked(server, migration("'; DROP TABLE users; --", fine))[0] == "not applied"
        owner.run(f"DROP TABLE {quoted}")
        assert owner.run("SELECT count(*) FROM users") == [[0]]


def test_the_fingerprint_has_what_is_applied_and_changes_with_the_schema(server: Server) -> None:
    given: dict[str, Any] = {"environ": {"DB": server.url()}, "url_env": "DB"}
    first = prints("postgres", "/", **given)
    assert len(first["schema"]) == 16
    with server.session() as owner:
        owner.run("ALTER TABLE users ADD phone text")
        changed = prints("postgres", "/", **given)
        owner.run("ALTER TABLE users DROP phone")
    assert changed["schema"] != first["schema"] and prints("postgres", "/", **given) == first


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://x:pw@h/db", "DB does not begin with postgres:// or postgresql://"),
        ("postgres://x:pw@[::1/db", "DB is no address that can be read"),
        ("postgres://x:pw@127.0.0.1:99999/db", "DB is no address that can be read"),
        ("", "the environment variable DB is not set"),
    ],
)
def test_an_address_that_cannot_be_used_is_named_not_shown(url: str, why: str) -> None:
    said, unknowns = ask("postgres", [migration("1", DJANGO)], "/", {"DB": url} if url else {}, url_env="DB")
    assert said[0] is not None and (said[0].checked, said[0].state, said[0].clean) == (False, "unknown", None)
    assert why in unknowns[0] and "pw" not in unknowns[0]


def test_a_server_that_does_not_answer_is_unknown(server: Server) -> None:
    item = migration("1", DJANGO)
    with refusing() as port:
        (live,), unknowns = ask("postgres", [item], "/", {"DB": server.url(port, "127.0.0.1")}, url_env="DB")
    assert live is not None and live.clean is None and "cannot connect" in unknowns[0]
    with silent() as port:
        (live,), unknowns = ask(
            "postgres", [item], "/", {"DB": server.url(port, "127.0.0.1")}, url_env="DB", seconds=1
        )
    assert live is not None and live.clean is None and "did not answer in time" in unknowns[0]
    assert CANARY not in f"{unknowns}"


def test_a_pooler_that_takes_no_settings_is_asked_all_the_same(server: Server) -> None:
    """It refuses the start of a session that has them; the transaction is read-only by itself."""
    from pg8000.native import Connection

    refused: list[bytes] = []
    original = Connection.__init__

    def picky(self: Any, *args: Any, startup_params: Any = None, **more: Any) -> None:
        from pg8000.exceptions import DatabaseError

        if startup_params:
            refused.append(b"1")
            raise DatabaseError({"M": "unsupported startup parameter: default_transaction_read_only"})
        original(self, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "__init__", picky)
        assert asked(server, migration("shop.0002_email", DJANGO))[0] == "applied"
    assert refused
