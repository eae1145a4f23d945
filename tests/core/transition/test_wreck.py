"""An afternoon of uncommitted work, wrecked in every way git offers, comes back byte for byte."""

import os
import shutil

import pytest

from safe_rollback.core.workspace import Workspace
from tests.core.transition.kit import keep, nothing_is_left_over, plan_restore, restore, take_back
from tests.harness.repo import Repo

NOT_UTF8 = b"caf\xe9.txt"


def an_afternoon(repo: Repo) -> None:
    """Everything that can be uncommitted at once, in the middle of a conflicted merge."""
    repo.git("config", "core.autocrlf", "false")
    repo.commit(
        "Tools", {"tools/gen.sh": "#!/bin/sh\n", "notes.txt": "one\r\ntwo\r\n", "gone.txt": "to be deleted\n"}
    )
    repo.git("switch", "-q", "-c", "theirs")
    repo.commit("Theirs", {"src/util.py": "def two():\n    return 'zwei'\n", "from_theirs.txt": "new there\n"})
    repo.git("switch", "-q", "main")
    repo.commit("Ours", {"src/util.py": "def two():\n    return 'deux'\n"})
    repo.git("switch", "-q", "-c", "work")
    repo.git("merge", "-q", "theirs", ok=(1,))
    repo.write("src/app.py", repo.read("src/app.py") + b"# a tracked edit\n")
    repo.write("README.md", "# staged\n")
    repo.git("add", "README.md")
    repo.write("README.md", "# staged, then edited again\n")
    repo.write("untracked/deep/idea.txt", "never added\n")
    repo.write("windows.txt", b"a\r\nb\r\n")
    repo.write("bin/tool", "#!/bin/sh\n", mode=0o755)
    repo.write("secret.key", "hush\n", mode=0o600)
    os.symlink("../README.md", repo.path("bin/readme"))
    os.symlink("nowhere", repo.path("dangling"))
    os.makedirs(repo.path("empty/inside"))
    repo.write(NOT_UTF8, b"\xff\xfe\x00")
    repo.write(b'sp ace\n\t"quote".txt', "odd name\n")
    repo.remove("gone.txt")
    repo.git("add", "-N", "untracked/deep/idea.txt")


def wreck(repo: Repo) -> None:
    """What a careless agent runs when it wants to "roll back"."""
    repo.git("reset", "-q", "--hard")
    repo.git("clean", "-q", "-ffdx")
    repo.git("checkout", "-q", "main")
    repo.git("branch", "-q", "-D", "work")
    repo.git("branch", "-q", "-D", "theirs")
    repo.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    repo.git("gc", "-q", "--prune=now")


def test_everything_a_wreck_destroyed_comes_back_and_both_ways_can_be_undone(
    repo: Repo, workspace: Workspace
) -> None:
    an_afternoon(repo)
    whole = repo.state()
    assert "MERGE_HEAD" in whole.in_progress
    mine = keep(workspace)
    assert repo.state() == whole
    wreck(repo)
    wrecked = repo.state()
    assert b"untracked/deep/idea.txt" not in wrecked.files and not wrecked.in_progress

    restore(workspace, mine)
    back = repo.state()
    assert (back.files, back.index, back.head, back.in_progress) == (
        whole.files, whole.index, whole.head, whole.in_progress
    )  # fmt: skip
    assert back.refs["refs/heads/work"] == whole.refs["refs/heads/work"]
    nothing_is_left_over(repo)

    take_back(workspace)
    assert repo.state() == wrecked
    nothing_is_left_over(repo)

    take_back(workspace)
    assert repo.state() == back
    repo.git("fsck", "--strict", "--no-dangling")


def test_a_restored_merge_can_be_concluded(repo: Repo, workspace: Workspace) -> None:
    an_afternoon(repo)
    mine = keep(workspace)
    theirs = repo.git("rev-parse", "theirs")
    wreck(repo)
    restore(workspace, mine)
    repo.write("src/util.py", "def two():\n    return 'dwa'\n")
    repo.git("add", "src/util.py")
    repo.git("commit", "-q", "-m", "Merge")
    assert repo.git("rev-parse", "HEAD^2") == theirs


def test_a_branch_deleted_since_is_named_with_the_command_that_brings_it_back(
    repo: Repo, workspace: Workspace
) -> None:
    repo.git("branch", "idea")
    tip = repo.git("rev-parse", "idea")
    mine = keep(workspace)
    repo.write("README.md", "changed\n")
    repo.git("branch", "-q", "-D", "idea")
    notes = {one.path: one.why for one in plan_restore(workspace, mine).keeps}
    assert notes["refs/heads/idea"].endswith(f"git branch idea {tip}")


@pytest.mark.parametrize("unborn", [False, True])
def test_a_detached_or_unborn_head_comes_back(repo: Repo, workspace: Workspace, unborn: bool) -> None:
    if unborn:
        repo.git("switch", "-q", "--orphan", "fresh")
        repo.write("only.txt", "staged on an unborn branch\n")
        repo.git("add", "only.txt")
    else:
        repo.git("switch", "-q", "--detach", "HEAD~1")
        repo.write("src/app.py", "detached\n")
    whole = repo.state()
    mine = keep(workspace)
    repo.git("switch", "-q", "-f", "main")
    repo.git("clean", "-q", "-fd")
    wrecked = repo.state()
    restore(workspace, mine)
    assert repo.state() == whole
    take_back(workspace)
    assert repo.state() == wrecked


def test_a_whole_worktree_deleted_by_hand_comes_back(repo: Repo, workspace: Workspace) -> None:
    an_afternoon(repo)
    whole, mine = repo.state(), keep(workspace)
    for name in os.listdir(repo.root):
        path = os.path.join(repo.root, name)
        if name != ".git":
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    os.unlink(repo.path(".git/index"))
    restore(workspace, mine)
    assert repo.state() == whole
