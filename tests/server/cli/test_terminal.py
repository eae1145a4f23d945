"""On a terminal: questions are asked, and only the typed answer counts."""

import re

import pytest

from safe_rollback.core.ledger.recovery_events import PlanAuthorized
from safe_rollback.core.session import active_session
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import granted, trusted
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo
from tests.harness.terminal import on_terminal

_SURE = re.compile("Do it")


@pytest.fixture
def later(repo: Repo, workspace: Workspace) -> str:
    """A checkpoint, and a change after it."""
    taken = checkpoint(Desk(workspace))
    repo.write("README.md", "later\n")
    return taken.checkpoint_id


def test_restore_shows_the_plan_and_does_it_after_a_yes(repo: Repo, later: str) -> None:
    ended = on_terminal(repo.root, "restore", later, question=_SURE, answer=lambda _: "y")
    assert ended.code == 0 and "README.md" in ended.shown and "Take it back" in ended.shown
    assert repo.read("README.md") == b"# Project\n\nOne line.\n"


@pytest.mark.parametrize("answer", ["n", ""])
def test_restore_does_nothing_after_anything_else(repo: Repo, later: str, answer: str) -> None:
    before = repo.state()
    ended = on_terminal(repo.root, "restore", later, question=_SURE, answer=lambda _: answer)
    assert ended.code == 4 and "Nothing was changed" in ended.shown
    assert repo.state() == before


def test_a_grant_takes_the_code_that_is_shown(repo: Repo, workspace: Workspace) -> None:
    repo.write("CLAUDE.md", '```toml safe-rollback\n[on_session_end]\nrun = ["ruff check ."]\n```\n')
    ended = on_terminal(repo.root, "grant", "--gate", "ruff check .")
    assert ended.code == 0, ended.shown
    assert granted(workspace, "gate", "ruff check .") is not None


def test_a_wrong_code_grants_nothing(repo: Repo, workspace: Workspace) -> None:
    ended = on_terminal(repo.root, "grant", "--gate", "files-per-session", answer=lambda _: "yes")
    assert ended.code == 4 and "Not confirmed" in ended.shown
    assert granted(workspace, "gate", "files-per-session") is None


def test_trust_shows_the_exact_text_and_records_it(repo: Repo, workspace: Workspace) -> None:
    repo.write("CLAUDE.md", '```toml safe-rollback\n[on_session_end]\nrun = ["make [test]"]\n```\n')
    ended = on_terminal(repo.root, "trust")
    assert ended.code == 0 and "make [test]" in ended.shown
    assert trusted(workspace) == {"make [test]"}


def test_a_session_is_given_up_by_a_person_and_its_state_kept(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task")
    repo.write("README.md", "half done\n")
    before = repo.state()
    ended = on_terminal(repo.root, "end", "--abandon")
    assert ended.code == 0 and "given up" in ended.shown
    assert repo.state() == before
    assert active_session(workspace) is None


def test_an_approval_shows_the_plan_and_is_recorded_with_its_reason(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "work")
    commit = repo.commit("Wrong", {"src/app.py": "wrong\n"})
    planned = plan_rollback(Desk(workspace), commit, "it fails")
    arguments = ("approve", planned.plan_id, "--reason", "seen and agreed")
    ended = on_terminal(repo.root, *arguments)
    assert ended.code == 0, ended.shown
    assert "Level component" in ended.shown and "src/app.py" in ended.shown
    assert granted(workspace, "plan", planned.digest) is not None
    (given,) = [one.event for one in workspace.ledger.records(PlanAuthorized)]
    assert isinstance(given, PlanAuthorized)
    assert (given.how, given.reason, given.digest) == ("terminal", "seen and agreed", planned.digest)


def test_a_plan_that_something_moved_under_is_not_approved(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "work")
    planned = plan_rollback(Desk(workspace), repo.commit("Wrong", {"src/app.py": "wrong\n"}), "it fails")
    repo.commit("Meanwhile", {"src/app.py": "other\n"})
    ended = on_terminal(repo.root, "approve", planned.plan_id)
    assert ended.code == 4 and "Something moved" in ended.shown
    assert granted(workspace, "plan", planned.digest) is None
