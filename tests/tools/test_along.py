"""A cascade whose first commit broke the checks: found, proposed as one plan, proven, and out."""

import re

import pytest

from safe_rollback.core.errors import RefusedError
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import trust
from safe_rollback.tools.blast_radius import blast_radius
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.find_breaking_commit import find_breaking_commit
from safe_rollback.tools.plan_rollback import PlanRollback
from safe_rollback.tools.safe_revert import safe_revert
from safe_rollback.tools.verify import verify
from safe_rollback.tools.write_postmortem import write_postmortem
from tests.core.revert.kit import agent_commit, begin, plan
from tests.harness.repo import Repo

CHECK = "! grep -q broken app/db.py"
RULES = f'```toml safe-rollback\n[[check]]\nname = "tests"\nrun = "{CHECK}"\n```\n'
BASE = {"app/__init__.py": "", "app/db.py": "def close():\n    pass\n", "CLAUDE.md": RULES}
BROKEN = BASE["app/db.py"] + "\n\ndef connect(url):\n    return url  # broken\n"
USE = {"app/end.py": "from app.db import connect\n\nconnect('x')\n"}


@pytest.fixture
def session(repo: Repo, workspace: Workspace) -> list[str]:
    """Eight commits of an agent; the third breaks the check and adds a name that the sixth uses."""
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Base", BASE)
    trust(workspace, [CHECK])
    begin(workspace)
    assert verify(Desk(workspace)).passed
    files = {3: {"app/db.py": BROKEN}, 6: USE}
    return [
        agent_commit(workspace, repo, f"Step {one}", files.get(one, {f"notes/{one}.txt": "x\n"}))
        for one in range(1, 9)
    ]


def targets(text: str) -> list[str]:
    """What a text proposes to plan."""
    return re.findall(r'plan_rollback(?: target |\(target=")([0-9a-f,]+)', text)


def test_the_set_is_proposed_everywhere_and_goes(repo: Repo, workspace: Workspace, session: list[str]) -> None:
    repo.write("afternoon.txt", "the human's\n")
    repo.write("notes/8.txt", "x\nthe human's line\n")
    assert not verify(Desk(workspace)).passed
    found = find_breaking_commit(Desk(workspace), check="tests")
    assert found.first_bad is not None and found.first_bad.commit == session[2]
    (target,) = targets(found.next_step)
    assert [one for one in session if one[:12] in target.split(",")] == [session[2], session[5]]
    reach = blast_radius(Desk(workspace), session[2])
    assert targets(" ".join(reach.advice)) == [target]

    alone = plan(workspace, session[2])
    assert alone.assessment.advice == "take_along"
    for said in (alone.next_step, alone.refusals[-1], alone.strategy.alternatives[-1], alone.assessment.next_step):
        assert targets(said) == [target], said
    before = repo.state()
    with pytest.raises(RefusedError) as caught:
        safe_revert(Desk(workspace), alone.plan_id, alone.digest)
    assert targets(caught.value.refusal.instead) == [target]
    for one in (session[2], session[5]):
        # Neither comes out by itself: one leaves a file broken, with the other gone the check still fails.
        lone = plan(workspace, one)
        with pytest.raises(RefusedError):
            safe_revert(Desk(workspace), lone.plan_id, lone.digest)
    assert repo.state() == before

    both = plan(workspace, target)
    assert (both.refusals, both.authority.required) == ([], False)
    done = safe_revert(Desk(workspace), both.plan_id, both.digest)
    assert [(one.name, one.status) for one in done.verification.checks] == [("tests", "passed")]
    assert repo.read("app/db.py").decode() == BASE["app/db.py"] and not repo.exists("app/end.py")
    assert repo.read("afternoon.txt") == b"the human's\n" and repo.read("notes/8.txt").endswith(b"the human's line\n")
    assert verify(Desk(workspace)).passed
    written = write_postmortem(Desk(workspace), operation_id=done.operation_id).markdown
    assert "Time to recover" in written and f"suggests `{session[2][:7]}`" in written


def test_a_conflict_that_the_set_solves_is_told_too(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Base", {"a.txt": "one\n"})
    begin(workspace)
    first = agent_commit(workspace, repo, "First", {"a.txt": "two\n"})
    second = agent_commit(workspace, repo, "Second", {"a.txt": "three\n"})
    agent_commit(workspace, repo, "Third", {"b.txt": "x\n"})
    planned = plan(workspace, first)
    assert not planned.prediction.clean and planned.assessment.advice == "take_along"
    assert targets(planned.next_step) == [f"{second[:12]},{first[:12]}"]


def test_what_a_human_committed_is_asked_about(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Base", BASE)
    begin(workspace)
    first = agent_commit(workspace, repo, "Add", {"app/db.py": BROKEN})
    theirs = repo.commit("Use", USE)
    planned = plan(workspace, first)
    assert f"ask first, not known to be an agent's: {theirs[:7]}" in planned.next_step


def uncommitted_use(repo: Repo, workspace: Workspace) -> PlanRollback:
    repo.git("switch", "-q", "-c", "work")
    first = repo.commit("Base", {"a.txt": "one\n"})
    repo.write("a.txt", "the human's\n")
    assert first == repo.head()
    return plan(workspace, first)


def test_where_no_commit_is_in_the_way_none_is_proposed(repo: Repo, workspace: Workspace) -> None:
    planned = uncommitted_use(repo, workspace)
    assert not planned.prediction.clean and targets(planned.next_step) == []
    assert "Resolve what is named" in planned.next_step


def test_a_set_too_large_to_look_over_is_not_spelt_out(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Base", {"a.txt": "0\n"})
    begin(workspace)
    first = agent_commit(workspace, repo, "1", {"a.txt": "1\n"})
    for number in range(2, 23):
        agent_commit(workspace, repo, str(number), {"a.txt": f"{number}\n"})
    assert targets(plan(workspace, first).next_step) == []


@pytest.mark.parametrize("where", ["a.txt", "b.txt"])
def test_what_a_human_left_uncommitted_is_not_promised_to_come_out(
    repo: Repo, workspace: Workspace, where: str
) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Base", {"a.txt": "one\n", "b.txt": "one\n"})
    begin(workspace)
    first = agent_commit(workspace, repo, "First", {"a.txt": "two\n"})
    agent_commit(workspace, repo, "Second", {"a.txt": "three\n", "b.txt": "two\n"})
    repo.write(where, "the human's\n")
    planned = plan(workspace, first)
    assert planned.assessment.advice != "take_along"
    assert targets(f"{planned.next_step} {planned.strategy.alternatives}") == []


def test_the_work_of_two_sessions_is_a_humans_to_allow_and_no_batch(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.commit("Base", BASE)
    begin(workspace)
    first = agent_commit(workspace, repo, "Add", {"app/db.py": BROKEN})
    end_session(Desk(workspace), "added")
    begin(workspace)
    agent_commit(workspace, repo, "Use", USE)
    planned = plan(workspace, first)
    assert "a human has to allow it" in planned.next_step
    (target,) = targets(planned.next_step)
    both = plan(workspace, target)
    assert (both.level, both.authority.required, both.assessment.advice) == ("project", True, "revert")


def test_blast_radius_proposes_what_holds_all_that_was_asked(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "side")
    side = repo.commit("Side", {"side.txt": "x\n"})
    repo.git("switch", "-q", "-c", "work", "main")
    first = repo.commit("Add", {**BASE, "app/db.py": BROKEN})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    second = repo.commit("Use", USE)
    repo.write("app/late.py", "from app.db import connect\n")
    assert targets(" ".join(blast_radius(Desk(workspace), [first, side]).advice)) == []
    assert targets(" ".join(blast_radius(Desk(workspace), first, ["app"]).advice)) == []
    alone = " ".join(blast_radius(Desk(workspace), first).advice)
    assert targets(alone) == [f"{second[:12]},{first[:12]}"] or "all there is since then" in alone
    assert "leaves 1 file broken, app/late.py first" in alone
