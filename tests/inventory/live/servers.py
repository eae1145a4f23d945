"""Databases on this machine: by the variables their own clients read, then by what a fresh installation allows."""

import contextlib
import os
import socket
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest


@cache
def postgres_login() -> dict[str, Any] | str:
    """Arguments of the driver for a superuser; or why there is none."""
    pg8000 = pytest.importorskip("pg8000.native")
    host, port = os.environ.get("PGHOST", "127.0.0.1"), int(os.environ.get("PGPORT", "5432"))
    why = "nothing was tried"
    for user in dict.fromkeys([os.environ.get("PGUSER", "postgres"), "postgres"]):
        given = {"user": user, "password": os.environ.get("PGPASSWORD"), "database": "postgres", "timeout": 5}
        given |= {"unix_sock": f"{host}/.s.PGSQL.{port}"} if host.startswith("/") else {"host": host, "port": port}
        try:
            with pg8000.Connection(**given) as connection:
                ((is_super,),) = connection.run("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        except Exception as error:  # noqa: BLE001
            why = f"no PostgreSQL lets {user} in: {type(error).__name__}"
            continue
        if is_super:
            return given
        why = f"{user} may not create roles in PostgreSQL"
    return why


@cache
def mysql_login() -> dict[str, Any] | str:
    """Arguments of the driver for an administrator; or why there is none."""
    pymysql = pytest.importorskip("pymysql")
    given = {
        "host": os.environ.get("MYSQL_HOST", "127.0.0.1"),
        "port": int(os.environ.get("MYSQL_TCP_PORT", os.environ.get("MYSQL_PORT", "3306"))),
        "user": os.environ.get("MYSQL_USER", "root"),
        "password": os.environ.get("MYSQL_PWD", os.environ.get("MYSQL_PASSWORD", "")),
        "connect_timeout": 5,
        "autocommit": True,
    }
    try:
        with contextlib.closing(pymysql.connect(**given)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(*) FROM information_schema.user_privileges WHERE privilege_type = 'CREATE USER'"
            )
            (count,) = cursor.fetchone()
    except Exception as error:  # noqa: BLE001
        return f"no MySQL or MariaDB lets {given['user']} in: {type(error).__name__}"
    return given if count else f"{given['user']} may not create users in MySQL"


@cache
def redis_login() -> dict[str, Any] | str:
    """Arguments of the driver; or why there is none."""
    redis = pytest.importorskip("redis")
    from urllib.parse import urlsplit

    parts = urlsplit(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"))
    given = {
        "host": parts.hostname or "127.0.0.1", "port": parts.port or 6379, "username": parts.username,
        "password": parts.password, "socket_timeout": 5, "db": 9,
    }  # fmt: skip
    try:
        with contextlib.closing(redis.Redis(**given)) as client:
            client.acl_list()
    except Exception as error:  # noqa: BLE001
        return f"no Redis answers: {type(error).__name__}"
    return given


def needed(login: dict[str, Any] | str) -> dict[str, Any]:
    """A login, or the test is skipped with the reason."""
    if isinstance(login, str):
        pytest.skip(login)
    return login


@contextlib.contextmanager
def refusing() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
