"""yoyo's migrations: steps, their way back, and SQL files."""

import pytest

from safe_rollback.inventory.migrations.yoyo import YOYO
from tests.inventory.kit import Story
from tests.inventory.migrations.told import all_said, migration, touched

HEAD = "from yoyo import step\n__depends__ = {'0001.init', '0002.more'}\n"


STEPS = [
    (
        'steps = [step("CREATE TABLE a (b int)", "DROP TABLE a")]',
        ["additive +table a"],
        "works",
        ["destructive -table a"],
    ),
    ('step("CREATE TABLE a (b int)")', ["additive +table a"], "empty", []),
    ('step("CREATE TABLE a (b int)", None)', ["additive +table a"], "empty", []),
    (
        'step("CREATE TABLE a (b int)", "DROP TABLE a")\nstep("CREATE INDEX i ON a (b)", "DROP INDEX i")',
        ["additive +table a", "additive ~table a +index i"],
        "works",
        ["additive -index i", "destructive -table a"],
    ),
    ('def run(conn):\n    conn.cursor().execute("DROP TABLE a")\nstep(run)', ["destructive -table a"], "empty", []),
    ("from x import run\nstep(run, run)", ["unknown"], "works", ["unknown"]),
    ("", ["additive"], "empty", []),
]


def test_steps(story: Story) -> None:
    rows = {f"migrations/0003.{number:03}.py": row for number, row in enumerate(STEPS)}
    files: dict[str, str | None] = {path: HEAD + row[0] for path, row in rows.items()}
    found = [one.migration for one in touched(story, YOYO, {}, files)]
    assert [(rows[one.path][0], all_said(one.up), one.down, all_said(one.undo)) for one in found] == STEPS


def test_the_id_is_the_files_name_and_it_names_what_it_depends_on(story: Story) -> None:
    one = migration(story, YOYO, "migrations/0003.next.py", HEAD)
    assert one.id == "0003.next"
    assert one.names is not None and sorted(one.names["after"].split()) == ["0001.init", "0002.more"]


def test_its_commands_name_the_migration_and_the_directory(story: Story) -> None:
    one = migration(story, YOYO, "api/db/migrations/0003.py", HEAD, {"api/yoyo.ini": ""})
    assert (one.project, YOYO.undo(one)) == ("api", "yoyo rollback --batch --revision 0003 db/migrations")


def test_a_sql_file_is_yoyos_if_it_has_a_rollback_beside_it(story: Story) -> None:
    files = {
        "migrations/0001.sql": "CREATE TABLE a (b int);",
        "migrations/0001.rollback.sql": "DROP TABLE a;",
        "migrations/0002.sql": "CREATE TABLE c (d int);",
    }
    (one,) = touched(story, YOYO, {}, files)
    assert (one.migration.id, one.migration.down) == ("0001", "works")


@pytest.mark.parametrize("text", ["", "from yoyo import (", "\0", "print 'x'", "import os\nstep(1)"])
def test_odd_files(story: Story, text: str) -> None:
    changes = story.changes({"a": ""}, {"migrations/0003.py": text, "b": ""})
    found = list(YOYO.read(changes, [one for one in changes.deltas if YOYO.claims(one.path)]))
    assert [one.migration.effect for one in found] == (["unknown"] if "yoyo" in text else [])
