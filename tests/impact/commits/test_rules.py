"""Each rule of who needs whom, on a history of its own, and what git says to the same reverts."""

import os
import shutil

import pytest

from safe_rollback.core.gate.repository import open_repository
from safe_rollback.impact.commits.ownership import ownership
from safe_rollback.impact.commits.reading import read_line
from safe_rollback.impact.commits.scratch import scratch
from tests.harness.repo import Repo
from tests.impact.commits.kit import Content, history, numbered, read

BASE = numbered(20)
BINARY = bytes(range(256)) * 4

# What happened; who needs whom and why, the base aside, which all need; who cannot go alone.
CASES: dict[str, tuple[dict[str, Content], dict[tuple[str, str], set[str]], set[str]]] = {
    "a line is overwritten": (
        {"base": {"f": BASE}, "one": {"f": numbered(20, {5: "x"})}, "two": {"f": numbered(20, {5: "y"})}},
        {("two", "one"): {"lines"}},
        {"base", "one"},
    ),
    "lines with one between are apart": (
        {"base": {"f": BASE}, "one": {"f": numbered(20, {5: "x"})}, "two": {"f": numbered(20, {5: "x", 7: "y"})}},
        {},
        {"base"},
    ),
    "the next line is changed": (
        {"base": {"f": BASE}, "one": {"f": numbered(20, {5: "x"})}, "two": {"f": numbered(20, {5: "x", 6: "y"})}},
        {("two", "one"): {"lines"}},
        {"base", "one"},
    ),
    "the line before is changed": (
        {"base": {"f": BASE}, "one": {"f": numbered(20, {5: "x"})}, "two": {"f": numbered(20, {5: "x", 4: "y"})}},
        {("two", "one"): {"lines"}},
        {"base", "one"},
    ),
    "a gap is filled": (
        {
            "base": {"f": BASE},
            "one": {"f": numbered(20, without=(5, 6))},
            "two": {"f": numbered(20, {5: "x\ny\nz"}, without=(6,))},
        },
        {("two", "one"): {"gap"}},
        {"base", "one"},
    ),
    "a gap's edge is changed": (
        {
            "base": {"f": BASE},
            "one": {"f": numbered(20, without=(5,))},
            "two": {"f": numbered(20, {6: "x"}, without=(5,))},
        },
        {("two", "one"): {"gap"}},
        {"base", "one"},
    ),
    "lines are appended one after the other": (
        {"base": {"f": "a\n"}, "one": {"f": "a\nb\n"}, "two": {"f": "a\nb\nc\n"}},
        {("two", "one"): {"lines"}},
        {"base", "one"},
    ),
    "a revert is reverted": (
        {
            "base": {"f": BASE},
            "one": {"f": numbered(20, {5: "x"})},
            "undo": {"f": BASE},
            "redo": {"f": numbered(20, {5: "x"})},
        },
        {
            ("undo", "one"): {"lines"},
        },
        {"base"},
    ),
    "a revert stays, and other lines change": (
        {
            "base": {"f": BASE},
            "one": {"f": numbered(20, {5: "x"})},
            "undo": {"f": BASE},
            "other": {"f": numbered(20, {15: "y"})},
        },
        {
            ("undo", "one"): {"lines"},
        },
        {"base"},
    ),
    "a file is deleted": (
        {"base": {"f": BASE, "g": "g\n"}, "one": {"f": numbered(20, {5: "x"})}, "gone": {"f": None}},
        {("gone", "one"): {"deleted"}},
        {"one"},
    ),
    "a file is deleted and made anew": (
        {"base": {"f": BASE, "g": "g\n"}, "gone": {"f": None}, "again": {"f": "other\n"}},
        {("again", "gone"): {"path"}},
        {"base", "gone"},
    ),
    "a file is deleted and comes back as it was": (
        {
            "base": {"f": BASE, "g": "g\n"},
            "one": {"f": numbered(20, {5: "x"})},
            "gone": {"f": None},
            "back": {"f": numbered(20, {5: "x"})},
        },
        {
            ("gone", "one"): {"deleted"},
            ("back", "gone"): {"path"},
        },
        {"base"},
    ),
    "a binary file changes twice": (
        {"base": {"b": BINARY}, "one": {"b": BINARY + b"1"}, "two": {"b": BINARY + b"2"}},
        {("two", "one"): {"path"}},
        {"base", "one"},
    ),
    "a text becomes binary": (
        {"base": {"f": BASE}, "one": {"f": numbered(20, {5: "x"})}, "two": {"f": BINARY}},
        {("two", "one"): {"path"}},
        {"base", "one"},
    ),
    "files with -merge count as wholes": (
        {
            "base": {".gitattributes": "*.lock -merge\n", "a.lock": BASE},
            "one": {"a.lock": numbered(20, {5: "x"})},
            "two": {"a.lock": numbered(20, {5: "x", 15: "y"})},
        },
        {("two", "one"): {"path"}},
        {"base", "one"},
    ),
    "files with merge=binary count as wholes": (
        {
            "base": {".gitattributes": "*.lock merge=binary\n", "a.lock": BASE},
            "one": {"a.lock": numbered(20, {5: "x"})},
            "two": {"a.lock": numbered(20, {5: "x", 15: "y"})},
        },
        {("two", "one"): {"path"}},
        {"base", "one"},
    ),
    "files with merge=union never conflict": (
        {
            "base": {".gitattributes": "NEWS merge=union\n", "NEWS": "one\n"},
            "one": {"NEWS": "two\none\n"},
            "two": {"NEWS": "three\ntwo\none\n"},
        },
        {},
        {"base"},
    ),
    "-diff hides nothing from merges": (
        {
            "base": {".gitattributes": "f -diff\n", "f": BASE},
            "one": {"f": numbered(20, {5: "x"})},
            "two": {"f": numbered(20, {5: "x", 15: "y"})},
        },
        {},
        {"base"},
    ),
    "line ends are part of a line": (
        {"base": {"f": "a\r\nb\r\nc\r\n"}, "one": {"f": "a\r\nb\nc\r\n"}, "two": {"f": "a\r\nx\r\nc\r\n"}},
        {("two", "one"): {"lines"}},
        {"base", "one"},
    ),
    "a missing last line end is a change": (
        {"base": {"f": "a\nb\nc\n"}, "one": {"f": "a\nb\nc"}, "two": {"f": "a\nb\nd"}},
        {("two", "one"): {"lines"}},
        {"base", "one"},
    ),
    "a line that comes back without its end is another": (
        {"base": {"f": "a\nb\nc\n"}, "one": {"f": "a\nb\nx\n"}, "two": {"f": "a\nb\nc"}},
        {("two", "one"): {"lines"}},
        {"base", "one"},
    ),
    "an empty commit is nobody's need": (
        {"base": {"f": BASE}, "empty": {}, "one": {"f": numbered(20, {5: "x"})}},
        {},
        {"base"},
    ),
    "lines that look like headers": (
        {
            "base": {"f": "@@ -1 +1 @@\ndiff --git a/x b/x\ncommit 1234\n:100644\n\n\\ No newline at end of file\n"},
            "one": {"f": "@@ -1 +1 @@\ndiff --git a/y b/y\ncommit 1234\n:100644\n\n\\ No newline at end of file\n"},
            "two": {"f": "@@ -1 +1 @@\ndiff --git a/y b/y\ncommit 1234\n:100644\n\n\\ No newline\n"},
        },
        {},
        {"base"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_holds(repo: Repo, name: str) -> None:
    commits, edges, stuck = CASES[name]
    history(repo, commits)
    with read(repo, len(commits)) as found:
        assert {pair: kinds for pair, kinds in found.edges.items() if pair[1] != "base"} == edges
        assert found.stuck == stuck
        assert found.refused_by_git() == stuck


def test_who_changes_a_file_needs_who_created_it(repo: Repo) -> None:
    history(repo, {"base": {"f": BASE}, "one": {"f": numbered(20, {5: "x"})}, "two": {"f": numbered(20, {5: "y"})}})
    with read(repo, 3) as found:
        assert found.edges["one", "base"] == found.edges["two", "base"] == {"created", "lines"}


def test_a_rename_is_followed(repo: Repo) -> None:
    history(repo, {"base": {"f": BASE}, "one": {"f": numbered(20, {5: "x"})}})
    repo.git("mv", "f", "g")
    repo.commit("move")
    history(repo, {"two": {"g": numbered(20, {5: "y"})}, "far": {"g": numbered(20, {5: "y", 15: "z"})}})
    with read(repo, 5) as found:
        assert found.edges["two", "one"] == {"lines"}
        assert ("two", "move") not in found.edges
        assert ("far", "two") not in found.edges
        assert found.of("two", "one").reasons[0].path == "g"
        assert found.stuck == found.refused_by_git() == {"base", "one"}


def test_a_second_rename_needs_the_first(repo: Repo) -> None:
    repo.commit("base", {"f": BASE})
    for old, new in (("f", "g"), ("g", "h")):
        repo.git("mv", old, new)
        repo.commit(f"to {new}")
    with read(repo, 3) as found:
        assert "renamed" in found.edges["to h", "to g"]
        assert found.stuck == found.refused_by_git() == {"base", "to g"}


def test_a_file_at_a_name_that_a_rename_freed_needs_the_rename(repo: Repo) -> None:
    repo.commit("base", {"f": BASE})
    repo.git("mv", "f", "g")
    repo.commit("move")
    repo.commit("new", {"f": "something else\n"})
    with read(repo, 3) as found:
        assert found.edges["new", "move"] == {"path"}
        assert "move" in found.stuck
        assert "move" in found.refused_by_git()


def test_modes_changed_twice_are_connected(repo: Repo) -> None:
    repo.commit("base", {"f": BASE})
    for subject, bit in (("on", "+x"), ("off", "-x")):
        repo.git("update-index", f"--chmod={bit}", "f")
        repo.commit(subject)
    with read(repo, 3) as found:
        assert found.edges["off", "on"] == {"mode"}
        assert found.stuck == found.refused_by_git() == set()


def test_a_file_that_becomes_a_link_counts_as_a_whole(repo: Repo) -> None:
    history(repo, {"base": {"f": BASE}, "one": {"f": numbered(20, {5: "x"})}})
    repo.remove("f")
    os.symlink("README.md", repo.path("f"))
    repo.git("add", "f")
    repo.commit("link")
    with read(repo, 3) as found:
        assert "path" in found.edges["link", "one"]
        assert found.stuck == found.refused_by_git() == {"base", "one"}


def test_a_merge_counts_as_what_it_brought(repo: Repo) -> None:
    repo.commit("base", {"f": BASE})
    repo.git("switch", "-q", "-c", "side")
    history(repo, {"side one": {"f": numbered(20, {5: "x"})}, "side two": {"f": numbered(20, {5: "y"})}})
    repo.git("switch", "-q", "main")
    repo.commit("main one", {"g": "g\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    repo.commit("after", {"f": numbered(20, {5: "z"})})
    with read(repo, 4) as found:
        assert set(found.commits) == {"base", "main one", "merge", "after"}
        assert found.edges["after", "merge"] == {"lines"}
        assert found.stuck == found.refused_by_git() == {"base", "merge"}


def test_a_first_commit_is_taken_out_like_any_other(repo: Repo) -> None:
    repo.git("switch", "-q", "--orphan", "fresh")
    history(repo, {"root": {"f": BASE}, "one": {"g": "g\n"}})
    with read(repo) as found:
        assert set(found.commits) == {"root", "one"}
        assert found.stuck == found.refused_by_git() == set()


def test_paths_are_bytes(repo: Repo) -> None:
    odd = 'a\udcff"\t\n\\ü @@ -1 +1 @@'
    history(repo, {"base": {odd: BASE}, "one": {odd: numbered(20, {5: "x"})}, "two": {odd: numbered(20, {5: "y"})}})
    with read(repo, 3) as found:
        assert found.of("two", "one").reasons[0].path == odd
        assert found.owned.conflicts[found.commits["one"]] == [odd]


def test_lines_are_those_of_the_later_commit(repo: Repo) -> None:
    history(repo, {"base": {"f": BASE}, "one": {"f": numbered(20, {5: "x", 12: "x"})}})
    repo.commit("two", {"f": "top\n" + numbered(20, {5: "y", 12: "z"})})
    with read(repo, 3) as found:
        reason = found.of("two", "one").reasons[0]
        assert (reason.kind, reason.path, reason.first, reason.last) == ("lines", "f", 6, 13)


def test_the_end_of_a_shallow_clone_is_no_beginning(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> None:
    history(repo, {"base": {"f": BASE}, "one": {"f": numbered(20, {5: "x"})}, "two": {"f": numbered(20, {5: "y"})}})
    place = str(tmp_path_factory.mktemp("shallow") / "clone")
    repo.git("clone", "-q", "--depth=2", f"file://{repo.root}", place)
    with read(Repo(place)) as found:
        assert found.edges == {}
        assert found.owned.steps[0].before is None
        assert found.refused_by_git() == set()
        assert found.stuck == set()


def test_a_missing_object_costs_only_its_commit_its_lines(repo: Repo) -> None:
    history(
        repo,
        {
            "base": {"f": BASE, "g": BASE},
            "lost": {"f": numbered(20, {5: "x"})},
            "one": {"g": numbered(20, {5: "one"})},
            "two": {"g": numbered(20, {5: "two"})},
        },
    )
    blob = repo.git("rev-parse", "HEAD~2:f")
    path = os.path.join(repo.git_dir(), "objects", blob[:2], blob[2:])
    os.chmod(path, 0o600)
    shutil.move(path, path + ".away")
    repo.commit("three", {"f": BASE})
    with read(repo, 5) as found:
        assert [found.names[one] for one in found.owned.unread] == ["lost", "three"]
        assert found.edges["two", "one"] == {"lines"}
        assert "path" in found.edges["three", "lost"]


def test_settings_of_a_repository_change_nothing(repo: Repo) -> None:
    for setting in (
        "diff.noprefix=true", "diff.renames=false", "diff.algorithm=patience", "diff.external=false",
        "diff.interHunkContext=9", "diff.context=9", "core.quotePath=false", "log.showRoot=false", "color.ui=always",
        "diff.mnemonicPrefix=true", "diff.wordRegex=.", "log.showSignature=true", "diff.ignoreSubmodules=all",
    ):  # fmt: skip
        repo.git("config", *setting.split("=", 1))
    repo.git("switch", "-q", "--orphan", "fresh")
    history(repo, {"base": {"f": BASE, "é": "a\n"}, "one": {"f": numbered(20, {5: "x"})}})
    repo.git("mv", "f", "g")
    repo.commit("move")
    history(repo, {"two": {"g": numbered(20, {5: "y"})}, "far": {"g": numbered(20, {5: "y", 9: "z"})}})
    with read(repo) as found:
        assert found.edges["two", "one"] == {"lines"}
        assert ("far", "two") not in found.edges
        assert found.stuck == found.refused_by_git()


def test_lines_put_back_among_other_changes_are_not_relied_upon(repo: Repo) -> None:
    # A diff over all that came since may pair the lines differently: git is asked, nothing is promised.
    history(
        repo,
        {
            "base": {"f": BASE},
            "one": {"f": numbered(20, {5: "x"})},
            "undo and more": {"f": numbered(20, {12: "y"})},
        },
    )
    with read(repo, 3) as found:
        assert found.stuck == {"base", "one"}
        assert found.refused_by_git() == {"base"}


def test_a_file_that_came_back_has_its_lines_back(repo: Repo) -> None:
    one = numbered(20, {5: "x"})
    history(repo, {"base": {"f": BASE, "g": "g\n"}, "one": {"f": one}, "gone": {"f": None}, "back": {"f": one}})
    repo.commit("two", {"f": numbered(20, {5: "y"})})
    with read(repo, 5) as found:
        assert found.edges["two", "one"] == {"lines"}
        assert ("two", "back") not in found.edges
        assert found.stuck == found.refused_by_git() == {"base", "one", "gone", "back"}


def test_an_unborn_branch_has_no_history(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Repo(str(tmp_path_factory.mktemp("unborn")))
    place.git("init", "-q")
    with scratch(open_repository(place.root)) as opened:
        assert read_line(opened, None) == []
        assert ownership(opened, []).needs == []
