"""A bundle stands only after it was read back, and replaces nothing that is not one of ours."""

import os
from pathlib import Path

import pytest

from safe_rollback.core.errors import DamagedError, InvalidInputError, SafeRollbackError
from safe_rollback.core.ids import OURS
from safe_rollback.core.ledger.events import CommandTrusted
from safe_rollback.core.ledger.recovery_events import BackedUp
from safe_rollback.core.retention import plan_pruning, prune
from safe_rollback.core.snapshot.checkpoint import SESSIONS
from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.backup.coverage import not_backed_up
from safe_rollback.recovery.backup.header import opened as header_of
from safe_rollback.recovery.backup.seal import seal, unsealed
from safe_rollback.recovery.backup.unpack import unpacked
from safe_rollback.recovery.backup.write import write_bundle
from safe_rollback.tools.desk import Desk
from tests.core.snapshot.support import keep, opened
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo
from tests.recovery.backup.kit import bundled


def names(path: str) -> set[str]:
    with header_of(path) as (_, header):
        return set(header.refs)


def test_it_stands_alone_is_private_and_recorded(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    keep(workspace)
    repo.git("tag", "-a", "-m", "a tag", "v1")
    repo.git("tag", "of-a-file", "HEAD:README.md")
    done = write_bundle(workspace, str(tmp_path / "b"))
    assert os.stat(done.path).st_mode & 0o777 == 0o600 and done.bytes == os.path.getsize(done.path)
    assert names(done.path) == {
        "HEAD", "refs/heads/main", "refs/tags/v1", "refs/tags/of-a-file", SESSIONS + "at-main",
    }  # fmt: skip
    (event,) = [one.event for one in workspace.ledger.records(BackedUp)]
    assert event == BackedUp(to=done.path, kind="bundle", refs=4, checkpoints=1)
    assert os.listdir(tmp_path) == ["b"]
    repo.git("bundle", "verify", "-q", done.path)


def test_ignored_files_stay_out_unless_wanted_wherever_they_were_put_aside(
    repo: Repo, workspace: Workspace, tmp_path: Path
) -> None:
    repo.write(".gitignore", ".env\n")
    clock = workspace.clock
    assert isinstance(clock, FixedClock)
    for number in range(3):
        repo.write(".env", f"API_KEY=secret-number-{number}\n")
        keep(workspace)
        clock.move(days=40)
    prune(workspace, 60, plan_pruning(workspace, 60).digest())
    repo.git("update-ref", f"{OURS}archive/20260101-000000-1/{OURS}private/at-main", f"{OURS}private/at-main")
    secrets = [repo.git("hash-object", "--stdin", stdin=f"API_KEY=secret-number-{n}\n".encode()) for n in range(3)]

    def held(path: str) -> list[bool]:
        with unpacked(path, str(tmp_path)) as found:
            inside = Repo(found.repository.root)
            said = inside.git("cat-file", "--batch-check", stdin="\n".join(secrets).encode() + b"\n")
            return ["missing" not in line for line in said.split("\n")]

    assert held(write_bundle(workspace, str(tmp_path / "without")).path) == [False] * 3
    assert held(write_bundle(workspace, str(tmp_path / "with"), private=True).path) == [True] * 3


def test_what_is_no_checkpoint_does_not_get_through(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    keep(workspace)
    write_bundle(workspace, str(tmp_path / "b"))
    before = (tmp_path / "b").read_bytes()
    repo.git("update-ref", f"{SESSIONS}2026-03-04-001", "HEAD")
    with pytest.raises(DamagedError):
        write_bundle(workspace, str(tmp_path / "b"))
    assert os.listdir(tmp_path) == ["b"] and (tmp_path / "b").read_bytes() == before
    assert len(workspace.ledger.records(BackedUp)) == 1


def test_a_checkpoint_with_a_missing_object_is_no_backup(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    repo.write("lost.txt", "about to be lost\n")
    keep(workspace)
    blob = repo.git("hash-object", "lost.txt")
    os.unlink(os.path.join(repo.git_dir(), "objects", blob[:2], blob[2:]))
    with pytest.raises(SafeRollbackError):
        write_bundle(workspace, str(tmp_path / "b"))
    assert os.listdir(tmp_path) == []


def test_another_file_is_never_overwritten_but_by_force(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    keep(workspace)
    target = tmp_path / "mine"
    stock = tmp_path / "stock.bundle"
    repo.git("bundle", "create", "-q", str(stock), "main")
    os.symlink(stock, tmp_path / "link")
    target.write_text("mine")
    for path in (target, stock, tmp_path / "link"):
        data = path.read_bytes()
        with pytest.raises(InvalidInputError, match="--force"):
            write_bundle(workspace, str(path))
        assert path.read_bytes() == data
    write_bundle(workspace, str(target), force=True)
    keep(workspace)
    assert write_bundle(workspace, str(target)).checkpoints == 2
    write_bundle(workspace, str(tmp_path / "link"), force=True)
    assert not (tmp_path / "link").is_symlink()


def test_some_places_are_none(repo: Repo, workspace: Workspace) -> None:
    keep(workspace)
    for name in (".git/b", "src", "missing/b", ""):
        with pytest.raises(InvalidInputError):
            write_bundle(workspace, os.path.join(repo.root, name), force=True)


def test_a_shallow_clone_says_what_to_do(repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", str(tmp_path / "clone"))
    with opened(Repo(str(tmp_path / "clone"))) as there:
        keep(there)
        with pytest.raises(InvalidInputError, match="--unshallow"):
            write_bundle(there, str(tmp_path / "b"))


def test_a_checkpoint_is_taken_only_if_there_is_something_to_keep(repo: Repo, workspace: Workspace) -> None:
    def sealed() -> bool:
        desk = Desk(workspace)
        return seal(workspace, desk.chain, desk.policy) is not None

    assert sealed() and not sealed()
    repo.write("README.md", "edited\n")
    assert sealed() and not sealed()
    with workspace.repository_lock("test"):
        workspace.ledger.append(CommandTrusted(text="make test"))
    assert unsealed(workspace) == 1
    assert sealed() and not sealed()


def test_which_checkpoints_no_backup_has(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    first = keep(workspace)
    assert not_backed_up(workspace, [first]) == [first]
    bundled(workspace, tmp_path)
    second = keep(workspace)
    assert not_backed_up(workspace, [first, second]) == [second]
    clock = workspace.clock
    assert isinstance(clock, FixedClock)
    clock.move(days=40)
    keep(workspace)
    prune(workspace, 60, plan_pruning(workspace, 60).digest())  # what stays is written anew
    bundled(workspace, tmp_path)
    assert not_backed_up(workspace, [first, second]) == []
