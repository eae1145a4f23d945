"""node-pg-migrate: builders, what it takes back by itself, and SQL files."""

import pytest

from safe_rollback.inventory.migrations.node_pg_migrate import NODE_PG_MIGRATE
from tests.inventory.kit import Story
from tests.inventory.migrations.told import all_said, migration, ups

SOURCE = """
import type { MigrationBuilder } from 'node-pg-migrate';
export async function up(pgm: MigrationBuilder): Promise<void> {
  BODY
}
"""

OPERATIONS: dict[str, list[str]] = {
    "pgm.createTable('a', { id: 'id' });": ["additive +table a"],
    "pgm.createTable({ schema: 's', name: 'a' }, {});": ["additive +table s.a"],
    "pgm.dropTable('a');": ["destructive -table a"],
    "pgm.addColumns('a', { b: { type: 'text' }, c: 'int' });": ["additive ~table a +column a.b +column a.c"],
    "pgm.addColumn('a', { b: { type: 'text', notNull: true } });": ["restrictive ~table a +column a.b"],
    "pgm.dropColumns('a', ['b', 'c']);": ["destructive -column a.b -column a.c"],
    "pgm.dropColumn('a', 'b');": ["destructive -column a.b"],
    "pgm.alterColumn('a', 'b', { notNull: true });": ["restrictive ~column a.b"],
    "pgm.alterColumn('a', 'b', { type: 'text' });": ["destructive ~column a.b"],
    "pgm.alterColumn('a', 'b', { default: 1 });": ["additive ~column a.b"],
    "pgm.renameColumn('a', 'b', 'c');": ["destructive +column a.c -column a.b"],
    "pgm.createIndex('a', ['b', 'c']);": ["additive ~table a +index a_b_c_index"],
    "pgm.createIndex('a', 'b', { name: 'i', unique: true });": ["restrictive ~table a +index i"],
    "pgm.dropIndex('a', 'b');": ["additive ~table a -index a_b_index"],
    "pgm.addConstraint('a', 'u', { unique: 'b' });": ["restrictive ~table a +constraint a.u"],
    "pgm.createType('mood', ['sad']);": ["additive +type mood"],
    "pgm.addTypeValue('mood', 'glad');": ["irreversible ~type mood"],
    "pgm.sql(`INSERT INTO a VALUES (1)`);": ["data ~table a"],
    "pgm.noTransaction();": ["additive"],
}


def test_operations(story: Story) -> None:
    assert ups(story, NODE_PG_MIGRATE, "migrations/17000{}_a.ts", SOURCE, OPERATIONS) == OPERATIONS


@pytest.mark.parametrize(
    ("up", "more", "down", "undo"),
    [
        ("pgm.createTable('a', {});", "", "inferred", ["destructive -table a"]),
        ("pgm.renameTable('a', 'b');", "", "inferred", ["destructive -table b", "additive +table a"]),
        ("pgm.sql('CREATE TABLE a (b int)');", "", "missing", []),
        ("pgm.createTable('a', {}); pgm.dropTable('b');", "", "missing", []),
        ("pgm.createTable('a', {});", "export const down = false;", "missing", []),
        ("pgm.createTable('a', {});", "export const down = () => {};", "empty", []),
        (
            "pgm.createTable('a', {});",
            "export function down(pgm) { pgm.dropTable('a'); }",
            "works",
            ["destructive -table a"],
        ),
    ],
)
def test_the_way_back(story: Story, up: str, more: str, down: str, undo: list[str]) -> None:
    one = migration(story, NODE_PG_MIGRATE, "migrations/17000_a.ts", SOURCE.replace("BODY", up) + more)
    assert (one.down, all_said(one.undo)) == (down, undo)


def test_a_sql_file_has_both_directions(story: Story) -> None:
    text = "-- Up Migration\nCREATE TABLE a (b int);\n\n-- Down Migration\nDROP TABLE a;\n"
    one = migration(story, NODE_PG_MIGRATE, "db/migrations/17000_a.sql", text, {"db/package.json": "{}"})
    assert (one.id, one.down, all_said(one.undo)) == ("17000_a", "works", ["destructive -table a"])
    assert (one.up[0].line, one.undo[0].line) == (2, 5)
    assert (one.project, NODE_PG_MIGRATE.undo(one)) == ("db", "npx node-pg-migrate down 17000_a")


def test_other_sql_is_not_its(story: Story) -> None:
    changes = story.changes({"a": ""}, {"db/migrations/1_a.sql": "CREATE TABLE a (b int);", "b": ""})
    assert list(NODE_PG_MIGRATE.read(changes, changes.deltas)) == []
