"""Mentions of distinctive names, in a real repository."""

import os
import subprocess

import pytest

from safe_rollback.core.gate.runner import Git
from safe_rollback.impact.mentions import declared, is_distinctive, mentions, telling_name


@pytest.fixture
def repository(tmp_path: object) -> str:
    root = str(tmp_path)
    files = {
        "made.xyz": "total_price fooBarBaz\n",
        "a.txt": "one\nsee made.xyz and total_price\n",
        "b c.txt": "subtotal_price total_prices\nmadexxyz\n",
        "binary.bin": "total_price\0\0",
        "d.txt": "total_price total_price\ntotal_price\n",
    }
    for path, text in files.items():
        with open(os.path.join(root, path), "w", encoding="utf-8") as file:
            file.write(text)
    for args in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *args], cwd=root, check=True)
    return root


def tree_of(root: str) -> tuple[Git, str]:
    git = Git(git_dir=os.path.join(root, ".git"), cwd=root)
    return git, git.out("write-tree")


def test_whole_words_are_found_once_a_file_with_their_first_line(repository: str) -> None:
    git, tree = tree_of(repository)
    assert mentions(git, tree, ["made.xyz", "total_price"], without={"made.xyz"}) == [
        ("a.txt", 2, "made.xyz"),
        ("a.txt", 2, "total_price"),
        ("d.txt", 1, "total_price"),
    ]


def test_a_word_of_many_files_is_not_distinctive(repository: str) -> None:
    git, tree = tree_of(repository)
    assert mentions(git, tree, ["made.xyz", "total_price"], without={"made.xyz"}, most=1) == [
        ("a.txt", 2, "made.xyz")
    ]


def test_nothing_asked_nothing_found(repository: str) -> None:
    git, tree = tree_of(repository)
    assert mentions(git, tree, []) == []
    assert mentions(git, tree, ["", "two\nlines", "not_in_any_file"]) == []


@pytest.mark.parametrize(
    ("word", "distinctive"),
    [
        ("total_price", True),
        ("totalPrice", True),
        ("sha256sum", True),
        ("HTTPServer", True),
        ("container", False),
        ("CONSTANT", False),
        ("a_b", False),
        ("_hidden", False),
    ],
)
def test_a_distinctive_word_is_long_and_joined(word: str, distinctive: bool) -> None:
    assert is_distinctive(word) is distinctive


def test_words_that_stand_where_something_is_declared_or_a_key() -> None:
    data = b"class Shop:\n    total_price: int\n    x = call(other_name)\n- listed_one\n"
    data += b'row["client_ref"] = {"amount_due": 1}\n'
    found = declared(data)
    assert {"Shop", "total_price", "amount_due", "listed_one"} <= set(found)
    assert "other_name" not in found and "call" not in found


@pytest.mark.parametrize(
    ("path", "name"), [("x/picture_one.png", "picture_one.png"), ("x/index.js", None), ("a/README.md", None)]
)
def test_a_files_name_tells_unless_every_project_has_one(path: str, name: str | None) -> None:
    assert telling_name(path) == name
