"""TypeORM: the query runner, and the name that the history stores."""

import pytest

from safe_rollback.inventory.migrations.typeorm import TYPEORM
from tests.inventory.kit import Story
from tests.inventory.migrations.told import all_said, migration, ups

SOURCE = """
import { MigrationInterface, QueryRunner, Table, TableColumn } from 'typeorm';
export class Next1700000000{} implements MigrationInterface {
  public async up(queryRunner: QueryRunner): Promise<void> {
    BODY
  }
  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "a"`);
  }
}
"""

OPERATIONS: dict[str, list[str]] = {
    'await queryRunner.query(`CREATE TABLE "a" ("b" integer NOT NULL)`);': ["additive +table a"],
    "await queryRunner.createTable(new Table({ name: 'a', columns: [{ name: 'b', type: 'int' }] }), true);": [
        "additive +table a",
    ],
    "await queryRunner.addColumn('a', new TableColumn({ name: 'b', type: 'int' }));": ["restrictive +column a.b"],
    "await queryRunner.addColumn('a', new TableColumn({ name: 'b', type: 'int', isNullable: true }));": [
        "additive +column a.b",
    ],
    "const column = new TableColumn({ name: 'b', default: 1 });\nawait queryRunner.addColumns('a', [column]);": [
        "additive +column a.b",
    ],
    "await queryRunner.dropColumn('a', 'b');": ["destructive -column a.b"],
    "await queryRunner.dropTable('a');": ["destructive -table a"],
    "await queryRunner.changeColumn('a', 'b', new TableColumn({ name: 'b' }));": ["unknown ~column a.b"],
    "await queryRunner.createIndex('a', new TableIndex({ name: 'i', columnNames: ['b'], isUnique: true }));": [
        "restrictive ~table a +index i",
    ],
    "await queryRunner.createForeignKey('a', new TableForeignKey({ name: 'fk' }));": [
        "restrictive ~table a +constraint a.fk",
    ],
    "await queryRunner.manager.save(User, {});": ["data"],
    "await queryRunner.manager.createQueryBuilder().delete().from(User).where('a').execute();": ["destructive"],
    "await queryRunner.getSomethingNew().where('a').run();": ["unknown"],
    "if (await queryRunner.hasTable('a')) { return; }": ["additive"],
    "await helper(queryRunner);": ["unknown"],
}  # fmt: skip


def test_operations(story: Story) -> None:
    assert ups(story, TYPEORM, "src/migration/1700000000{}-Next.ts", SOURCE, OPERATIONS) == OPERATIONS


@pytest.mark.parametrize(
    ("head", "id_"),
    [
        ("class Next1700000000001 implements MigrationInterface {", "Next1700000000001"),
        ("class Next1700000000001 implements MigrationInterface { name = 'Named1700000000001'", "Named1700000000001"),
        ("module.exports = class Next1700000000001 {", "Next1700000000001"),
    ],
)
def test_the_id_is_the_class_or_the_name_it_gives_itself(story: Story, head: str, id_: str) -> None:
    text = f"{head}\n async up(queryRunner) {{ await queryRunner.dropTable('a'); }}\n async down() {{ }}\n}}\n"
    files = {"api/src/data-source.ts": "", "api/package.json": '{"dependencies": {"typeorm": "1"}}'}
    one = migration(story, TYPEORM, "api/src/migration/1700000000001-Next.ts", text, dict(files))
    assert (one.id, one.order[0], one.down) == (id_, 1700000000001, "empty")
    assert (one.project, TYPEORM.undo(one)) == ("api", "npx typeorm migration:revert --dataSource src/data-source.ts")


def test_a_wrapper_that_is_not_known_makes_its_effect_unknown(story: Story) -> None:
    text = (
        "export class AddX1700000000001 implements ReversibleMigration {\n"
        "  async up({ schemaBuilder: { addColumns, column } }: Context) { await addColumns('a', [column('b')]); }\n"
        "  async down({ schemaBuilder: { dropColumns } }: Context) { await dropColumns('a', ['b']); }\n}\n"
    )
    one = migration(story, TYPEORM, "src/migrations/1700000000001-AddX.ts", text)
    assert (all_said(one.up), one.down, all_said(one.undo)) == (["unknown"], "works", ["unknown"])
