"""Which files an edit with a client's own tool counts for: what a human saves meanwhile is not the agent's."""

import os
from collections.abc import Sequence

import pytest

from safe_rollback.core.actions import under_way
from safe_rollback.core.ledger.events import ActionRecorded
from safe_rollback.core.revert.ownership import agent_content
from safe_rollback.core.session import active_session
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies import guard
from safe_rollback.policies.hook import HookAnswer, HookEvent, Moment
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo
from tests.policies.near import Agent


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A directory outside of the repository."""
    return str(tmp_path_factory.mktemp("outside"))


def _event(repo: Repo, moment: Moment, paths: Sequence[str], cwd: str = "") -> HookEvent:
    where = os.path.join(repo.root, cwd)
    return HookEvent(moment=moment, cwd=where, kind="write", tool="Write", paths=paths, call="c", agent="agent-1")


def _before(repo: Repo, workspace: Workspace, *paths: str, cwd: str = "") -> HookAnswer:
    return guard.answer(_event(repo, "before", paths, cwd), workspace)


def _after(repo: Repo, workspace: Workspace, *paths: str) -> None:
    guard.answer(_event(repo, "after", paths), workspace)


def _paths(workspace: Workspace) -> list[list[str]]:
    events = [one.event for one in workspace.ledger.records(ActionRecorded)]
    return [list(one.paths) for one in events if isinstance(one, ActionRecorded)]


def _own(workspace: Workspace) -> set[str]:
    return set(agent_content(workspace, active_session(workspace)))


def test_an_edit_elsewhere_takes_nothing_of_what_a_human_saves_meanwhile(
    repo: Repo, workspace: Workspace, outside: str
) -> None:
    start_session(Desk(workspace), "A task")
    plan = os.path.join(outside, "plan.md")
    assert _before(repo, workspace, plan).decision == "pass"
    repo.write("draft.txt", "an afternoon of the human's\n")
    repo.write("src/app.py", "the human's too\n")
    _after(repo, workspace, plan)
    assert (_paths(workspace), under_way(workspace), _own(workspace)) == ([], [], set())
    agent = Agent(repo, workspace)
    for line in ("git checkout -- src/app.py", "git clean -f", "rm -rf src"):
        assert agent.ask(line).decision == "deny", line


def test_nor_does_one_inside_and_one_elsewhere(repo: Repo, workspace: Workspace, outside: str) -> None:
    start_session(Desk(workspace), "A task")
    named = (os.path.join(outside, "plan.md"), os.path.join(repo.root, "made.txt"))
    _before(repo, workspace, *named)
    repo.write("made.txt", "the agent's\n")
    repo.write("draft.txt", "the human's\n")
    _after(repo, workspace, *named)
    assert (_paths(workspace), _own(workspace)) == ([["made.txt"]], {"made.txt"})


def test_a_rule_about_writing_elsewhere_still_asks(repo: Repo, workspace: Workspace) -> None:
    rule = '[[rule]]\nid = "stay"\neffect = "outside.write"\ndecision = "ask"\nwhy = "Stay here."\ninstead = "Ask."\n'
    repo.commit("Rules", {"CLAUDE.md": f"```toml safe-rollback\n{rule}```\n"})
    said = _before(repo, workspace, "/opt/elsewhere")
    assert (said.decision, "Stay here." in said.reason, under_way(workspace)) == ("ask", True, [])


def test_a_file_is_looked_for_from_where_the_client_works(repo: Repo, workspace: Workspace) -> None:
    _before(repo, workspace, "made.py", "../bin/made.sh", cwd="src")
    (action,) = under_way(workspace)
    assert list(action.paths) == ["src/made.py", "bin/made.sh"]


def test_what_is_written_through_a_link_is_the_agents(repo: Repo, workspace: Workspace, outside: str) -> None:
    start_session(Desk(workspace), "A task")
    os.symlink("src/util.py", repo.path("short.py"))
    os.symlink(os.path.join(repo.root, "bin"), os.path.join(outside, "in"))
    os.symlink(os.path.join(repo.root, "README.md"), os.path.join(outside, "readme"))
    named = [os.path.join(repo.root, "short.py"), os.path.join(outside, "in/run.sh"), os.path.join(outside, "readme")]
    _before(repo, workspace, *named)
    for path in named:
        with open(path, "w") as file:
            file.write("the agent's\n")
    _after(repo, workspace, *named)
    assert _paths(workspace) == [["short.py", "src/util.py", "bin/run.sh", "README.md"]]
    assert _own(workspace) == {"src/util.py", "bin/run.sh", "README.md"}


def test_a_protected_file_is_protected_behind_a_link(repo: Repo, workspace: Workspace) -> None:
    rules = '```toml safe-rollback\n[protect]\npaths = ["infra/**"]\n```\n'
    repo.commit("Rules", {"CLAUDE.md": rules, "infra/x.tf": "x\n"})
    os.symlink("infra/x.tf", repo.path("short"))
    start_session(Desk(workspace), "A task")
    assert "protected-paths" in _before(repo, workspace, os.path.join(repo.root, "short")).reason


def test_a_name_that_is_not_known_before_it_runs_breaks_nothing(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task")
    assert Agent(repo, workspace).ask("git reset $WHAT").decision == "pass"


def test_a_tool_that_names_no_file_may_have_changed_any(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task")
    _before(repo, workspace)
    repo.write("made.txt", "x\n")
    _after(repo, workspace)
    assert (_paths(workspace), _own(workspace)) == ([[]], {"made.txt"})
