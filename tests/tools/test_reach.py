"""What a rollback would leave broken is refused, named, and only a human's to allow."""

import pytest

from safe_rollback.core.errors import RefusedError
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import mint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.safe_revert import SPEC, safe_revert
from safe_rollback.tools.scope_check import scope_check
from safe_rollback.tools.start_session import start_session
from tests.harness.agent import acting
from tests.harness.repo import Repo

BASE = {"app/__init__.py": "", "app/db.py": "def close():\n    pass\n", "app/job.py": "from app.db import close\n"}


@pytest.fixture
def added(repo: Repo) -> str:
    """A commit that adds a function, which the next one uses."""
    repo.git("switch", "-q", "-c", "feature/x")
    repo.commit("Base", BASE)
    commit = repo.commit("Add", {"app/db.py": BASE["app/db.py"] + "\n\ndef connect(url):\n    return url\n"})
    repo.commit("Use", {"app/end.py": "from app.db import connect\n\nconnect('x')\n"})
    return commit


def test_a_rollback_that_leaves_files_broken_is_refused_with_the_line(
    repo: Repo, workspace: Workspace, added: str
) -> None:
    plan = plan_rollback(Desk(workspace), added, "wrong")
    assert [(one.path, one.line, one.names) for one in plan.impact.will_break] == [("app/end.py", 1, ["connect"])]
    assert any(f",{added[:12]} takes along" in one for one in plan.refusals) and "safe_revert" not in plan.next_step
    before = repo.state()
    with pytest.raises(RefusedError) as caught:
        safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    refusal = caught.value.refusal
    assert refusal.rule == "leaves-broken"
    assert refusal.evidence == ["app/end.py:1: from app.db import connect"]
    assert repo.state() == before


def test_a_human_may_allow_it(repo: Repo, workspace: Workspace, added: str) -> None:
    plan = plan_rollback(Desk(workspace), added, "wrong")
    mint(workspace, "plan", plan.digest)
    assert safe_revert(Desk(workspace), plan.plan_id, plan.digest).commits
    assert b"connect" not in repo.read("app/db.py")


def test_the_range_that_holds_both_goes(repo: Repo, workspace: Workspace, added: str) -> None:
    plan = plan_rollback(Desk(workspace), f"{added}..HEAD", "wrong")
    assert (plan.impact.will_break, plan.refusals) == ([], [])
    assert safe_revert(Desk(workspace), plan.plan_id, plan.digest).commits


def test_what_was_broken_before_is_held_against_nobody(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature/x")
    repo.commit("Base", {**BASE, "app/old.py": "from app.db import never_there\n"})
    repo.commit("Note", {"app/db.py": BASE["app/db.py"] + "# a note\n"})
    plan = plan_rollback(Desk(workspace), "HEAD", "wrong")
    assert (plan.impact.will_break_total, plan.refusals) == (0, [])


def test_scope_check_warns_of_files_outside_that_break(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "feature/x")
    repo.commit("Base", BASE)
    start_session(Desk(workspace), "Tidy", paths=["app/db.py"])
    repo.write("app/db.py", "def shut():\n    pass\n")
    assert scope_check(Desk(workspace)).verdict == "within"
    found = scope_check(Desk(workspace), include_dependents=True)
    assert found.verdict == "warn"
    (said,) = [one for one in found.warnings if "app/job.py" in one]
    assert said == (
        "app/job.py:1 uses close of app/db.py, which your changes take away, which is outside the declared paths."
    )
    repo.write("app/job.py", "from app.db import shut\n")
    assert not any("job.py" in one for one in scope_check(Desk(workspace), include_dependents=True).warnings)


def test_what_a_human_had_not_committed_does_not_go_with_the_session_that_committed_it(
    repo: Repo, workspace: Workspace
) -> None:
    repo.write("notes.txt", "the human's\n")
    start_session(Desk(workspace), "Tidy", create_branch=True)
    with acting(workspace):
        repo.write("made.txt", "the agent's\n")
    run_git(Desk(workspace), ["add", "-A"])
    assert run_git(Desk(workspace), ["commit", "-m", "All of it"]).exit_code == 0
    plan = plan_rollback(Desk(workspace), "session", "wrong")
    assert any('only="agent"' in one for one in plan.refusals) and plan.authority.required
    with pytest.raises(RefusedError) as caught:
        safe_revert(Desk(workspace), plan.plan_id, plan.digest)
    assert (caught.value.refusal.rule, caught.value.refusal.evidence) == ("humans-work", ["notes.txt"])
    theirs = plan_rollback(Desk(workspace), "session", "wrong", only="agent")
    assert safe_revert(Desk(workspace), theirs.plan_id, theirs.digest).commits
    assert repo.read("notes.txt") == b"the human's\n" and not repo.exists("made.txt")


def test_a_humans_yes_covers_all_that_was_asked(repo: Repo, workspace: Workspace, added: str) -> None:
    repo.write("CLAUDE.md", '```toml safe-rollback\n[protect]\nsensitive = ["app/**"]\n```\n')
    plan = plan_rollback(Desk(workspace), added, "wrong")
    arguments = {"plan_id": plan.plan_id, "digest": plan.digest}
    assert SPEC.question is not None
    question = SPEC.question(Desk(workspace), arguments)
    assert question is not None and "sensitive" in question and "broken" in question and "app/end.py:1" in question
