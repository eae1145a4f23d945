"""Liquibase's changelogs: changesets in four forms, what they do, and what Liquibase takes back."""

import textwrap

import pytest

from safe_rollback.inventory.migrations.liquibase import LIQUIBASE
from tests.inventory.kit import Story
from tests.inventory.migrations.told import all_said, touched

PATH = "src/main/resources/db/changelog/001.xml"
HEAD = '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">\n'


def xml(body: str, head: str = HEAD) -> str:
    changeset = f'<changeSet id="1" author="me">{body}</changeSet>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{changeset}\n</databaseChangeLog>'


CHANGES: dict[str, tuple[list[str], str, list[str]]] = {
    '<createTable tableName="a"><column name="b" type="int"/></createTable>': (
        ["additive +table a"], "inferred", ["destructive -table a"],
    ),
    '<createTable tableName="a" schemaName="s"/>': (["additive +table s.a"], "inferred", ["destructive -table s.a"]),
    '<dropTable tableName="a"/>': (["destructive -table a"], "missing", []),
    '<renameTable oldTableName="a" newTableName="b"/>': (
        ["destructive +table b -table a"], "inferred", ["destructive +table a -table b"],
    ),
    '<addColumn tableName="a"><column name="b" type="int"/><column name="c" type="int">'
    '<constraints nullable="false"/></column></addColumn>': (
        ["additive ~table a +column a.b", "restrictive ~table a +column a.c"], "inferred",
        ["destructive ~table a -column a.b", "destructive ~table a -column a.c"],
    ),
    '<addColumn tableName="a"><column name="b" type="int" defaultValueNumeric="0">'
    '<constraints nullable="false"/></column></addColumn>': (
        ["additive ~table a +column a.b"], "inferred", ["destructive ~table a -column a.b"],
    ),
    '<dropColumn tableName="a" columnName="b"/>': (["destructive -column a.b"], "missing", []),
    '<dropColumn tableName="a"><column name="b"/><column name="c"/></dropColumn>': (
        ["destructive -column a.b -column a.c"], "missing", [],
    ),
    '<renameColumn tableName="a" oldColumnName="b" newColumnName="c"/>': (
        ["destructive +column a.c -column a.b"], "inferred", ["destructive +column a.b -column a.c"],
    ),
    '<modifyDataType tableName="a" columnName="b" newDataType="bigint"/>': (
        ["destructive ~column a.b"], "missing", [],
    ),
    '<addNotNullConstraint tableName="a" columnName="b"/>': (
        ["restrictive ~column a.b"], "inferred", ["additive ~column a.b"],
    ),
    '<createIndex indexName="i" tableName="a" unique="true"><column name="b"/></createIndex>': (
        ["restrictive ~table a +index i"], "inferred", ["additive ~table a -index i"],
    ),
    '<addForeignKeyConstraint constraintName="f" baseTableName="a" baseColumnNames="b" referencedTableName="c"/>': (
        ["restrictive ~table a +constraint a.f"], "inferred", ["additive ~table a -constraint a.f"],
    ),
    '<dropForeignKeyConstraint constraintName="f" baseTableName="a"/>': (
        ["additive ~table a -constraint a.f"], "missing", [],
    ),
    '<insert tableName="a"><column name="b" value="1"/></insert>': (["data ~table a"], "missing", []),
    '<delete tableName="a"/>': (["destructive ~table a"], "missing", []),
    "<sql>ALTER TABLE a DROP COLUMN b</sql>": (["destructive -column a.b"], "missing", []),
    '<sqlFile path="x.sql"/>': (["unknown"], "missing", []),
    '<customChange class="X"/>': (["unknown"], "missing", []),
    "<sql>CREATE TABLE a (b int)</sql><rollback>DROP TABLE a</rollback>": (
        ["additive +table a"], "works", ["destructive -table a"],
    ),
    '<dropTable tableName="a"/><rollback><createTable tableName="a"/></rollback>': (
        ["destructive -table a"], "works", ["additive +table a"],
    ),
    '<dropTable tableName="a"/><rollback/>': (["destructive -table a"], "empty", []),
    '<dropTable tableName="a"/><rollback changeSetId="0" changeSetAuthor="me"/>': (
        ["destructive -table a"], "works", ["unknown"],
    ),
    '<preConditions onFail="MARK_RAN"><not><tableExists tableName="a"/></not></preConditions>'
    '<comment>why</comment><createTable tableName="a"/>': (
        ["additive +table a"], "inferred", ["destructive -table a"],
    ),
    '<tagDatabase tag="v1"/>': (["additive"], "inferred", []),
}  # fmt: skip


def test_changes(story: Story) -> None:
    sets = "".join(f'<changeSet id="{n}" author="me">{body}</changeSet>' for n, body in enumerate(CHANGES))
    found = touched(story, LIQUIBASE, {}, {PATH: f"{HEAD}{sets}</databaseChangeLog>"})
    told = {
        body: (all_said(one.migration.up), one.migration.down, all_said(one.migration.undo))
        for body, one in zip(CHANGES, found, strict=True)
    }
    assert told == CHANGES


YAML = """
databaseChangeLog:
  - changeSet:
      id: 1
      author: me
      changes:
        - addColumn:
            tableName: a
            columns:
              - column:
                  name: b
                  type: int
                  constraints:
                    nullable: false
        - sql:
            sql: DELETE FROM a
      rollback:
        - dropColumn:
            tableName: a
            columnName: b
  - changeSet:
      id: 2
      author: you
      changes:
        - dropTable: {tableName: a}
      rollback: CREATE TABLE a (b int)
  - include: {file: other.yaml}
"""
JSON = """{"databaseChangeLog": [{"changeSet": {"id": "1", "author": "me", "changes": [
  {"addColumn": {"tableName": "a", "columns": [{"column": {"name": "b", "constraints": {"nullable": false}}}]}},
  {"sql": {"sql": "DELETE FROM a"}}],
  "rollback": [{"dropColumn": {"tableName": "a", "columnName": "b"}}]}},
  {"changeSet": {"id": "2", "author": "you", "changes": [{"dropTable": {"tableName": "a"}}],
  "rollback": "CREATE TABLE a (b int)"}}]}"""
SQL = """--liquibase formatted sql

--changeset me:1 splitStatements:true
ALTER TABLE a ADD COLUMN b int NOT NULL;
DELETE FROM a;
--rollback ALTER TABLE a DROP COLUMN b;

-- changeset you:2
-- comment: away with it
DROP TABLE a;
/* liquibase rollback
CREATE TABLE a (b int);
*/
"""
XML = HEAD + textwrap.dedent(
    """\
    <changeSet id="1" author="me">
      <addColumn tableName="a"><column name="b"><constraints nullable="false"/></column></addColumn>
      <sql>DELETE FROM a</sql>
      <rollback><dropColumn tableName="a" columnName="b"/></rollback>
    </changeSet>
    <changeSet id="2" author="you"><dropTable tableName="a"/><rollback>CREATE TABLE a (b int)</rollback></changeSet>
    </databaseChangeLog>
    """
)
FORMS = {
    "db/changelog/c.yaml": YAML,
    "db/changelog/c.json": JSON,
    "db/changelog/c.sql": SQL,
    "db/changelog/c.xml": XML,
}


@pytest.mark.parametrize("path", FORMS)
def test_the_four_forms_say_the_same(path: str, story: Story) -> None:
    found = [one.migration for one in touched(story, LIQUIBASE, {}, {path: FORMS[path]})]
    assert [one.id for one in found] == [f"{path}::1::me", f"{path}::2::you"]
    assert [(all_said(one.up), one.down, all_said(one.undo)) for one in found] == [
        (["restrictive ~table a +column a.b", "destructive ~table a"], "works", ["destructive -column a.b"]),
        (["destructive -table a"], "works", ["additive +table a"]),
    ]
    assert [one.order for one in found] == [(0,), (1,)]


def test_lines_are_those_of_the_file(story: Story) -> None:
    for path, lines in {
        "db/changelog/c.yaml": [3, 21],
        "db/changelog/c.sql": [3, 8],
        "db/changelog/c.xml": [2, 7],
    }.items():
        assert [one.migration.line for one in touched(story, LIQUIBASE, {}, {path: FORMS[path]})] == lines


@pytest.mark.parametrize(
    ("rollback", "down"),
    [
        ("", "missing"),
        ("--rollback empty", "empty"),
        ("--rollback not required", "empty"),
        ("--rollback DROP TABLE a", "works"),
    ],
)
def test_formatted_sql_has_only_the_rollback_it_writes(rollback: str, down: str, story: Story) -> None:
    text = f"--liquibase formatted sql\n--changeset me:1\nCREATE TABLE a (b int);\n{rollback}\n"
    (one,) = touched(story, LIQUIBASE, {}, {"db/migrations/1.sql": text})
    assert one.migration.down == down


def test_names_and_commands(story: Story) -> None:
    before = {"src/main/resources/db/changelog/db.changelog-master.yaml": "databaseChangeLog: []"}
    (one,) = touched(story, LIQUIBASE, before, {PATH: xml('<createTable tableName="a"/>')})
    assert one.migration.id == "db/changelog/001.xml::1::me"
    master = "--changelog-file=src/main/resources/db/changelog/db.changelog-master.yaml"
    assert LIQUIBASE.undo(one.migration) == f"liquibase rollback-count --count=1 {master}"
    assert LIQUIBASE.apply(one.migration) == f"liquibase update {master}"


def test_a_logical_path_is_the_name(story: Story) -> None:
    head = '<databaseChangeLog logicalFilePath="db/old.xml">'
    (one,) = touched(story, LIQUIBASE, {}, {PATH: xml("", head)})
    assert one.migration.id == "db/old.xml::1::me"


def test_a_changeset_is_what_is_touched(story: Story) -> None:
    old = f'{HEAD}<changeSet id="1" author="me"/><changeSet id="2" author="me"/></databaseChangeLog>'
    new = (
        f'{HEAD}\n<!-- why -->\n<changeSet author="me" id="1"/>\n<changeSet id="2" author="me">'
        '<dropTable tableName="a"/></changeSet><changeSet id="3" author="me"/></databaseChangeLog>'
    )
    found = touched(story, LIQUIBASE, {PATH: old}, {PATH: new}, {PATH: None})
    assert [(one.change, one.migration.id.split("::")[1]) for one in found] == [
        ("changed", "2"), ("added", "3"), ("removed", "1"), ("removed", "2"), ("removed", "3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path", ["pom.xml", "db/data.xml", "db/changelog/x.yaml", "db/changelog/a.sql", "CHANGELOG.json"]
)
def test_other_files_are_none(path: str, story: Story) -> None:
    text = {"xml": "<project/>", "yaml": "a: [databaseChangeLog]", "sql": "SELECT 1;", "json": "[1]"}
    assert touched(story, LIQUIBASE, {}, {path: text[path.rpartition(".")[2]]}) == []


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><databaseChangeLog>&b;</databaseChangeLog>'
ODD = {
    "db/changelog/a.xml": "<databaseChangeLog><changeSet id=",
    "db/changelog/b.xml": BOMB,
    "db/changelog/c.xml": "<a>" * 5000 + "databaseChangeLog",
    "db/changelog/d.yaml": "databaseChangeLog: [",
    "db/changelog/e.json": '{"databaseChangeLog": ' + "[" * 20_000,
    "db/changelog/f.yaml": "databaseChangeLog: " + "{a: " * 60 + "1" + "}" * 60,
}


@pytest.mark.parametrize("path", ODD)
def test_what_does_not_parse_is_said(path: str, story: Story) -> None:
    changes = story.changes({}, {path: ODD[path]})
    assert list(LIQUIBASE.read(changes, changes.deltas)) == []
    assert [one.subject for one in changes.unknowns] == [path]


@pytest.mark.parametrize(
    "text", ["", "\0", "databaseChangeLog", "databaseChangeLog: 1", "databaseChangeLog:\n- changeSet: x\n- 1\n"]
)
def test_odd_files_raise_nothing(text: str, story: Story) -> None:
    changes = story.changes({}, {f"db/changelog/a.{kind}": text for kind in ("yaml", "json", "sql", "xml")})
    for one in LIQUIBASE.read(changes, changes.deltas):
        assert one.migration.up
