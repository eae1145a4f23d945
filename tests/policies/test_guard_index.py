"""What only the index holds: commands that drop it pass, for the checkpoint before them has its bytes."""

import pytest

from safe_rollback.core.actions import under_way
from safe_rollback.core.snapshot.take import find
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.shell.analysis import analyse
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from tests.harness.repo import Repo
from tests.policies.near import Agent
from tests.policies.shell.near import HERE

UNSTAGING = [
    "git reset",
    "git reset -q",
    "git reset HEAD",
    "git reset --mixed",
    "git reset src/app.py",
    "git reset HEAD -- src/app.py",
    "git restore --staged src/app.py",
    "git restore -S .",
    "git rm --cached -f src/app.py",
    "git rm --cached -q -f -r src",
    "git add src/app.py",
    "git add -A",
    "git add -u",
    "git stage .",
    "git commit -m x src/app.py",
    "git commit -am x",
    "git stash",
]
_STAGED = "staged, and nowhere else\n"


@pytest.fixture
def agent(repo: Repo, workspace: Workspace) -> Agent:
    """A human staged a change, and set the file itself to something else again."""
    repo.git("switch", "-q", "-c", "feature")
    repo.write("src/app.py", _STAGED)
    repo.git("add", "src/app.py")
    repo.write("src/app.py", "in the worktree\n")
    return Agent(repo, workspace)


@pytest.mark.parametrize("command", UNSTAGING)
def test_a_checkpoint_holds_it_before_it_goes(repo: Repo, workspace: Workspace, agent: Agent, command: str) -> None:
    assert agent.ask(command).decision == "pass"
    (action,) = under_way(workspace)
    before = find(workspace, action.before)  # type: ignore[arg-type]
    assert repo.git("cat-file", "-p", f"{before.index_tree}:src/app.py") == _STAGED.strip()


@pytest.mark.parametrize("command", UNSTAGING)
def test_none_of_them_counts_as_reading(command: str) -> None:
    assert {one.effect for one in analyse(command, HERE)} - {"state.read"}


@pytest.mark.parametrize("command", ["git reset", "git restore --staged src/app.py", "git rm --cached -f src/app.py"])
def test_a_restore_brings_it_back(repo: Repo, workspace: Workspace, agent: Agent, command: str) -> None:
    assert agent.ask(command, call="one").decision == "pass"
    (action,) = under_way(workspace)
    repo.git(*command.split()[1:])
    plan = restore_checkpoint(Desk(workspace), action.before)
    assert restore_checkpoint(Desk(workspace), action.before, digest=plan.plan.digest).applied
    assert repo.git("show", ":src/app.py") == _STAGED.strip()
    assert repo.read("src/app.py") == b"in the worktree\n"


@pytest.mark.parametrize("command", ["git read-tree HEAD", "git update-index --cacheinfo 100644,0,src/app.py"])
def test_what_changes_the_index_behind_gits_back_is_refused(agent: Agent, command: str) -> None:
    assert agent.ask(command).decision == "deny"
