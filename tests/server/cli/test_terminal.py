"""On a terminal: questions are asked, and only the typed answer counts."""

import os
import pty
import re
import select
import subprocess
import sys

import pytest

from safe_rollback.core.ledger.events import PlanAuthorized
from safe_rollback.core.session import active_session
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import granted, trusted
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo


def on_terminal(root: str, *arguments: str, question: str, answer: str) -> tuple[int, str]:
    """Run a command on a terminal, answer its question; exit code and everything it showed.

    In the answer `{0}` stands for the first group of the question.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "safe_rollback", *arguments, "--root", root],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "dumb", "COLUMNS": "200"},
        start_new_session=True,
    )
    os.close(theirs)
    shown, answered = "", False
    try:
        while select.select([ours], [], [], 60)[0]:
            try:
                data = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            shown += data.decode()
            match = re.search(question, shown)
            if match and not answered:
                os.write(ours, (answer.format(*match.groups()) + "\n").encode())
                answered = True
        return process.wait(60), shown
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.fixture
def later(repo: Repo, workspace: Workspace) -> str:
    """A checkpoint, and a change after it."""
    taken = checkpoint(Desk(workspace))
    repo.write("README.md", "later\n")
    return taken.checkpoint_id


def test_restore_shows_the_plan_and_does_it_after_a_yes(repo: Repo, later: str) -> None:
    code, shown = on_terminal(repo.root, "restore", later, question="Do it", answer="y")
    assert code == 0 and "README.md" in shown and "Take it back" in shown
    assert repo.read("README.md") == b"# Project\n\nOne line.\n"


@pytest.mark.parametrize("answer", ["n", ""])
def test_restore_does_nothing_after_anything_else(repo: Repo, later: str, answer: str) -> None:
    before = repo.state()
    code, shown = on_terminal(repo.root, "restore", later, question="Do it", answer=answer)
    assert code == 4 and "Nothing was changed" in shown
    assert repo.state() == before


def test_a_grant_takes_the_code_that_is_shown(repo: Repo, workspace: Workspace) -> None:
    repo.write("CLAUDE.md", '```toml safe-rollback\n[on_session_end]\nrun = ["ruff check ."]\n```\n')
    code, shown = on_terminal(
        repo.root, "grant", "--gate", "ruff check .", question=r"Type (\w+) to confirm", answer="{0}"
    )
    assert code == 0, shown
    assert granted(workspace, "gate", "ruff check .") is not None


def test_a_wrong_code_grants_nothing(repo: Repo, workspace: Workspace) -> None:
    code, shown = on_terminal(repo.root, "grant", "--gate", "files-per-session", question="Type", answer="yes")
    assert code == 4 and "Not confirmed" in shown
    assert granted(workspace, "gate", "files-per-session") is None


def test_trust_shows_the_exact_text_and_records_it(repo: Repo, workspace: Workspace) -> None:
    repo.write("CLAUDE.md", '```toml safe-rollback\n[on_session_end]\nrun = ["make [test]"]\n```\n')
    code, shown = on_terminal(repo.root, "trust", question=r"Type (\w+) to confirm", answer="{0}")
    assert code == 0 and "make [test]" in shown
    assert trusted(workspace) == {"make [test]"}


def test_a_session_is_given_up_by_a_person_and_its_state_kept(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task")
    repo.write("README.md", "half done\n")
    before = repo.state()
    code, shown = on_terminal(repo.root, "end", "--abandon", question=r"Type (\w+) to confirm", answer="{0}")
    assert code == 0 and "given up" in shown
    assert repo.state() == before
    assert active_session(workspace) is None


def test_an_approval_shows_the_plan_and_is_recorded_with_its_reason(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "work")
    commit = repo.commit("Wrong", {"src/app.py": "wrong\n"})
    planned = plan_rollback(Desk(workspace), commit, "it fails")
    arguments = ("approve", planned.plan_id, "--reason", "seen and agreed")
    code, shown = on_terminal(repo.root, *arguments, question=r"Type (\w+) to confirm", answer="{0}")
    assert code == 0, shown
    assert "Level component" in shown and "src/app.py" in shown
    assert granted(workspace, "plan", planned.digest) is not None
    (given,) = [one.event for one in workspace.ledger.records(PlanAuthorized)]
    assert isinstance(given, PlanAuthorized)
    assert (given.how, given.reason, given.digest) == ("terminal", "seen and agreed", planned.digest)


def test_a_plan_that_something_moved_under_is_not_approved(repo: Repo, workspace: Workspace) -> None:
    repo.git("switch", "-q", "-c", "work")
    planned = plan_rollback(Desk(workspace), repo.commit("Wrong", {"src/app.py": "wrong\n"}), "it fails")
    repo.commit("Meanwhile", {"src/app.py": "other\n"})
    code, shown = on_terminal(repo.root, "approve", planned.plan_id, question=r"Type (\w+)", answer="{0}")
    assert code == 4 and "Something moved" in shown
    assert granted(workspace, "plan", planned.digest) is None
