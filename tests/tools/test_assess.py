"""plan_rollback weighs what is known; safe_revert waits for a human where the protocol leaves it to one."""

import pytest

from safe_rollback.core.errors import InvalidInputError, RefusedError
from safe_rollback.core.ledger.recovery_events import BreakingCommitFound, PlanAuthorized, Verified
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import mint
from safe_rollback.tools.assess import Told
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.plan_rollback import PlanRollback, plan_rollback
from safe_rollback.tools.safe_revert import SPEC, safe_revert
from tests.core.revert.kit import agent_commit, begin, plan
from tests.harness.repo import Repo

TOKEN = "ghp_" + "a1B2c3D4e5" * 4


def verified(workspace: Workspace, repo: Repo, *, failed: int = 0, passed: int = 10) -> None:
    """A verification of HEAD on record."""
    row = {"name": "tests", "command": "x", "status": "failed" if failed else "passed", "exit_code": int(failed > 0)}
    row |= {"seconds": 1.0, "tests": {"passed": passed, "failed": failed, "errors": 0, "skipped": 0}}
    event = Verified(
        session=None, worktree="main", subject="revision", commit=repo.head(), tree=repo.git("rev-parse", "HEAD:"),
        passed=not failed, checks=[row],
    )  # fmt: skip
    with workspace.repository_lock("test"):
        workspace.ledger.append(event)


def session_of(workspace: Workspace, repo: Repo, count: int = 3) -> list[str]:
    begin(workspace, create_branch=True)
    return [agent_commit(workspace, repo, f"Step {n}", {f"src/step{n}.py": f"N = {n}\n"}) for n in range(count)]


def two_sessions(workspace: Workspace, repo: Repo) -> str:
    """A range with the work of two sessions."""
    base = repo.head()
    begin(workspace, "one")
    agent_commit(workspace, repo, "First", {"a.txt": "1\n"})
    end_session(Desk(workspace), "done")
    begin(workspace, "two")
    agent_commit(workspace, repo, "Second", {"b.txt": "2\n"})
    return f"{base}..HEAD"


def test_without_a_verification_nothing_is_claimed(workspace: Workspace, repo: Repo) -> None:
    commits = session_of(workspace, repo)
    planned = plan(workspace, commits[1])
    assert (planned.level, planned.tier, planned.assessment.advice) == ("component", "none", "revert")
    assert planned.assessment.findings == []
    assert "No check is known" in " ".join(planned.assessment.why)


def test_the_newest_verification_of_head_is_the_symptom(workspace: Workspace, repo: Repo) -> None:
    session_of(workspace, repo)
    verified(workspace, repo, passed=98)
    verified(workspace, repo, failed=2, passed=98)
    planned = plan(workspace, "session")
    assert (planned.level, planned.tier, planned.assessment.advice) == ("phase", "medium", "find_first")
    assert "2.0 % of the tests fail" in " ".join(planned.assessment.findings)
    assert "find_breaking_commit" in planned.assessment.next_step


def test_a_commit_that_a_search_found_is_followed(workspace: Workspace, repo: Repo) -> None:
    commits = session_of(workspace, repo)
    verified(workspace, repo, failed=2, passed=98)
    found = BreakingCommitFound(
        session=None, good="a", bad="b", check="tests", first_bad=commits[1], candidates=[], probes=3, seconds=1.0
    )
    with workspace.repository_lock("test"):
        workspace.ledger.append(found)
    assert commits[1] in plan(workspace, "session").assessment.next_step


def test_commits_since_the_last_green_one_are_counted(workspace: Workspace, repo: Repo) -> None:
    verified(workspace, repo)
    commits = session_of(workspace, repo, 11)
    assert "11 commits since the last one that passed" in " ".join(plan(workspace, commits[0]).assessment.findings)


def test_a_secret_that_a_commit_brought_comes_first_even_if_it_went_again(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Oops", {"conf.yml": f"a: 1\nt: {TOKEN}\n"})
    agent_commit(workspace, repo, "Hide it", {"conf.yml": "a: 1\n"})
    planned = plan(workspace, "session")
    assert (planned.tier, planned.assessment.advice) == ("critical", "rotate_first")
    assert "conf.yml:2" in " ".join(planned.assessment.findings)
    assert "git filter-repo" in "\n".join(planned.assessment.runbook)
    assert TOKEN not in planned.model_dump_json()


def test_what_the_caller_tells_raises_and_is_named_as_theirs(workspace: Workspace, repo: Repo) -> None:
    commits = session_of(workspace, repo)
    told = plan_rollback(
        Desk(workspace), commits[0], "slow", symptoms=Told(error_rate_percent=7.0, slower_percent=30)
    )
    assert told.tier == "critical"
    assert "7.00 % (as the caller says)" in " ".join(told.assessment.findings)
    assert plan_rollback(Desk(workspace), commits[0], "bad", severity="high").tier == "high"


def test_an_unmerged_branch_is_archived_and_a_merge_goes_to_its_first_parent(
    workspace: Workspace, repo: Repo
) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side", {"side.txt": "x\n"})
    repo.git("switch", "-q", "-c", "work", "main")
    assert plan(workspace, "side").assessment.advice == "archive_branch"
    repo.commit("Main goes on", {"main.txt": "x\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    merged = plan(workspace, "side")
    assert "-m 1" in " ".join(merged.assessment.why) and merged.level == "phase"


def test_a_squashed_session_is_one_revert(workspace: Workspace, repo: Repo) -> None:
    repo.git("branch", "develop")
    begin(workspace)
    agent_commit(workspace, repo, "One", {"a.txt": "1\n"})
    agent_commit(workspace, repo, "Two", {"b.txt": "2\n"})
    ended = end_session(Desk(workspace), "done", "develop")
    assert ended.commit is not None
    repo.git("switch", "-q", "develop")
    planned = plan(workspace, ended.commit)
    assert (planned.level, planned.assessment.advice, planned.reverts_total) == ("phase", "revert", 1)
    assert "the one commit a session became" in " ".join(planned.assessment.why)


def test_the_work_of_several_sessions_is_a_humans_to_take_back(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    target = two_sessions(workspace, repo)
    planned = plan(workspace, target)
    assert (planned.level, planned.assessment.advice) == ("project", "do_not_batch")
    assert planned.authority.required and f"approve {planned.plan_id}" in planned.authority.how
    before = repo.state()
    with pytest.raises(RefusedError) as refused:
        safe_revert(Desk(workspace), planned.plan_id, planned.digest)
    assert refused.value.refusal.rule == "authority"
    assert repo.state() == before
    mint(workspace, "plan", planned.digest)
    safe_revert(Desk(workspace), planned.plan_id, planned.digest)
    assert not repo.exists("a.txt") and not repo.exists("b.txt")


def test_the_client_asks_and_the_answer_is_recorded_with_its_reason(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    planned = plan(workspace, two_sessions(workspace, repo), reason="customers see errors")
    arguments = {"plan_id": planned.plan_id, "digest": planned.digest}
    assert SPEC.question is not None
    question = SPEC.question(Desk(workspace), arguments)
    assert question is not None and "level project" in question
    with pytest.raises(RefusedError):
        safe_revert(Desk(workspace, answer="decline"), **arguments)
    safe_revert(Desk(workspace, answer="accept"), **arguments)
    (given,) = [one.event for one in workspace.ledger.records(PlanAuthorized)]
    assert isinstance(given, PlanAuthorized)
    assert (given.how, given.level, given.reason) == ("client", "project", "customers see errors")
    assert "2 commits go" in given.impact and given.by


def test_the_protocol_may_leave_every_level_to_a_human(workspace: Workspace, repo: Repo) -> None:
    repo.commit("Rules", {"CLAUDE.md": '```toml safe-rollback\n[authority]\ncomponent = "human"\n```\n'})
    planned: PlanRollback = plan(workspace, session_of(workspace, repo)[0])
    assert planned.authority.required and "component" in planned.authority.why
    with pytest.raises(RefusedError):
        safe_revert(Desk(workspace), planned.plan_id, planned.digest)


def test_a_level_no_agent_can_name_away(workspace: Workspace, repo: Repo) -> None:
    """Nothing a caller passes lowers what a plan needs."""
    repo.git("switch", "-q", "-c", "work")
    planned = plan_rollback(Desk(workspace), two_sessions(workspace, repo), "x", severity="low")
    assert planned.authority.required
    with pytest.raises((RefusedError, InvalidInputError)):
        safe_revert(Desk(workspace), planned.plan_id, planned.digest)
