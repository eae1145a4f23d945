"""Locks between processes and threads: who holds one is named, and a dead holder holds nothing."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from safe_rollback.core.errors import BusyError
from safe_rollback.core.lock import locked
from safe_rollback.core.workspace import Workspace, open_workspace
from tests.harness.repo import Repo

_HOLD = """
import sys
from safe_rollback.core.lock import locked
with locked(sys.argv[1], "a long restore"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: str) -> "subprocess.Popen[str]":
    """A process that holds the lock until its input ends."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", _HOLD, path], stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_holds_the_lock_and_since_when(tmp_path: object) -> None:
    path = os.path.join(str(tmp_path), "deep", "lock")
    with holder(path) as process:
        with pytest.raises(BusyError) as busy, locked(path, "mine", seconds=0):
            pytest.fail("two hold it")
        assert f"a long restore in process {process.pid}, since 20" in busy.value.message
        assert busy.value.hint
        process.communicate()
    with locked(path, "mine", seconds=0):
        pass


def test_a_killed_holder_holds_nothing(tmp_path: object) -> None:
    path = os.path.join(str(tmp_path), "lock")
    with holder(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with locked(path, "after it", seconds=0):
            pass


def test_two_threads_exclude_each_other_and_one_may_take_it_again(workspace: Workspace) -> None:
    inside: list[int] = []
    wrong: list[str] = []

    def work() -> None:
        for _ in range(20):
            with workspace.worktree_lock("outer"), workspace.repository_lock("a"), workspace.repository_lock("b"):
                inside.append(1)
                if len(inside) != 1:
                    wrong.append("two at once")
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []


def test_worktrees_exclude_each_other_only_where_they_share(repo: Repo, tmp_path: object) -> None:
    other = os.path.join(str(tmp_path), "linked")
    repo.git("worktree", "add", "-q", "--detach", other)
    one, two = open_workspace(repo.root), open_workspace(other)
    with one.worktree_lock("x"), one.repository_lock("y"):
        with two.worktree_lock("z"):
            pass
        with pytest.raises(BusyError), locked(os.path.join(two.state_dir, "lock"), "w", seconds=0):
            pytest.fail("both hold the repository")
    one.close()
    two.close()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid":1}', b"\xff\xfe", b"null"])
def test_a_note_that_does_not_read_is_no_traceback(tmp_path: object, content: bytes) -> None:
    path = os.path.join(str(tmp_path), "lock")
    with locked(path, "mine"):
        with open(path, "wb") as file:
            file.write(content)
        with pytest.raises(BusyError, match="only just started"), locked(path, "other", seconds=0):
            pytest.fail("two hold it")


def test_an_error_inside_releases_the_lock(tmp_path: object) -> None:
    path = os.path.join(str(tmp_path), "lock")
    with pytest.raises(RuntimeError), locked(path, "failing"):
        raise RuntimeError
    with locked(path, "next", seconds=0):
        pass
