"""Full disks, obstacles and other writers in the middle of a restore: all or nothing, and no byte lost."""

import os
import resource
import signal
import stat
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from safe_rollback.core.errors import SafeRollbackError, StateMovedError
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from tests.core.transition.kit import keep, nothing_is_left_over, plan_restore, restore, take_back
from tests.harness.repo import Repo


@pytest.fixture
def mine(repo: Repo, workspace: Workspace) -> str:
    """A checkpoint of files a to e, which were then changed; c is large, key is private."""
    repo.git("switch", "-q", "-c", "feature")
    for name in "abde":
        repo.write(f"{name}.txt", f"mine, {name}\n")
    repo.write("c.txt", os.urandom(400_000))
    repo.write("key", "secret\n", mode=0o600)
    repo.write("gone/away.txt", "mine\n", mode=0o600)
    checkpoint = keep(workspace)
    repo.commit("The agent's", {"f.txt": "new\n"})
    for name in "abcde":
        repo.write(f"{name}.txt", f"the agent's, {name}\n")
    repo.write("key", "less secret\n", mode=0o644)
    repo.write("extra.txt", "to be deleted\n", mode=0o640)
    repo.remove("gone/away.txt")
    os.rmdir(repo.path("gone"))
    keep(workspace)
    return checkpoint


@pytest.fixture
def small_files() -> Iterator[Callable[[], None]]:
    """Call it to let no file grow beyond 200,000 bytes: what a full disk does, without filling one."""
    old_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    old_handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, old_limit[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, old_limit)
    signal.signal(signal.SIGXFSZ, old_handler)


def apply(workspace: Workspace, checkpoint: str, during: Callable[[int], None]) -> Any:
    """Restore; `during` is called after each file with how many are done."""
    digest = plan_restore(workspace, checkpoint).digest
    desk = Desk(workspace, progress=lambda n, _total, _what: during(int(n)))
    return restore_checkpoint(desk, checkpoint, digest=digest)


def test_a_disk_that_fills_up_takes_everything_back(
    repo: Repo, workspace: Workspace, mine: str, small_files: Callable[[], None]
) -> None:
    before = repo.state()
    with pytest.raises(SafeRollbackError, match=r"c\.txt cannot be written: File too large") as caught:
        apply(workspace, mine, lambda n: small_files() if n == 1 else None)
    assert "Everything was taken back" in str(caught.value.hint)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    assert repo.state() == before
    nothing_is_left_over(repo)
    restore(workspace, mine)
    take_back(workspace)
    assert repo.state() == before


@pytest.mark.parametrize(
    ("name", "made"), [("c.txt", "directory"), ("e.txt", "fifo"), ("gone", "link"), ("gone", "file")]
)
def test_an_obstacle_that_appears_halfway_takes_everything_else_back(
    repo: Repo, workspace: Workspace, mine: str, name: str, made: str
) -> None:
    before = repo.state()

    def appear(n: int) -> None:
        if n != 1:
            return
        if repo.exists(name):
            repo.remove(name)
        if made == "directory":
            repo.write(f"{name}/inside", "by hand\n")
        elif made == "fifo":
            os.mkfifo(repo.path(name))
        elif made == "link":
            os.symlink("src", repo.path(name))
        else:
            repo.write(name, "by hand\n")

    with pytest.raises(StateMovedError) as caught:
        apply(workspace, mine, appear)
    assert "Everything was taken back" in str(caught.value.hint)
    after = repo.state()
    changed = {path for path in {*before.files, *after.files} if before.files.get(path) != after.files.get(path)}
    assert {path.split(b"/")[0] for path in changed} == {name.encode()}
    assert (after.index, after.head, after.refs) == (before.index, before.head, before.refs)
    nothing_is_left_over(repo)


@pytest.mark.parametrize("name", ["a.txt", "e.txt", "key"])
def test_a_file_edited_in_place_halfway_stops_the_restore_and_keeps_the_edit(
    repo: Repo, workspace: Workspace, mine: str, name: str
) -> None:
    before = repo.state()
    with open(repo.path(name), "r+b") as editor:  # opened before, as an editor does

        def edit(n: int) -> None:
            if n == 1:
                editor.write(b"TYPED BY HAND")
                editor.flush()

        with pytest.raises(StateMovedError, match=name):
            apply(workspace, mine, edit)
    kind, mode, content = before.files[name.encode()]
    expected = {**before.files, name.encode(): (kind, mode, b"TYPED BY HAND" + content[13:])}
    after = repo.state()
    assert after.files == expected
    assert (after.index, after.head, after.refs) == (before.index, before.head, before.refs)
    nothing_is_left_over(repo)


@pytest.mark.parametrize("step", ["link", "rename"])
def test_an_editor_that_writes_between_look_and_swap_keeps_its_bytes(
    repo: Repo, workspace: Workspace, mine: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    original, typed = getattr(os, step), []

    def meanwhile(*arguments: Any, **named: Any) -> Any:
        target = arguments[0] if step == "link" else arguments[1]
        if target == "d.txt" and not typed:
            with open(repo.path("d.txt"), "r+b") as editor:
                editor.write(b"TYPED BY HAND")
            typed.append(True)
        return original(*arguments, **named)

    digest = plan_restore(workspace, mine).digest
    before = repo.state()
    with monkeypatch.context() as patched:
        patched.setattr(os, step, meanwhile)
        with pytest.raises(StateMovedError, match=r"d\.txt"):
            restore_checkpoint(Desk(workspace), mine, digest=digest)
    assert typed
    kind, mode, content = before.files[b"d.txt"]
    assert repo.files() == {**before.files, b"d.txt": (kind, mode, b"TYPED BY HAND" + content[13:])}
    nothing_is_left_over(repo)


def test_an_editor_that_writes_into_a_file_being_deleted_keeps_its_bytes(
    repo: Repo, workspace: Workspace, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.rename

    def meanwhile(source: Any, target: Any, **named: Any) -> None:
        if source == "extra.txt":
            with open(repo.path("extra.txt"), "ab") as editor:
                editor.write(b"TYPED BY HAND\n")
        original(source, target, **named)

    digest = plan_restore(workspace, mine).digest
    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", meanwhile)
        with pytest.raises(StateMovedError, match=r"extra\.txt"):
            restore_checkpoint(Desk(workspace), mine, digest=digest)
    assert repo.read("extra.txt") == b"to be deleted\nTYPED BY HAND\n"
    nothing_is_left_over(repo)


def test_a_file_saved_under_the_name_of_one_being_deleted_stays_beside_what_it_replaced(
    repo: Repo, workspace: Workspace, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.rename

    def meanwhile(source: Any, target: Any, **named: Any) -> None:
        if source == "extra.txt":
            repo.write("extra.txt", "typed, one\n")
        original(source, target, **named)
        if source == "extra.txt":
            repo.write("extra.txt", "typed, two\n")

    digest = plan_restore(workspace, mine).digest
    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", meanwhile)
        with pytest.raises(StateMovedError) as caught:
            restore_checkpoint(Desk(workspace), mine, digest=digest)
    assert repo.read("extra.txt") == b"typed, two\n"
    [left] = [path for path in repo.files() if b".safe-rollback-" in path]
    assert repo.read(left) == b"typed, one\n"
    assert left.decode() in str(caught.value.hint)


def test_what_git_stages_between_look_and_lock_is_not_overwritten(
    repo: Repo, workspace: Workspace, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, staged = os.link, []

    def meanwhile(source: Any, target: Any, **named: Any) -> None:
        if str(target).endswith("index.lock") and not staged:
            repo.write("late.txt", "staged by hand\n")
            repo.git("add", "late.txt")
            staged.append(repo.state())
        original(source, target, **named)

    digest = plan_restore(workspace, mine).digest
    with monkeypatch.context() as patched:
        patched.setattr(os, "link", meanwhile)
        with pytest.raises(StateMovedError, match="staged"):
            restore_checkpoint(Desk(workspace), mine, digest=digest)
    assert [repo.state()] == staged
    nothing_is_left_over(repo)


def test_an_operation_begun_in_the_middle_takes_everything_back(repo: Repo, workspace: Workspace, mine: str) -> None:
    repo.git("update-ref", "ORIG_HEAD", "HEAD")
    before = repo.state()

    def begin(n: int) -> None:
        with open(repo.path(".git/ORIG_HEAD"), "w") as file:
            file.write(repo.git("rev-parse", "HEAD~1") + "\n")

    with pytest.raises(StateMovedError, match="ORIG_HEAD"):
        apply(workspace, mine, begin)
    assert repo.state() == before


def test_a_private_file_is_never_readable_on_the_way(
    repo: Repo, workspace: Workspace, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, seen = os.rename, []

    def watch(source: Any, target: Any, **named: Any) -> None:
        if target == "key":
            seen.append(stat.S_IMODE(os.stat(source, dir_fd=named["src_dir_fd"]).st_mode))
        original(source, target, **named)

    digest = plan_restore(workspace, mine).digest
    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", watch)
        restore_checkpoint(Desk(workspace), mine, digest=digest)
    assert seen == [0o600]
    assert repo.files()[b"key"][1] == repo.files()[b"gone/away.txt"][1] == 0o600
