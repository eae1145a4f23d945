"""plan_rollback: it says exactly what would happen, and nothing happens."""

import pytest

from safe_rollback.core.ledger.events import PlanMade
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import SPEC, plan_rollback
from tests.core.revert.kit import agent_commit, begin, git_dir_listing, made_up, numbered, plan
from tests.harness.repo import Repo


@pytest.fixture
def wrong(repo: Repo) -> str:
    """A commit on a branch."""
    repo.git("switch", "-q", "-c", "work")
    return repo.commit("Wrong", {"src/app.py": numbered(40, {5: "wrong"}), "added.txt": "added\n"})


def test_it_names_commits_files_branch_and_the_next_call(workspace: Workspace, repo: Repo, wrong: str) -> None:
    planned = plan(workspace, wrong)
    assert [(one.commit, one.subject) for one in planned.reverts] == [(wrong, "Wrong")]
    assert planned.reverts_total == 1
    assert planned.reverts[0].author == "Hana Human <hana@example.com>"
    assert planned.branch == "work"
    assert planned.prediction.clean
    assert (planned.prediction.files, planned.prediction.files_total) == (["added.txt", "src/app.py"], 2)
    assert not planned.authority.required
    assert planned.refusals == []
    assert planned.plan_id in planned.next_step
    assert planned.inventory.touched == [] and planned.inventory.open_total == 0


def test_it_promises_to_change_nothing_and_does_not(workspace: Workspace, repo: Repo, wrong: str) -> None:
    assert SPEC.reads_only
    repo.write("src/app.py", numbered(40, {5: "wrong", 20: "staged"}))
    repo.git("add", "src/app.py")
    repo.write("src/app.py", numbered(40, {5: "wrong", 20: "staged", 30: "loose"}))
    repo.write("untracked.txt", "mine\n")
    repo.git("status")
    before, inside = repo.state(), git_dir_listing(repo)
    plan(workspace, wrong)
    plan(workspace, wrong, "per_commit")
    assert repo.state() == before
    assert git_dir_listing(repo) == inside


def test_two_plans_of_the_same_thing_are_two_plans(workspace: Workspace, wrong: str) -> None:
    first, second = plan(workspace, wrong), plan(workspace, wrong)
    assert first.plan_id != second.plan_id
    assert first.prediction == second.prediction
    recorded = [record.event for record in workspace.ledger.records(PlanMade)]
    assert [one.plan_id for one in recorded if isinstance(one, PlanMade)] == [first.plan_id, second.plan_id]


def test_the_same_request_at_the_same_state_has_the_same_digest(workspace: Workspace, wrong: str) -> None:
    assert made_up(workspace, wrong).built.tree == made_up(workspace, wrong).built.tree
    data = {"target": wrong, "reason": "r", "granularity": "one", "seconds": 1_772_614_800}
    from safe_rollback.core.ids import PlanId
    from safe_rollback.core.revert.plan import plan_revert
    from safe_rollback.tools.rollbacks import request_of

    digests = {
        plan_revert(workspace, request_of(Desk(workspace), PlanId("plan-0000abcd"), data)).draft.digest()
        for _ in range(2)
    }
    assert len(digests) == 1


def test_what_stays_is_named_with_the_reason(workspace: Workspace, repo: Repo) -> None:
    begin(workspace)
    agent_commit(workspace, repo, "Agent", {"a.txt": "a\n"})
    hand = repo.commit("By hand", {"b.txt": "b\n"})
    planned = plan(workspace, "session")
    assert [(one.commit, one.why) for one in planned.keeps] == [(hand, "nothing says it is the session's")]
    assert "1 commit of others between them stay" in planned.strategy.why
    assert len(planned.strategy.alternatives) == 2


def test_subjects_and_authors_are_shown_without_escapes(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.write("a.txt", "a\n")
    repo.git("add", "a.txt")
    repo.git("commit", "-q", "-m", "Look \x1b[31mred\u202e back", "--author", "E\u200bve <eve@example.com>")
    (shown,) = plan(workspace, "HEAD").reverts
    assert "\x1b" not in shown.subject and "\u202e" not in shown.subject
    assert "\u200b" not in shown.author


def test_a_conflict_is_a_plan_that_says_so(workspace: Workspace, repo: Repo, wrong: str) -> None:
    repo.commit("Later", {"src/app.py": numbered(40, {5: "later"})})
    planned = plan(workspace, wrong)
    assert not planned.prediction.clean
    assert [one.path for one in planned.prediction.conflicts] == ["src/app.py"]
    assert planned.refusals == ["1 path conflict: safe_revert would change nothing."]
    assert "safe_revert with" not in planned.next_step


def test_a_revert_of_many_files_counts_them_all(workspace: Workspace, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    for number in range(250):
        repo.write(f"many/{number}.txt", "x\n")
    repo.git("add", ".")
    repo.commit("Many")
    prediction = plan(workspace, "HEAD").prediction
    assert (len(prediction.files), prediction.files_total) == (200, 250)


def test_a_very_long_reason_is_cut_and_controls_are_gone(workspace: Workspace, wrong: str) -> None:
    planned = plan_rollback(Desk(workspace), wrong, "x" * 5000 + "\x1b[2J")
    event = workspace.ledger.records(PlanMade)[-1].event
    assert isinstance(event, PlanMade) and event.plan_id == planned.plan_id
    assert len(event.request["reason"]) < 2100


def test_sensitive_paths_are_named_and_need_a_human(workspace: Workspace, repo: Repo) -> None:
    block = '```toml safe-rollback\n[protect]\nsensitive = ["**/auth/**"]\n```\n'
    repo.commit("Protocol", {"CLAUDE.md": block})
    begin(workspace)
    agent_commit(workspace, repo, "Agent", {"src/auth/login.py": "open = True\n", "a.txt": "a\n"})
    planned = plan(workspace, "session")
    assert planned.authority.required
    assert "src/auth/login.py" in planned.authority.why
    assert "a.txt" not in planned.authority.why
    assert not plan(workspace, ["a.txt"]).authority.required
