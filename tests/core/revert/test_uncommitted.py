"""Uncommitted work, staged and not, stays through a revert, or the plan names what it collides with."""

import os
from collections.abc import Callable

import pytest

from safe_rollback.core.errors import ConflictError, SafeRollbackError
from safe_rollback.core.workspace import Workspace
from tests.core.revert.kit import execute, numbered, plan, roll_back, take_back
from tests.harness.repo import Repo


@pytest.fixture
def wrong(repo: Repo) -> str:
    """A commit on a branch that edits, adds, deletes."""
    repo.git("switch", "-q", "-c", "work")
    return repo.commit(
        "Wrong", {"src/app.py": numbered(40, {5: "wrong"}), "added.txt": numbered(5), "README.md": None}
    )


def _edit_same_line(repo: Repo) -> None:
    repo.write("src/app.py", numbered(40, {5: "mine"}))


def _stage_same_line(repo: Repo) -> None:
    repo.write("src/app.py", numbered(40, {5: "mine"}))
    repo.git("add", "src/app.py")
    repo.write("src/app.py", numbered(40, {5: "wrong"}))


def _edit_what_goes(repo: Repo) -> None:
    repo.write("added.txt", numbered(5, {2: "mine"}))


def _delete_what_comes_back_changed(repo: Repo) -> None:
    repo.remove("src/app.py")


def _stage_a_deletion(repo: Repo) -> None:
    repo.git("rm", "-q", "--cached", "src/app.py")


def _untracked_where_one_comes_back(repo: Repo) -> None:
    repo.write("README.md", "my own\n")


def _ignored_where_one_comes_back(repo: Repo) -> None:
    repo.write(".git/info/exclude", "README.md\n")
    repo.write("README.md", "my own, ignored\n")


def _staged_where_one_comes_back(repo: Repo) -> None:
    repo.write("README.md", "my own\n")
    repo.git("add", "README.md")
    repo.remove("README.md")


def _link_where_one_comes_back(repo: Repo) -> None:
    os.symlink("/etc/passwd", repo.path("README.md"))


def _directory_where_one_comes_back(repo: Repo) -> None:
    repo.write("README.md/mine.txt", "my own\n")


def _unmerged(repo: Repo) -> None:
    _, oid = "", repo.git("rev-parse", "HEAD:src/app.py")
    lines = f"0 {'0' * 40}\tsrc/app.py\n100644 {oid} 1\tsrc/app.py\n100644 {oid} 3\tsrc/app.py\n"
    repo.git("update-index", "--index-info", stdin=lines.encode())


def _link_in_place_of_its_directory(repo: Repo) -> None:
    os.rename(repo.path("src"), repo.path("elsewhere"))
    os.symlink("elsewhere", repo.path("src"))


COLLISIONS: dict[Callable[[Repo], None], str] = {
    _edit_same_line: "src/app.py",
    _stage_same_line: "src/app.py",
    _edit_what_goes: "added.txt",
    _delete_what_comes_back_changed: "src/app.py",
    _stage_a_deletion: "src/app.py",
    _untracked_where_one_comes_back: "README.md",
    _ignored_where_one_comes_back: "README.md",
    _staged_where_one_comes_back: "README.md",
    _link_where_one_comes_back: "README.md",
    _directory_where_one_comes_back: "README.md/mine.txt",
    _unmerged: "src/app.py",
}


@pytest.mark.parametrize("collide", COLLISIONS, ids=lambda one: one.__name__.strip("_"))
def test_a_collision_is_named_and_nothing_changes(
    workspace: Workspace, repo: Repo, wrong: str, collide: Callable[[Repo], None]
) -> None:
    collide(repo)
    before = repo.state()
    planned = plan(workspace, wrong)
    found = [one.path for one in (*planned.prediction.conflicts, *planned.prediction.blocked)]
    assert COLLISIONS[collide] in found
    assert not planned.prediction.clean
    assert planned.refusals
    with pytest.raises(ConflictError, match="Nothing was changed"):
        execute(workspace, planned)
    assert repo.state() == before


def test_a_conflict_shows_its_hunk_with_names_for_both_sides(workspace: Workspace, repo: Repo, wrong: str) -> None:
    _edit_same_line(repo)
    (hunk,) = plan(workspace, wrong).prediction.conflicts[0].hunks
    assert "<<<<<<< uncommitted\nmine\n" in hunk
    assert "line 5\n>>>>>>> the revert" in hunk


def test_a_conflict_with_later_commits_shows_which(workspace: Workspace, repo: Repo, wrong: str) -> None:
    repo.commit("Later, same line", {"src/app.py": numbered(40, {5: "later"})})
    before = repo.state()
    planned = plan(workspace, wrong)
    (conflict,) = planned.prediction.conflicts
    assert conflict.path == "src/app.py"
    (hunk,) = conflict.hunks
    assert "<<<<<<< HEAD\nlater\n" in hunk
    assert f">>>>>>> without {wrong[:7]}" in hunk
    with pytest.raises(ConflictError):
        execute(workspace, planned)
    assert repo.state() == before


def test_a_directory_that_became_a_link_is_not_written_through(workspace: Workspace, repo: Repo, wrong: str) -> None:
    _link_in_place_of_its_directory(repo)
    before = repo.state()
    with pytest.raises(SafeRollbackError):
        execute(workspace, plan(workspace, wrong))
    assert repo.state() == before


def test_edits_elsewhere_in_the_same_file_stay_staged_and_unstaged(
    workspace: Workspace, repo: Repo, wrong: str
) -> None:
    repo.write("src/app.py", numbered(40, {5: "wrong", 20: "staged"}))
    repo.git("add", "src/app.py")
    repo.write("src/app.py", numbered(40, {5: "wrong", 20: "staged", 35: "loose"}))
    before = repo.state()
    done = roll_back(workspace, wrong)
    assert repo.git("show", ":src/app.py") + "\n" == numbered(40, {20: "staged"})
    assert repo.read("src/app.py").decode() == numbered(40, {20: "staged", 35: "loose"})
    take_back(workspace, done.operation_id)
    assert repo.state() == before


def test_the_same_change_made_by_hand_already_is_no_conflict(workspace: Workspace, repo: Repo, wrong: str) -> None:
    repo.write("src/app.py", numbered(40))
    repo.write("README.md", repo.git("show", "HEAD~1:README.md") + "\n")
    repo.remove("added.txt")
    files = repo.files()
    roll_back(workspace, wrong)
    assert repo.files() == files
    assert repo.git("status", "--porcelain") == ""


def test_flags_of_the_index_and_intent_to_add_stay(workspace: Workspace, repo: Repo, wrong: str) -> None:
    repo.write("soon.txt", "soon\n")
    repo.git("add", "--intent-to-add", "soon.txt")
    repo.git("update-index", "--assume-unchanged", "src/util.py")
    repo.git("update-index", "--skip-worktree", "bin/run.sh")
    repo.write("src/util.py", "hidden edit\n")
    roll_back(workspace, wrong)
    flags = dict(reversed(line.split(" ", 1)) for line in repo.git("ls-files", "-v").splitlines())
    assert (flags["src/util.py"], flags["bin/run.sh"]) == ("h", "S")
    assert repo.read("src/util.py") == b"hidden edit\n"
    assert repo.git("status", "--porcelain") == " A soon.txt"


def test_conflicts_elsewhere_in_the_index_stay_and_undo_still_works(
    workspace: Workspace, repo: Repo, wrong: str
) -> None:
    """`git stash pop` leaves unmerged entries without a merge in progress."""
    oid = repo.git("rev-parse", "HEAD:src/util.py")
    lines = f"0 {'0' * 40}\tsrc/util.py\n100644 {oid} 2\tsrc/util.py\n100644 {oid} 3\tsrc/util.py\n"
    repo.git("update-index", "--index-info", stdin=lines.encode())
    before = repo.state()
    unmerged = repo.git("ls-files", "-u")
    done = roll_back(workspace, wrong)
    assert repo.git("ls-files", "-u") == unmerged
    take_back(workspace, done.operation_id)
    assert repo.state() == before


def test_a_split_index_keeps_what_is_staged(workspace: Workspace, repo: Repo, wrong: str) -> None:
    repo.write("src/util.py", "staged\n")
    repo.git("add", "src/util.py")
    repo.git("update-index", "--split-index")
    roll_back(workspace, wrong)
    assert repo.git("status", "--porcelain") == "M  src/util.py"


def test_an_index_that_is_gone_is_read_as_everything_deleted(workspace: Workspace, repo: Repo, wrong: str) -> None:
    os.unlink(os.path.join(repo.git_dir(), "index"))
    before = repo.state()
    planned = plan(workspace, wrong)
    assert not planned.prediction.clean
    assert repo.state() == before
