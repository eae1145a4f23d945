"""Tools whose migrations are SQL files: what each reads of its layout, and its commands."""

import pytest

from safe_rollback.inventory.migrations.atlas import ATLAS
from safe_rollback.inventory.migrations.dbmate import DBMATE
from safe_rollback.inventory.migrations.diesel import DIESEL
from safe_rollback.inventory.migrations.drizzle import DRIZZLE
from safe_rollback.inventory.migrations.flyway import FLYWAY
from safe_rollback.inventory.migrations.golang_migrate import GOLANG_MIGRATE
from safe_rollback.inventory.migrations.goose import GOOSE
from safe_rollback.inventory.migrations.liquibase import LIQUIBASE
from safe_rollback.inventory.migrations.model import Tool, Touched
from safe_rollback.inventory.migrations.prisma import PRISMA
from safe_rollback.inventory.migrations.prisma_scripts import PRISMA_SCRIPTS
from safe_rollback.inventory.migrations.sqlx import SQLX
from safe_rollback.inventory.migrations.supabase import SUPABASE
from safe_rollback.inventory.migrations.verifying import verification
from tests.inventory.kit import Files, Story
from tests.inventory.migrations.told import all_said, touched

MAKE = "CREATE TABLE a (b int);\n"
DROP = "DROP TABLE a;\n"
DOWN = "-- what to do\n"
LOCK = 'provider = "postgresql"\n'
JOURNAL = '{"version": "7", "dialect": "DIALECT", "entries": [{"idx": 0, "when": 17, "tag": "0000_init"}]}'
SQLX_CARGO = '[dependencies]\nsqlx = "0.8"\n'
DIESEL_CARGO = '[dependencies]\ndiesel = "2"\n'


def row(tool: Tool, one: Touched) -> str:
    """`id effect down | undo | apply`, with the directory the commands are run in."""
    it = one.migration
    place = f" in {it.project}" if it.project else ""
    return f"{it.id} {it.effect} {it.down}{place} | {tool.undo(it)} | {tool.apply(it)}"


LAYOUTS: dict[str, tuple[Tool, Files, Files, list[str]]] = {
    "prisma": (
        PRISMA,
        {"package.json": "{}", "prisma/schema.prisma": 'datasource db {\n provider = "mysql"\n}'},
        {"prisma/migrations/20240101000000_init/migration.sql": MAKE},
        ["20240101000000_init additive missing |  | npx prisma migrate deploy"],
    ),
    "prisma in a package, elsewhere": (
        PRISMA,
        {"packages/db/package.json": "{}", "packages/db/schema/schema.prisma": "", "packages/db/x": ""},
        {"packages/db/schema/migrations/2_a/migration.sql": "ALTER TYPE t ADD VALUE 'x';"},
        [
            ("2_a irreversible missing in packages/db |  | "
            "npx prisma migrate deploy --schema schema/schema.prisma")
        ],
    ),
    "prisma with a down script": (
        PRISMA,
        {"package.json": "{}", "prisma/schema.prisma": ""},
        {"prisma/m/1_a/migration.sql": MAKE, "prisma/m/1_a/down.sql": DROP},
        ["1_a additive works | npx prisma db execute --file prisma/m/1_a/down.sql | npx prisma migrate deploy"],
    ),
    "a script among prisma's": (
        PRISMA_SCRIPTS,
        {"db/schema.prisma": ""},
        {"db/data-migrations/20240101000000_fill/data-migration.ts": "await run();"},
        ["20240101000000_fill unknown missing in db |  | "],
    ),
    "a script beside prisma's SQL": (
        PRISMA_SCRIPTS,
        {"db/schema.prisma": ""},
        {"db/migrations/20240101_fill/migration.ts": "", "db/migrations/20240101_fill/migration.sql": MAKE},
        [],
    ),
    "drizzle": (
        DRIZZLE,
        {"app/drizzle.config.ts": ""},
        {"app/drizzle/0000_init.sql": MAKE, "app/drizzle/meta/_journal.json": JOURNAL.replace("DIALECT", "pg")},
        ["0000_init additive missing in app |  | npx drizzle-kit migrate"],
    ),
    "drizzle with a down script": (
        DRIZZLE,
        {"drizzle.config.ts": "", "drizzle/meta/_journal.json": JOURNAL.replace("DIALECT", "postgresql")},
        {"drizzle/0000_init.sql": MAKE, "drizzle/0000_init.down.sql": DROP},
        ['0000_init additive works | psql "$DATABASE_URL" -f drizzle/0000_init.down.sql | npx drizzle-kit migrate'],
    ),
    "drizzle's newer layout": (
        DRIZZLE,
        {"package.json": "{}"},
        {"drizzle/2024_a/migration.sql": MAKE, "drizzle/2024_a/snapshot.json": '{"dialect": "sqlite"}'},
        ["2024_a additive missing |  | npx drizzle-kit migrate"],
    ),
    "drizzle's newer layout is not prisma's": (
        PRISMA,
        {"package.json": "{}"},
        {"drizzle/2024_a/migration.sql": MAKE, "drizzle/2024_a/snapshot.json": "{}"},
        [],
    ),
    "SQL that no journal names": (
        DRIZZLE,
        {"drizzle/meta/_journal.json": JOURNAL},
        {"drizzle/other.sql": MAKE, "other/0000_init.sql": MAKE},
        [],
    ),
    "dbmate": (
        DBMATE,
        {},
        {"app/db/migrations/20240101000000_a.sql": f"-- migrate:up\n{MAKE}\n-- migrate:down\n{DROP}"},
        ["20240101000000 additive works in app | dbmate rollback | dbmate up"],
    ),
    "dbmate elsewhere, with an empty down": (
        DBMATE,
        {},
        {"sql/1_a.sql": f"-- migrate:up transaction:false\n{MAKE}-- migrate:down\n\n"},
        ["1 additive empty | dbmate --migrations-dir sql rollback | dbmate --migrations-dir sql up"],
    ),
    "dbmate without a down": (
        DBMATE,
        {},
        {"sql/1_a.sql": f"-- migrate:up\n{MAKE}"},
        ["1 additive missing | dbmate --migrations-dir sql rollback | dbmate --migrations-dir sql up"],
    ),
    "golang-migrate": (
        GOLANG_MIGRATE,
        {"migrations/000001_a.up.sql": MAKE, "migrations/000001_a.down.sql": DROP},
        {"migrations/000002_b.up.sql": "DROP TABLE b;", "migrations/000002_b.down.sql": DOWN},
        [
            ('2 destructive empty | migrate -path migrations -database "$DATABASE_URL" goto 1 | '
            'migrate -path migrations -database "$DATABASE_URL" goto 2')
        ],
    ),
    "golang-migrate's first": (
        GOLANG_MIGRATE,
        {},
        {"db/001_a.up.sql": MAKE},
        [
            ('1 additive missing | migrate -path db -database "$DATABASE_URL" down 1 | '
            'migrate -path db -database "$DATABASE_URL" goto 1')
        ],
    ),
    "goose": (
        GOOSE,
        {"sql/00001_a.sql": "-- +goose Up\nSELECT 1;"},
        {
            "sql/00002_b.sql": "-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() AS $$ ; $$;\n"
            "-- +goose StatementEnd\n-- +goose Down\nDROP FUNCTION f;"
        },
        ["2 unknown works | goose -dir sql down-to 1 | goose -dir sql up-to 2"],
    ),
    "goose's first": (
        GOOSE,
        {},
        {"sql/20240101_a.sql": f"-- +goose Up\n{MAKE}-- +goose Down\n-- nothing"},
        ["20240101 additive empty | goose -dir sql down-to 0 | goose -dir sql up-to 20240101"],
    ),
    "sqlx in pairs": (
        SQLX,
        {"api/Cargo.toml": SQLX_CARGO, "api/migrations/20240101_a.up.sql": MAKE},
        {"api/migrations/20240102_b.up.sql": MAKE, "api/migrations/20240102_b.down.sql": DROP},
        [
            ("20240102 additive works in api | sqlx migrate revert --target-version 20240101 | "
            "sqlx migrate run --target-version 20240102")
        ],
    ),
    "sqlx alone": (
        SQLX,
        {"Cargo.toml": SQLX_CARGO},
        {"sql/0001_a.sql": MAKE},
        ["1 additive missing |  | sqlx migrate run --source sql --target-version 1"],
    ),
    "pairs of another tool are not sqlx's": (SQLX, {"go.mod": ""}, {"migrations/1_a.up.sql": MAKE}, []),
    "pairs of sqlx are not golang-migrate's": (
        GOLANG_MIGRATE, {"Cargo.toml": SQLX_CARGO}, {"migrations/1_a.up.sql": MAKE}, []
    ),
    "diesel": (
        DIESEL,
        {"Cargo.toml": DIESEL_CARGO},
        {"migrations/2024-01-02-030405_a/up.sql": MAKE, "migrations/2024-01-02-030405_a/down.sql": DOWN},
        ["20240102030405 additive empty | diesel migration revert | diesel migration run"],
    ),
    "diesel, configured": (
        DIESEL,
        {"api/diesel.toml": ""},
        {"api/db/00000000000001_a/up.sql": MAKE, "api/db/00000000000001_a/down.sql": DROP},
        [
            ("00000000000001 additive works in api | diesel migration revert --migration-dir db | "
            "diesel migration run --migration-dir db")
        ],
    ),
    "flyway": (
        FLYWAY,
        {},
        {"src/main/resources/db/migration/V1_2__a.sql": "ALTER TABLE ${schema}.a DROP COLUMN b;"},
        ["1.2 destructive missing |  | flyway migrate"],
    ),
    "flyway with its undo": (
        FLYWAY,
        {},
        {"sql/V2.1__a.sql": MAKE, "sql/U2.1__a.sql": DROP},
        ["2.1 additive works | flyway undo -target=2.1 | flyway migrate"],
    ),
    "flyway with its undo elsewhere": (
        FLYWAY,
        {},
        {"sql/V3__a.sql": MAKE, "undo/U3__a.sql": DROP},
        ["3 additive works | flyway undo -target=3 | flyway migrate"],
    ),
    "flyway, repeated, and in Java": (
        FLYWAY,
        {},
        {"sql/R__v.sql": "CREATE OR REPLACE VIEW v AS SELECT 1;", "db/V4__A.java": "class A extends JavaMigration"},
        ["4 unknown missing |  | flyway migrate", "R__v unknown missing |  | flyway migrate"],
    ),
    "atlas": (
        ATLAS,
        {"migrations/20240101_a.sql": MAKE, "migrations/atlas.sum": "h1:"},
        {"migrations/20240102_b.sql": MAKE},
        [
            ("20240102 additive inferred | atlas migrate down --dir file://migrations --url \"$DATABASE_URL\" "
            "--dev-url \"$DEV_DATABASE_URL\" --to-version 20240101 | "
            "atlas migrate apply --dir file://migrations --url \"$DATABASE_URL\"")
        ],
    ),
    "atlas, configured": (
        ATLAS,
        {"atlas.hcl": "", "migrations/atlas.sum": "h1:"},
        {"migrations/20240102_b.sql": MAKE},
        ["20240102 additive inferred | atlas migrate down --env local | atlas migrate apply --env local"],
    ),
    "supabase": (
        SUPABASE,
        {},
        {"app/supabase/migrations/20240101000000_a.sql": MAKE},
        ["20240101000000 additive missing in app |  | supabase db push"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout(name: str, story: Story) -> None:
    tool, before, files, expected = LAYOUTS[name]
    found = touched(story, tool, before, files)
    assert [row(tool, one) for one in found] == expected
    assert {one.change for one in found} <= {"added"}


def test_the_hash_of_a_file_is_what_drizzle_keeps(story: Story) -> None:
    files = {"d/0000_init.sql": "SELECT 1;", "d/meta/_journal.json": JOURNAL}
    (one,) = touched(story, DRIZZLE, {}, files)
    # sha256sum of the nine bytes, and when its journal says.
    hashed = "17db4fd369edb9244b9f91d9aeed145c3d04ad8ba6e95d06247f07a63527d11a"
    assert one.migration.rows == [("hash", hashed), ("created_at", "17")]
    said = verification(DRIZZLE, one.migration, (), (), gone=True)
    assert said == f"SELECT hash FROM drizzle.__drizzle_migrations WHERE hash = '{hashed}'; -- no row"


def test_what_flyway_applies_again_is_known_by_its_script(story: Story) -> None:
    files = {"db/migration/R__views.sql": "SELECT 1;", "db/migration/V2__a.sql": "SELECT 1;"}
    found = {one.migration.id: one.migration for one in touched(story, FLYWAY, {}, files)}
    assert found["R__views"].rows == [("script", "R__views.sql")] and found["2"].rows == ()
    said = verification(FLYWAY, found["R__views"], (), (), gone=True)
    assert "script = 'R__views.sql' AND NOT (success = false)" in said


def test_each_part_of_an_id_of_liquibase_is_asked_for_in_its_column(story: Story) -> None:
    text = "--liquibase formatted sql\n--changeset me.too:v1.2\nCREATE TABLE a (b int);\n"
    (one,) = touched(story, LIQUIBASE, {}, {"db/changelog/one.sql": text})
    said = verification(LIQUIBASE, one.migration, (), (), gone=True)
    assert "WHERE filename = 'db/changelog/one.sql' AND id = 'v1.2' AND author = 'me.too';" in said


def test_what_changed_and_what_only_looks_different(story: Story) -> None:
    before = {f"p/{name}/migration.sql": MAKE for name in ("1_gone", "2_edited", "3_reformatted")}
    found = touched(
        story,
        PRISMA,
        before,
        {
            "p/1_gone/migration.sql": None,
            "p/2_edited/migration.sql": MAKE + DROP,
            "p/3_reformatted/migration.sql": "-- why\nCREATE  TABLE a\n(b int)",
        },
    )
    assert [(one.change, one.migration.id, one.edited) for one in found] == [
        ("removed", "1_gone", False),
        ("changed", "2_edited", True),
    ]
    assert found[1].was is not None
    assert all_said(found[1].was.up) == ["additive +table a"]


def test_a_down_that_is_deleted_with_its_up_is_still_known(story: Story) -> None:
    before = {"m/1_a.up.sql": MAKE, "m/1_a.down.sql": DROP}
    (one,) = touched(story, GOLANG_MIGRATE, before, dict.fromkeys(before))
    assert (one.change, one.migration.down) == ("removed", "works")


def test_the_database_is_the_projects(story: Story) -> None:
    files = {"p/migrations/1_a/migration.sql": MAKE, "p/migrations/migration_lock.toml": 'provider = "mysql"'}
    (one,) = touched(story, PRISMA, {}, files)
    assert one.migration.database == "mysql"


GO = """package m
const create = `CREATE TABLE a (b int)`
func init() { goose.AddMigrationContext(up, down) }
func up(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, create); err != nil { return err }
	_, err := tx.Exec(fmt.Sprintf("ALTER TABLE %s DROP COLUMN c", "a"))
	return err
}
func down(ctx context.Context, tx *sql.Tx) error { BODY }
"""


@pytest.mark.parametrize(
    ("body", "down"),
    [
        ('_, err := tx.Exec("DROP TABLE a"); return err', "works"),
        ("return nil", "empty"),
        ("return helper(ctx, tx)", "works"),
    ],
)
def test_goose_in_go(body: str, down: str, story: Story) -> None:
    (one,) = touched(story, GOOSE, {}, {"m/00007_a.go": GO.replace("BODY", body)})
    assert (one.migration.id, one.migration.down) == ("7", down)
    assert all_said(one.migration.up) == ["additive +table a", "destructive"]


def test_goose_in_go_without_a_down(story: Story) -> None:
    source = 'package m\nfunc init() { goose.AddNamedMigration("1_a.go", func(tx T) error { return nil }, nil) }'
    (one,) = touched(story, GOOSE, {}, {"m/00001_a.go": source})
    assert one.migration.down == "missing"


ODD: dict[str, str] = {
    "empty": "",
    "binary": "\0\1\2",
    "carriage returns": "-- migrate:up\r\n-- +goose Up\r\nCREATE TABLE a (b int);\r\n",
    "broken": "-- +goose Up\n-- migrate:up\nCREATE TABLE (((\n'",
    "one huge line": "-- +goose Up\nSELECT '" + "x" * 300_000,
}
PATHS = (
    "prisma/migrations/1_a/migration.sql", "d/0000_init.sql", "db/migrations/1_a.sql", "m/1_a.up.sql", "s/1_a.sql",
    "m/1_a/up.sql", "V1__a.sql", "supabase/migrations/1_a.sql", "m/1_a.go",
)  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_odd_files_raise_nothing(text: str, story: Story) -> None:
    files: dict[str, str | None] = dict.fromkeys(PATHS, ODD[text])
    before = {"Cargo.toml": SQLX_CARGO + DIESEL_CARGO, "d/meta/_journal.json": JOURNAL, "s/atlas.sum": ""}
    changes = story.changes(before, files, dict.fromkeys(files))
    for tool in (PRISMA, DRIZZLE, DBMATE, GOLANG_MIGRATE, GOOSE, SQLX, DIESEL, FLYWAY, ATLAS, SUPABASE):
        found = list(tool.read(changes, [one for one in changes.deltas if tool.claims(one.path)]))
        assert all(one.migration.up and one.migration.id for one in found)


@pytest.mark.parametrize(
    "journal", ["", "[]", "{", '{"entries": [1]}', '{"entries": [{"tag": "0000_init"}]}', "[" * 5000]
)
def test_odd_journals_raise_nothing(journal: str, story: Story) -> None:
    assert touched(story, DRIZZLE, {}, {"d/0000_init.sql": MAKE, "d/meta/_journal.json": journal}) == []
