"""db-migrate: its interface, SQL files, and ids with a slash."""

import pytest

from safe_rollback.inventory.migrations.db_migrate import DB_MIGRATE
from tests.inventory.kit import Files, Story
from tests.inventory.migrations.told import all_said, migration, ups

SOURCE = """
'use strict';
const async = require('async');
exports.up = function (db, cb) {
  BODY
};
exports.down = function (db, cb) {
  db.runSql(``, cb);
};
"""

OPERATIONS: dict[str, list[str]] = {
    "db.runSql(`CREATE TABLE a (b int); UPDATE c SET d = 1;`, cb);": ["additive +table a", "data ~table c"],
    "db.runSql('DROP TABLE a').then(() => db.runSql('DROP TABLE b'));": [
        "destructive -table a", "destructive -table b",
    ],
    "return db.createTable('a', { id: 'int' }, cb);": ["additive +table a"],
    "return db.addColumn('a', 'b', { type: 'string', defaultValue: 'x' }, cb);": ["additive +column a.b"],
    "return db.addColumn('a', 'b', { type: 'string', notNull: true }, cb);": ["restrictive +column a.b"],
    "return db.removeColumn('a', 'b', cb);": ["destructive -column a.b"],
    "return db.changeColumn('a', 'b', { type: 'text' }, cb);": ["destructive ~column a.b"],
    "return db.changeColumn('a', 'b', { notNull: true }, cb);": ["restrictive ~column a.b"],
    "return db.addIndex('a', 'i', ['b'], true, cb);": ["restrictive ~table a +index i"],
    "return db.removeIndex('a', 'i', cb);": ["additive ~table a -index i"],
    "return db.addForeignKey('a', 'b', 'fk', { c: 'd' }, {}, cb);": ["restrictive ~table a +constraint a.fk"],
    "return db.insert('a', ['b'], [1], cb);": ["data ~table a"],
    "async.series([db.createTable.bind(db, 'a', {}), db.runSql.bind(db, 'DROP TABLE b')], cb);": [
        "additive +table a", "destructive -table b",
    ],
    "db.runSql(compute(), cb);": ["unknown"],
    "require('./other').run(db, cb);": ["unknown"],
    "cb();": ["additive"],
}  # fmt: skip


def test_operations(story: Story) -> None:
    assert ups(story, DB_MIGRATE, "src/migrations/20240101000{}-a.js", SOURCE, OPERATIONS) == OPERATIONS


def test_a_down_that_runs_no_sql_is_empty(story: Story) -> None:
    assert migration(story, DB_MIGRATE, "migrations/20240101000000-a.js", SOURCE).down == "empty"


FILES = """
var fs = require('fs'); var path = require('path');
exports.up = function(db) {
  var filePath = path.join(__dirname, 'sqls', '20240101000000-a-up.sql');
  return new Promise(function(resolve, reject) {
    fs.readFile(filePath, {encoding: 'utf-8'}, function(err, data) { if (err) return reject(err); resolve(data); });
  }).then(function(data) { return db.runSql(data); });
};
exports.down = function(db) {
  return db.runSql(fs.readFileSync(path.join(__dirname, 'sqls', '20240101000000-a-down.sql'), 'utf8'));
};
exports._meta = { "version": 1 };
"""


def test_sql_in_files_beside_is_read(story: Story) -> None:
    sqls: Files = {
        "migrations/sqls/20240101000000-a-up.sql": "CREATE TABLE a (b int);",
        "migrations/sqls/20240101000000-a-down.sql": "DROP TABLE a;",
    }
    one = migration(story, DB_MIGRATE, "migrations/20240101000000-a.js", FILES, sqls)
    assert (all_said(one.up), one.down, all_said(one.undo)) == (
        ["additive +table a"],
        "works",
        ["destructive -table a"],
    )


@pytest.mark.parametrize(
    ("path", "id_", "undo"),
    [
        ("src/migrations/20240102000000-b.js", "/20240102000000-b",
         "npx db-migrate down 20240101000000-a --migrations-dir src/migrations"),
        ("migrations/20240102000000-b.js", "/20240102000000-b", "npx db-migrate down --count 1"),
        ("migrations/extra/20240102000000-b.js", "extra/20240102000000-b", "npx db-migrate down:extra --count 1"),
    ],
)  # fmt: skip
def test_the_id_has_a_slash_and_the_way_back_is_to_the_one_before(
    story: Story, path: str, id_: str, undo: str
) -> None:
    """It stores `/name`, or `scope/name`; down to a name leaves that one applied."""
    before: Files = {
        "src/migrations/20240101000000-a.js": SOURCE,
        "package.json": '{"dependencies": {"db-migrate": "1"}}',
    }
    one = migration(story, DB_MIGRATE, path, SOURCE, before)
    assert (one.id, DB_MIGRATE.undo(one)) == (id_, undo)
