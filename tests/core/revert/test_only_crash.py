"""Taking out the agent's part is an operation like any other: a crash in the middle leaves nothing half done."""

import pytest

from safe_rollback.core.transition import converge
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from tests.core.revert.kit import begin, execute, numbered, take_back
from tests.harness.agent import acting
from tests.harness.repo import Repo


class Killed(BaseException):
    """Stands for a process that is gone."""


@pytest.mark.parametrize("step", [1, 2, 3])
def test_killed_after_any_file_it_is_finished_by_the_next_call(
    workspace: Workspace, repo: Repo, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(workspace)
    with acting(workspace):
        repo.write("src/app.py", numbered(40, {5: "agent"}))
        repo.write("made.txt", "x\n")
        repo.remove("README.md")
        repo.git("add", "-A")
    repo.write("src/app.py", numbered(40, {5: "agent", 30: "human"}))
    before = repo.state()
    planned = plan_rollback(Desk(workspace), "session", "it went wrong", only="agent")
    real, done = converge._one, []

    def one(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]
        done.append(arguments)
        if len(done) == step:
            raise Killed

    monkeypatch.setattr(converge, "_one", one)
    with pytest.raises(Killed):
        execute(workspace, planned)
    monkeypatch.undo()
    workspace.close()
    again = open_workspace(repo.root, workspace.clock)
    Desk(again)
    assert repo.read("src/app.py").decode() == numbered(40, {30: "human"})
    assert repo.exists("README.md") and not repo.exists("made.txt")
    assert repo.git("status", "--porcelain") == " M src/app.py"
    take_back(again)
    assert repo.state() == before
    again.close()
