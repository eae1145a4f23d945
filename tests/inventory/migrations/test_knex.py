"""Knex: builders, SQL, and the way back."""

import pytest

from safe_rollback.inventory.migrations.knex import KNEX
from tests.inventory.kit import Story
from tests.inventory.migrations.told import all_said, migration, ups

SOURCE = """
const TABLE = 'a';
async function fill(knex) { await knex('c').insert([{ d: 1 }]); }
exports.up = async function (knex) {
  BODY
};
exports.down = (knex) => knex.schema.dropTable('a');
"""

OPERATIONS: dict[str, list[str]] = {
    "return knex.schema.createTable('a', (t) => { t.increments('id').primary(); });": ["additive +table a"],
    "return knex.schema.createTable(TABLE, t => {}).createTable(`b`, t => {});": [
        "additive +table a", "additive +table b",
    ],
    "return knex.schema.dropTableIfExists('a');": ["destructive -table a"],
    "return knex.schema.renameTable('a', 'b');": ["destructive +table b -table a"],
    "await knex.schema.withSchema('s').alterTable('a', (table) => { table.string('b'); table.dropColumn('c'); });": [
        "additive +column a.b", "destructive -column a.c",
    ],
    "await knex.schema.table('a', function (table) { table.integer('b').notNullable(); });": [
        "restrictive +column a.b",
    ],
    "await knex.schema.table('a', t => { t.integer('b').notNullable().defaultTo(0); });": ["additive +column a.b"],
    "await knex.schema.table('a', t => t.string('b').unique());": ["restrictive +column a.b"],
    "await knex.schema.alterTable('a', t => { t.renameColumn('b', 'c'); t.dropColumns('d', 'e'); });": [
        "destructive +column a.c -column a.b", "destructive -column a.d -column a.e",
    ],
    "await knex.schema.alterTable('a', t => { t.string('b').notNullable().alter(); t.text('c').alter(); });": [
        "restrictive ~column a.b", "unknown ~column a.c",
    ],
    "knex.schema.alterTable('a', t => { t.index(['b']); t.unique(['c']); t.dropNullable('d'); t.timestamps(); });": [
        "additive ~table a", "restrictive ~table a", "restrictive ~column a.d",
        "additive +column a.created_at +column a.updated_at",
    ],
    "await knex.schema.alterTable('a', t => { t.whatIsThis('b'); });": ["unknown ~table a"],
    "await knex.raw('ALTER TABLE a ADD COLUMN b int');": ["additive ~table a +column a.b"],
    "await knex.schema.raw(`DROP TABLE ${TABLE}`);": ["destructive -table a"],
    "await knex.raw(`DROP TABLE ${compute()}`);": ["destructive"],
    "await knex.raw(compute());": ["unknown"],
    "await knex('a').where({ b: knex.raw('now()') }).update({ c: 1 });": ["data ~table a"],
    "await knex.delete().from('a');": ["destructive ~table a"],
    "const rows = await knex('a').select('b');": ["additive"],
    "if (!(await knex.schema.hasTable('a'))) { await knex.schema.createTable('a', t => {}); }": ["additive +table a"],
    "await knex.transaction(async (trx) => { await trx('a').del(); });": ["destructive ~table a"],
    "await fill(knex);": ["data ~table c"],
    "await helper(knex);": ["unknown"],
    "": ["additive"],
    "console.log('nothing');": ["additive"],
}  # fmt: skip


def test_operations(story: Story) -> None:
    assert ups(story, KNEX, "migrations/2024{}_a.js", SOURCE, OPERATIONS) == OPERATIONS


@pytest.mark.parametrize(
    ("down", "says", "undo"),
    [
        ("exports.down = (knex) => knex.schema.dropTable('a');", "works", ["destructive -table a"]),
        ("exports.down = async () => {};", "empty", []),
        ("exports.down = function () { return Promise.resolve(); };", "empty", []),
        ("exports.down = () => { throw new Error('no'); };", "missing", []),
        ("", "missing", []),
    ],
)
def test_the_way_back(story: Story, down: str, says: str, undo: list[str]) -> None:
    text = f"exports.up = (knex) => knex.schema.createTable('a', t => {{}});\n{down}\n"
    one = migration(story, KNEX, "migrations/2024_a.js", text)
    assert (one.down, all_said(one.undo)) == (says, undo)


def test_the_id_is_the_name_of_the_file_and_the_way_back_is_its_own(story: Story) -> None:
    text = "import { Knex } from 'knex';\nexport async function up(knex: Knex): Promise<void> {}\n"
    one = migration(
        story, KNEX, "api/db/migrations/2024_a b.ts", text, {"api/knexfile.ts": "", "api/package.json": "{}"}
    )
    assert (one.id, one.project) == ("2024_a b.ts", "api")
    assert KNEX.undo(one) == "npx knex migrate:down '2024_a b.ts'"
    assert KNEX.apply(one) == "npx knex migrate:up '2024_a b.ts'"
    assert "rollback" in KNEX.note
