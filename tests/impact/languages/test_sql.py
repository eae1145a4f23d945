"""SQL: one row for each rule of what reads, writes and makes a table."""

import pytest

from safe_rollback.impact.languages.sql import LANGUAGE
from safe_rollback.impact.model import Edge, Name
from tests.impact.languages.hostile import TEXTS, readings
from tests.impact.tree import edges

MAKER = {"made.sql": "create table t (id int, name text);"}

STATEMENTS = {
    "FROM": ("select * from t", ["read"]),
    "JOIN": ("select * from x left join t on true", ["read"]),
    "after a comma": ("select * from x a, t b where true", ["read"]),
    "after a comma without aliases": ("select * from x, t", ["read"]),
    "a comma in the list is none": ("select a, t from x", []),
    "in a subquery": ("select (select max(id) from t)", ["read"]),
    "in brackets": ("select * from (t join x on true)", ["read"]),
    "a common table expression": ("with t as (select 1) select * from t", []),
    "the second of them": ("with a as (select 1), t as (select 2) select * from t", []),
    "with columns, recursive, materialized": (
        "with recursive t (n) as materialized (select 1) select * from t",
        [],
    ),
    "what one of them reads": ("with a as (select * from t) select * from a", ["read"]),
    "a temporary table": ("create temp table t (id int); select * from t", []),
    "a function": ("select * from t(1)", []),
    "EXTRACT": ("select extract(year from t) from x", []),
    "SUBSTRING of two": ("select substring(a || (b) from t) from x", []),
    "IS DISTINCT FROM": ("select 1 from x where a is not distinct from t", []),
    "an alias": ("select t.id from x t", []),
    "in a string": ("select 'select * from t'", []),
    "in a comment": ("-- from t\n/* from t */ select 1", []),
    "a schema on one side": ("select * from public.t", ["read"]),
    "quoted": ('select * from "t"', ["read"]),
    "in backquotes, of a project": ("select * from `shop`.`t`", ["read"]),
    "in brackets of SQL Server": ("select * from [dbo].[t]", ["read"]),
    "in capitals": ("SELECT * FROM T", ["read"]),
    "CREATE VIEW": ("create or replace view v as select * from t", ["read"]),
    "a foreign key": ("create table u (t_id int references t (id))", ["read"]),
    "in a function's body": (
        "create function f() returns int as $$ begin return (select 1 from t); end $$ language plpgsql",
        ["read"],
    ),
    "INSERT": ("insert into t (id) values (1)", ["write"]),
    "INSERT OVERWRITE": ("insert overwrite table t select 1", ["write"]),
    "UPDATE": ("update t set id = 1", ["write"]),
    "UPDATE with an alias": ("update t as x set id = 1", ["write"]),
    "FOR UPDATE": ("select 1 from x for update of t", []),
    "ON UPDATE": ("create table u (a int references x on update cascade)", []),
    "DO UPDATE": ("insert into x values (1) on conflict do update set id = 1", []),
    "DELETE": ("delete from t where true", ["write"]),
    "DELETE USING": ("delete from x using t where true", ["read"]),
    "JOIN USING": ("select 1 from x join y using (t)", []),
    "MERGE": ("merge into t using x on true", ["write"]),
    "MERGE USING": ("merge into x using t on true", ["read"]),
    "ALTER": ("alter table if exists only t add column a int", ["write"]),
    "DROP": ("drop table if exists x, t cascade", ["write"]),
    "TRUNCATE": ("truncate table t", ["write"]),
    "an index": ("create unique index concurrently i on t (id)", ["write"]),
    "a trigger": ("create trigger g before insert on t for each row execute function f()", ["write"]),
    "COPY": ("copy t from stdin", ["write"]),
    "GRANT": ("grant select, update on x to t", []),
    "a variable": ("select * from @t", []),
    "a syntax error before": ("selec * frm x where (((;\nselect * from t", ["read"]),
    "several statements": ("select 1; insert into t select 2", ["write"]),
    "read and written": ("insert into t select * from t", ["read"]),
}


@pytest.mark.parametrize(("text", "expected"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_a_statement_leads_to_the_file_that_makes_the_table(text: str, expected: list[str]) -> None:
    found = edges({**MAKER, "x.sql": text}, LANGUAGE)
    assert [one.kind for one in found if one.source == "x.sql" and one.target == "made.sql"] == expected


def told(tree: dict[str, str]) -> list[str]:
    return [f"{one.source} -{one.kind}-> {one.target} {one.confidence}" for one in edges(tree, LANGUAGE)]


TREES = {
    "the maker is sure": (
        {"a.sql": "create table s.t (id int)", "b.sql": "select * from s.t"},
        ["b.sql -read-> a.sql sure"],
    ),
    "another schema is another table": ({"a.sql": "create table s.t (id int)", "b.sql": "select * from r.t"}, []),
    "two makers are likely": (
        {"a.sql": "create table t (id int)", "b.sql": "create table t (id int)", "c.sql": "select * from t"},
        ["c.sql -read-> a.sql likely", "c.sql -read-> b.sql likely"],
    ),
    "who alters or fills it is likely": (
        {
            "1.sql": "create table t (id int)",
            "2.sql": "alter table t add column n int",
            "3.sql": "insert into t values (1)",
            "4.sql": "delete from t",
            "r.sql": "select n from t",
        },
        [
            "2.sql -write-> 1.sql sure",
            "3.sql -write-> 1.sql sure",
            "4.sql -write-> 1.sql sure",
            "r.sql -read-> 1.sql sure",
            "r.sql -read-> 2.sql likely",
            "r.sql -read-> 3.sql likely",
        ],
    ),
    "a table of its own": (
        {"a.sql": "create table public.t (id int); select * from t", "b.sql": "insert into t values (1)"},
        ["b.sql -write-> a.sql sure"],
    ),
    "SELECT INTO makes": (
        {"a.sql": "select 1 as id into t from x", "b.sql": "select * from t"},
        ["b.sql -read-> a.sql sure"],
    ),
    "a name that is a soft keyword": (
        {"a.sql": "create table language (id int)", "b.sql": "select * from language"},
        ["b.sql -read-> a.sql sure"],
    ),
    "tables of the engine": (
        {"a.sql": "create table tables (id int)", "b.sql": "select * from information_schema.tables"},
        [],
    ),
}


@pytest.mark.parametrize(("tree", "expected"), TREES.values(), ids=TREES.keys())
def test_a_table_leads_to_the_files_of_the_tree(tree: dict[str, str], expected: list[str]) -> None:
    assert told(tree) == expected


DEFINITIONS = {
    "a table and its columns": (
        "create table s.t (\n id bigint not null,\n name text default 'x',\n primary key (id)\n);",
        [
            ("s.t", 1, "table s.t"),
            ("s.t.id", 2, "id bigint not null"),
            ("s.t.name", 3, "name text default ''"),
        ],
    ),
    "types with brackets": (
        "create table t (a numeric(10, 2), b text)",
        [("t", 1, "table t"), ("t.a", 1, "a numeric ( 10 , 2 )"), ("t.b", 1, "b text")],
    ),
    "a view": (
        "create view v as select t.id, n as name from t",
        [("v", 1, "view v"), ("v.id", 1, "id"), ("v.name", 1, "name")],
    ),
    "a view of all": (
        "create view v as select * from t",
        [("v", 1, "view v"), ("v.*", 1, "all columns of another table")],
    ),
    "a column that is added": (
        "alter table t add column a int not null, add b text;",
        [("t.a", 1, "a int not null"), ("t.b", 1, "b text")],
    ),
    "a column that is renamed": ("alter table t rename column a to b;", [("t.b", 1, "b renamed")]),
    "two tables": (
        "create table a (x int);\ncreate table b (y int);",
        [("a", 1, "table a"), ("a.x", 1, "x int"), ("b", 2, "table b"), ("b.y", 2, "y int")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), DEFINITIONS.values(), ids=DEFINITIONS.keys())
def test_tables_and_columns_are_definitions(text: str, expected: list[tuple[str, int, str]]) -> None:
    assert LANGUAGE.definitions is not None
    assert [(one.name, one.line, one.signature) for one in LANGUAGE.definitions(text.encode())] == expected


USES = {
    "by alias": ("select u.id from t u join x on true", [("s.t", 1, True), ("s.t.id", 1, True)]),
    "the only table": ("select\nid\nfrom t", [("s.t.id", 2, True), ("s.t", 3, True)]),
    "one of two": ("select id from t, x", [("s.t", 1, True), ("s.t.id", 1, False)]),
    "by the table's name": ("update x set a = t.id from t", [("s.t", 1, True), ("s.t.id", 1, True)]),
    "another's": ("select x.id from t, x", [("s.t", 1, True)]),
    "a comma in a call after FROM is none between tables": (
        "select id from t join f(a, x) as y on true",
        [("s.t", 1, True), ("s.t.id", 1, False)],
    ),
    "a comma in a condition after FROM": (
        "select id from t join t as z on g(1, x)",
        [("s.t", 1, True), ("s.t.id", 1, True)],
    ),
    "in a list of INSERT": ("insert into t (id) values (1)", [("s.t", 1, True), ("s.t.id", 1, False)]),
}


@pytest.mark.parametrize(("text", "expected"), USES.values(), ids=USES.keys())
def test_columns_are_used_in_statements_that_read_their_table(
    text: str, expected: list[tuple[str, int, bool]]
) -> None:
    assert LANGUAGE.uses is not None
    edge = Edge("x.sql", "made.sql", "read", 1, (Name("t"),))
    found = LANGUAGE.uses(text.encode(), edge, ["s.t", "s.t.id"])
    assert sorted((one.name, one.line, one.sure) for one in found) == sorted(expected)


def test_a_name_is_used_twenty_times_at_most() -> None:
    assert LANGUAGE.uses is not None
    edge = Edge("x.sql", "made.sql", "read", 1, (Name("t"),))
    assert len(LANGUAGE.uses(b"select id from t;\n" * 50, edge, ["t.id"])) == 20


@pytest.mark.parametrize("data", TEXTS.values(), ids=TEXTS.keys())
def test_no_text_makes_it_stumble(data: bytes) -> None:
    readings(LANGUAGE, data)


def test_a_dump_is_read_up_to_a_limit_and_that_is_said() -> None:
    facts = LANGUAGE.extract(b"insert into t values (1);\n" * 80_000)
    assert facts.problems == ("only the first 2,000,000 bytes were read",)
    assert facts.provides == ("rows:t",)
