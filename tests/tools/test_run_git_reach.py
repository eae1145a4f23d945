"""run_git: what it writes, publishes and moves stays within reach of a checkpoint."""

import contextlib
import os

import pytest

from safe_rollback.core.errors import RefusedError
from safe_rollback.core.ledger.events import SessionEnded
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.run_git import GitRun, run_git
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo


def git(workspace: Workspace, *args: str) -> GitRun:
    return run_git(Desk(workspace), list(args))


@pytest.fixture
def session(workspace: Workspace) -> str:
    return start_session(Desk(workspace), "A task").session_id


def test_output_overwrites_nothing_and_a_new_file_gets_its_checkpoint(
    repo: Repo, workspace: Workspace, session: str
) -> None:
    repo.write("notes.txt", "an uncommitted afternoon\n")
    os.symlink("..", repo.path("out"))
    os.symlink(".git/description", repo.path("link"))
    before = repo.state()
    for args in (
        ["log", "--output=notes.txt"],
        ["-C", "src", "log", "--output", "../notes.txt"],
        ["log", f"--output={os.path.join(os.fsdecode(repo.root), 'notes.txt')}"],
        ["archive", "-o", ".git/config", "HEAD"],
        ["log", "--output=out/escaped.txt"],
        ["log", "--output=link"],
        ["bundle", "create", "notes.txt", "HEAD"],
        ["log", "--output=../escaped.txt"],
    ):
        with pytest.raises(RefusedError):
            git(workspace, *args)
        assert repo.state() == before
    answer = git(workspace, "log", "--output=new.txt")
    assert answer.exit_code == 0 and answer.before_checkpoint_id is not None
    assert repo.exists("new.txt")


def test_no_push_carries_checkpoints_away(repo: Repo, workspace: Workspace, session: str, tmp_path: object) -> None:
    path = f"{tmp_path}/remote.git"
    repo.git("init", "-q", "--bare", path)
    repo.git("remote", "add", "origin", path)
    repo.git("config", "--add", "remote.origin.push", "HEAD")
    repo.git("config", "--add", "remote.origin.push", "refs/*:refs/*")
    for args in (["push"], ["push", "origin", "refs/*:refs/*"], ["push", "origin", "refs/safe-rollback/*"]):
        with pytest.raises(RefusedError, match="destructive-command"):
            git(workspace, *args)
    assert Repo(path).git("for-each-ref") == ""
    assert git(workspace, "push", "origin", "HEAD").exit_code == 0
    assert "safe-rollback" not in Repo(path).git("for-each-ref")


def test_no_fetch_moves_the_protected_branch(repo: Repo, workspace: Workspace, session: str) -> None:
    repo.git("remote", "add", "origin", os.fsdecode(repo.root))
    repo.commit("Ahead of main", {"more.txt": "x\n"})
    before = repo.git("rev-parse", "main")
    with pytest.raises(RefusedError, match="protected-branches"):
        git(workspace, "fetch", "origin", "HEAD:main")
    assert repo.git("rev-parse", "main") == before


@pytest.mark.parametrize(
    "args",
    [
        ["switch", "other"],
        ["checkout", "other"],
        ["merge", "other"],
        ["cherry-pick", "other"],
        ["pull", ".", "other"],
    ],
    ids=" ".join,
)
def test_an_ignored_file_that_a_commit_brings_is_not_overwritten(
    repo: Repo, workspace: Workspace, args: list[str]
) -> None:
    """Git does it without asking, and no checkpoint holds ignored files."""
    repo.git("switch", "-q", "-c", "other")
    repo.write("debug.log", "from the other branch\n")
    repo.git("add", "-f", "debug.log")
    repo.commit("A log by mistake")
    repo.git("switch", "-q", "main")
    start_session(Desk(workspace), "A task")
    repo.write("debug.log", "a human's only copy\n")
    before = repo.state()
    with pytest.raises(RefusedError) as refused:
        git(workspace, *args)
    assert refused.value.refusal.rule == "ignored-files"
    assert "debug.log" in refused.value.refusal.evidence
    assert repo.state() == before
    repo.remove("debug.log")
    assert git(workspace, *args).exit_code == 0


@pytest.mark.parametrize(
    "args",
    [
        ["branch", "-m", "main", "old"],
        ["branch", "-d", "main"],
        ["branch", "-m", "main2", "main"],
        ["branch", "-m", "main"],
        ["branch", "-c", "feature", "main"],
        ["apply", "--unsafe-paths", "x.patch"],
        ["apply", "--unsafe", "x.patch"],
        ["sparse-checkout", "set", "src"],
        ["submodule", "deinit", "sub"],
        ["worktree", "remove", "--force", "../elsewhere"],
        ["repack", "-d", "--cruft", "--cruft-expiration=now"],
        ["repack", "-A", "-d", "--unpack-unreachable=now"],
        ["config", "core.excludesFile", "mine"],
        ["update-index", "--refresh", "--skip-worktree", "--", "README.md"],
        ["push", ".", "HEAD:refs/safe-rollback/journal"],
    ],
    ids=" ".join,
)
def test_what_loses_more_than_it_says_is_refused(
    repo: Repo, workspace: Workspace, session: str, args: list[str]
) -> None:
    before, ours = repo.state(), repo.git("for-each-ref")
    with pytest.raises(RefusedError):
        git(workspace, *args)
    assert (repo.state(), repo.git("for-each-ref")) == (before, ours)


def test_checkpoints_are_not_published_under_another_name(
    repo: Repo, workspace: Workspace, session: str, tmp_path: object
) -> None:
    remote = f"{tmp_path}/remote.git"
    repo.git("init", "-q", "--bare", remote)
    repo.git("remote", "add", "origin", remote)
    repo.write(".gitignore", ".env\n")
    repo.write(".env", "TOKEN=1\n")
    git(workspace, "commit", "-q", "-m", "Ignore it", "--", ".gitignore")
    refs = repo.git("for-each-ref", "--format=%(objectname)", "refs/safe-rollback/").splitlines()
    assert len(refs) >= 2
    for number, commit in enumerate(refs):
        with pytest.raises(RefusedError):
            git(workspace, "push", "origin", f"{commit}:refs/heads/leak")
        git(workspace, "branch", f"leak{number}", commit)
        with pytest.raises(RefusedError):
            git(workspace, "push", "origin", f"leak{number}")
    assert git(workspace, "push", "origin", "HEAD").exit_code == 0
    assert repo.git("--git-dir", remote, "for-each-ref", "--format=%(refname)") == f"refs/heads/{repo.branch()}"


def test_an_included_file_that_changes_is_read_again(repo: Repo, workspace: Workspace, session: str) -> None:
    repo.git("config", "include.path", "../.gitconfig")
    repo.write(".gitconfig", "[user]\n\tname = Hana\n")
    with contextlib.suppress(RefusedError):
        git(workspace, "status")
    repo.write(".gitconfig", "[core]\n\tfsmonitor = touch ran;\n")
    with pytest.raises(RefusedError) as refused:
        git(workspace, "status")
    assert refused.value.refusal.rule == "trusted-code-only"
    assert not repo.exists("ran")


def test_a_ref_of_ours_that_somebody_made_stops_no_session(repo: Repo, workspace: Workspace, session: str) -> None:
    repo.git("update-ref", "refs/safe-rollback/sessions/2026-03-04-009", "HEAD")
    assert git(workspace, "status").exit_code == 0
    with workspace.repository_lock("test"):
        workspace.ledger.append(
            SessionEnded(session=session, outcome="abandoned", summary="", commit=None, checkpoint=None)
        )
    started = start_session(Desk(workspace), "The next")
    assert any("not pruned" in one for one in started.warnings)
