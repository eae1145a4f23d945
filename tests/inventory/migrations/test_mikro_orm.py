"""MikroORM: SQL in classes."""

import pytest

from safe_rollback.inventory.migrations.mikro_orm import MIKRO_ORM
from tests.inventory.kit import Story
from tests.inventory.migrations.told import all_said, migration

HEAD = (
    "import { Migration } from '@mikro-orm/migrations';\nexport class Migration20240101000000 extends Migration {\n"
)
UP = '  override async up(): Promise<void> {\n    this.addSql(\'create table "a" ("b" int);\');\n  }\n'


@pytest.mark.parametrize(
    ("down", "says", "undo"),
    [
        (
            "  override async down(): Promise<void> { this.addSql('drop table \"a\";'); }\n",
            "works",
            ["destructive -table a"],
        ),
        ("  async down() {}\n", "empty", []),
        ("", "missing", []),
    ],
)
def test_up_and_down(story: Story, down: str, says: str, undo: list[str]) -> None:
    one = migration(story, MIKRO_ORM, "src/migrations/Migration20240101000000.ts", f"{HEAD}{UP}{down}}}\n")
    assert (all_said(one.up), one.down, all_said(one.undo)) == (["additive +table a"], says, undo)
    assert one.id == "Migration20240101000000"
    assert MIKRO_ORM.undo(one) == "npx mikro-orm migration:down --only Migration20240101000000"


def test_what_goes_past_its_own_sql_is_unknown(story: Story) -> None:
    text = f"{HEAD}  async up() {{ const knex = this.getKnex(); await knex('a').update({{}}); }}\n}}\n"
    assert all_said(migration(story, MIKRO_ORM, "db/Migration20240101000000.ts", text).up) == ["unknown"]
