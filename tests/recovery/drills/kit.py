"""A project with migrations, and the migration tool it calls: as much of dbmate as these need."""

import os
import sys
from pathlib import Path

import pytest

from tests.harness.repo import Repo

RULES = """\
```toml safe-rollback
[[inventory.live]]
kind = "%s"
name = "shop"
url_env = "DATABASE_URL"
```
"""
FIRST = "-- migrate:up\nCREATE TABLE users (id integer PRIMARY KEY);\n-- migrate:down\nDROP TABLE users;\n"
SECOND = "-- migrate:up\nALTER TABLE users ADD COLUMN email text;\n-- migrate:down\n%s\n"
DOWN = "ALTER TABLE users DROP COLUMN email;"
NAME = "20260302000000"

_DBMATE = """\
import glob, os, re, sqlite3, sys
url = %s
if url.startswith("sqlite:"):
    path = url.removeprefix("sqlite:").removeprefix("//").removeprefix("/")
    db = sqlite3.connect(path, isolation_level=None)
    run = lambda sql: db.execute(sql).fetchall()
else:
    from urllib.parse import urlsplit
    import pg8000.native
    parts = urlsplit(url)
    db = pg8000.native.Connection(parts.username, host=parts.hostname, port=parts.port or 5432,
                                  database=parts.path.strip("/"), password=parts.password)
    run = lambda sql: db.run(sql) or []
def half(version, word):
    (path,) = glob.glob(f"db/migrations/{version}*.sql")
    text = open(path).read()
    return re.search(rf"-- migrate:{word}\\n(.*?)(?=-- migrate:|\\Z)", text, re.S)[1].split(";")
run("CREATE TABLE IF NOT EXISTS schema_migrations (version varchar(128) PRIMARY KEY)")
applied = {row[0] for row in run("SELECT version FROM schema_migrations")}
if sys.argv[1] == "rollback":
    todo = [(max(applied), "down")]
else:
    files = sorted(os.path.basename(path)[:14] for path in glob.glob("db/migrations/*.sql"))
    todo = [(version, "up") for version in files if version not in applied]
for version, word in todo:
    for statement in half(version, word):
        if statement.strip():
            run(statement)
    run(f"INSERT INTO schema_migrations VALUES ('{version}')" if word == "up"
        else f"DELETE FROM schema_migrations WHERE version = '{version}'")
    print(f"{word} {version}")
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, *, url: str = 'os.environ["DATABASE_URL"]') -> None:
    """Put the migration tool on the path.

    Args:
        folder: for its program.
        monkeypatch: of the test.
        url: where it takes the address from, as an expression.
    """
    folder.mkdir(exist_ok=True)
    program = folder / "dbmate"
    program.write_text(f"#!{sys.executable}\n{_DBMATE % url}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def shop(repo: Repo, kind: str = "sqlite", down: str = DOWN) -> str:
    """Rules, a migration that is long applied, and a commit with one more; that commit."""
    repo.commit("Rules", {"CLAUDE.md": RULES % kind, "db/migrations/20260301000000_users.sql": FIRST})
    return repo.commit(
        "Add the e-mail", {f"db/migrations/{NAME}_email.sql": SECOND % down, "mail.txt": "how to send\n"}
    )


def migrate(repo: Repo, url: str) -> None:
    """Apply every migration, as the project does."""
    import subprocess

    env = {**os.environ, "DATABASE_URL": url}
    subprocess.run(["dbmate", "up"], cwd=repo.root, env=env, check=True, capture_output=True)
