"""Alembic's revisions: operations, their way back, and the chain."""

import textwrap

import pytest

from safe_rollback.inventory.migrations.alembic import ALEMBIC
from tests.inventory.kit import Story
from tests.inventory.migrations.told import all_said, migration, touched


def source(
    upgrade: str, downgrade: str = "pass", revision: str = "b2", down_revision: str = '"a1"', more: str = ""
) -> str:
    return (
        '"""Revise."""\nfrom alembic import op\nimport sqlalchemy as sa\nfrom shop.helpers import helper\n\n'
        f"revision: str = {revision!r}\ndown_revision = {down_revision}\n{textwrap.dedent(more)}\n"
        f"def upgrade():\n{textwrap.indent(textwrap.dedent(upgrade), '    ')}\n\n"
        f"def downgrade():\n{textwrap.indent(textwrap.dedent(downgrade), '    ')}\n"
    )


OPERATIONS: dict[str, list[str]] = {
    'op.create_table("a", sa.Column("id", sa.Integer))': ["additive +table a"],
    'op.drop_table("a")': ["destructive -table a"],
    'op.rename_table("a", "b")': ["destructive +table b -table a"],
    'op.add_column("a", sa.Column("b", sa.Text(), nullable=True))': ["additive +column a.b"],
    'op.add_column("a", sa.Column("b", sa.Text(), nullable=False))': ["restrictive +column a.b"],
    'op.add_column("a", sa.Column("b", sa.Text(), nullable=False, server_default=""))': ["additive +column a.b"],
    'op.add_column("a", sa.Column("b", sa.Integer, sa.Computed("c"), nullable=False))': ["additive +column a.b"],
    'op.drop_column("a", "b")': ["destructive -column a.b"],
    'op.alter_column("a", "b", nullable=False)': ["restrictive ~column a.b"],
    'op.alter_column("a", "b", nullable=True, existing_type=sa.Text())': ["additive ~column a.b"],
    'op.alter_column("a", "b", type_=sa.Text())': ["destructive ~column a.b"],
    'op.alter_column("a", "b", new_column_name="c")': ["destructive +column a.c -column a.b"],
    'op.create_index(op.f("ix"), "a", ["b"])': ["additive ~table a +index ix"],
    'op.create_index("ix", "a", ["b"], unique=True)': ["restrictive ~table a +index ix"],
    'op.drop_index("ix", table_name="a")': ["additive ~table a -index ix"],
    'op.create_unique_constraint("u", "a", ["b"])': ["restrictive ~table a +constraint a.u"],
    'op.create_foreign_key(None, "a", "b", ["c"], ["d"])': ["restrictive ~table a"],
    'op.drop_constraint("u", "a", type_="unique")': ["additive ~table a -constraint a.u"],
    'with op.batch_alter_table("a") as it:\n    it.add_column(sa.Column("b", sa.Text()))\n    it.drop_column("c")': [
        "additive +column a.b", "destructive -column a.c",
    ],
    'op.execute("ALTER TYPE mood ADD VALUE \'sad\'")': ["irreversible ~type mood"],
    'op.execute(sa.text("UPDATE a SET b = 1"))': ["data ~table a"],
    'op.execute(f"DROP TABLE {name()}")': ["destructive"],
    "op.execute(statement())": ["unknown"],
    "op.execute(a.update().values(b=1))": ["data"],
    "op.get_bind().execute(sa.select(a))": ["additive"],
    'conn = op.get_bind()\nconn.execute("DELETE FROM a")': ["destructive ~table a"],
    "op.bulk_insert(a, [{}])": ["data"],
    'session = Session(bind=op.get_bind())\nsession.add(1)\nsession.query(a).delete()': ["data", "destructive"],
    'sa.Enum("x", name="mood").create(op.get_bind())': ["additive +type mood"],
    'mood = sa.Enum("x", name="mood")\nmood.drop(op.get_bind(), checkfirst=True)': ["destructive -type mood"],
    "op.create_table_comment('a', 'b')": ["additive"],
    "op.new_fangled('a')": ["unknown"],
    "helper(op)": ["unknown"],
    'for table in ("a", "b"):\n    op.drop_table(table)': ["destructive -table a", "destructive -table b"],
    'for table, column in [("a", "x"), ("b", "y")]:\n    op.drop_column(table, column)': [
        "destructive -column a.x", "destructive -column b.y",
    ],
    'own("a")': ["destructive -table a"],
    "print('hello')": ["additive"],
    "pass": ["additive"],
    "run()": ["unknown"],
}  # fmt: skip


def test_operations(story: Story) -> None:
    more = "def own(table):\n    op.drop_table(table)\n"
    rows = {f"db/versions/{number:03}.py": row for number, row in enumerate(OPERATIONS)}
    files: dict[str, str | None] = {
        path: source(row, revision=path, more=more) for path, row in rows.items()
    }  # fmt: skip
    found = {rows[one.migration.path]: all_said(one.migration.up) for one in touched(story, ALEMBIC, {}, files)}
    assert found == OPERATIONS


@pytest.mark.parametrize(
    ("downgrade", "down", "undo"),
    [
        ('op.drop_table("a")', "works", ["destructive -table a"]),
        ("pass", "empty", []),
        ('"""Nothing."""\nreturn None', "empty", []),
        ("print('no')", "empty", []),
        ('raise RuntimeError("no way")', "missing", []),
        ("from elsewhere import f\nf()", "works", ["unknown"]),
    ],
)
def test_the_way_back(story: Story, downgrade: str, down: str, undo: list[str]) -> None:
    one = migration(story, ALEMBIC, "db/versions/b2.py", source('op.create_table("a")', downgrade))
    assert (one.down, all_said(one.undo)) == (down, undo)


def test_without_a_downgrade_there_is_no_way_back(story: Story) -> None:
    text = source('op.create_table("a")').partition("def downgrade")[0]
    assert migration(story, ALEMBIC, "db/versions/b2.py", text).down == "missing"


@pytest.mark.parametrize(
    ("before", "command", "after"),
    [
        ('"a1"', "alembic downgrade a1", "a1"),
        ('("a1", "a2")', "alembic downgrade a1", "a1 a2"),
        ("None", "alembic downgrade b2@base", ""),
    ],
)
def test_the_command_goes_to_the_revision_before(story: Story, before: str, command: str, after: str) -> None:
    one = migration(story, ALEMBIC, "db/versions/b2.py", source("pass", down_revision=before), {"alembic.ini": ""})
    assert (ALEMBIC.undo(one), ALEMBIC.apply(one)) == (command, "alembic upgrade b2")
    assert one.names is not None and one.names["after"] == after


@pytest.mark.parametrize(
    ("files", "path", "project", "command"),
    [
        ({"api/alembic.ini": ""}, "api/alembic/versions/b2.py", "api", "alembic downgrade a1"),
        ({"api/migrations/alembic.ini": "", "api/migrations/env.py": "from flask import current_app"},
         "api/migrations/versions/b2.py", "api", "flask db downgrade a1"),
        ({"db/migs/alembic.ini": "", "db/migs/env.py": "from flask import current_app"},
         "db/migs/versions/b2.py", "db", "flask db downgrade --directory migs a1"),
    ],
)  # fmt: skip
def test_its_commands_are_run_where_its_configuration_is(
    story: Story, files: dict[str, str], path: str, project: str, command: str
) -> None:
    one = migration(story, ALEMBIC, path, source("pass"), dict(files))
    assert (one.project, ALEMBIC.undo(one)) == (project, command)


def test_what_does_not_parse_is_one_all_the_same(story: Story) -> None:
    text = "revision = 'b2'\ndown_revision = 'a1'\ndef upgrade():\n    print 'python 2'\n"
    changes = story.changes({}, {"db/versions/b2.py": text})
    (one,) = ALEMBIC.read(changes, changes.deltas)
    assert (one.migration.id, one.migration.effect, ALEMBIC.undo(one.migration)) == (
        "b2",
        "unknown",
        "alembic downgrade a1",
    )
    assert [unknown.subject for unknown in changes.unknowns] == ["db/versions/b2.py"]


@pytest.mark.parametrize(
    "text", ["", "x = 1\n", "revision = compute()\ndown_revision = None\n", "\0\0", "revision = 'a'\n"]
)
def test_what_is_no_revision(story: Story, text: str) -> None:
    assert touched(story, ALEMBIC, {"a": ""}, {"db/versions/b2.py": text, "b": ""}) == []
