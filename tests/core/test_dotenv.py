"""Dotenv files are found and read as the programs that use them do, within limits."""

import os
import time
from pathlib import Path

import pytest

from safe_rollback.core.dotenv import MAX_BYTES, MAX_FILES, Variable, dotenv_values, is_dotenv, parse


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("A=1\nB = two words \n", [("A", "1"), ("B", "two words")]),
        ("export A=1\n  B=2", [("A", "1"), ("B", "2")]),
        ("A='a # b'\nB=\"x\\ny\"\nC=`q`\n", [("A", "a # b"), ("B", "x\ny"), ("C", "q")]),
        ("A=b # comment\nC=d#e\n#D=1\n", [("A", "b"), ("C", "d#e")]),
        ("A=\nB=''\n", [("A", ""), ("B", "")]),
        ("A=\"-----BEGIN X-----\nabc=\n-----END X-----\"\nB=1", [("A", "-----BEGIN X-----\nabc=\n-----END X-----"),
                                                                 ("abc", ""), ("B", "1")]),
        ("A=it's\nB='x'\n", [("A", "it's"), ("B", "x")]),
        ("A='it\nB='x'\n", [("A", "it\nB="), ("B", "x")]),
        ("A=\"open\nB=2\n", [("A", "\"open"), ("B", "2")]),
        ("A: yaml\nhttps://x\n", [("A", "yaml")]),
        ("A=1\r\nB=2\r\n", [("A", "1"), ("B", "2")]),
        ("A=${B}\n", [("A", "${B}")]),
        ("\x00\n= 1\n1A=2\nA B=3\n", []),
    ],
)  # fmt: skip
def test_lines(text: str, pairs: list[tuple[str, str]]) -> None:
    assert list(parse(text)) == pairs


@pytest.mark.parametrize(
    ("name", "sets"),
    [(".env", True), (".env.local", True), (".envrc", True), (".env.production", True), (".env.example", False),
     (".env.sample.local", False), (".env.dist", False), ("env", False), ("x.env", False), (".environment", True)],
)  # fmt: skip
def test_names_of_files_that_set_variables(name: str, sets: bool) -> None:
    assert is_dotenv(name) is sets


def found(root: Path, *paths: str) -> dict[str, str]:
    return {one.path: one.value for one in dotenv_values(str(root), paths)}


def test_files_of_two_levels_and_those_that_are_named(tmp_path: Path) -> None:
    for path in (
        ".env",
        "apps/.env",
        "apps/web/.env.local",
        "node_modules/.env",
        ".git/.env",
        "a/b/c/d/.env",
        "a/b/c/d/e/.env",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"P={path}\n")
    assert found(tmp_path) == {".env": ".env", "apps/.env": "apps/.env"}
    named = found(tmp_path, "apps/web/.env.local", "a/b/c/d/.env", "a/b/c/d/e/.env", "README.md", ".env", "gone/.env")
    assert set(named) == {".env", "apps/.env", "apps/web/.env.local", "a/b/c/d/.env"}


def test_links_are_read_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "shared").write_text("A=linked\n")
    (tmp_path / ".env.link").symlink_to(tmp_path / "shared")
    (tmp_path / ".env.zero").symlink_to("/dev/zero")
    (tmp_path / ".env.loop").symlink_to(tmp_path / ".env.loop")
    (tmp_path / ".env.folder").mkdir()
    os.mkfifo(tmp_path / ".env.pipe")
    assert found(tmp_path) == {".env.link": "linked"}
    assert dotenv_values(str(tmp_path / "none")) == []


def test_number_and_size_are_limited(tmp_path: Path) -> None:
    for number in range(MAX_FILES + 10):
        (tmp_path / f".env.{number:03}").write_text("A=1\n")
    assert len(dotenv_values(str(tmp_path))) == MAX_FILES
    big = tmp_path / "big"
    big.mkdir()
    (big / ".env").write_text("A=1\n" + "#" * MAX_BYTES + "\nB=2\n")
    assert [one.name for one in dotenv_values(str(big))] == ["A"]


def test_a_tree_without_any_costs_next_to_nothing(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"d{number}").mkdir()
        (tmp_path / f"d{number}" / "file").touch()
    best = 1.0
    for _ in range(5):
        started = time.perf_counter()
        assert dotenv_values(str(tmp_path)) == []
        best = min(best, time.perf_counter() - started)
    assert best < 0.01


def test_a_variable_does_not_show_its_value() -> None:
    assert "canary" not in repr(Variable(name="A", value="canary", path=".env"))
