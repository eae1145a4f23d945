"""Migrations in JavaScript: how they export, whose they are, what is an edit, and odd files."""

import pytest

from safe_rollback.inventory.migrations.db_migrate import DB_MIGRATE
from safe_rollback.inventory.migrations.knex import KNEX
from safe_rollback.inventory.migrations.kysely import KYSELY
from safe_rollback.inventory.migrations.mikro_orm import MIKRO_ORM
from safe_rollback.inventory.migrations.node_pg_migrate import NODE_PG_MIGRATE
from safe_rollback.inventory.migrations.sequelize import SEQUELIZE
from safe_rollback.inventory.migrations.typeorm import TYPEORM
from tests.inventory.kit import Story
from tests.inventory.migrations.told import all_said, touched

TOOLS = (KNEX, SEQUELIZE, DB_MIGRATE, NODE_PG_MIGRATE, TYPEORM, MIKRO_ORM, KYSELY)

UP, DOWN = "knex.schema.createTable('a', (t) => {})", "knex.schema.dropTable('a')"


WAYS = [
    f"exports.up = (knex) => {UP}; exports.down = (knex) => {DOWN};",
    f"exports.up = async function up(knex) {{ await {UP}; }}\nexports.down = function (knex) {{ return {DOWN}; }}",
    f"module.exports = {{ up: (knex) => {UP}, down: (knex) => {DOWN} }};",
    f"module.exports = {{ async up(knex) {{ await {UP}; }}, async down(knex) {{ await {DOWN}; }} }};",
    f"const up = (knex) => {UP};\nconst down = (knex) => {DOWN};\nmodule.exports = {{ up, down }};",
    f"function up(knex) {{ return {UP}; }}\nfunction down(knex) {{ return {DOWN}; }}\nexport {{ up, down }};",
    f"function a(knex) {{ return {UP}; }}\nfunction b(knex) {{ return {DOWN}; }}\nexport {{ a as up, b as down }};",
    f"export const up = async (knex) => {{ await {UP}; }};\nexport const down = async (knex) => {DOWN};",
    f"export async function up(knex) {{ await {UP}; }}\nexport async function down(knex) {{ await {DOWN}; }}",
    f"export default {{ up: (knex) => {UP}, down: (knex) => {DOWN} }};",
    f"const it = {{ up: (knex) => {UP}, down: (knex) => {DOWN} }};\nmodule.exports = it;",
    f"exports.up = wrapped(async (knex) => {{ await {UP}; }});\nexports.down = wrapped((knex) => {DOWN});",
    f"module.exports.up = (knex) => {UP};\r\nmodule.exports.down = (knex) => {DOWN};\r\n",
]


def test_ways_to_export(story: Story) -> None:
    files: dict[str, str | None] = {f"migrations/{number:03}.js": text for number, text in enumerate(WAYS)}
    found = {one.migration.path: one.migration for one in touched(story, KNEX, {}, files)}
    said = {path: (all_said(one.up), one.down, all_said(one.undo)) for path, one in found.items()}
    assert said == dict.fromkeys(files, (["additive +table a"], "works", ["destructive -table a"]))


USED = '{"dependencies": {%s}}'


WHOSE = [
    ("/** @param {import('knex').Knex} k */\nexports.up = (k) => {};", "", "knex"),
    ("/** @type {import('sequelize-cli').Migration} */\nmodule.exports = { up: (a, b) => {} };", "", "sequelize"),
    ("export const up = (db, S) => {};", '"sequelize": "6"', "sequelize"),
    ("export const up = async ({ context: queryInterface }) => {};", "", "sequelize"),
    ("exports.up = (q, Sequelize) => q.addColumn('a', 'b', {});", '"knex": "1", "sequelize": "6"', "sequelize"),
    ("exports.up = (db, cb) => db.addColumn('a', 'b', {}, cb);", '"knex": "1", "db-migrate": "0"', "db_migrate"),
    ("exports.up = (db) => db.runSql('');", '"knex": "1", "db-migrate": "0"', "db_migrate"),
    ("exports.up = (pgm) => {};", "", "node_pg_migrate"),
    ("export async function up(db) { await db.schema.dropTable('a').execute(); }", "", "kysely"),
    ("exports.up = (db) => db.schema.createTable('a', (t) => {});", "", "knex"),
    ("class A1700000000000 { async up(q) {} }\nmodule.exports = { A1700000000000 };", "", "typeorm"),
    ("class A extends Migration { async up() {} }\nmodule.exports = { A };", "", "mikro_orm"),
    ("exports.up = (x) => {};", '"knex": "1"', "knex"),
    ("exports.up = (x) => {};", '"knex": "1", "kysely": "1"', ""),
    ("exports.up = (x) => {};", "", ""),
    ("export class Lift { up() {} }", '"knex": "1"', ""),
    ("exports.run = (knex) => {};", '"knex": "1"', ""),
]


def test_whose_it_is(story: Story) -> None:
    packages = {f"app{number}/package.json": USED % package for number, (_, package, _) in enumerate(WHOSE)}
    files = {f"app{number}/migrations/2024_a.js": text for number, (text, _, _) in enumerate(WHOSE)}
    changes = story.changes(dict(packages), dict(files))
    found: dict[str, str] = dict.fromkeys(files, "")
    for tool in TOOLS:
        for one in tool.read(changes, changes.deltas):
            found[one.migration.path] += tool.name
    assert found == dict(zip(files, [tool for _, _, tool in WHOSE], strict=True))


TEXT = "exports.up = (knex) => knex.schema.table('a', (t) => { t.string('b'); });\nexports.down = (knex) => {};\n"


@pytest.mark.parametrize(
    ("new", "edited"),
    [
        (TEXT.replace("'", '"').replace("\n", "\r\n"), False),
        ("// why\n'use strict';\n" + TEXT.replace("(t) =>", "t =>").replace("); }", ")\n}"), False),
        (TEXT.replace("exports.up = (knex) =>", "export const up = async (knex: Knex): Promise<void> =>"), False),
        (TEXT.replace("'b'", "'c'"), True),
        (TEXT.replace("string('b')", "string('b', 20)"), True),
        (TEXT.replace("(knex) => {}", "(knex) => knex.raw('DROP TABLE a')"), True),
    ],
)
def test_only_an_edit_of_what_it_does_is_one(story: Story, new: str, edited: bool) -> None:
    path = "migrations/2024_a.ts"
    found = touched(story, KNEX, {path: TEXT}, {path: new})
    assert [(one.change, one.edited) for one in found] == ([("changed", True)] if edited else [])


@pytest.mark.parametrize(
    "path",
    [
        "src/a.js",
        "migrations/a.spec.ts",
        "migrations/index.js",
        "migrations/types.d.ts",
        "migrations/a.json",
        "migrate.js",
    ],
)
def test_paths_that_are_no_migration(path: str) -> None:
    assert not any(tool.claims(path) for tool in TOOLS if tool is not NODE_PG_MIGRATE)


ODD = [
    "",
    "up",
    "exports.up = ",
    "exports.up = (knex) => { knex.schema.createTable('a', ",
    "module.exports = { up, down: }",
    "export const up = up;",
    "exports.up = exports.up;",
    "const a = b; const b = a; exports.up = (knex) => knex.raw(a);",
    "exports.up = (knex) => up(knex); function up(knex) { return up(knex); }",
    "\0exports.up = (knex) => {}",
    "exports.up = (knex) => knex.raw('" + "x" * 200_000 + "');",
    "exports.up = (knex) => " + "(" * 3000 + "knex" + ")" * 3000 + ";",
    "exports.up = (knex) => knex" + ".a()" * 3000 + ";",
    "exports.up = (knex) => knex.schema.table(); exports.down = 5;",
    "exports.up = (knex) => knex.schema.table('a', (t) => { t.dropColumn(); t.string(); t.renameColumn('a'); });",
    "class A { up() {} up() {} 'name' = 1; [x] = 2; static {} }",
    "<<<<<<< HEAD\nexports.up = (knex) => {};\n=======\nexports.up = (knex) => {};\n>>>>>>> b\n",
]


def test_odd_files_raise_nothing(story: Story) -> None:
    files: dict[str, str | None] = {
        f"migrations/{number:03}.{ending}": text for number, text in enumerate(ODD) for ending in ("js", "ts")
    }
    changes = story.changes({}, files)
    read = [list(tool.read(changes, [one for one in changes.deltas if tool.claims(one.path)])) for tool in TOOLS]
    assert sum(map(len, read)) > len(ODD) / 2
