"""safe_revert checks the result before the branch moves; a failing check stops it unless a human knows and allows."""

import pytest

from safe_rollback.core.errors import RefusedError
from safe_rollback.core.ledger.events import OperationStarted
from safe_rollback.core.ledger.recovery_events import Verified
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import mint, trust
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import PlanRollback
from safe_rollback.tools.safe_revert import SPEC, SafeRevert, safe_revert
from safe_rollback.tools.verify import verify
from tests.core.revert.kit import plan
from tests.harness.repo import Repo

CHECK = "test ! -e added.txt || test -e needed.txt"


def rules(repo: Repo, workspace: Workspace, *, more: str = "", trusted: bool = True) -> None:
    """A project with one check."""
    repo.git("switch", "-q", "-c", "work")
    block = f'[[check]]\nname = "tests"\nrun = "{CHECK}"\n{more}'
    repo.commit("Rules", {"CLAUDE.md": f"```toml safe-rollback\n{block}\n```\n"})
    if trusted:
        trust(workspace, [CHECK])


def good(repo: Repo, workspace: Workspace) -> PlanRollback:
    """A plan whose result passes."""
    repo.commit("Needed", {"needed.txt": "x\n"})
    repo.commit("Added", {"added.txt": "x\n"})
    return plan(workspace, "HEAD")


def bad(repo: Repo, workspace: Workspace) -> PlanRollback:
    """A plan whose result fails: what is left needs what goes."""
    needed = repo.commit("Needed", {"needed.txt": "x\n"})
    repo.commit("Added", {"added.txt": "x\n"})
    return plan(workspace, needed)


def do(workspace: Workspace, planned: PlanRollback, answer: str | None = None, *, check: bool = True) -> SafeRevert:
    return safe_revert(Desk(workspace, answer=answer), planned.plan_id, planned.digest, check)


def refused(workspace: Workspace, planned: PlanRollback, answer: str | None = None, *, check: bool = True) -> str:
    with pytest.raises(RefusedError) as error:
        do(workspace, planned, answer, check=check)
    return error.value.refusal.rule


def verifications(workspace: Workspace) -> list[Verified]:
    return [one.event for one in workspace.ledger.records(Verified) if isinstance(one.event, Verified)]


def test_a_result_that_passes_lands_and_the_proof_is_told(workspace: Workspace, repo: Repo) -> None:
    rules(repo, workspace)
    repo.write("added.txt", "uncommitted, and in the way of nothing\n")
    planned = good(repo, workspace)
    done = do(workspace, planned)
    assert [(one.name, one.status) for one in done.verification.checks] == [("tests", "passed")]
    assert not any("without its checks (tests)" in one for one in done.notes)
    (event,) = verifications(workspace)
    assert (event.passed, event.tree) == (True, repo.git("rev-parse", "HEAD^{tree}"))
    assert event.commit == done.commits[-1] == repo.head()


def test_a_result_that_fails_moves_nothing(workspace: Workspace, repo: Repo) -> None:
    rules(repo, workspace)
    planned = bad(repo, workspace)
    before = repo.state()
    with pytest.raises(RefusedError) as error:
        do(workspace, planned)
    refusal = error.value.refusal
    assert refusal.rule == "failing-checks" and "tests: failed" in refusal.evidence[0]
    assert planned.digest in refusal.instead
    assert repo.state() == before
    assert workspace.ledger.records(OperationStarted) == []


def test_a_check_nobody_trusted_did_not_pass(workspace: Workspace, repo: Repo) -> None:
    rules(repo, workspace, trusted=False)
    planned = good(repo, workspace)
    with pytest.raises(RefusedError) as error:
        do(workspace, planned)
    assert "safe-rollback trust" in error.value.refusal.instead
    trust(workspace, [CHECK])
    do(workspace, planned)


def test_a_human_who_knows_that_it_fails_may_allow_it_on_a_terminal(workspace: Workspace, repo: Repo) -> None:
    rules(repo, workspace)
    planned = bad(repo, workspace)
    mint(workspace, "plan", planned.digest)
    assert refused(workspace, planned) == "failing-checks"  # what was allowed before was not this
    assert refused(workspace, planned) == "failing-checks"
    workspace.clock.move(seconds=1)  # type: ignore[attr-defined]
    mint(workspace, "plan", planned.digest)
    done = do(workspace, planned)
    assert not repo.exists("needed.txt")
    assert done.verification.checks == [] and any("without its checks (tests)" in one for one in done.notes)


def test_a_human_who_is_asked_is_told_that_it_fails(workspace: Workspace, repo: Repo) -> None:
    rules(repo, workspace)
    planned = bad(repo, workspace)
    arguments = {"plan_id": planned.plan_id, "digest": planned.digest}
    assert SPEC.question is not None
    assert SPEC.question(Desk(workspace), arguments) is None
    assert refused(workspace, planned, "accept") == "failing-checks"  # nobody had been asked about it
    question = SPEC.question(Desk(workspace), arguments)
    assert question is not None and "does not pass tests" in question
    assert refused(workspace, planned, "decline") == "failing-checks"
    do(workspace, planned, "accept")
    assert not repo.exists("needed.txt")


def test_leaving_the_checks_out_needs_a_human(workspace: Workspace, repo: Repo) -> None:
    rules(repo, workspace)
    planned = bad(repo, workspace)
    assert refused(workspace, planned, check=False) == "unverified"
    assert SPEC.question is not None
    arguments = {"plan_id": planned.plan_id, "digest": planned.digest, "verify": False}
    question = SPEC.question(Desk(workspace), arguments)
    assert question is not None and "would not be run" in question
    do(workspace, planned, "accept", check=False)
    assert verifications(workspace) == []


def test_the_protocol_says_which_checks(workspace: Workspace, repo: Repo) -> None:
    rules(repo, workspace, more="[verify]\nbefore_revert = []\n")
    do(workspace, bad(repo, workspace))
    assert verifications(workspace) == []


def test_what_only_a_human_may_allow_is_refused_before_long_checks_run(workspace: Workspace, repo: Repo) -> None:
    rules(repo, workspace, more='[authority]\ncomponent = "human"\n')
    assert refused(workspace, good(repo, workspace)) == "authority"
    assert verifications(workspace) == []


def test_a_plan_can_be_verified_before_and_the_branch_it_archives_has_nothing_to_check(
    workspace: Workspace, repo: Repo
) -> None:
    rules(repo, workspace)
    planned = bad(repo, workspace)
    assert not verify(Desk(workspace), planned.plan_id).passed
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side", {"side.txt": "x\n"})
    repo.git("switch", "-q", "work")
    do(workspace, plan(workspace, "side"))
    assert "side" not in repo.git("branch", "--list", "side")
