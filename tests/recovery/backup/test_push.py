"""Checkpoints on a remote: new or forward, read back, and never anything else."""

import os
from pathlib import Path

import pytest

from safe_rollback.core.errors import InvalidInputError, NotFoundError, SafeRollbackError
from safe_rollback.core.ids import OURS
from safe_rollback.core.ledger.recovery_events import BackedUp
from safe_rollback.core.snapshot.checkpoint import SESSIONS
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.backup.push import Pushed, Pushing, plan_push, push, remote_of
from tests.core.gate.traps import HOOKS, Traps
from tests.core.snapshot.support import keep, opened
from tests.harness.repo import Repo

REF = SESSIONS + "at-main"


@pytest.fixture
def remote(repo: Repo, tmp_path: Path) -> Repo:
    """A bare repository that `repo` calls `backup`."""
    folder = tmp_path / "remote.git"
    repo.git("init", "-q", "--bare", str(folder))
    repo.git("remote", "add", "backup", str(folder))
    return Repo(str(folder))


def pushed(workspace: Workspace, name: str = "backup") -> tuple[Pushing, Pushed]:
    plan = plan_push(workspace, remote_of(workspace, name))
    return plan, push(workspace, plan)


def ours(repo: Repo) -> dict[str, str]:
    lines = repo.git("for-each-ref", "--format=%(refname) %(objectname)", OURS).split("\n")
    return dict(tuple(line.split(" ")) for line in lines if line)  # type: ignore[misc]


def backups(workspace: Workspace) -> list[BackedUp]:
    return [event for one in workspace.ledger.records(BackedUp) if isinstance(event := one.event, BackedUp)]


def test_what_is_new_and_what_goes_on_arrives_and_ignored_files_never_do(
    repo: Repo, workspace: Workspace, remote: Repo
) -> None:
    repo.write(".gitignore", ".env\n")
    repo.write(".env", "SECRET=1\n")
    keep(workspace, CapturePolicy())
    assert f"{OURS}private/at-main" in ours(repo)
    # A hook that keeps what a ref lost puts it there under its old name.
    repo.git("update-ref", f"{OURS}archive/20260101-000000-1/{OURS}private/at-main", f"{OURS}private/at-main")
    plan, done = pushed(workspace)
    assert [ref.name for ref in plan.new] == [REF] and plan.kept_here == 2
    assert (done.lost, done.checkpoints) == ([], 1)
    assert ours(remote) == {REF: repo.git("rev-parse", REF)}
    repo.write("README.md", "more\n")
    keep(workspace)
    plan, done = pushed(workspace)
    assert [ref.name for ref in plan.forward] == [REF] and done.checkpoints == 2
    assert ours(remote) == {REF: repo.git("rev-parse", REF)}
    assert not pushed(workspace)[0].going
    assert [(one.to, one.kind, one.refs, one.checkpoints) for one in backups(workspace)] == [
        ("backup", "remote", 1, 1), ("backup", "remote", 1, 2), ("backup", "remote", 1, 2),
    ]  # fmt: skip
    assert remote.git("fsck", "--connectivity-only", "--no-dangling") == ""


def test_what_differs_there_is_named_and_left_as_it_is(
    repo: Repo, workspace: Workspace, remote: Repo, tmp_path: Path
) -> None:
    repo.git("clone", "-q", repo.root, str(tmp_path / "clone"))
    with opened(Repo(str(tmp_path / "clone"))) as other:
        keep(other)
        pushed(other, str(tmp_path / "remote.git"))
    theirs = ours(remote)
    keep(workspace)
    repo.git("update-ref", f"{OURS}archive/20260101-000000-1/refs/heads/x", "HEAD")
    plan, done = pushed(workspace)
    assert [ref.name for ref in plan.differs] == [REF] and len(done.arrived) == 1
    assert ours(remote) == {**theirs, f"{OURS}archive/20260101-000000-1/refs/heads/x": repo.head()}
    assert backups(workspace) == []


def test_nothing_on_the_remote_is_deleted(repo: Repo, workspace: Workspace, remote: Repo) -> None:
    keep(workspace)
    repo.git("update-ref", f"{OURS}archive/20260101-000000-1/refs/heads/x", "HEAD")
    pushed(workspace)
    before = ours(remote)
    repo.git("update-ref", "-d", f"{OURS}archive/20260101-000000-1/refs/heads/x")
    pushed(workspace)
    assert ours(remote) == before


def test_what_the_remote_does_not_take_is_told_and_no_backup(repo: Repo, workspace: Workspace, remote: Repo) -> None:
    remote.git("config", "receive.hideRefs", OURS.rstrip("/"))
    keep(workspace)
    _, done = pushed(workspace)
    assert [ref.name for ref in done.lost] == [REF] and "hidden ref" in done.said
    assert backups(workspace) == []


def test_no_program_of_either_repository_is_run(
    repo: Repo, workspace: Workspace, remote: Repo, tmp_path: Path
) -> None:
    keep(workspace)
    for name in HOOKS:
        path = os.path.join(remote.root, "hooks", name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ntouch '{tmp_path}/hook-ran'\n")
        os.chmod(path, 0o755)
    remote.git("config", "core.alternateRefsCommand", f"touch '{tmp_path}/hook-ran'")
    traps = Traps(repo, str(tmp_path / "traps"))
    traps.arm()
    traps.hush()
    _, done = pushed(workspace)
    assert done.lost == [] and ours(remote)
    assert traps.sung() == set() and not (tmp_path / "hook-ran").exists()


def test_the_users_own_configuration_counts(
    repo: Repo, workspace: Workspace, remote: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Credentials, SSH settings and rewritten addresses are the user's; so is the program that connects."""
    keep(workspace)
    program = tmp_path / "ssh"
    program.write_text(f"#!/bin/sh\nshift\necho ran >> '{tmp_path}/ssh-ran'\nexec sh -c \"$*\"\n")
    program.chmod(0o755)
    with open(os.path.expanduser("~/.gitconfig"), "a", encoding="utf-8") as file:
        file.write(f"[core]\n\tsshCommand = {program}\n[ssh]\n\tvariant = simple\n")
        file.write(f'[url "ssh://host{tmp_path}/"]\n\tinsteadOf = team:\n')
    repo.git("config", "core.sshCommand", "false")
    repo.git("remote", "set-url", "backup", "team:remote.git")
    _, done = pushed(workspace)
    assert done.lost == [] and ours(remote) and (tmp_path / "ssh-ran").exists()


def test_a_password_in_an_address_is_neither_recorded_nor_told(workspace: Workspace) -> None:
    keep(workspace)
    url = "https://user:hunter2hunter2@127.0.0.1:1/x.git"
    assert remote_of(workspace, url).name == "https://127.0.0.1:1/x.git"
    with pytest.raises(SafeRollbackError) as caught:
        plan_push(workspace, remote_of(workspace, url))
    assert "hunter2" not in str(caught.value) and caught.value.hint


def test_an_option_is_no_remote(workspace: Workspace) -> None:
    for name in ("--upload-pack=touch x", "-x", "", "a\nb"):
        with pytest.raises(InvalidInputError):
            remote_of(workspace, name)


def test_a_remote_nobody_knows_is_named(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        remote_of(workspace, "nowhere")


def test_other_ways_than_file_https_and_ssh_are_not_spoken(repo: Repo, workspace: Workspace) -> None:
    keep(workspace)
    repo.git("remote", "add", "odd", "x")
    for url in ("ext::touch pwned", "git://127.0.0.1/x", "http://127.0.0.1:1/x"):
        repo.git("config", "remote.odd.url", url)
        with pytest.raises(SafeRollbackError, match="not allowed"):
            plan_push(workspace, remote_of(workspace, "odd"))
    assert not repo.exists("pwned")
