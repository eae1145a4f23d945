"""Triggers: a figure of the session above its bound stops commits, in the tool, the client's hook and git's."""

import pytest

from safe_rollback.core.errors import RefusedError
from safe_rollback.core.ledger.event import Event
from safe_rollback.core.ledger.events import CheckpointTaken, PlanMade
from safe_rollback.core.ledger.recovery_events import SymptomReported, TriggerCleared, TriggerFired, Verified
from safe_rollback.core.recovery import TriggerSpec
from safe_rollback.core.session import Session, active_session
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import granted, mint
from safe_rollback.policies.triggers import standing, stopped
from safe_rollback.tools.assess import Told
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.start_session import start_session
from safe_rollback.tools.triggered import respond
from tests.core.revert.kit import agent_commit
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo
from tests.policies.near import Agent


def rules(repo: Repo, text: str) -> None:
    repo.commit("Rules", {"CLAUDE.md": f"```toml safe-rollback\n{text}\n```\n"})


def trigger(metric: str, above: float = 0, do: str = "stop") -> str:
    return f'[[trigger]]\nid = "t"\nmetric = "{metric}"\nabove = {above}\ndo = ["{do}"]\nwhy = "Because."'


def begin(workspace: Workspace) -> Session:
    start_session(Desk(workspace), "A task", create_branch=True)
    session = active_session(workspace)
    assert session is not None
    return session


def record(workspace: Workspace, *events: Event) -> None:
    session = active_session(workspace)
    with workspace.repository_lock("test"):
        for one in events:
            workspace.ledger.append(one, session=session.id if session else None)


def verified(workspace: Workspace, commit: str | None, failed: int, *, subject: str = "worktree") -> Verified:
    session = active_session(workspace)
    tests = {"passed": 9, "failed": failed, "errors": 0, "skipped": 0}
    row = {
        "name": "tests",
        "command": "x",
        "status": "failed" if failed else "passed",
        "exit_code": 0,
        "seconds": 1.0,
    }
    return Verified(
        session=session.id if session else None, worktree="main", subject=subject, commit=commit, tree="",
        passed=not failed, checks=[{**row, "tests": tests}],
    )  # fmt: skip


def measured(workspace: Workspace, session: Session, metric: str) -> list[float]:
    spec = TriggerSpec(id="t", metric=metric, above=0.0, do=("stop",))
    return [one.value for one in standing(workspace, session, [spec])]


def test_each_metric_is_measured_and_unknown_is_no_figure(workspace: Workspace, repo: Repo) -> None:
    session = begin(workspace)
    assert {name: measured(workspace, session, name) for name in ("checks_failing", "error_rate_percent")} == {
        "checks_failing": [],
        "error_rate_percent": [],
    }
    agent_commit(workspace, repo, "One", {"a.txt": "1\n", "b.txt": "1\n"})
    agent_commit(workspace, repo, "Two", {"a.txt": "2\n"})
    assert measured(workspace, session, "session_commits") == [2]
    assert measured(workspace, session, "session_files") == [2]
    assert measured(workspace, session, "commits_since_green") == [2]
    assert isinstance(workspace.clock, FixedClock)
    workspace.clock.move(minutes=90)
    assert measured(workspace, session, "session_minutes")[0] >= 90
    record(workspace, verified(workspace, None, 1))
    assert measured(workspace, session, "checks_failing") == [1]
    assert measured(workspace, session, "failing_tests_percent") == [10]
    record(workspace, verified(workspace, repo.head(), 0, subject="revision"))
    assert measured(workspace, session, "checks_failing") == []
    assert measured(workspace, session, "commits_since_green") == []
    record(workspace, SymptomReported(session=session.id, metric="error_rate_percent", value=2.5, source="x"))
    assert measured(workspace, session, "error_rate_percent") == [2.5]


def test_a_plan_that_was_verified_says_nothing_of_the_worktree(workspace: Workspace) -> None:
    session = begin(workspace)
    record(workspace, verified(workspace, None, 1), verified(workspace, None, 0, subject="plan"))
    assert measured(workspace, session, "checks_failing") == [1]


def test_run_git_commits_nothing_while_checks_fail_and_again_when_they_pass(workspace: Workspace, repo: Repo) -> None:
    rules(repo, trigger("checks_failing"))
    begin(workspace)
    record(workspace, verified(workspace, None, 1))
    head = repo.head()
    with pytest.raises(RefusedError) as refused:
        agent_commit(workspace, repo, "More", {"a.txt": "1\n"})
    refusal = refused.value.refusal
    assert refusal.rule == "triggers" and "checks_failing is 1, above 0. Because." in refusal.evidence[0]
    assert "verify" in refusal.instead and repo.head() == head
    record(workspace, verified(workspace, None, 0))
    assert agent_commit(workspace, repo, "Mended", {"a.txt": "2\n"}) != head


def test_the_hook_refuses_a_commit_and_lets_everything_else_pass(workspace: Workspace, repo: Repo) -> None:
    rules(repo, trigger("session_commits"))
    begin(workspace)
    agent = Agent(repo, workspace)
    repo.write("a.txt", "1\n")
    assert agent.run("git add a.txt && git commit -qm One").decision == "pass"
    said = agent.ask("git commit --allow-empty -m Two")
    assert said.decision == "deny" and "stopped by t" in said.reason and "end_session" in said.reason
    assert agent.ask("sed -i s/1/2/ a.txt").decision == "pass"


def test_a_human_lets_the_session_go_on_once_and_for_all(workspace: Workspace, repo: Repo) -> None:
    rules(repo, trigger("session_commits"))
    session = begin(workspace)
    agent_commit(workspace, repo, "One", {"a.txt": "1\n"})
    mint(workspace, "gate", "t")
    agent_commit(workspace, repo, "Two", {"a.txt": "2\n"})
    agent_commit(workspace, repo, "Three", {"a.txt": "3\n"})
    assert granted(workspace, "gate", "t") is None
    (cleared,) = [one.event for one in workspace.ledger.records(TriggerCleared)]
    assert isinstance(cleared, TriggerCleared) and cleared.by == "human"
    spec = TriggerSpec(id="t", metric="session_commits", above=0.0, do=("stop",))
    assert stopped(workspace, session, [spec]) is None


def test_a_trigger_acts_once_until_its_figure_sinks(workspace: Workspace, repo: Repo) -> None:
    rules(repo, trigger("checks_failing", do='checkpoint", "plan'))
    begin(workspace)
    agent_commit(workspace, repo, "One", {"a.txt": "1\n"})
    assert respond(Desk(workspace)) == []
    for _ in range(2):
        record(workspace, verified(workspace, None, 1))
        (said,) = respond(Desk(workspace))
        assert "Checkpoint" in said and "proposes: " in said
        assert respond(Desk(workspace)) == []
        record(workspace, verified(workspace, None, 0))
        assert respond(Desk(workspace)) == []
    assert len(workspace.ledger.records(TriggerFired)) == 2 == len(workspace.ledger.records(PlanMade))
    taken = [one.event for one in workspace.ledger.records(CheckpointTaken)]
    assert sum(isinstance(one, CheckpointTaken) and one.reason == "trigger" and one.pinned for one in taken) == 2
    assert len(workspace.take_notices()) == 2


def test_what_a_trigger_cannot_do_is_told_and_fails_nothing(workspace: Workspace, repo: Repo) -> None:
    rules(repo, trigger("checks_failing", do='notify", "plan'))
    begin(workspace)
    record(workspace, verified(workspace, None, 1))
    (said,) = respond(Desk(workspace))
    assert "names no tag" in said and "plan failed: Session" in said


def test_an_error_rate_told_to_plan_rollback_fires(workspace: Workspace, repo: Repo) -> None:
    rules(repo, trigger("error_rate_percent", 2))
    session = begin(workspace)
    commit = agent_commit(workspace, repo, "One", {"a.txt": "1\n"})
    plan_rollback(Desk(workspace), commit, "errors", symptoms=Told(error_rate_percent=3.5))
    assert measured(workspace, session, "error_rate_percent") == [3.5]
    with pytest.raises(RefusedError):
        agent_commit(workspace, repo, "Two", {"a.txt": "2\n"})


def test_a_checkpoint_warns_when_commits_run_ahead_of_the_checks(workspace: Workspace, repo: Repo) -> None:
    rules(repo, '[[check]]\nname = "tests"\nrun = "true"\n[assess]\ncommits_since_green = 1')
    begin(workspace)
    agent_commit(workspace, repo, "One", {"a.txt": "1\n"})
    checkpoint(Desk(workspace))
    assert workspace.take_notices() == []
    agent_commit(workspace, repo, "Two", {"a.txt": "2\n"})
    checkpoint(Desk(workspace))
    (warning,) = workspace.take_notices()
    assert "2 commits since the last that passed its checks (1 are allowed)" in warning


def test_without_a_session_nothing_is_measured(workspace: Workspace, repo: Repo) -> None:
    rules(repo, trigger("session_minutes"))
    assert respond(Desk(workspace)) == []
