"""Kysely: builders, SQL tags, and the way back to the one before."""

from safe_rollback.inventory.migrations.kysely import KYSELY
from tests.inventory.kit import Story
from tests.inventory.migrations.told import migration, ups

SOURCE = """
import { type Kysely, sql } from 'kysely';
export async function up(db: Kysely<unknown>): Promise<void> {
  BODY
}
"""

OPERATIONS: dict[str, list[str]] = {
    "await db.schema.createTable('a').addColumn('b', 'text', (col) => col.notNull()).execute();": [
        "additive +table a",
    ],
    "await db.schema.dropTable('a').execute();": ["destructive -table a"],
    "db.schema.alterTable('a').addColumn('b', 'text').addColumn('c', 'text', (col) => col.notNull()).execute();": [
        "additive +column a.b", "restrictive +column a.c",
    ],
    "db.schema.alterTable('a').addColumn('b', 'text', (col) => col.notNull().defaultTo(1)).execute();": [
        "additive +column a.b",
    ],
    "await db.schema.alterTable('a').dropColumn('b').execute();": ["destructive -column a.b"],
    "await db.schema.alterTable('a').renameColumn('b', 'c').execute();": ["destructive +column a.c -column a.b"],
    "await db.schema.alterTable('a').renameTo('b').execute();": ["destructive +table b -table a"],
    "await db.schema.alterTable('a').alterColumn('b', (col) => col.setNotNull()).execute();": [
        "restrictive ~column a.b",
    ],
    "await db.schema.alterTable('a').alterColumn('b', (col) => col.setDataType('text')).execute();": [
        "destructive ~column a.b",
    ],
    "await db.schema.alterTable('a').addForeignKeyConstraint('fk', ['b'], 'c', ['d']).execute();": [
        "restrictive ~table a +constraint a.fk",
    ],
    "await db.schema.createIndex('i').unique().on('a').column('b').execute();": ["restrictive ~table a +index i"],
    "await db.schema.createIndex('i').on('a').expression(sql`lower(b)`).execute();": ["additive ~table a +index i"],
    "await db.schema.dropIndex('i').execute();": ["additive -index i"],
    "await db.schema.createType('mood').asEnum(['sad']).execute();": ["additive +type mood"],
    "await sql`ALTER TYPE mood ADD VALUE 'glad'`.execute(db);": ["irreversible ~type mood"],
    "await sql.raw('DROP TABLE a').execute(db);": ["destructive -table a"],
    "await db.updateTable('a').set({ b: 1 }).execute();": ["data ~table a"],
    "await db.deleteFrom('a').execute();": ["destructive ~table a"],
    "const rows = await db.selectFrom('a').selectAll().execute();": ["additive"],
}  # fmt: skip


def test_operations(story: Story) -> None:
    assert ups(story, KYSELY, "src/migrations/2024{}-a.ts", SOURCE, OPERATIONS) == OPERATIONS


def test_the_way_back_names_what_stays(story: Story) -> None:
    before = {"src/migrations/001-a.ts": SOURCE, "package.json": "{}", "src/migrations/index.ts": ""}
    one = migration(story, KYSELY, "src/migrations/002-b.ts", SOURCE, dict(before))
    assert (one.id, one.down, KYSELY.undo(one)) == ("002-b", "missing", "npx kysely migrate:down 001-a")
