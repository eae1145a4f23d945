"""What is remembered of a verification, and which commits are known to be green."""

import pytest

from safe_rollback.core.ids import Oid
from safe_rollback.core.ledger.recovery_events import Verified
from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.checks.record import commits_since_green, last_green, record
from safe_rollback.recovery.checks.results import CheckResult, Counts, Status
from tests.harness.repo import Repo


def note(
    workspace: Workspace, commit: str | None, *rows: tuple[str, Status], session: str | None = None, tail: str = ""
) -> Verified:
    results = [CheckResult(name=name, command=f"run {name}", status=status, tail=tail) for name, status in rows]
    tree = Oid(workspace.repository.git.out("rev-parse", "HEAD^{tree}"))
    return record(
        workspace, session=session, subject="revision", commit=None if commit is None else Oid(commit), tree=tree,
        results=results,
    )  # fmt: skip


def test_an_event_holds_rows_and_no_output(repo: Repo, workspace: Workspace) -> None:
    secret = "ghp_" + "a1B2" * 9
    result = CheckResult(
        name="tests", command=f"TOKEN={secret} pytest", status="failed", exit_code=1, seconds=1.5,
        tests=Counts(passed=2, failed=1), tail=f"printed {secret}",
    )  # fmt: skip
    tree = Oid(repo.git("rev-parse", "HEAD^{tree}"))
    record(workspace, session=None, subject="worktree", commit=None, tree=tree, results=[result])
    (line,) = workspace.ledger.records(Verified)
    assert secret not in line.data and "printed" not in line.data
    event = line.event
    assert isinstance(event, Verified)
    assert (event.subject, event.commit, event.tree, event.passed) == ("worktree", None, tree, False)
    (row,) = event.checks
    assert (row["name"], row["status"], row["exit_code"], row["seconds"]) == ("tests", "failed", 1, 1.5)
    assert row["tests"] == {"passed": 2, "failed": 1, "errors": 0, "skipped": 0}


def test_commits_since_the_newest_green_ancestor(repo: Repo, workspace: Workspace) -> None:
    first, *_ = reversed(repo.git("rev-list", "HEAD").splitlines())
    assert last_green(workspace) is None
    assert commits_since_green(workspace, Oid(repo.head())) is None
    assert note(workspace, first, ("tests", "passed")).passed
    assert commits_since_green(workspace, Oid(repo.head())) == 2
    green = repo.head()
    note(workspace, green, ("tests", "passed"), ("lint", "passed"))
    assert commits_since_green(workspace, Oid(green)) == 0
    repo.git("switch", "-qc", "side")
    repo.commit("Side 1")
    side = repo.commit("Side 2")
    repo.git("switch", "-q", "main")
    repo.commit("Main")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    assert commits_since_green(workspace, Oid(repo.head())) == 4, "both sides and the merge"
    note(workspace, side, ("tests", "passed"))
    assert commits_since_green(workspace, Oid(repo.head())) == 2, "the side is green"
    assert commits_since_green(workspace, None) is None
    found = last_green(workspace)
    assert found is not None and found.commit == side


@pytest.mark.parametrize(("status", "still"), [("failed", False), ("timed out", False), ("untrusted", True)])
def test_a_commit_that_fails_later_is_green_no_more(
    repo: Repo, workspace: Workspace, status: Status, still: bool
) -> None:
    note(workspace, repo.head(), ("tests", "passed"))
    note(workspace, repo.head(), ("tests", status))
    assert (last_green(workspace) is not None) == still
    note(workspace, repo.head(), ("tests", "passed"))
    assert last_green(workspace) is not None


def test_green_may_mean_certain_checks_and_one_session(repo: Repo, workspace: Workspace) -> None:
    head = repo.head()
    note(workspace, head, ("lint", "passed"), session="2026-03-04-001")
    assert last_green(workspace, names=["tests"]) is None
    assert commits_since_green(workspace, Oid(head), ["tests"]) is None
    assert last_green(workspace, "2026-03-04-002") is None
    found = last_green(workspace, "2026-03-04-001", ["lint"])
    assert found is not None and (found.commit, found.session) == (head, "2026-03-04-001")
    note(workspace, head, ("lint", "passed"), ("tests", "passed"))
    assert commits_since_green(workspace, Oid(head), ["tests", "lint"]) == 0


def test_what_has_no_commit_makes_nothing_green(repo: Repo, workspace: Workspace) -> None:
    note(workspace, None, ("tests", "passed"))
    assert last_green(workspace) is None
    note(workspace, "0" * 40, ("tests", "passed"))
    assert commits_since_green(workspace, Oid(repo.head())) is None, "a commit that is gone is nobody's ancestor"
