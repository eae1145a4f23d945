"""undo of a session squashed into a protected branch: allowed where the protocol allows the squash, and only then."""

import pytest

from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import EndSession, end_session
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.start_session import start_session
from safe_rollback.tools.transitions import Transition
from safe_rollback.tools.undo import undo
from tests.harness.repo import Repo

ALLOWED = '```toml safe-rollback\n[on_session_end]\nsquash_into = ["main"]\n```\n'


@pytest.fixture
def ended(repo: Repo, workspace: Workspace) -> EndSession:
    """A session with two commits, squashed into main."""
    repo.commit("Protocol", {"CLAUDE.md": ALLOWED})
    start_session(Desk(workspace), "A task")
    for number in range(2):
        repo.write(f"{number}.txt", "x\n")
        run_git(Desk(workspace), ["add", "."])
        run_git(Desk(workspace), ["commit", "-m", f"Step {number}"])
    return end_session(Desk(workspace), "Two files.", "main")


def take_back(workspace: Workspace, operation: str | None = None) -> Transition:
    planned = undo(Desk(workspace), operation)
    assert planned.plan is not None and not planned.plan.blocked, planned
    done = undo(Desk(workspace), operation, planned.plan.digest)
    assert done.applied and done.verified
    return done


def stays_blocked(repo: Repo, workspace: Workspace, operation: str | None = None) -> str:
    before = repo.state()
    planned = undo(Desk(workspace), operation)
    assert planned.plan is not None
    reasons = [one.why for one in planned.plan.blocked + planned.plan.conflicts if one.path == "refs/heads/main"]
    assert reasons and repo.state() == before
    return " ".join(reasons)


def test_undo_takes_the_commit_off_and_a_second_undo_brings_it_back(
    repo: Repo, workspace: Workspace, ended: EndSession
) -> None:
    squashed = repo.state()
    take_back(workspace, ended.operation_id)
    undone = repo.state()
    assert undone.refs["refs/heads/main"] == repo.git("rev-parse", f"{ended.commit}^")
    assert {**undone.refs, "refs/heads/main": ended.commit} == squashed.refs
    assert (undone.files, undone.index, undone.head) == (squashed.files, squashed.index, squashed.head)
    take_back(workspace)
    assert repo.state() == squashed
    take_back(workspace)
    assert repo.state() == undone


def test_published_commits_stay(repo: Repo, workspace: Workspace, ended: EndSession) -> None:
    repo.git("update-ref", "refs/remotes/origin/main", str(ended.commit))
    assert "published" in stays_blocked(repo, workspace, ended.operation_id)
    planned = undo(Desk(workspace), ended.operation_id)
    assert "named above" in planned.next_step and "Move away" not in planned.next_step


def test_what_was_added_since_stays(repo: Repo, workspace: Workspace, ended: EndSession) -> None:
    tree = repo.git("rev-parse", "main^{tree}")
    later = repo.git("commit-tree", tree, "-p", "main", "-m", "A human's")
    repo.git("update-ref", "refs/heads/main", later)
    assert "moved since" in stays_blocked(repo, workspace, ended.operation_id)


def test_a_protocol_that_no_longer_allows_the_squash_does_not_allow_its_undo(
    repo: Repo, workspace: Workspace, ended: EndSession
) -> None:
    repo.write("CLAUDE.md", "```toml safe-rollback\n[session]\nmax_files = 9\n```\n")
    assert "protected" in stays_blocked(repo, workspace, ended.operation_id)


def test_a_branch_that_is_checked_out_since_is_not_moved_under_its_files(
    repo: Repo, workspace: Workspace, ended: EndSession
) -> None:
    repo.git("switch", "-q", "main")
    assert "checked out here" in stays_blocked(repo, workspace, ended.operation_id)
    repo.git("switch", "-q", str(ended.retained_branch))
    take_back(workspace, ended.operation_id)


def test_a_restore_still_takes_nothing_off_a_protected_branch(
    repo: Repo, workspace: Workspace, ended: EndSession
) -> None:
    repo.git("switch", "-q", "main")
    before = repo.state()
    planned = restore_checkpoint(Desk(workspace), f"{ended.session_id}.1")
    assert planned.plan is not None
    assert ["protected" in one.why for one in planned.plan.blocked if one.path == "refs/heads/main"] == [True]
    assert repo.state() == before
