"""Who has which scratch worktree: several at once, none twice, none forever, and all may be deleted."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import AbstractContextManager

import pytest

from safe_rollback.core.errors import BusyError, SafeRollbackError
from safe_rollback.core.ids import Oid
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.recovery.scratch import slots
from safe_rollback.recovery.scratch.scratch import Scratch, open_scratch
from safe_rollback.recovery.scratch.slots import cache_dir, drop
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo, make_repo
from tests.recovery.scratch.kit import PLAIN, of_tree, shown, stripped

_HOLD = """
import sys, time
from safe_rollback.core.ids import Oid
from safe_rollback.core.recovery import VerifySettings
from safe_rollback.core.workspace import open_workspace
from safe_rollback.recovery.scratch.scratch import Scratch, open_scratch
with open_scratch(open_workspace(sys.argv[1]), VerifySettings()) as scratch:
    print(scratch.show(Oid(sys.argv[2])), flush=True)
    sys.stdin.read()
"""


def test_several_at_once_are_different_and_each_is_right(repo: Repo, workspace: Workspace) -> None:
    commits = repo.git("rev-list", "HEAD").splitlines()
    barrier = threading.Barrier(len(commits))
    seen: dict[str, str] = {}
    wrong: list[str] = []

    def work(commit: str) -> None:
        with open_scratch(workspace, PLAIN) as scratch:
            barrier.wait(60)
            for one in (*commits, commit):
                directory = scratch.show(Oid(one))
            if stripped(directory) != of_tree(repo, commit):
                wrong.append(commit)
            seen[directory] = commit
            barrier.wait(60)

    threads = [threading.Thread(target=work, args=(commit,)) for commit in commits]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []
    assert sorted(seen.values()) == sorted(commits), "nobody shared one"
    assert shown(workspace, commits[0]) in seen, "they are used again"


def test_one_process_gets_another_than_one_that_runs_and_a_killed_owner_has_none(
    repo: Repo, workspace: Workspace
) -> None:
    pipe = subprocess.PIPE
    argv = [sys.executable, "-c", _HOLD, repo.root, repo.head()]
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        theirs = other.stdout.readline().strip()
        assert os.path.isdir(theirs)
        assert shown(workspace, repo.head()) != theirs
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert shown(workspace, repo.head()) == theirs


def open_third(workspace: Workspace) -> AbstractContextManager[Scratch]:
    return open_scratch(workspace, PLAIN, seconds=0.1)


def test_they_are_bounded(repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "MOST", 2)
    refused = pytest.raises(BusyError, match="All 2 scratch worktrees")
    with open_scratch(workspace, PLAIN), open_scratch(workspace, PLAIN), refused, open_third(workspace):
        pytest.fail("a third one")
    with open_scratch(workspace, PLAIN, seconds=0):
        pass


def test_an_error_inside_is_the_callers_own_and_frees_it(repo: Repo, workspace: Workspace) -> None:
    with pytest.raises(FileNotFoundError), open_scratch(workspace, PLAIN) as scratch:
        first = scratch.show(Oid(repo.head()))
        raise FileNotFoundError("the caller's")
    assert shown(workspace, repo.head()) == first


def test_dropping_leaves_those_in_use(repo: Repo, workspace: Workspace) -> None:
    with open_scratch(workspace, PLAIN) as one:
        kept = one.show(Oid(repo.head()))
        with open_scratch(workspace, PLAIN) as two:
            dropped = two.show(Oid(repo.head()))
        assert drop(workspace) == 1
        assert os.path.isdir(kept) and not os.path.exists(dropped)
    assert drop(workspace) == 1
    assert drop(workspace) == 0
    assert shown(workspace, repo.head()) == kept


def test_those_of_a_repository_that_is_gone_go_when_another_ones_are_made(
    repo: Repo, workspace: Workspace, tmp_path: object
) -> None:
    gone = make_repo(os.path.join(str(tmp_path), "gone"))
    other = open_workspace(gone.root, FixedClock())
    theirs = shown(other, gone.head())
    other.close()
    os.rename(gone.root, gone.root + "-moved")
    shown(workspace, repo.head())
    assert not os.path.exists(theirs)


def test_worktrees_of_one_repository_share_them(repo: Repo, workspace: Workspace, tmp_path: object) -> None:
    first = shown(workspace, repo.head())
    linked = os.path.join(str(tmp_path), "other-name")
    repo.git("worktree", "add", "-q", "--detach", linked)
    other = open_workspace(linked, FixedClock())
    inode = os.stat(os.path.join(first, "README.md")).st_ino
    second = shown(other, repo.head())
    other.close()
    assert os.path.basename(second) == "other-name" and not os.path.exists(first)
    assert os.stat(os.path.join(second, "README.md")).st_ino == inode, "only the directory got another name"


def test_where_they_are_kept(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    home = os.path.join(os.environ["HOME"], ".cache")
    assert cache_dir(workspace).startswith(home)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_dir(workspace).startswith(home)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    directory = shown(workspace, repo.head())
    assert directory.startswith(str(tmp_path))
    assert os.stat(cache_dir(workspace)).st_mode & 0o077 == 0, "for their owner only"


def test_a_cache_directory_that_cannot_be_written_is_named(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    taken = os.path.join(str(tmp_path), "file")
    with open(taken, "w", encoding="ascii"):
        pass
    monkeypatch.setenv("XDG_CACHE_HOME", taken)
    with pytest.raises(SafeRollbackError, match="cannot be written") as caught:
        shown(workspace, repo.head())
    assert "XDG_CACHE_HOME" in (caught.value.hint or "")
