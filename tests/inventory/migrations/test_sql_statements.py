"""Where one SQL statement ends and the next begins: one row for each thing that a script may hold."""

import re

import pytest

from safe_rollback.inventory.migrations.sql_statements import MAX_STATEMENTS, statements

ROWS = {
    "two": ("postgres", "A;\nB;", ["1 A", "2 B"]),
    "without the last semicolon": ("postgres", "A; B", ["1 A", "1 B"]),
    "only comments": ("postgres", "-- a;\n/* b; */\n;", []),
    "comments within": ("postgres", "A -- x;\n/* y; /* z; */ ; */ B;", ["1 A \n B"]),
    "comments that do not nest": ("sqlite", "A /* /* */; B", ["1 A", "1 B"]),
    "a byte order mark and carriage returns": ("postgres", "\ufeffA;\r\nB;\r\n", ["1 A", "2 B"]),
    "strings": ("postgres", "A ';' 'it''s;' \";\"; B", ["1 A ';' 'it''s;' \";\"", "1 B"]),
    "a backslash is none to PostgreSQL": ("postgres", "A '\\'; B", ["1 A '\\'", "1 B"]),
    "but in an escape string": ("postgres", "A E'\\'; B'; C", ["1 A E'\\'; B'", "1 C"]),
    "a backslash in MySQL": ("mysql", "A '\\'; B'; C", ["1 A '\\'; B'", "1 C"]),
    "a comment of MySQL": ("mysql", "A; # B;\nC", ["1 A", "2 C"]),
    "what MySQL runs in a comment": ("mysql", "/*!40101 SET x = 1 */; B", ["1 SET x = 1", "1 B"]),
    "dollars": ("postgres", "A $$;'$$ B $x$;$$;$x$; C", ["1 A $$;'$$ B $x$;$$;$x$", "1 C"]),
    "parameters": ("postgres", "A $1; B $2", ["1 A $1", "1 B $2"]),
    "a transaction": ("postgres", "BEGIN; A; COMMIT;", ["1 BEGIN", "1 A", "1 COMMIT"]),
    "a transaction in words": (
        "sqlite",
        "BEGIN TRANSACTION; A; END; B",
        ["1 BEGIN TRANSACTION", "1 A", "1 END", "1 B"],
    ),
    "a body": (
        "sqlite",
        "CREATE TRIGGER t INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; B; END; C",
        ["1 CREATE TRIGGER t INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; B; END", "1 C"],
    ),
    "a body with branches": (
        "mysql",
        "CREATE PROCEDURE p() BEGIN IF a THEN b; END IF; CASE x WHEN 1 THEN y; END CASE; END; C",
        ["1 CREATE PROCEDURE p() BEGIN IF a THEN b; END IF; CASE x WHEN 1 THEN y; END CASE; END", "1 C"],
    ),
    "an atomic body": (
        "postgres",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC a; b; END; C",
        ["1 CREATE FUNCTION f() RETURNS int BEGIN ATOMIC a; b; END", "1 C"],
    ),
    "another delimiter": ("mysql", "DELIMITER //\nA; B//\nDELIMITER ;\nC; D", ["2 A; B", "4 C", "4 D"]),
    "dollars as a delimiter": ("mysql", "DELIMITER $$\nA;\n$$\nDELIMITER ;\nC;", ["2 A;", "5 C"]),
    "rows of a COPY": ("postgres", "COPY a FROM stdin;\n1;'\n\\.\nB;", ["1 COPY a FROM stdin", "4 B"]),
    "rows that do not end": ("postgres", "COPY a FROM stdin;\n1;'\n", ["1 COPY a FROM stdin"]),
    "commands of psql": ("postgres", "\\connect x\n\\set a b\nA;\n\\i c.sql\nB", ["3 A", "4 \\i c.sql", "5 B"]),
    "placeholders": (
        "postgres",
        "A ${s}.t, ${p}_x, {{ ref('a b') }}; {% if x %} B; {% endif %} <%= c %> <% d %>",
        ["1 A s.t, __p__x, ref__a_b", "1 B", "1 c"],
    ),
    "batches": ("tsql", "A\nGO\nB [;]\nGO 5\nC", ["1 A", "3 B [;]", "5 C"]),
    "no semicolons": (
        "tsql",
        "CREATE TABLE a (b int)\nALTER TABLE a\n  ADD c int\nDROP TABLE d",
        ["1 CREATE TABLE a (b int)", "2 ALTER TABLE a\n ADD c int", "4 DROP TABLE d"],
    ),
    "a procedure is a batch": (
        "tsql",
        "CREATE PROCEDURE p AS A;\nDROP TABLE b\nGO\nC",
        ["1 CREATE PROCEDURE p AS A;\nDROP TABLE b", "4 C"],
    ),
    "a block on a condition": (
        "tsql",
        "IF x BEGIN A; B; END\nDROP TABLE c",
        ["1 IF x BEGIN A; B; END", "2 DROP TABLE c"],
    ),
    "a string that does not end": ("postgres", "A; B '; C", ["1 A", "1 B '; C"]),
    "a comment that does not end": ("postgres", "A; /* B; C", ["1 A"]),
    "nothing": ("postgres", "", []),
}


@pytest.mark.parametrize("row", ROWS)
def test_statements(row: str) -> None:
    dialect, script, expected = ROWS[row]
    assert [re.sub(" +", " ", f"{one.line} {one.text}") for one in statements(script, dialect)] == expected


def test_lines_are_counted_from_the_one_that_is_given() -> None:
    assert [one.line for one in statements("\nA;\n\nB", "postgres", 10)] == [11, 13]


def test_there_is_a_limit() -> None:
    assert len(list(statements("A;" * (MAX_STATEMENTS + 5), "postgres"))) == MAX_STATEMENTS
