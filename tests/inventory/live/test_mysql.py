"""MariaDB is asked for real, by a user that may only read, in a read-only transaction."""

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from safe_rollback.inventory.model import Item
from tests.inventory.live.kit import DJANGO, RAILS, ask, migration, one, prints
from tests.inventory.live.servers import mysql_login, needed, refusing, silent
from tests.inventory.live.wire import mysql_statements, relayed

CANARY = "canary-password-5678"
SCHEMA = """
    CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY);
    INSERT INTO schema_migrations VALUES ('20240101'), ('20240102');
    CREATE TABLE users (id int PRIMARY KEY, email varchar(50), CONSTRAINT users_email_key UNIQUE (email));
    CREATE INDEX users_idx ON users (id, email);
    CREATE VIEW names AS SELECT id FROM users;
    CREATE TABLE django_migrations (id int AUTO_INCREMENT PRIMARY KEY, app text, name text, applied datetime);
    INSERT INTO django_migrations (app, name) VALUES ('shop', '0001_initial');
    CREATE TABLE `odd``name%s` (`ver%s` text);
    INSERT INTO `odd``name%s` VALUES ('1')
"""


class Server:
    """A database of its own, and the address of users that may only read."""

    def __init__(self, login: dict[str, Any], name: str) -> None:
        self.login, self.name = login, name

    def run(self, statement: str) -> Any:
        import pymysql

        with (
            contextlib.closing(pymysql.connect(**self.login, database=self.name)) as session,
            session.cursor() as cursor,
        ):
            cursor.execute(statement)
            return cursor.fetchall()

    def url(self, user: str = "reader", port: int | None = None) -> str:
        place = f"{self.login['host']}:{port or self.login['port']}"
        return f"mysql2://{self.name[-8:]}_{user}:{CANARY}@{place}/{self.name}?ssl-mode=disabled"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    import pymysql

    login = needed(mysql_login())
    name = f"safe_rollback_{os.urandom(4).hex()}"
    users = [f"{name[-8:]}_{user}" for user in ("reader", "narrow")]
    with contextlib.closing(pymysql.connect(**login)) as admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        for user in users:
            cursor.execute(f"CREATE USER '{user}'@'%%' IDENTIFIED BY '{CANARY}'", ())
            cursor.execute(f"CREATE USER '{user}'@'localhost' IDENTIFIED BY '{CANARY}'")
        found = Server(login, name)
        try:
            for statement in SCHEMA.split(";"):
                found.run(statement)
            for host in ("%", "localhost"):
                cursor.execute(f"GRANT SELECT ON {name}.* TO '{users[0]}'@'{host}'")
                cursor.execute(f"GRANT SELECT ON {name}.schema_migrations TO '{users[1]}'@'{host}'")
            yield found
        finally:
            cursor.execute(f"DROP DATABASE {name}")
            for user in users:
                cursor.execute(f"DROP USER IF EXISTS '{user}'@'%%', '{user}'@'localhost'", ())


def asked(server: Server, item: Item, user: str = "reader") -> tuple[str, bool | None, str]:
    return one("mysql", item, "/", {"DB": server.url(user)}, url_env="DB")


def test_history_and_schema_are_both_looked_at(server: Server) -> None:
    assert asked(server, migration("20240102", RAILS, creates=["column users.email"]))[:2] == ("applied", False)
    gone = migration("20240103", RAILS, creates=["table orders"], drops=["column users.email"])
    assert asked(server, gone)[:2] == ("not applied", True)
    state, clean, detail = asked(server, migration("20240103", RAILS, creates=["column users.email"], down="empty"))
    assert (state, clean) == ("not applied", False) and "but column users.email still stands" in detail


def test_an_id_of_two_columns_is_put_together_here(server: Server) -> None:
    """There `||` is OR, unless a setting says otherwise."""
    assert asked(server, migration("shop.0001_initial", DJANGO))[0] == "applied"
    assert asked(server, migration("shop.0002_more", DJANGO))[0] == "not applied"


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("table users", True), ("table Users", True), ("table names", False), ("view names", True),
        ("column users.email", True), ("column users.phone", False), ("index users_idx", True),
        ("index users.users_idx", True), ("index orders.users_idx", False),
        ("index users_email_key", True),
    ],
)  # fmt: skip
def test_each_kind_of_object_is_looked_up(server: Server, name: str, there: bool) -> None:
    _, clean, detail = asked(server, migration("none", RAILS, creates=[name]))
    assert (clean, f"{name} still stands" in detail) == (not there, there)


def test_what_a_narrow_user_does_not_see_is_not_said_to_be_gone(server: Server) -> None:
    """The server lists to a user only what it may read."""
    state, clean, detail = asked(server, migration("none", RAILS, creates=["column users.email"]), "narrow")
    assert (state, clean) == ("not applied", None) and "not looked up: column users.email" in detail
    assert asked(server, migration("none", RAILS, creates=["type mood"]))[1] is None
    for name in ("constraint users.users_email_key", "trigger users.t", "function f"):
        assert asked(server, migration("none", RAILS, creates=[name]))[1] is None
    assert asked(server, migration("none", RAILS, creates=["table elsewhere.users"]))[1] is None


def test_identifiers_are_quoted_and_ids_are_compared_here(server: Server) -> None:
    odd = {"table": "odd`name%s", "columns": ["ver%s"], "column": '"ver%s"'}
    assert asked(server, migration("1", odd))[0] == "applied"
    assert asked(server, migration("'; DROP TABLE users; --", odd))[0] == "not applied"
    assert server.run("SELECT COUNT(*) FROM users") == ((0,),)


def test_it_only_selects_in_a_read_only_transaction(server: Server) -> None:
    state = server.run(
        "SELECT table_name, create_time, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()"
    )
    with relayed(server.login["host"], server.login["port"]) as wire:
        items = [migration("20240102", RAILS, creates=["column users.email", "index users_idx"])]
        said, unknowns = ask("mysql", items, "/", {"DB": server.url(port=wire.port)}, url_env="DB")
    assert said[0] is not None and said[0].state == "applied" and not unknowns
    # What comes before is the login.
    statements = mysql_statements(bytes(wire.sent))
    begin = statements.index("START TRANSACTION READ ONLY")
    assert all(one.startswith(("SET ", "SELECT ")) for one in statements[:begin])
    assert "SET SESSION TRANSACTION READ ONLY" in statements[:begin]
    assert any(
        one.startswith(("SET SESSION max_statement_time", "SET SESSION max_execution_time")) for one in statements
    )
    assert {one.split(" ")[0] for one in statements[begin + 1 :]} == {"SELECT", "ROLLBACK"}
    assert statements[-1] == "ROLLBACK" and not [
        one for one in statements if "20240102" in one or "FOR UPDATE" in one
    ]
    after = (
        "SELECT table_name, create_time, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()"
    )
    assert server.run(after) == state


def test_an_administrators_address_writes_no_more_than_a_readers(server: Server) -> None:
    """The transaction itself is read-only, whoever opens it."""
    from safe_rollback.core.inventory import LiveSource
    from safe_rollback.core.redaction import Redactor
    from safe_rollback.inventory.live import mysql
    from safe_rollback.inventory.live.probe import Connection, ProbeError

    login = server.login
    url = f"mysql://{login['user']}:{login['password']}@{login['host']}:{login['port']}/{server.name}"
    source = LiveSource(kind="mysql", name="live", url_env="DB")
    given = {"environ": {"DB": url}, "deadline": time.monotonic() + 10, "salt": b"s", "redactor": Redactor(b"s")}
    connection = Connection(source=source, root="/", **given)
    with mysql._opened(connection) as catalog:
        for statement in ("INSERT INTO schema_migrations VALUES ('x')", "CREATE TABLE made (id int)"):
            with pytest.raises(ProbeError, match="READ ONLY"):
                catalog._run(statement)


def test_a_locked_history_is_not_waited_for(server: Server) -> None:
    import pymysql

    with (
        contextlib.closing(pymysql.connect(**server.login, database=server.name)) as session,
        session.cursor() as cursor,
    ):
        cursor.execute("LOCK TABLES schema_migrations WRITE")
        (live,), unknowns = ask("mysql", [migration("20240102", RAILS)], "/", {"DB": server.url()}, url_env="DB")
    assert live is not None and live.clean is None
    assert "imeout" in f"{live.detail} {unknowns}" or "did not answer in time" in live.detail


def test_the_fingerprint_has_the_schema(server: Server) -> None:
    first = prints("mysql", "/", {"DB": server.url()}, url_env="DB")
    server.run("ALTER TABLE users ADD phone text")
    changed = prints("mysql", "/", {"DB": server.url()}, url_env="DB")
    server.run("ALTER TABLE users DROP phone")
    assert changed["schema"] != first["schema"]
    assert prints("mysql", "/", {"DB": server.url()}, url_env="DB") == first


def test_what_does_not_answer_is_unknown(server: Server) -> None:
    item = migration("1", RAILS)
    with refusing() as port:
        (live,), unknowns = ask("mysql", [item], "/", {"DB": server.url(port=port)}, url_env="DB")
    assert live is not None and live.clean is None and "cannot connect" in unknowns[0]
    with silent() as port:
        (live,), unknowns = ask("mysql", [item], "/", {"DB": server.url(port=port)}, url_env="DB", seconds=1)
    assert live is not None and live.clean is None and "did not answer in time" in unknowns[0]
    (live,), unknowns = ask("mysql", [item], "/", {"DB": server.url("nobody")}, url_env="DB")
    assert live is not None and live.clean is None and "Access denied" in unknowns[0]
    assert CANARY not in f"{unknowns} {live}"
