"""Nothing outside the worktree is written or deleted, whatever links and names stand in the way."""

import os
import shutil

import pytest

from safe_rollback.core.errors import ConflictError, SafeRollbackError
from safe_rollback.core.files import names_git_dir
from safe_rollback.core.gate.objects import Entry
from safe_rollback.core.transition.filesystem import Filesystem, MovedError
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from tests.core.transition.kit import keep, plan_restore, refused, restore
from tests.harness.repo import Repo


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A directory that has files of the same names as the worktree's."""
    folder = str(tmp_path_factory.mktemp("outside"))
    os.mkdir(os.path.join(folder, "deep"))
    for name in ("app.py", "util.py", "deep/x.txt"):
        with open(os.path.join(folder, name), "w") as file:
            file.write("not yours\n")
    return folder


def content(folder: str) -> dict[bytes, tuple[str, int, bytes]]:
    return Repo(folder).files()


def test_a_directory_that_became_a_link_before_the_plan_is_replaced_not_followed(
    repo: Repo, workspace: Workspace, outside: str
) -> None:
    whole, mine, theirs = repo.state(), keep(workspace), content(outside)
    shutil.rmtree(repo.path("src"))
    os.symlink(outside, repo.path("src"))
    restore(workspace, mine)
    assert repo.state() == whole
    assert content(outside) == theirs


@pytest.mark.parametrize("halfway", [False, True])
def test_a_parent_swapped_for_a_link_after_the_plan_is_not_followed(
    repo: Repo, workspace: Workspace, outside: str, halfway: bool
) -> None:
    mine, theirs = keep(workspace), content(outside)
    repo.write("a.txt", "made later\n")
    repo.write("src/app.py", "changed\n")
    repo.write("src/later.py", "made later\n")
    repo.remove("src/util.py")
    digest = plan_restore(workspace, mine).digest

    def swap() -> None:
        os.rename(repo.path("src"), repo.path("moved"))
        os.symlink(outside, repo.path("src"))

    def progress(done: float, _total: float | None, _what: str) -> None:
        if done == 1:
            swap()

    if not halfway:
        swap()
    with pytest.raises(SafeRollbackError):
        restore_checkpoint(Desk(workspace, progress=progress if halfway else None), mine, digest=digest)
    assert content(outside) == theirs
    assert repo.read("a.txt") == b"made later\n"
    assert repo.read("moved/app.py") == b"changed\n"


def test_a_path_through_a_link_restores_nothing_behind_it(repo: Repo, workspace: Workspace, outside: str) -> None:
    os.symlink(outside, repo.path("door"))
    mine, theirs = keep(workspace), content(outside)
    with open(os.path.join(outside, "new.txt"), "w") as file:
        file.write("later\n")
    theirs = content(outside)
    plan = plan_restore(workspace, mine, "door/new.txt")
    assert plan.changes == []
    assert content(outside) == theirs


def test_a_checkpoint_forged_to_hold_names_of_git_writes_none_of_them(repo: Repo, workspace: Workspace) -> None:
    mine = keep(workspace)
    repo.write(".GIT/config", "[core]\n\tfsmonitor = evil\n")
    plan = plan_restore(workspace, mine)
    assert [one.path for one in plan.blocked] == [".GIT/config"]
    refused(repo, ConflictError, restore_checkpoint, Desk(workspace), mine, [], plan.digest)


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../../x", ".git/hooks/post-commit", ".GIT/config", "sub/.git/config", "git~1/config", "GIT~1/x",
     ".git /x", ".git./x", ".g\u200cit/config", ".git::$INDEX_ALLOCATION/x", "", "a//b", "/etc/x"],
)  # fmt: skip
def test_the_one_place_that_writes_takes_no_path_that_leaves(repo: Repo, workspace: Workspace, path: str) -> None:
    before = repo.state()
    entry = Entry(mode="100644", oid=workspace.writer.blob(b"evil\n"))
    files = Filesystem(repo.root, "sha1", "op-00000000")
    for attempt in (
        lambda: files.write(path, None, entry, None, lambda: workspace.reader.stream(entry.oid)),
        lambda: files.delete(path, entry),
        lambda: files.chmod(path, 0o777),
        lambda: files.make_directory(path),
    ):
        with pytest.raises(MovedError):
            attempt()
    assert repo.state() == before


def test_ordinary_names_are_not_taken_for_git() -> None:
    assert not any(map(names_git_dir, [".gitignore", ".github", "git", "x.git", ".gitt", "git~2", "gi", ".git~1"]))
