"""Sequelize: the query interface, and the id with the file's ending."""

from safe_rollback.inventory.migrations.sequelize import SEQUELIZE
from tests.inventory.kit import Story
from tests.inventory.migrations.told import migration, ups

SOURCE = """
'use strict';
const tableName = 'a';
module.exports = {
  async up(queryInterface, Sequelize) {
    BODY
  },
  down: async (queryInterface) => {},
};
"""

OPERATIONS: dict[str, list[str]] = {
    "await queryInterface.createTable('a', { id: { type: Sequelize.UUID } });": ["additive +table a"],
    "await queryInterface.createTable({ tableName: 'a', schema: 's' }, {});": ["additive +table s.a"],
    "await queryInterface.dropTable(tableName, { transaction });": ["destructive -table a"],
    "await queryInterface.renameTable('a', 'b');": ["destructive +table b -table a"],
    "await queryInterface.addColumn('a', 'b', { type: Sequelize.TEXT });": ["additive +column a.b"],
    "await queryInterface.addColumn('a', 'b', { type: Sequelize.TEXT, allowNull: false });": [
        "restrictive +column a.b",
    ],
    "await queryInterface.addColumn('a', 'b', { allowNull: false, defaultValue: '' });": ["additive +column a.b"],
    "await queryInterface.addColumn('a', 'b', { unique: true });": ["restrictive +column a.b"],
    "await queryInterface.removeColumn('a', 'b');": ["destructive -column a.b"],
    "await queryInterface.renameColumn('a', 'b', 'c');": ["destructive +column a.c -column a.b"],
    "await queryInterface.changeColumn('a', 'b', { type: Sequelize.TEXT, allowNull: true });": [
        "unknown ~column a.b",
    ],
    "await queryInterface.changeColumn('a', 'b', { type: Sequelize.TEXT, allowNull: false });": [
        "restrictive ~column a.b",
    ],
    "await queryInterface.addIndex('a', ['b'], { name: 'i' });": ["additive ~table a +index i"],
    "await queryInterface.addIndex('a', ['b'], { unique: true });": ["restrictive ~table a"],
    "await queryInterface.removeIndex('a', 'i');": ["additive ~table a -index i"],
    "await queryInterface.addConstraint('a', { type: 'unique', fields: ['b'], name: 'u' });": [
        "restrictive ~table a +constraint a.u",
    ],
    "await queryInterface.removeConstraint('a', 'u');": ["additive ~table a -constraint a.u"],
    "await queryInterface.bulkInsert('a', [{ b: 1 }]);": ["data ~table a"],
    "await queryInterface.bulkDelete('a', {});": ["destructive ~table a"],
    'await queryInterface.sequelize.query(`alter table "${tableName}" drop column b`);': ["destructive -column a.b"],
    "const [rows] = await queryInterface.sequelize.query('SELECT 1');": ["additive"],
    "await queryInterface.sequelize.transaction(async (t) => { await queryInterface.dropTable('a'); });": [
        "destructive -table a",
    ],
    "await execFileSync('node', ['script.js']);": ["unknown"],
}  # fmt: skip


def test_operations(story: Story) -> None:
    assert ups(story, SEQUELIZE, "server/migrations/2024{}-a.js", SOURCE, OPERATIONS) == OPERATIONS


def test_the_id_has_the_files_ending_and_one_can_be_undone_by_itself(story: Story) -> None:
    one = migration(story, SEQUELIZE, "app/db/migrations/2024-a.js", SOURCE, {"app/.sequelizerc": ""})
    assert (one.id, one.project, one.down) == ("2024-a.js", "app", "empty")
    assert SEQUELIZE.undo(one) == "npx sequelize-cli db:migrate:undo --name 2024-a.js"
    assert [history.table for history in SEQUELIZE.history] == ["SequelizeMeta"]
