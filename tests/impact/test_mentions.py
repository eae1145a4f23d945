"""Mentions of distinctive names, in a real repository."""

import pytest

from safe_rollback.core.workspace import Workspace
from safe_rollback.impact.declared import declared, is_distinctive, telling_name
from safe_rollback.impact.library import Library
from safe_rollback.impact.mentions import mentions
from tests.harness.repo import Repo

FILES = {
    "made.xyz": "total_price fooBarBaz\n",
    "a.txt": "one\nsee made.xyz and total_price\n",
    "b c.txt": "subtotal_price total_prices\nmadexxyz\n",
    "binary.bin": "total_price\0\0",
    "binary.odd": "total_price\0\0",
    "d.txt": "total_price total_price\ntotal_price\n",
}


@pytest.fixture
def library(repo: Repo, workspace: Workspace) -> Library:
    repo.commit("Files", FILES)
    return Library(workspace.repository)


def look(repo: Repo, library: Library, words: list[str], most: int = 20) -> list[tuple[str, int, str]]:
    listing = library.listing(repo.git("rev-parse", "HEAD^{tree}"))
    return mentions(library, listing, words, without={"made.xyz"}, most=most)


def test_whole_words_are_found_once_a_file_with_their_first_line(repo: Repo, library: Library) -> None:
    assert look(repo, library, ["made.xyz", "total_price"]) == [
        ("a.txt", 2, "made.xyz"),
        ("a.txt", 2, "total_price"),
        ("d.txt", 1, "total_price"),
    ]


def test_a_word_of_many_files_is_not_distinctive(repo: Repo, library: Library) -> None:
    assert look(repo, library, ["made.xyz", "total_price"], most=1) == [("a.txt", 2, "made.xyz")]


def test_nothing_asked_nothing_found(repo: Repo, library: Library) -> None:
    assert look(repo, library, []) == []
    assert look(repo, library, ["", "two\nlines", "not_in_any_file"]) == []


def test_what_changed_since_is_looked_at_too(repo: Repo, library: Library) -> None:
    assert look(repo, library, ["fooBarBaz"]) == []
    for number in range(30):
        repo.commit("More", {f"e{number}.txt": f"only{number} fooBarBaz\n", "d.txt": "\n" * number + "total_price\n"})
        assert len(look(repo, library, ["fooBarBaz"], most=50)) == number + 1
        assert look(repo, library, ["total_price"])[1] == ("d.txt", number + 1, "total_price")


def test_git_finds_the_same(repo: Repo, library: Library) -> None:
    said = repo.git("grep", "-nowFI", "-e", "total_price", "HEAD", "--", ".", ":!made.xyz").splitlines()
    first = {line.split(":")[1]: int(line.split(":")[2]) for line in reversed(said)}
    assert look(repo, library, ["total_price"]) == sorted((path, at, "total_price") for path, at in first.items())


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
