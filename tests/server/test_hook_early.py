"""A running server lets the agent go on while it takes the checkpoint after a command."""

import fcntl
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from safe_rollback.core import actions
from safe_rollback.core.errors import CaptureError
from safe_rollback.core.ledger.events import ActionRecorded
from safe_rollback.core.workspace import open_workspace
from safe_rollback.server.hookserver import HookServer
from safe_rollback.server.host import Host
from tests.harness.repo import Repo
from tests.server.hookkit import Hook, recorded, script, traces


@pytest.fixture
def hook(repo: Repo, tmp_path: str) -> Hook:
    return Hook(repo.root, script(str(tmp_path)))


@pytest.fixture
def server(repo: Repo) -> Iterator[HookServer]:
    host = Host(repo.root)
    serving = HookServer(host)
    assert serving.start()
    yield serving
    serving.stop()
    host.workspace().close()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Holds what is done after a command until it is set."""
    go_on, finish = threading.Event(), actions.finish

    def late(*given: Any) -> ActionRecorded | None:
        assert go_on.wait(60)
        return finish(*given)

    monkeypatch.setattr(actions, "finish", late)
    yield go_on
    go_on.set()


def test_the_agent_does_not_wait_and_what_comes_next_does(
    repo: Repo, hook: Hook, server: HookServer, held: threading.Event
) -> None:
    assert hook.before("touch made.txt").code == 0
    repo.write("made.txt", "")
    assert hook.after("touch made.txt").code == 0  # it would not return if it waited
    workspace = open_workspace(repo.root)
    with open(os.path.join(workspace.worktree_dir, "lock"), "rb") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    workspace.close()
    said: list[int] = []
    following = threading.Thread(target=lambda: said.append(hook.before("touch next.txt", "call-2").code))
    following.start()
    following.join(1)
    assert following.is_alive()
    held.set()
    following.join(60)
    assert said == [0]
    (event,) = recorded(repo.root, ActionRecorded)
    assert event.command == "touch made.txt"


def test_a_command_that_only_reads_does_not_wait(
    repo: Repo, hook: Hook, server: HookServer, held: threading.Event
) -> None:
    hook.before("touch made.txt")
    hook.after("touch made.txt")
    assert hook.before("git status", "call-2").code == 0
    assert not held.is_set()


def test_the_server_ends_when_it_is_done(repo: Repo, hook: Hook, server: HookServer, held: threading.Event) -> None:
    hook.before("touch made.txt")
    repo.write("made.txt", "")
    hook.after("touch made.txt")
    threading.Timer(0.5, held.set).start()
    server.stop()
    assert held.is_set()
    assert traces(repo.root)[1:] == (1, 0, 0)


def test_a_checkpoint_that_fails_is_told_of_and_leaves_the_action_open(
    repo: Repo, hook: Hook, server: HookServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any) -> None:
        raise CaptureError("The disk may not hold it.", hint="Free some space.")

    hook.before("touch made.txt")
    with monkeypatch.context() as patched:
        patched.setattr(actions, "finish", full)
        assert hook.after("touch made.txt").code == 0
        assert recorded(repo.root, ActionRecorded) == []
        server.stop()
    assert "The disk may not hold it." in caplog.text
    assert traces(repo.root)[3] == 1
    assert server.start()
    assert hook.before("touch next.txt", "call-2").code == 0
