"""Rails' migrations: commands, what `change` makes of them, versions, and databases."""

import textwrap

import pytest

from safe_rollback.inventory.migrations.rails import RAILS
from safe_rollback.inventory.migrations.rails_data import RAILS_DATA
from tests.inventory.kit import Story
from tests.inventory.migrations.told import all_said, migration, touched, ups

PATH = "db/migrate/20240101000000_do.rb"


def source(methods: str, parent: str = "ActiveRecord::Migration[7.1]") -> str:
    body = textwrap.indent(textwrap.dedent(methods), "  ")
    return f"# frozen_string_literal: true\n\nclass Do < {parent}\n{body}\nend\n"


def change(body: str) -> str:
    return source(f"def change\n{textwrap.indent(textwrap.dedent(body), '  ')}\nend")


COMMANDS: dict[str, list[str]] = {
    'create_table :a do |t|\n  t.string :b, null: false\nend': ["additive +table a"],
    "create_table :a, force: true": ["destructive +table a"],
    "create_table 'a', id: false, if_not_exists: true": ["additive +table a"],
    "create_join_table :b, :a": ["additive +table a_b"],
    "drop_table :a": ["destructive -table a"],
    "drop_table :a, :b, if_exists: true": ["destructive -table a -table b"],
    "rename_table :a, :b": ["destructive +table b -table a"],
    "add_column :a, :b, :string": ["additive ~table a +column a.b"],
    "add_column(:a, :b, :string, null: false)": ["restrictive ~table a +column a.b"],
    'add_column "a", "b", :string, null: false, default: ""': ["additive ~table a +column a.b"],
    "add_column :a, :b, :string, :null => false": ["restrictive ~table a +column a.b"],
    "add_column :a, :b, :string, **{ null: false }": ["restrictive ~table a +column a.b"],
    "remove_column :a, :b": ["destructive -column a.b"],
    "remove_columns :a, :b, :c, type: :string": ["destructive -column a.b -column a.c"],
    "rename_column :a, :b, :c": ["destructive +column a.c -column a.b"],
    "change_column :a, :b, :text": ["destructive ~column a.b"],
    "change_column_default :a, :b, from: nil, to: 1": ["additive ~column a.b"],
    "change_column_default :a, :b, nil": ["restrictive ~column a.b"],
    "change_column_null :a, :b, false": ["restrictive ~column a.b"],
    "change_column_null :a, :b, true": ["additive ~column a.b"],
    "add_index :a, :b": ["additive ~table a +index index_a_on_b"],
    "add_index :a, [:b, :c], unique: true, algorithm: :concurrently": [
        "restrictive ~table a +index index_a_on_b_and_c",
    ],
    "add_index :a, :b, name: :i": ["additive ~table a +index i"],
    "add_index :a, 'lower(b)', name: 'i'": ["additive ~table a +index i"],
    "remove_index :a, name: :i": ["additive ~table a -index i"],
    "remove_index :a, column: [:b]": ["additive ~table a -index index_a_on_b"],
    "rename_index :a, :i, :j": ["additive +index j -index i"],
    "add_reference :a, :b": ["additive ~table a +column a.b_id"],
    "add_reference :a, :b, null: false, polymorphic: true": ["restrictive ~table a +column a.b_id +column a.b_type"],
    "add_belongs_to :a, :b, foreign_key: { to_table: :c }": ["restrictive ~table a +column a.b_id"],
    "remove_reference :a, :b": ["destructive -column a.b_id"],
    "add_timestamps :a": ["restrictive ~table a +column a.created_at +column a.updated_at"],
    "add_timestamps :a, null: true": ["additive ~table a +column a.created_at +column a.updated_at"],
    "add_foreign_key :a, :b, name: 'f'": ["restrictive ~table a +constraint a.f"],
    "remove_foreign_key :a, :b": ["additive ~table a"],
    "add_check_constraint :a, 'b > 0', name: 'c', validate: false": ["restrictive ~table a +constraint a.c"],
    "validate_check_constraint :a, name: 'c'": ["additive ~table a"],
    "create_enum :m, %w[x y]": ["additive +type m"],
    "add_enum_value :m, 'z'": ["irreversible ~type m"],
    "rename_enum_value :m, from: 'x', to: 'y'": ["destructive ~type m"],
    "enable_extension 'citext'": ["additive +extension citext"],
    "disable_extension :citext": ["destructive -extension citext"],
    "create_view :v, version: 2": ["additive +view v"],
    "update_view :v, version: 2, revert_to_version: 1": ["unknown ~view v"],
    "change_table :a, bulk: true do |t|\n  t.string :b, :c\n  t.remove :d, type: :text\n  t.rename :e, :f\n"
    "  t.index [:b], unique: true\n  t.references :g, null: false\n  t.change_default :h, from: 0, to: 1\nend": [
        "additive ~table a +column a.b +column a.c", "destructive -column a.d",
        "destructive +column a.f -column a.e", "restrictive ~table a +index index_a_on_b",
        "restrictive ~table a +column a.g_id", "additive ~column a.h",
    ],
    "execute 'DELETE FROM a'": ["destructive ~table a"],
    "execute <<~SQL.squish\n  UPDATE a SET b = 1 WHERE c = '#{d}'\nSQL": ["data ~table a"],
    "execute \"ALTER TABLE #{name} \" + 'DROP COLUMN c'": ["destructive"],
    "execute sql_of_it": ["unknown"],
    "safety_assured { remove_column :a, :b }": ["destructive -column a.b"],
    "say_with_time('x') { User.update_all(a: 1) }": ["data"],
    "User.where(a: 1).in_batches.update_all(b: 1)": ["data"],
    "User.find_each do |user|\n  user.b = user.a\n  user.save!\nend": ["data"],
    "User.where(a: 1).delete_all": ["destructive"],
    "User.reset_column_information": ["additive"],
    "User.backfill!": ["unknown"],
    "settings = load_them\nsettings.delete('a')": ["additive"],
    "DB.exec('INSERT INTO a VALUES (1)')": ["data ~table a"],
    "connection.execute('DROP TABLE a')": ["destructive -table a"],
    "ActiveRecord::Base.connection.add_column :a, :b, :text": ["additive ~table a +column a.b"],
    "Migration::ColumnDropper.execute_drop(:a, %i[b c])": ["destructive -column a.b -column a.c"],
    "%i[a b].each { |t| add_column t, :c, :text }": [
        "additive ~table a +column a.c", "additive ~table b +column b.c",
    ],
    "[[:a, :b], [:c, :d]].each do |table, name|\n  remove_column table, name, :text\nend": [
        "destructive -column a.b", "destructive -column c.d",
    ],
    "{ a: %i[b], c: %i[d e] }.each do |table, names|\n  names.each { |n| remove_column table, n }\nend": [
        "destructive -column a.b", "destructive -column c.d", "destructive -column c.e",
    ],
    "things.each { |t| add_column t, :c, :text }": ["additive"],
    "create_table :a\nadd_index :a, :b, unique: true\nadd_foreign_key :a, :c\n"
    "add_column :a, :d, :text, null: false": [
        "additive +table a", "additive ~table a +index index_a_on_b", "additive ~table a",
        "additive ~table a +column a.d",
    ],
    "revert { add_column :a, :b, :text }": ["destructive ~table a -column a.b"],
    "revert Other": ["unknown"],
    "": ["additive"],
}  # fmt: skip


def test_commands(story: Story) -> None:
    text = "class Do{} < ActiveRecord::Migration[7.1]\n  def up\nBODY\n  end\nend\n"
    found = ups(story, RAILS, "db/migrate/20240101000{}_do.rb", text, COMMANDS)
    assert found == COMMANDS


REVERSED = {
    "create_table :a": ("inferred", ["destructive -table a"]),
    "add_column :a, :b, :string": ("inferred", ["destructive ~table a -column a.b"]),
    "drop_table :a": ("missing", []),
    "drop_table :a, if_exists: true": ("missing", []),
    "drop_table :a do |t|\n  t.string :b\nend": ("inferred", ["additive +table a"]),
    "drop_table(:a) {}": ("inferred", ["additive +table a"]),
    "drop_table :a, id: :uuid": ("inferred", ["additive +table a"]),
    "drop_table :a, :b, id: :uuid": ("missing", []),
    "remove_column :a, :b": ("missing", []),
    "remove_column :a, :b, if_exists: true": ("missing", []),
    "remove_column :a, :b, :string": ("inferred", ["additive +column a.b"]),
    "remove_columns :a, :b, :c": ("missing", []),
    "remove_columns :a, :b, type: :text": ("inferred", ["additive +column a.b"]),
    "change_table :a do |t|\n  t.remove :b\nend": ("missing", []),
    "change_table :a do |t|\n  t.change :b, :text\nend": ("missing", []),
    "change_column :a, :b, :text": ("missing", []),
    "change_column_default :a, :b, 1": ("missing", []),
    "change_column_default :a, :b, from: 0, to: 1": ("inferred", ["additive ~column a.b"]),
    "change_column_null :a, :b, true": ("inferred", ["restrictive ~column a.b"]),
    "rename_column :a, :b, :c": ("inferred", ["destructive +column a.b -column a.c"]),
    "remove_index :a, name: :i": ("missing", []),
    "remove_index :a, :b": ("inferred", ["additive ~table a +index index_a_on_b"]),
    "remove_foreign_key :a, column: :b": ("missing", []),
    "remove_foreign_key :a, :b": ("inferred", ["restrictive ~table a"]),
    "remove_check_constraint :a, name: :c": ("missing", []),
    "remove_check_constraint :a, 'b > 0', name: :c": ("inferred", ["restrictive ~table a +constraint a.c"]),
    "drop_enum :m": ("missing", []),
    "drop_enum :m, %w[x]": ("inferred", ["additive +type m"]),
    "add_enum_value :m, 'x'": ("missing", []),
    "drop_view :v": ("missing", []),
    "drop_view :v, revert_to_version: 1": ("inferred", ["additive +view v"]),
    "execute 'SELECT 1'": ("missing", []),
    "add_column :a, :b, :text\nUser.update_all(b: 1)": ("unknown", ["destructive ~table a -column a.b"]),
    "add_column :a, :b, :text unless column_exists?(:a, :b)": ("unknown", ["destructive ~table a -column a.b"]),
    "return if table_exists?(:a)\ncreate_table :a": ("unknown", ["destructive -table a"]),
    "validate_foreign_key :a, :b": ("empty", []),
    "add_index :a, :b\nremove_column :a, :c, :text": (
        "inferred", ["additive +column a.c", "additive ~table a -index index_a_on_b"],
    ),
    "reversible do |dir|\n  dir.up { execute 'UPDATE a SET b = 1' }\nend": ("empty", []),
    "up_only { User.update_all(b: 1) }": ("empty", []),
    "create_table :a\nreversible do |way|\n  way.up { execute 'UPDATE c SET b = 1' }\n"
    "  way.down { execute 'DELETE FROM c' }\nend": ("inferred", ["destructive ~table c", "destructive -table a"]),
    "reversible do |dir|\n  dir.down { raise ActiveRecord::IrreversibleMigration }\nend": ("missing", []),
    "revert { create_table :a }": ("inferred", ["additive +table a"]),
    "revert { remove_column :a, :b }": ("unknown", ["destructive -column a.b"]),
    "safety_assured { execute 'SELECT 1' }": ("missing", []),
    "transaction { add_column :a, :b, :text }": ("inferred", ["destructive ~table a -column a.b"]),
}  # fmt: skip


def test_what_rails_reverses(story: Story) -> None:
    paths = {f"db/migrate/20240101000{number:03}_do.rb": row for number, row in enumerate(REVERSED)}
    found = touched(story, RAILS, {}, {path: change(row) for path, row in paths.items()})
    told = {paths[one.migration.path]: (one.migration.down, all_said(one.migration.undo)) for one in found}
    # What is undone is read from the last to the first, what `dir.down` does stands where it is written.
    assert {row: (down, sorted(undo)) for row, (down, undo) in told.items()} == {
        row: (down, sorted(undo)) for row, (down, undo) in REVERSED.items()
    }


DOWNS = {
    "works": "def up\n  add_column :a, :b, :text\nend\ndef down\n  remove_column :a, :b\nend",
    "empty": "def up\n  add_column :a, :b, :text\nend\ndef down\n  # nothing to do\nend",
    "empty, in one line": "def up = add_column(:a, :b, :text)\ndef down; end",
    "empty without one": "def up\n  add_column :a, :b, :text\nend",
    "missing": "def up\n  add_column :a, :b, :text\nend\ndef down = raise(ActiveRecord::IrreversibleMigration)",
    "missing, with a reason": "def up\nend\ndef down\n  raise ActiveRecord::IrreversibleMigration, 'no'\nend",
    "unknown": "def up\nend\ndef down\n  raise ActiveRecord::IrreversibleMigration if x\n  drop_table :a\nend",
    "works, of the class": "def self.up\n  create_table :a\nend\ndef self.down\n  drop_table :a\nend",
    "works, by helpers": "def up = go(:text)\ndef down = go(:string)\ndef go(it)\n  change_column :a, :b, it\nend",
}


@pytest.mark.parametrize("row", DOWNS)
def test_downs(row: str, story: Story) -> None:
    assert migration(story, RAILS, PATH, source(DOWNS[row])).down == row.replace(",", "").partition(" ")[0]


def test_helpers_get_their_arguments(story: Story) -> None:
    text = source(
        """\
        TABLES = %w[a b].freeze
        def up
          TABLES.each { |table| add_it(table, column: :c) }
        end
        def add_it(table, column:, kind: :text)
          add_column table, column, kind
        end
        """
    )
    found = migration(story, RAILS, PATH, text)
    assert all_said(found.up) == ["additive ~table a +column a.c", "additive ~table b +column b.c"]


PATHS = {
    "db/migrate/20240101000000_do.rb": "20240101000000",
    "db/migrate/001_do.rb": "1",
    "db/post_migrate/20240101000000_do.rb": "20240101000000",
    "db/migrate/nested/20240101000000_do.rb": "20240101000000",
    "db/geo/migrate/20240101000000_do.rb": "20240101000000",
    "plugins/poll/db/migrate/20240101000000_do.rb": "20240101000000",
    "engines/shop/db/post_migrate/20240101000000_do.shop.rb": "20240101000000",
    "db/animals_migrate/20240101000000_do.rb": "20240101000000",
    "db/migrate/do.rb": None,
    "db/schema.rb": None,
    "app/migrate/20240101000000_do.rb": None,
}


@pytest.mark.parametrize("path", PATHS)
def test_versions(path: str, story: Story) -> None:
    found = touched(story, RAILS, {}, {path: change("create_table :a")})
    assert [one.migration.id for one in found] == ([PATHS[path]] if PATHS[path] else [])


SEVERAL = """
production:
  primary:
    adapter: postgresql
    url: <%= ENV["DATABASE_URL"] %>
  animals:
    adapter: postgresql
    migrations_paths: db/animals_migrate
  replica:
    adapter: postgresql
    replica: true
"""
ONE_WITH_REPLICA = """
production:
  primary:
    adapter: mysql2
  replica:
    adapter: mysql2
    replica: true
"""
DATABASES = {
    "db/animals_migrate/1_do.rb": (SEVERAL, "bin/rails db:migrate:down:animals VERSION=1", "postgresql"),
    "db/migrate/1_do.rb": (SEVERAL, "bin/rails db:migrate:down:primary VERSION=1", "postgresql"),
    "db/migrate/2_do.rb": (ONE_WITH_REPLICA, "bin/rails db:migrate:down VERSION=2", "mysql"),
    "db/migrate/3_do.rb": ("development: {adapter: sqlite3}", "bin/rails db:migrate:down VERSION=3", "sqlite"),
    "db/migrate/4_do.rb": ("{{{ no yaml", "bin/rails db:migrate:down VERSION=4", ""),
    "db/cats_migrate/5_do.rb": ("", "bin/rails db:migrate:down:cats VERSION=5", ""),
}


@pytest.mark.parametrize("path", DATABASES)
def test_databases(path: str, story: Story) -> None:
    configured, command, kind = DATABASES[path]
    (one,) = touched(story, RAILS, {"config/database.yml": configured}, {path: change("create_table :a")})
    assert (RAILS.undo(one.migration), one.migration.database) == (command, kind)
    assert RAILS.apply(one.migration) == command.replace(":down", ":up")


def test_commands_run_in_the_application(story: Story) -> None:
    before = {"backend/bin/rails": "", "backend/plugins/a/Gemfile": ""}
    files = {"backend/plugins/a/db/migrate/1_do.rb": change(""), "gems/b/db/migrate/1_do.rb": change("")}
    assert [one.migration.project for one in touched(story, RAILS, before, files)] == ["backend", "gems/b"]


def test_edits_that_change_nothing_are_none(story: Story) -> None:
    old = source("def change\n  add_column :a, 'b', :text\nend", "ActiveRecord::Migration[5.0]")
    new = source('def change\n\n  add_column(:a, "b", :text) # rubocop:disable X\nend').replace(
        "# frozen", "# Frozen"
    )
    other = old.replace(":text", ":string")
    files = {"db/migrate/1_same.rb": new, "db/migrate/2_other.rb": other}
    found = touched(story, RAILS, {"db/migrate/1_same.rb": old, "db/migrate/2_other.rb": old}, files)
    assert [(one.change, one.migration.id, one.edited) for one in found] == [("changed", "2", True)]


def test_models_within_a_migration_are_not_the_migration(story: Story) -> None:
    text = "class User < ApplicationRecord\n  def up\n    destroy!\n  end\nend\n" + change("add_column :a, :b, :text")
    assert all_said(migration(story, RAILS, PATH, text).up) == ["additive ~table a +column a.b"]


def test_data_migrations_have_a_history_of_their_own(story: Story) -> None:
    text = source("def up = User.update_all(a: 1)\ndef down\n  raise ActiveRecord::IrreversibleMigration\nend")
    found = migration(story, RAILS_DATA, "db/data/20240101000000_fill.rb", text)
    assert (found.id, found.effect, found.down) == ("20240101000000", "data", "missing")
    assert RAILS_DATA.undo(found) == "bin/rails data:migrate:down VERSION=20240101000000"


@pytest.mark.parametrize(
    "text",
    ["", "\0", "class", "class A < ActiveRecord::Migration[7.1]\n  def change\n    add_column(", "def up; end", "é",
     "class A < ActiveRecord::Migration\n def up\n  " + "(" * 3000, "class A < B\n def up\r\n  x\r\n end\r\nend",
     "class A < ActiveRecord::Migration\n def up = up\n def go = go\n def down\n  go\n end\nend", "x " * 200_000],
)  # fmt: skip
def test_odd_files_raise_nothing(text: str, story: Story) -> None:
    found = touched(story, RAILS, {}, {PATH: text}, {PATH: None})
    assert [one.migration.id for one in found] == ["20240101000000"] * 2
    assert all(one.migration.up for one in found)


def test_what_does_not_parse_is_said(story: Story) -> None:
    changes = story.changes({}, {PATH: "class A < ActiveRecord::Migration[7.1]\n  def up\n    add_column((\n"})
    assert [one.migration.id for one in RAILS.read(changes, changes.deltas)] == ["20240101000000"]
    assert [(one.domain, one.subject) for one in changes.unknowns] == [("database", PATH)]
