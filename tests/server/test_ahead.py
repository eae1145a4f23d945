"""A server reads ahead once some quiet follows a change, and only then."""

import threading
import time
from collections.abc import Iterator

import pytest

from safe_rollback.core.errors import GitError
from safe_rollback.server import ahead as module
from safe_rollback.server.ahead import Ahead
from safe_rollback.server.host import Host
from safe_rollback.tools import read_ahead
from tests.harness.repo import Repo
from tests.harness.server import call
from tests.server.near import attach


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """Released each time something is read."""
    done = threading.Semaphore(0)
    monkeypatch.setattr(module, "QUIET", 0.2)
    monkeypatch.setattr(read_ahead, "read_ahead", lambda *_: done.release())
    yield done


@pytest.fixture
def host(repo: Repo) -> Iterator[Host]:
    """A server's, whose thread waits."""
    opened = Host(repo.root)
    waiting = Ahead(opened)
    waiting.start()
    yield opened
    waiting.stop()
    opened.workspace().close()


def test_it_reads_once_after_several_changes(host: Host, reads: threading.Semaphore) -> None:
    assert not reads.acquire(timeout=0.5)
    for _ in range(5):
        host.changed.set()
        time.sleep(0.05)
    assert not reads.acquire(blocking=False)  # more may follow
    assert reads.acquire(timeout=30)
    assert not reads.acquire(timeout=0.5)
    host.changed.set()
    assert reads.acquire(timeout=30)


def test_what_goes_wrong_does_not_end_it(
    host: Host, reads: threading.Semaphore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    works, failed = read_ahead.read_ahead, threading.Semaphore(0)

    def fails(*_: object) -> bool:
        failed.release()
        raise GitError(("git",), 128, "gone")

    def breaks(*_: object) -> bool:
        failed.release()
        raise KeyError("x")

    for broken in (fails, breaks):
        monkeypatch.setattr(read_ahead, "read_ahead", broken)
        host.changed.set()
        assert failed.acquire(timeout=30)
    monkeypatch.setattr(read_ahead, "read_ahead", works)
    host.changed.set()
    assert reads.acquire(timeout=30)
    assert [one.levelname for one in caplog.records] == ["ERROR"]


def test_a_server_that_ends_reads_nothing_more(repo: Repo, reads: threading.Semaphore) -> None:
    host = Host(repo.root)
    waiting = Ahead(host)
    waiting.start()
    host.changed.set()
    waiting.stop()
    assert not reads.acquire(timeout=0.6)
    assert not [one for one in threading.enumerate() if one.name == "ahead"]


@pytest.mark.anyio
async def test_calls_that_may_change_something_say_so(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts: list[Host] = []
    usual = Host.__init__

    def noted(self: Host, root: str) -> None:
        usual(self, root)
        hosts.append(self)

    monkeypatch.setattr(Host, "__init__", noted)
    async with attach(repo.root) as client:
        (host,) = hosts
        await call(client, "list_checkpoints")
        assert not host.changed.is_set()
        await call(client, "start_session", task="look")
        assert host.changed.is_set()
