"""What statements do: one row for each kind."""

import logging
import time

import pytest

from safe_rollback.inventory.migrations.ddl import operations_of_sql
from safe_rollback.inventory.migrations.model import Operation


def said(operation: Operation) -> str:
    """`effect touched +created -dropped`."""
    changed = {*operation.creates, *operation.drops}
    return " ".join([
        operation.effect,
        *(f"~{name}" for name in operation.objects if name not in changed),
        *(f"+{name}" for name in operation.creates),
        *(f"-{name}" for name in operation.drops),
    ])  # fmt: skip


def effects(sql: str, dialect: str = "") -> list[str]:
    return [said(one) for one in operations_of_sql(sql, dialect)]


ONE = {
    # Tables, and what hangs on them.
    "CREATE TABLE a (b int NOT NULL UNIQUE REFERENCES c)": "additive +table a",
    "CREATE TABLE IF NOT EXISTS public.a (b int)": "additive +table a",
    'CREATE TABLE "auth"."Users" (b int)': "additive +table auth.Users",
    "CREATE TABLE a AS SELECT 1": "additive +table a",
    "CREATE TABLE a PARTITION OF b FOR VALUES IN (1)": "additive +table a",
    "CREATE TABLE a (b what is this)": "additive +table a",
    "CREATE TEMP TABLE a (b int)": "additive",
    "SELECT * INTO b FROM a": "additive +table b",
    "DROP TABLE IF EXISTS a, s.b CASCADE": "destructive -table a -table s.b",
    "TRUNCATE TABLE a, b CASCADE": "destructive ~table a ~table b",
    "TRUNCATE a": "destructive ~table a",
    "ALTER TABLE a RENAME TO b": "destructive +table b -table a",
    "RENAME TABLE a TO b": "destructive +table b -table a",
    "ALTER TABLE a SET SCHEMA b": "destructive ~schema b -table a",
    "ALTER TABLE a OWNER TO b": "additive ~table a",
    "ALTER TABLE a ENABLE ROW LEVEL SECURITY": "restrictive ~table a",
    "ALTER TABLE a NO FORCE ROW LEVEL SECURITY": "additive ~table a",
    "ALTER TABLE a DETACH PARTITION b": "destructive ~table a",
    "ALTER TABLE a ATTACH PARTITION b DEFAULT": "additive ~table a",
    "ALTER TABLE a DISABLE TRIGGER ALL": "unknown ~table a",
    # Columns.
    "ALTER TABLE a ADD COLUMN b int": "additive ~table a +column a.b",
    "ALTER TABLE a ADD b int": "additive ~table a +column a.b",
    "ALTER TABLE ONLY a ADD COLUMN IF NOT EXISTS b int NULL": "additive ~table a +column a.b",
    "ALTER TABLE a ADD COLUMN b int NOT NULL": "restrictive ~table a +column a.b",
    "ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 0": "additive ~table a +column a.b",
    "ALTER TABLE a ADD COLUMN b bigserial NOT NULL": "additive ~table a +column a.b",
    "ALTER TABLE a ADD COLUMN b int NOT NULL GENERATED ALWAYS AS IDENTITY": "additive ~table a +column a.b",
    "ALTER TABLE a ADD COLUMN b int GENERATED ALWAYS AS (c * 2) STORED NOT NULL": "additive ~table a +column a.b",
    "ALTER TABLE a ADD COLUMN b int UNIQUE": "restrictive ~table a +column a.b",
    "ALTER TABLE a ADD COLUMN b int CHECK (b > 0)": "restrictive ~table a +column a.b",
    "ALTER TABLE a ADD COLUMN b int REFERENCES c (id)": "restrictive ~table a +column a.b",
    "ALTER TABLE a DROP COLUMN b": "destructive -column a.b",
    "ALTER TABLE a DROP b": "destructive -column a.b",
    "ALTER TABLE a RENAME COLUMN b TO c": "destructive +column a.c -column a.b",
    "ALTER TABLE a RENAME b TO c": "destructive +column a.c -column a.b",
    "ALTER TABLE a ALTER COLUMN b TYPE bigint USING b::bigint": "destructive ~column a.b",
    "ALTER TABLE a ALTER b SET DATA TYPE text": "destructive ~column a.b",
    "ALTER TABLE a ALTER COLUMN b SET NOT NULL": "restrictive ~column a.b",
    "ALTER TABLE a ALTER COLUMN b DROP NOT NULL": "additive ~column a.b",
    "ALTER TABLE a ALTER COLUMN b SET DEFAULT 1": "additive ~column a.b",
    "ALTER TABLE a ALTER COLUMN b DROP DEFAULT": "restrictive ~column a.b",
    "ALTER TABLE a ALTER COLUMN b ADD GENERATED ALWAYS AS IDENTITY": "additive ~column a.b",
    "ALTER TABLE a ALTER COLUMN b SET STATISTICS 100": "additive ~column a.b",
    "ALTER TABLE a ADD COLUMN b what is this": "unknown ~table a",
    # Constraints and indexes.
    "ALTER TABLE a ADD CONSTRAINT b FOREIGN KEY (x) REFERENCES c (id)": "restrictive ~table a +constraint a.b",
    "ALTER TABLE a ADD CONSTRAINT b CHECK (x > 0) NOT VALID": "restrictive ~table a +constraint a.b",
    "ALTER TABLE a ADD CONSTRAINT b UNIQUE USING INDEX i": "restrictive ~table a +constraint a.b",
    "ALTER TABLE a ADD CONSTRAINT b EXCLUDE USING gist (x WITH &&)": "restrictive ~table a +constraint a.b",
    "ALTER TABLE a ADD CHECK (x > 0)": "restrictive ~table a",
    "ALTER TABLE a ADD UNIQUE (x)": "restrictive ~table a",
    "ALTER TABLE a ADD PRIMARY KEY (x)": "restrictive ~table a",
    "ALTER TABLE a DROP CONSTRAINT IF EXISTS b": "additive ~table a -constraint a.b",
    "ALTER TABLE a RENAME CONSTRAINT b TO c": "additive +constraint a.c -constraint a.b",
    "ALTER TABLE a VALIDATE CONSTRAINT b": "additive ~constraint a.b",
    "CREATE INDEX i ON a (b)": "additive ~table a +index i",
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a USING gin (b jsonb_path_ops)": "additive ~table a +index i",
    "CREATE INDEX ON a (b)": "additive ~table a",
    "CREATE UNIQUE INDEX i ON s.a (lower(b)) WHERE c IS NULL": "restrictive ~table s.a +index i",
    "CREATE UNIQUE INDEX CONCURRENTLY i ON a (b)": "restrictive ~table a +index i",
    "DROP INDEX CONCURRENTLY i, j": "additive -index i -index j",
    "ALTER INDEX i RENAME TO j": "additive +index j -index i",
    # Types and the rest of a schema.
    "CREATE TYPE t AS ENUM ('a')": "additive +type t",
    "ALTER TYPE t ADD VALUE IF NOT EXISTS 'b' BEFORE 'a'": "irreversible ~type t",
    'ALTER TYPE "s"."T" ADD VALUE \'b\'': "irreversible ~type s.T",
    "ALTER TYPE t RENAME VALUE 'a' TO 'b'": "destructive ~type t",
    "ALTER TYPE t RENAME TO u": "destructive +type u -type t",
    "DROP TYPE t": "destructive -type t",
    "CREATE DOMAIN d AS text CHECK (value <> '')": "additive +domain d",
    "CREATE SCHEMA s": "additive +schema s",
    "DROP SCHEMA s CASCADE": "destructive -schema s",
    "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA s": "additive +extension uuid-ossp",
    "DROP EXTENSION e": "destructive -extension e",
    "CREATE SEQUENCE q": "additive +sequence q",
    "ALTER SEQUENCE q RESTART WITH 1": "data ~sequence q",
    "ALTER SEQUENCE q OWNED BY a.b": "additive ~sequence q",
    "DROP SEQUENCE q": "destructive -sequence q",
    "CREATE VIEW v AS SELECT 1": "additive +view v",
    "CREATE MATERIALIZED VIEW v AS SELECT 1": "additive +view v",
    "CREATE OR REPLACE VIEW v AS SELECT 1": "unknown ~view v",
    "DROP MATERIALIZED VIEW v": "destructive -view v",
    "REFRESH MATERIALIZED VIEW v": None,
    "CREATE POLICY \"who may\" ON a USING (true)": "additive +policy a.who may",
    "CREATE POLICY p ON a AS RESTRICTIVE USING (true)": "restrictive +policy a.p",
    "DROP POLICY p ON a": "restrictive -policy a.p",
    "GRANT SELECT ON a TO b": "additive",
    "REVOKE ALL ON ALL TABLES IN SCHEMA s FROM b": "restrictive",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT ALL ON TABLES TO b": "additive",
    "COMMENT ON COLUMN a.b IS 'c'": "additive",
    # Code.
    "CREATE FUNCTION f() RETURNS int AS $$ SELECT 1 $$ LANGUAGE sql": "unknown +function f",
    "CREATE OR REPLACE FUNCTION f() RETURNS trigger AS $$ BEGIN DELETE FROM a; END $$ LANGUAGE plpgsql":
        "unknown ~function f",
    "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()": "unknown +trigger t",
    "DROP TRIGGER t ON a": "unknown -trigger t",
    "SELECT create_hypertable('a', 'b')": "unknown",
    "CALL p()": "unknown",
    "ALTER ROLE a SUPERUSER": "unknown",
    "whatever": "unknown",
    "\\i other.sql": "unknown",
    # Data.
    "INSERT INTO a (b) VALUES ('delete from c')": "data ~table a",
    "INSERT OR REPLACE INTO a VALUES (1)": "data ~table a",
    "UPDATE a SET b = 1": "data ~table a",
    "DELETE FROM a WHERE b": "destructive ~table a",
    "MERGE INTO a USING b ON a.c = b.c WHEN MATCHED THEN UPDATE SET d = 1": "data ~table a",
    "MERGE INTO a USING b ON a.c = b.c WHEN MATCHED THEN DELETE": "destructive ~table a",
    "COPY a (b) FROM stdin": "data ~table a",
    "COPY a TO stdout": None,
    "SELECT setval('q', 1)": "data",
    # Neither.
    "SELECT 1": None,
    "SELECT set_config('search_path', '', false)": None,
    "SET search_path = s": None,
    "BEGIN": None,
    "PRAGMA foreign_keys = OFF": None,
    "LOCK TABLE a": None,
}  # fmt: skip


@pytest.mark.parametrize("sql", ONE)
def test_a_statement(sql: str) -> None:
    expected = ONE[sql]
    assert effects(sql, "postgres") == ([] if expected is None else [expected])


OTHERS = {
    "mysql": {
        "ALTER TABLE `a` MODIFY COLUMN `b` INT": ["destructive ~column a.b"],
        "ALTER TABLE `a` CHANGE `b` `c` INT": ["destructive +column a.c -column a.b"],
        "ALTER TABLE `a` CHANGE `b` `b` INT": ["destructive ~column a.b"],
        "ALTER TABLE `a` ADD `b` INT NOT NULL AFTER `c`": ["restrictive ~table a +column a.b"],
        "ALTER TABLE a ADD INDEX i (b), DROP FOREIGN KEY f": [
            "additive +index i", "additive ~table a -constraint a.f",
        ],
        "ALTER TABLE a ADD UNIQUE KEY i (b), COMMENT = 'c'": ["restrictive ~table a +index i", "additive ~table a"],
        "ALTER TABLE a RENAME INDEX i TO j": ["additive +index j -index i"],
        "DROP INDEX i ON a": ["additive -index i"],
        "CREATE TABLE `a` (`b` int) ENGINE=InnoDB": ["additive +table a"],
    },
    "sqlserver": {
        "ALTER TABLE [dbo].[a] ADD [b] int NOT NULL CONSTRAINT d DEFAULT 0": ["additive ~table a +column a.b"],
        "ALTER TABLE a ALTER COLUMN b nvarchar(20) NOT NULL": ["destructive ~column a.b"],
        "ALTER TABLE a ADD b int, c int NOT NULL": [
            "additive ~table a +column a.b", "restrictive ~table a +column a.c",
        ],
        "EXEC sp_rename 'a.b', 'c', 'COLUMN'": ["destructive"],
        "CREATE UNIQUE NONCLUSTERED INDEX [i] ON [a] ([b])": ["restrictive ~table a +index i"],
    },
    "sqlite": {"CREATE VIRTUAL TABLE a USING fts5(b)": ["additive +table a"]},
}  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql"), [(dialect, sql) for dialect, rows in OTHERS.items() for sql in rows])
def test_other_databases(dialect: str, sql: str) -> None:
    assert effects(sql, dialect) == OTHERS[dialect][sql]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE a (b int auto_increment); INSERT INTO a VALUES ('\\'; DROP TABLE c')", "data ~table a"),
        ("CREATE TABLE a (b text DEFAULT '\\'); DROP TABLE c;", "destructive -table c"),
        ("CREATE TABLE [dbo].[a] (b int)\nDROP TABLE c", "destructive -table c"),
        (
            "PRAGMA foreign_keys=0; CREATE TABLE `a` (b int) WITHOUT ROWID /* /* */; DROP TABLE c",
            "destructive -table c",
        ),
    ],
)
def test_the_database_is_guessed(sql: str, expected: str) -> None:
    assert effects(sql) == ["additive +table a", expected]


SCRIPTS = {
    "each action of an ALTER TABLE": (
        "ALTER TABLE a ADD COLUMN b numeric(1, 2), DROP COLUMN c, ADD CHECK (d IN (1, 2)), VALIDATE CONSTRAINT e",
        [
            "additive ~table a +column a.b",
            "destructive -column a.c",
            "restrictive ~table a",
            "additive ~constraint a.e",
        ],
    ),
    "what it says last does not hide what it says first": (
        "ALTER TABLE a DROP COLUMN b, ADD CHECK (c > 0), OWNER TO d",
        ["destructive -column a.b", "restrictive ~table a", "additive ~table a"],
    ),
    "a new table restricts nobody": (
        """CREATE TABLE a (b int); CREATE UNIQUE INDEX i ON a (b); ALTER TABLE a ADD COLUMN e int NOT NULL;
        ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES c (d)""",
        [
            "additive +table a",
            "additive ~table a +index i",
            "additive ~table a +column a.e",
            "additive ~table a +constraint a.f",
        ],
    ),
    "a table made anew": (
        """CREATE TABLE "new_a" (b int); INSERT INTO "new_a" SELECT b FROM a; DROP TABLE "a";
        ALTER TABLE "new_a" RENAME TO "a"; CREATE UNIQUE INDEX i ON a (b)""",
        [
            "additive ~table new_a",
            "data ~table new_a",
            "destructive ~table a",
            "additive ~table a ~table new_a",
            "restrictive ~table a +index i",
        ],
    ),
    "an enum made anew": (
        """CREATE TYPE t_new AS ENUM ('a'); ALTER TABLE x ALTER COLUMN y TYPE t_new USING (y::text::t_new);
        ALTER TYPE t RENAME TO t_old; ALTER TYPE t_new RENAME TO t; DROP TYPE t_old""",
        [
            "additive ~type t_new",
            "destructive ~column x.y",
            "destructive ~type t_old ~type t",
            "additive ~type t ~type t_new",
            "additive ~type t_old",
        ],
    ),
    "dropped and made again": (
        "DROP FUNCTION f(); CREATE OR REPLACE FUNCTION f() RETURNS int AS $$ $$ LANGUAGE sql",
        ["unknown ~function f", "unknown ~function f"],
    ),
    "more in one statement": (
        "WITH x AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM x",
        ["data ~table b", "destructive ~table a"],
    ),
    "a block": ("DO $$ BEGIN PERFORM f(); END $$", ["unknown"]),
    "a block that deletes": (
        "DO $$ BEGIN IF x THEN DROP TABLE a; END IF; ALTER TYPE t ADD VALUE 'b'; END $$",
        ["unknown", "destructive -table a", "irreversible ~type t"],
    ),
    "a block that does it unless it is there": (
        """DO $$ BEGIN
        ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES c (d);
        EXCEPTION WHEN duplicate_object THEN null; END $$;""",
        ["restrictive ~table a +constraint a.f"],
    ),
    "something unread before": ("what; DROP TABLE a", ["unknown", "destructive -table a"]),
}


@pytest.mark.parametrize("row", SCRIPTS)
def test_a_script(row: str) -> None:
    script, expected = SCRIPTS[row]
    assert effects(script) == expected


def test_text_and_line_are_those_of_the_action() -> None:
    sql = '\n-- why\nALTER TABLE "a"\n  ADD COLUMN "b" int,\n  DROP COLUMN "c";\nDROP TABLE d;'
    assert [(one.line, one.text) for one in operations_of_sql(sql, line=10)] == [
        (13, 'ADD COLUMN "b" int'),
        (14, 'DROP COLUMN "c"'),
        (15, "DROP TABLE d"),
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO a VALUES ('hunter2')",
        "UPDATE a SET b = 'it\\'s hunter2'",
        "ALTER ROLE a PASSWORD 'hunter2'",
        "SELECT vault.create_secret('hunter2')",
        "DO $$ BEGIN PERFORM f('hunter2'); END $$",
        "CREATE SERVER s OPTIONS (password 'hunter2",
    ],
)
def test_strings_that_may_be_data_are_not_shown(sql: str) -> None:
    assert "hunter2" not in " ".join(one.text for one in operations_of_sql(sql))


def test_a_long_statement_is_shown_shortened() -> None:
    (one,) = operations_of_sql("CREATE TABLE a (" + ", ".join(f"b{n} int" for n in range(9000)) + ")")
    assert (one.effect, list(one.creates), len(one.text)) == ("additive", ["table a"], 200)


HOSTILE = [
    "", "\0", "\ufeff", "'", '"', "$$", "/*", "(" * 20_000, "SELECT " + "(" * 20_000, "CREATE TABLE a (" * 2_000,
    "ALTER TABLE a ADD" + "," * 20_000, "SELECT 1" + " + 1" * 6_000, "DO $$" * 5_000, "BEGIN " * 20_000,
    "CREATE TABLE " + "a." * 10_000, "ALTER TABLE a " + "ADD COLUMN b int, " * 5_000, "x" * 1_000_000,
    "é" * 1000 + ";", "INSERT INTO a VALUES (" + "1, " * 100_000 + "1)", "'\\" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize("dialect", ["", "postgres", "mysql", "sqlite", "tsql", "unheard of"])
def test_nothing_raises_logs_or_takes_long(number: int, dialect: str, caplog: pytest.LogCaptureFixture) -> None:
    begin = time.process_time()
    with caplog.at_level(logging.DEBUG):
        operations_of_sql(HOSTILE[number], dialect)
    assert time.process_time() - begin < 5
    assert not caplog.records


def test_what_is_not_read_is_unknown() -> None:
    assert {one.effect for one in operations_of_sql("SELECT " + "(" * 20_000)} == {"unknown"}


def test_many_statements_are_quick_and_the_end_is_said() -> None:
    begin = time.process_time()
    found = operations_of_sql("ALTER TABLE a ADD COLUMN b int;\n" * 30_000)
    assert time.process_time() - begin < 5
    assert (found[-2].effect, found[-1].effect) == ("additive", "unknown")
