"""A session that touches three real databases, Redis, environment, a flag, a webhook, cron and a bundle; and back.

What a migration tool would do is done in SQL here, history row included: the tools themselves are not needed.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from safe_rollback.core.errors import RefusedError
from safe_rollback.core.ledger.events import ActionRecorded
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.close_item import close_item
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.rollback_inventory import RollbackInventory, Row, rollback_inventory
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.safe_revert import safe_revert
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo
from tests.inventory.live.servers import mysql_login, needed, postgres_login, redis_login

NAME = f"safe_rollback_story_{os.getpid()}"
# Other workers run the same story on the same Redis.
PREFIX = f"v{os.getpid()}"
RULES = """\
```toml safe-rollback
[inventory]
artifacts = ["dist/**"]
[[inventory.live]]
kind = "postgres"
name = "shop"
url_env = "SHOP_URL"
[[inventory.live]]
kind = "mysql"
name = "stock"
url_env = "STOCK_URL"
options = { under = "stock" }
[[inventory.live]]
kind = "sqlite"
name = "local"
path = "local.sqlite3"
options = { under = "desk" }
[[inventory.live]]
kind = "redis"
name = "cache"
url_env = "CACHE_URL"
```
"""
ALEMBIC = '''\
"""Add the e-mail."""
from alembic import op
import sqlalchemy as sa

revision = "ae1027a6acf1"
down_revision = "1975ea83b712"


def upgrade():
    op.add_column("users", sa.Column("email", sa.String()))


def downgrade():
    op.drop_column("users", "email")
'''
ALEMBIC_EMPTY = '''\
"""Add the phone; nobody wrote the way back."""
from alembic import op
import sqlalchemy as sa

revision = "be2138b7bd02"
down_revision = "ae1027a6acf1"


def upgrade():
    op.add_column("users", sa.Column("phone", sa.String()))


def downgrade():
    pass
'''
DJANGO = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]
    operations = [migrations.AddField("Ticket", "note", models.TextField(null=True))]
"""
PRISMA = "ALTER TABLE `crates` ADD COLUMN `weight` INTEGER NULL;\n"
KNEX = """\
exports.up = (knex) => knex.schema.dropTable('drafts');
exports.down = (knex) => knex.schema.createTable('drafts', (table) => { table.increments('id'); });
"""
BEFORE = {
    "CLAUDE.md": RULES,
    ".gitignore": "dist/\nlocal.sqlite3\n",
    "shop/alembic.ini": "[alembic]\nscript_location = migrations\n",
    "desk/manage.py": "import django\n",
    "desk/desk/migrations/0001_initial.py": DJANGO.replace('("desk", "0001_initial")', ""),
    "stock/prisma/schema.prisma": 'datasource db {\n  provider = "mysql"\n  url = env("STOCK_URL")\n}\n',
    "stock/prisma/migrations/migration_lock.toml": 'provider = "mysql"\n',
    "web/package.json": '{"name": "web", "private": true, "dependencies": {"knex": "3.1.0", "express": "5.0.0"}}\n',
    "web/knexfile.js": "module.exports = { client: 'pg' };\n",
    "web/server.js": "const app = require('express')();\n",
    "vercel.json": "{}\n",
}
WORK = (
    {"shop/migrations/versions/ae1027a6acf1_email.py": ALEMBIC},
    {"shop/migrations/versions/be2138b7bd02_phone.py": ALEMBIC_EMPTY},
    {"desk/desk/migrations/0002_ticket_note.py": DJANGO},
    {"stock/prisma/migrations/20260301100000_weight/migration.sql": PRISMA},
    {"web/migrations/20260301120000_drop_drafts.js": KNEX},
    {
        "web/server.js": "const app = require('express')();\n"
        "const unleash = require('unleash-client');\n"
        "app.post('/webhooks/stripe', (req, res) => res.sendStatus(process.env.STRIPE_WEBHOOK_SECRET ? 200 : 500));\n"
        "if (unleash.isEnabled('new-checkout')) app.use(require('./checkout'));\n"
        "redis.set(`cart:" + PREFIX + ":${id}`, cart);\n",
        ".env.example": "STRIPE_WEBHOOK_SECRET=\n",
        "vercel.json": '{"crons": [{"path": "/api/nightly", "schedule": "0 3 * * *"}]}\n',
    },
)


@dataclass
class Systems:
    """The running databases, as their own drivers reach them."""

    postgres: Any
    mysql: Any
    redis: Any
    root: str

    def sqlite(self, *statements: str) -> None:
        """Change the SQLite file."""
        import sqlite3

        with contextlib.closing(sqlite3.connect(os.path.join(self.root, "local.sqlite3"))) as driver, driver:
            for statement in statements:
                driver.execute(statement)

    def sql(self, *statements: str) -> None:
        """Change the PostgreSQL database."""
        for statement in statements:
            self.postgres.run(statement)

    def my(self, *statements: str) -> None:
        """Change the MariaDB database."""
        with self.mysql.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@pytest.fixture
def systems(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systems]:
    """Databases as they were before the session, with their addresses in the environment."""
    login, other, cache = needed(postgres_login()), needed(mysql_login()), needed(redis_login())
    if "host" not in login:
        pytest.skip("the tests need PostgreSQL over TCP")
    import pg8000.native
    import pymysql
    import redis

    with contextlib.ExitStack() as stack:
        admin = stack.enter_context(pg8000.native.Connection(**login))
        admin.run(f'DROP DATABASE IF EXISTS "{NAME}"')
        admin.run(f'CREATE DATABASE "{NAME}"')
        stack.callback(lambda: admin.run(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)'))
        postgres = stack.enter_context(pg8000.native.Connection(**{**login, "database": NAME}))
        mysql = stack.enter_context(contextlib.closing(pymysql.connect(**other)))
        with mysql.cursor() as cursor:
            cursor.execute(f"CREATE OR REPLACE DATABASE {NAME}")
            cursor.execute(f"USE {NAME}")
        stack.callback(lambda: mysql.cursor().execute(f"DROP DATABASE IF EXISTS {NAME}"))
        client = stack.enter_context(contextlib.closing(redis.Redis(**cache)))
        stack.callback(lambda: client.delete(f"cart:{PREFIX}:1", f"cart:{PREFIX}:2"))
        password = f":{login['password']}" if login.get("password") else ""
        monkeypatch.setenv(
            "SHOP_URL", f"postgresql://{login['user']}{password}@{login['host']}:{login['port']}/{NAME}"
        )
        password = f":{other['password']}" if other.get("password") else ""
        monkeypatch.setenv("STOCK_URL", f"mysql://{other['user']}{password}@{other['host']}:{other['port']}/{NAME}")
        monkeypatch.setenv("CACHE_URL", f"redis://{cache['host']}:{cache['port']}/{cache['db']}")
        found = Systems(postgres, mysql, client, repo.root)
        found.sql(
            "CREATE TABLE users (id int PRIMARY KEY)",
            "CREATE TABLE drafts (id int PRIMARY KEY)",
            "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
            "INSERT INTO alembic_version VALUES ('1975ea83b712')",
            "CREATE TABLE knex_migrations (id serial, name text, batch int, migration_time timestamptz)",
        )
        found.my(
            "CREATE TABLE crates (id int PRIMARY KEY)",
            "CREATE TABLE _prisma_migrations (id varchar(36), checksum varchar(64), finished_at datetime(3), "
            "migration_name varchar(255), logs text, rolled_back_at datetime(3), started_at datetime(3), "
            "applied_steps_count int)",
        )
        found.sqlite(
            "CREATE TABLE desk_ticket (id integer PRIMARY KEY)",
            "CREATE TABLE django_migrations (id integer PRIMARY KEY, app text, name text, applied text)",
            "INSERT INTO django_migrations (app, name, applied) VALUES ('desk', '0001_initial', '2026-01-01')",
        )
        yield found


@pytest.fixture
def session(repo: Repo, workspace: Workspace, systems: Systems) -> str:
    """The whole session: commits, applied migrations, commands outside of git, keys, a bundle."""
    repo.commit("Before", dict(BEFORE))
    repo.write("dist/app.js", "old bundle\n")
    started = start_session(Desk(workspace), "Checkout", create_branch=True).session_id
    for files in WORK:
        for path, text in files.items():
            repo.write(path, text)
        run_git(Desk(workspace), ["add", "-A"])
        run_git(Desk(workspace), ["commit", "-m", "work"])
    systems.sql(
        "ALTER TABLE users ADD COLUMN email text",
        "ALTER TABLE users ADD COLUMN phone text",
        "UPDATE alembic_version SET version_num = 'be2138b7bd02'",
        "DROP TABLE drafts",
        "INSERT INTO knex_migrations (name, batch) VALUES ('20260301120000_drop_drafts.js', 1)",
    )
    systems.my(
        "ALTER TABLE crates ADD COLUMN weight int NULL",
        "INSERT INTO _prisma_migrations VALUES ('1', 'c', NOW(), '20260301100000_weight', NULL, NULL, NOW(), 1)",
    )
    systems.redis.set(f"cart:{PREFIX}:1", "x")
    systems.redis.set(f"cart:{PREFIX}:2", "x")
    repo.write("dist/app.js", "new bundle\n")
    with workspace.repository_lock("test"):
        for number, command in enumerate(("vercel env add STRIPE_WEBHOOK_SECRET production", "vercel deploy --prod")):
            done = ActionRecorded(
                session=started, worktree="main", tool="Bash", command=command, effects=["env.set"], before="x",
                after=None, commits=(), exit_code=0, action=f"act-0000000{number}",
            )  # fmt: skip
            workspace.ledger.append(done, session=started)
    return started


def rows(found: RollbackInventory) -> list[Row]:
    return [row for domain in found.domains for row in domain.items]


def migrations(found: RollbackInventory) -> dict[str, Row]:
    return {row.name: row for row in rows(found) if row.kind == "migration"}


def every_page(workspace: Workspace) -> RollbackInventory:
    found = rollback_inventory(Desk(workspace), live=True)
    assert found.next_page is None
    return found


def test_it_names_all_of_it_and_the_databases_say_what_is_applied(workspace: Workspace, session: str) -> None:
    found = every_page(workspace)
    applied = {name: (row.live.checked, row.live.state) for name, row in migrations(found).items()}
    assert applied == {
        "ae1027a6acf1": (True, "applied"),
        "be2138b7bd02": (True, "applied"),
        "desk.0002_ticket_note": (True, "not applied"),
        "20260301100000_weight": (True, "applied"),
        "20260301120000_drop_drafts.js": (True, "applied"),
    }
    named = {(row.domain, row.name) for row in rows(found)}
    assert {
        ("environment", "STRIPE_WEBHOOK_SECRET"),
        ("feature_flags", "new-checkout"),
        ("third_party", "/webhooks/stripe"),
    } <= named
    assert any(row.domain == "third_party" and row.kind == "cron" for row in rows(found))
    (key,) = [row for row in rows(found) if row.domain == "caches" and row.kind == "cache key"]
    assert key.name.startswith(f"cart:{PREFIX}:")
    assert key.live.state == "present" and "2" in key.live.detail
    assert any(row.domain == "artifacts" and "dist" in row.name for row in rows(found))
    observed = [row.evidence[0].observed for row in rows(found) if row.change == "observed"]
    assert any(line.startswith("vercel deploy") for line in observed)


def test_the_order_puts_downs_first_and_the_newest_of_a_tool_before_the_older(
    workspace: Workspace, session: str
) -> None:
    found = every_page(workspace)
    names = {row.id: row.name for row in rows(found)}
    order = [names[one.item_id] for one in found.order if names[one.item_id] in migrations(found)]
    assert order.index("be2138b7bd02") < order.index("ae1027a6acf1")
    whens = [one.when for one in found.order]
    assert whens == sorted(whens, key=["before code", "with code", "after code"].index)
    drop = migrations(found)["20260301120000_drop_drafts.js"]
    assert drop.reversible in ("lossy", "no") and "drafts" in drop.model_dump_json()


def test_after_following_it_the_checks_are_clean_and_an_empty_down_is_told(
    workspace: Workspace, session: str, systems: Systems
) -> None:
    plan = plan_rollback(Desk(workspace), "session", "wrong checkout")
    with pytest.raises(RefusedError) as refused:
        safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    assert refused.value.refusal.rule == "down-before-code"
    # What `alembic downgrade`, `knex migrate:down` and a compensating migration do.
    systems.sql(
        "UPDATE alembic_version SET version_num = '1975ea83b712'",
        "ALTER TABLE users DROP COLUMN email",
        "CREATE TABLE drafts (id int PRIMARY KEY)",
        "DELETE FROM knex_migrations",
    )
    systems.my("ALTER TABLE crates DROP COLUMN weight", "UPDATE _prisma_migrations SET rolled_back_at = NOW()")
    found = migrations(every_page(workspace))
    states = {name: row.state for name, row in found.items()}
    assert states.pop("be2138b7bd02") == "open"
    assert set(states.values()) == {"done"}
    phone = found["be2138b7bd02"]
    assert "phone" in phone.live.detail
    with pytest.raises(RefusedError) as refused:
        close_item(Desk(workspace), phone.id, "done", "alembic downgrade said OK")
    assert "phone" in refused.value.refusal.why
    systems.sql("ALTER TABLE users DROP COLUMN phone")
    assert migrations(every_page(workspace))["be2138b7bd02"].state in ("done", "open")
    close_item(Desk(workspace), phone.id, "done", "the column is gone")
    plan = plan_rollback(Desk(workspace), "session", "wrong checkout")
    done = safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    assert not any("migration" in one.what for one in done.remaining_items)
    assert done.remaining_items  # the deployment, the environment, the keys


def test_no_address_is_in_any_of_it(workspace: Workspace, session: str) -> None:
    told = every_page(workspace).model_dump_json() + "".join(one.line() for one in workspace.ledger.records())
    for variable in ("SHOP_URL", "STOCK_URL"):
        assert os.environ[variable] not in told
