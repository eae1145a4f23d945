"""Tools whose migrations are C#, PHP, Elixir or Rust: operations, downs, and commands."""

import textwrap

import pytest

from safe_rollback.inventory.migrations.ecto import ECTO
from safe_rollback.inventory.migrations.efcore import EFCORE
from safe_rollback.inventory.migrations.laravel import LARAVEL
from safe_rollback.inventory.migrations.model import Tool
from safe_rollback.inventory.migrations.seaorm import SEAORM
from tests.inventory.kit import Story
from tests.inventory.migrations.told import all_said, migration, touched, ups

CSHARP = """using Microsoft.EntityFrameworkCore.Migrations;
namespace Shop.Migrations {
    /// <inheritdoc />
    public partial class Do : Migration {
        protected override void Up(MigrationBuilder migrationBuilder) {
            BODY
        }
        DOWN
    }
}
"""
EF_ID = "20240102000000_Do"
EF_PATH = f"src/Shop/Migrations/{EF_ID}.cs"

EF: dict[str, list[str]] = {
    'migrationBuilder.CreateTable(name: "A", columns: table => new { Id = table.Column<int>(nullable: false) });': [
        "additive +table A"
    ],
    'migrationBuilder.DropTable(name: "A", schema: "s");': ["destructive -table s.A"],
    'migrationBuilder.RenameTable("A", newName: "B");': ["destructive +table B -table A"],
    'migrationBuilder.AddColumn<string>(name: "B", table: "A", nullable: true);': ["additive ~table A +column A.B"],
    'migrationBuilder.AddColumn<int>("B", "A", nullable: false);': ["restrictive ~table A +column A.B"],
    'migrationBuilder.AddColumn<int>(name: "B", table: "A", nullable: false, defaultValue: 0);': [
        "additive ~table A +column A.B"
    ],
    'migrationBuilder.DropColumn(name: "B", table: "A");': ["destructive -column A.B"],
    'migrationBuilder.RenameColumn(name: "B", table: "A", newName: "C");': ["destructive +column A.C -column A.B"],
    'migrationBuilder.AlterColumn<int>(name: "B", table: "A", type: "int", oldType: "text");': [
        "destructive ~column A.B"
    ],
    'migrationBuilder.AlterColumn<int>(name: "B", table: "A", type: "int", nullable: false, oldType: "int", '
    "oldNullable: true);": ["restrictive ~column A.B"],
    'migrationBuilder.AlterColumn<int>(name: "B", table: "A", type: "int", nullable: true, oldType: "int");': [
        "additive ~column A.B"
    ],
    'migrationBuilder.CreateIndex(name: "I", table: "A", column: "B", unique: true);': [
        "restrictive ~table A +index I"
    ],
    'migrationBuilder.DropIndex(name: "I", table: "A");': ["additive -index I"],
    'migrationBuilder.AddForeignKey(name: "F", table: "A", column: "B", principalTable: "C");': [
        "restrictive ~table A +constraint A.F"
    ],
    'migrationBuilder.DropForeignKey(name: "F", table: "A");': ["additive ~table A -constraint A.F"],
    'migrationBuilder.InsertData(table: "A", columns: new[] { "B" }, values: new object[] { 1 });': ["data ~table A"],
    'migrationBuilder.DeleteData(table: "A", keyColumn: "Id", keyValue: 1);': ["destructive ~table A"],
    'migrationBuilder.EnsureSchema(name: "s");': ["additive +schema s"],
    'migrationBuilder.Sql("UPDATE A SET B = 1");': ["data ~table A"],
    'migrationBuilder.Sql(@"DROP TABLE ""A""");': ["destructive -table A"],
    'migrationBuilder.Sql($"DROP TABLE {name}");': ["destructive"],
    "migrationBuilder.Sql(text);": ["unknown"],
    'migrationBuilder.AlterDatabase().Annotation("Npgsql:Enum:mood", "a,b");': ["unknown"],
    "Helper.Run(migrationBuilder);": ["unknown"],
    'migrationBuilder.CreateTable(name: "A"); migrationBuilder.CreateIndex(name: "I", table: "A", unique: true);': [
        "additive +table A", "additive ~table A +index I",
    ],
    "": ["additive"],
}  # fmt: skip


def test_efcore(story: Story) -> None:
    found = ups(story, EFCORE, "Migrations/20240102000{}_Do.cs", CSHARP.replace("DOWN", ""), EF)
    assert found == EF


DOWN = "protected override void Down(MigrationBuilder migrationBuilder) { BODY }"
DOWNS = {
    DOWN.replace("BODY", 'migrationBuilder.DropTable("A");'): "works",
    DOWN.replace("BODY", ""): "empty",
    DOWN.replace("BODY", "throw new NotSupportedException();"): "missing",
    "": "missing",
}


@pytest.mark.parametrize("down", DOWNS)
def test_downs_of_efcore(down: str, story: Story) -> None:
    text = CSHARP.replace("BODY", 'migrationBuilder.CreateTable("A");').replace("DOWN", down)
    assert migration(story, EFCORE, EF_PATH, text).down == DOWNS[down]


def test_commands_of_efcore(story: Story) -> None:
    before = {
        "src/Shop/Shop.csproj": '<PackageReference Include="Npgsql.EntityFrameworkCore.PostgreSQL" />',
        "src/Shop/Migrations/20240101000000_First.cs": CSHARP,
        "src/Shop/Migrations/20240101000000_First.Designer.cs": "",
        "src/Shop/Migrations/ShopContextModelSnapshot.cs": "",
    }
    designer = EF_PATH.replace(".cs", ".Designer.cs")
    files = {EF_PATH: CSHARP, designer: "[DbContext(typeof(Shop.Data.ShopContext))]\n"}
    (one,) = touched(story, EFCORE, before, files)
    found = one.migration
    assert (found.id, found.project, found.database) == (EF_ID, "src/Shop", "postgresql")
    assert EFCORE.undo(found) == "dotnet ef database update 20240101000000_First --context ShopContext"
    assert EFCORE.apply(found) == f"dotnet ef database update {EF_ID} --context ShopContext"


def test_the_first_of_efcore_goes_back_to_nothing(story: Story) -> None:
    assert EFCORE.undo(migration(story, EFCORE, EF_PATH, CSHARP)) == "dotnet ef database update 0"


PHP = """<?php
use Illuminate\\Database\\Migrations\\Migration;
return new class extends Migration {
    public function up(): void
    {
        BODY
    }
    DOWN
    private function more(): void { Schema::drop('more'); }
};
"""
LARAVEL_ID = "2024_01_02_030405_do"
LARAVEL_PATH = f"database/migrations/{LARAVEL_ID}.php"


def table(body: str) -> str:
    return f"Schema::table('a', function (Blueprint $table) {{ {body} }});"


PHP_ROWS: dict[str, list[str]] = {
    "Schema::create('a', function (Blueprint $table) { $table->id(); $table->string('b')->unique(); });": [
        "additive +table a"
    ],
    "Schema::dropIfExists('a');": ["destructive -table a"],
    "Schema::rename('a', 'b');": ["destructive +table b -table a"],
    "Schema::connection('x')->create('a', fn ($t) => $t->id());": ["additive +table a"],
    "Schema::create(self::TABLE, fn ($t) => $t->id());": ["additive"],
    table("$table->string('b')->nullable();"): ["additive ~table a +column a.b"],
    table("$table->string('b');"): ["restrictive ~table a +column a.b"],
    table("$table->string('b')->default('');"): ["additive ~table a +column a.b"],
    table("$table->timestamps();"): ["additive ~table a +column a.created_at +column a.updated_at"],
    table("$table->softDeletes();"): ["additive ~table a +column a.deleted_at"],
    table("$table->foreignId('b_id')->nullable()->constrained();"): ["restrictive ~table a +column a.b_id"],
    table("$table->text('b')->change();"): ["destructive ~column a.b"],
    table("$table->dropColumn(['b', 'c']);"): ["destructive -column a.b -column a.c"],
    table("$table->dropColumn('b', 'c');"): ["destructive -column a.b -column a.c"],
    table("$table->dropSoftDeletes();"): ["destructive -column a.deleted_at"],
    table("$table->renameColumn('b', 'c');"): ["destructive +column a.c -column a.b"],
    table("$table->unique(['b', 'c']);"): ["restrictive ~table a +index a_b_c_unique"],
    table("$table->index('b', 'i');"): ["additive ~table a +index i"],
    table("$table->dropUnique(['b']);"): ["additive ~table a"],
    table("$table->foreign('b')->references('id')->on('c');"): ["restrictive ~table a +constraint a.a_b_foreign"],
    table("$table->engine = 'InnoDB';"): ["additive"],
    "DB::statement('ALTER TABLE a DROP COLUMN b');": ["destructive -column a.b"],
    'DB::unprepared("DROP TABLE {$name}");': ["destructive"],
    "DB::statement(<<<SQL\nUPDATE a SET b = 1\nSQL);": ["data ~table a"],
    "DB::table('a')->where('b', 1)->update(['c' => 2]);": ["data ~table a"],
    "DB::table('a')->truncate();": ["destructive ~table a"],
    "User::query()->each(function ($user) { $user->update(['a' => 1]); });": ["data"],
    "User::where('a', 1)->delete();": ["destructive"],
    "Artisan::call('db:seed');": ["unknown"],
    "$this->more();": ["destructive -table more"],
    "if (! Schema::hasColumn('a', 'b')) { Schema::drop('a'); }": ["destructive -table a"],
    "": ["additive"],
}  # fmt: skip


def test_laravel(story: Story) -> None:
    found = ups(story, LARAVEL, "database/migrations/2024_01_02_000{}_do.php", PHP.replace("DOWN", ""), PHP_ROWS)
    assert found == PHP_ROWS


@pytest.mark.parametrize(
    ("down", "expected"),
    [
        ("public function down(): void { Schema::drop('a'); }", "works"),
        ("public function down() { // nothing\n }", "empty"),
        ("", "empty"),
        ("public function down() { throw new RuntimeException('no'); }", "missing"),
    ],
)
def test_downs_of_laravel(down: str, expected: str, story: Story) -> None:
    text = PHP.replace("BODY", "Schema::create('a', fn ($t) => $t->id());").replace("DOWN", down)
    assert migration(story, LARAVEL, LARAVEL_PATH, text).down == expected


def test_commands_of_laravel(story: Story) -> None:
    (one,) = touched(story, LARAVEL, {"api/artisan": ""}, {f"api/{LARAVEL_PATH}": PHP})
    assert (one.migration.id, one.migration.project) == (LARAVEL_ID, "api")
    assert LARAVEL.undo(one.migration) == f"php artisan migrate:rollback --step=1 --path={LARAVEL_PATH}"
    assert LARAVEL.apply(one.migration) == f"php artisan migrate --path={LARAVEL_PATH}"


ELIXIR = "defmodule Shop.Repo.Migrations.Do do\n  use Ecto.Migration\n\n  def up do\nBODY\n  end\nend\n"
ELIXIR_ROWS: dict[str, list[str]] = {
    "create table(:a) do\n add :b, :string, null: false\n timestamps()\nend": ["additive +table a"],
    'create table("a", primary_key: false)': ["additive +table a"],
    'create_if_not_exists table(:a, prefix: "s")': ["additive +table s.a"],
    "drop table(:a)": ["destructive -table a"],
    "drop_if_exists index(:a, [:b])": ["additive ~table a -index a_b_index"],
    "rename table(:a), to: table(:b)": ["destructive +table b -table a"],
    "rename table(:a), :b, to: :c": ["destructive +column a.c -column a.b"],
    "alter table(:a) do\n add :b, :text\n add :c, :text, null: false\n remove :d\n modify :e, :text\nend": [
        "additive ~table a +column a.b", "restrictive ~table a +column a.c", "destructive -column a.d",
        "destructive ~column a.e",
    ],
    "alter table(:a) do\n add :b_id, references(:b), null: true\nend": ["restrictive ~table a +column a.b_id"],
    "alter table(:a), do: remove(:b)": ["destructive -column a.b"],
    "create unique_index(:a, [:b, :c])": ["restrictive ~table a +index a_b_c_index"],
    "create index(:a, [:b], name: :i, concurrently: true)": ["additive ~table a +index i"],
    'create constraint(:a, :c, check: "b > 0")': ["restrictive ~table a +constraint a.c"],
    'execute "UPDATE a SET b = 1"': ["data ~table a"],
    'execute("CREATE EXTENSION citext", "DROP EXTENSION citext")': ["additive +extension citext"],
    'execute """\nALTER TYPE m ADD VALUE \'x\'\n"""': ["irreversible ~type m"],
    "execute ~s(DROP TABLE #{name})": ["destructive"],
    "execute(fn -> repo().query!(sql()) end)": ["unknown"],
    "Shop.Repo.update_all(User, set: [a: 1])": ["data"],
    "Oban.Migration.up(version: 12)": ["unknown"],
    "for name <- names() do\n alter table(name), do: add(:b, :text)\nend": ["additive"],
    "flush()": ["additive"],
}  # fmt: skip


def test_ecto(story: Story) -> None:
    assert ups(story, ECTO, "priv/repo/migrations/20240102000{}_do.exs", ELIXIR, ELIXIR_ROWS) == ELIXIR_ROWS


REVERSED = {
    "create table(:a)": ("inferred", ["destructive -table a"]),
    "alter table(:a) do\n add :b, :text\nend": ("inferred", ["destructive ~table a -column a.b"]),
    "alter table(:a), do: remove(:b)": ("missing", []),
    "alter table(:a), do: remove(:b, :text)": ("inferred", ["additive +column a.b"]),
    "alter table(:a), do: modify(:b, :text)": ("missing", []),
    "alter table(:a), do: modify(:b, :text, from: :string)": ("inferred", ["destructive ~column a.b"]),
    "drop table(:a)": ("missing", []),
    "drop index(:a, [:b])": ("inferred", ["additive ~table a +index a_b_index"]),
    'execute "SELECT 1"': ("missing", []),
    'execute "UPDATE a SET b = 1", ""': ("empty", []),
    'execute "CREATE TYPE m AS ENUM ()", "DROP TYPE m"': ("inferred", ["destructive -type m"]),
    "create table(:a)\nShop.Repo.insert_all(A, [])": ("unknown", ["destructive -table a"]),
}


@pytest.mark.parametrize("body", REVERSED)
def test_what_ecto_reverses(body: str, story: Story) -> None:
    text = ELIXIR.replace("def up", "def change").replace("BODY", body)
    found = migration(story, ECTO, "priv/repo/migrations/1_do.exs", text)
    assert (found.down, all_said(found.undo)) == REVERSED[body]


@pytest.mark.parametrize(
    ("down", "expected"),
    [("drop table(:a)", "works"), (":ok", "empty"), ('raise "no"', "missing"), (None, "missing")],
)
def test_downs_of_ecto(down: str | None, expected: str, story: Story) -> None:
    text = ELIXIR.replace("BODY", "create table(:a)")
    if down is not None:
        text = text.replace("def up", f"def down, do: {down}\n\n  def up")
    assert migration(story, ECTO, "priv/repo/migrations/1_do.exs", text).down == expected


def test_commands_of_ecto(story: Story) -> None:
    files = {"apps/a/priv/repo/migrations/0007_do.exs": ELIXIR, "apps/a/priv/b_repo/migrations/8_do.exs": ELIXIR}
    found = [one.migration for one in touched(story, ECTO, {"apps/a/mix.exs": ""}, files)]
    assert [(one.id, one.project, ECTO.undo(one)) for one in found] == [
        ("8", "apps/a", "mix ecto.rollback --to 8 --migrations-path priv/b_repo/migrations"),
        ("7", "apps/a", "mix ecto.rollback --to 7"),
    ]


RUST = """use sea_orm_migration::prelude::*;
#[derive(DeriveMigrationName)]
pub struct Migration;
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        BODY
    }
    DOWN
}
#[derive(DeriveIden)]
enum BlogPost { Table, Id, AuthorId, #[sea_orm(iden = "ttl")] Title }
"""
SEA_ID = "m20240102_030405_do"


def built(statement: str) -> str:
    return f"manager.run({statement}.to_owned()).await"


RUST_ROWS: dict[str, list[str]] = {
    built("Table::create().table(BlogPost::Table).if_not_exists().col(integer(BlogPost::Id))"): [
        "additive +table blog_post"
    ],
    built("Table::drop().table(BlogPost::Table)"): ["destructive -table blog_post"],
    built("Table::rename().table(BlogPost::Table, Alias::new(\"posts\"))"): [
        "destructive +table posts -table blog_post"
    ],
    built("Table::truncate().table(BlogPost::Table)"): ["destructive ~table blog_post"],
    built("Table::alter().table(BlogPost::Table).add_column(ColumnDef::new(BlogPost::AuthorId).integer().null())"): [
        "additive ~table blog_post +column blog_post.author_id"
    ],
    built("Table::alter().table(BlogPost::Table).add_column(ColumnDef::new(BlogPost::Title).string().not_null())"): [
        "restrictive ~table blog_post +column blog_post.ttl"
    ],
    built("Table::alter().table(BlogPost::Table).drop_column(BlogPost::Title).rename_column(BlogPost::Id, X::X)"): [
        "destructive -column blog_post.ttl", "destructive +column blog_post.x -column blog_post.id",
    ],
    built("Table::alter().table(BlogPost::Table).modify_column(string(BlogPost::Title))"): [
        "destructive ~column blog_post.ttl"
    ],
    built('Index::create().name("i").table(BlogPost::Table).col(BlogPost::Id).unique()'): [
        "restrictive ~table blog_post +index i"
    ],
    built('Index::drop().name("i").table(BlogPost::Table)'): ["additive -index i"],
    built('ForeignKey::create().name("f").from(BlogPost::Table, BlogPost::AuthorId).to(User::Table, User::Id)'): [
        "restrictive ~table blog_post +constraint blog_post.f"
    ],
    built("Type::create().as_enum(Mood::Table).values([Mood::Sad])"): ["additive +type mood"],
    built("Type::alter().name(Mood::Table).add_value(Mood::Glad)"): ["irreversible ~type mood"],
    built("Query::insert().into_table(BlogPost::Table).columns([BlogPost::Id])"): ["data ~table blog_post"],
    built("Query::delete().from_table(BlogPost::Table)"): ["destructive ~table blog_post"],
    'manager.get_connection().execute_unprepared("DROP TABLE a").await': ["destructive -table a"],
    'db.execute(Statement::from_string(backend, "UPDATE a SET b = 1".to_owned())).await': ["data ~table a"],
    'db.execute_unprepared(&format!("DROP TABLE {name}")).await': ["destructive"],
    "db.execute_unprepared(sql).await": ["unknown"],
    "user.insert(db).await": ["data"],
    "Ok(())": ["additive"],
}  # fmt: skip


def test_seaorm(story: Story) -> None:
    found = ups(story, SEAORM, "migration/src/m20240102_000{}_do.rs", RUST.replace("DOWN", ""), RUST_ROWS)
    assert found == RUST_ROWS


SEA_DOWN = "async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> { BODY }"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (built("Table::drop().table(BlogPost::Table)"), "works"),
        ("Ok(())", "empty"),
        ("todo!()", "missing"),
        ('Err(DbErr::Migration("no".to_owned()))', "missing"),
        (None, "missing"),
    ],
)
def test_downs_of_seaorm(body: str | None, expected: str, story: Story) -> None:
    down = "" if body is None else SEA_DOWN.replace("BODY", body)
    text = RUST.replace("BODY", "Ok(())").replace("DOWN", down)
    assert migration(story, SEAORM, f"migration/src/{SEA_ID}.rs", text).down == expected


def test_commands_of_seaorm(story: Story) -> None:
    before = {"migration/Cargo.toml": "", "crates/db/Cargo.toml": ""}
    files = {f"migration/src/{SEA_ID}.rs": RUST, f"crates/db/src/{SEA_ID}.rs": RUST}
    found = [one.migration for one in touched(story, SEAORM, before, files)]
    assert [(one.id, one.project, SEAORM.undo(one)) for one in found] == [
        (SEA_ID, "crates", "sea-orm-cli migrate down -n 1 -d db"),
        (SEA_ID, "", "sea-orm-cli migrate down -n 1"),
    ]


def test_other_classes_of_such_names_are_none(story: Story) -> None:
    fluent = (
        "[Migration(20240102000000)]\npublic class Do : Migration { public override void Up() { Create.Table(); } }"
    )
    assert touched(story, EFCORE, {}, {EF_PATH: fluent}) == []
    assert touched(story, SEAORM, {}, {f"src/{SEA_ID}.rs": "fn main() {}"}) == []
    assert touched(story, LARAVEL, {}, {LARAVEL_PATH: "<?php return [];"}) == []


ODD = {
    "empty": "",
    "binary": "\0\1",
    "cut": "MigrationBuilder MigrationTrait Ecto.Migration function up { (((",
    "nested": "MigrationBuilder MigrationTrait Migration function " + "(" * 3000,
    "huge line": "MigrationBuilder MigrationTrait Migration function " + "x " * 200_000,
}
FILES: dict[Tool, str] = {
    EFCORE: EF_PATH, LARAVEL: LARAVEL_PATH, ECTO: "priv/repo/migrations/1_a.exs", SEAORM: f"src/{SEA_ID}.rs",
}  # fmt: skip


@pytest.mark.parametrize("row", ODD)
def test_odd_files_raise_nothing(row: str, story: Story) -> None:
    files: dict[str, str | None] = dict.fromkeys(FILES.values(), ODD[row])
    changes = story.changes({}, files, dict.fromkeys(files))
    for tool in FILES:
        found = list(tool.read(changes, [one for one in changes.deltas if tool.claims(one.path)]))
        assert all(one.migration.up and one.migration.id for one in found)


@pytest.mark.parametrize(
    ("tool", "path", "text"),
    [
        (EFCORE, EF_PATH, CSHARP.replace("BODY", 'migrationBuilder.DropTable("A");').replace("DOWN", "")),
        (LARAVEL, LARAVEL_PATH, PHP.replace("BODY", "Schema::drop('a');").replace("DOWN", "")),
        (ECTO, "priv/repo/migrations/1_a.exs", ELIXIR.replace("BODY", "drop table(:a)")),
        (SEAORM, f"src/{SEA_ID}.rs", RUST.replace("BODY", "Ok(())").replace("DOWN", "")),
    ],
)
def test_comments_and_layout_are_no_edit(tool: Tool, path: str, text: str, story: Story) -> None:
    comment = "# why" if path.endswith(".exs") else "// why"
    lines = textwrap.indent(text.replace("\r", ""), "  ") if not path.endswith(".php") else text
    assert touched(story, tool, {path: text}, {path: lines.replace("\n", f" {comment}\n", 3)[:]}) == []
