"""Killed at any step, an operation is finished or taken back by whoever comes next."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from safe_rollback.core.workspace import open_workspace
from tests.core.transition.kit import keep, nothing_is_left_over, restore, unlike
from tests.core.transition.test_wreck import an_afternoon
from tests.harness.crash import Killer, killer
from tests.harness.repo import Repo, State, make_repo
from tests.harness.sample import sampled


@pytest.fixture(scope="module")
def driver() -> Iterator[Killer]:
    with killer() as running:
        yield running


@dataclass
class Scene:
    """A repository right before an operation, to be copied for each kill.

    Attributes:
        repo: the original.
        action: what is done, and with what.
        before: the state before.
        after: the state a run without a kill makes.
        steps: how many steps that run takes.
    """

    repo: Repo
    action: dict[str, Any]
    before: State
    after: State
    steps: int
    copies: int = 0

    def copy(self) -> Repo:
        """A fresh copy at the same kind of place."""
        self.copies += 1
        root = f"{self.repo.root}-{self.copies}"
        shutil.copytree(self.repo.root, root, symlinks=True)
        return Repo(root)

    def drop(self, repo: Repo) -> None:
        shutil.rmtree(repo.root)


def _restoring(repo: Repo) -> dict[str, Any]:
    an_afternoon(repo)
    workspace = open_workspace(repo.root)
    mine = keep(workspace)
    workspace.close()
    repo.git("reset", "-q", "--hard")
    repo.git("clean", "-q", "-ffd")
    repo.git("switch", "-q", "main")
    repo.git("branch", "-q", "-D", "work")
    repo.write("later/on.txt", "the agent's\n")
    repo.write("README.md", "the agent's too\n", mode=0o640)
    return {"action": "restore", "checkpoint": mine}


def _undoing(repo: Repo) -> dict[str, Any]:
    action = _restoring(repo)
    workspace = open_workspace(repo.root)
    restore(workspace, action["checkpoint"])
    workspace.close()
    repo.write("since.txt", "after the restore\n")
    return {"action": "undo"}


def _reverting(repo: Repo) -> dict[str, Any]:
    repo.git("switch", "-q", "-c", "feature")
    repo.commit("Bad", {"src/app.py": "broken\n", "src/new.py": "x = 1\n", "src/util.py": None})
    repo.write("README.md", "# uncommitted\n")
    repo.write("notes.txt", "untracked\n")
    return {"action": "revert", "target": "HEAD"}


SCENES: dict[str, Callable[[Repo], dict[str, Any]]] = {"restore": _restoring, "undo": _undoing, "revert": _reverting}


def make_scene(driver: Killer, folder: str, name: str) -> Scene:
    repo = make_repo(os.path.join(folder, "project"))
    action = SCENES[name](repo)
    scene = Scene(repo=repo, action=action, before=repo.state(), after=repo.state(), steps=0)
    trial = scene.copy()
    answer = driver.run(trial.root, **action)
    assert "error" not in answer, answer
    scene.after, scene.steps = trial.state(), answer["steps"]
    assert scene.after != scene.before
    scene.drop(trial)
    return scene


def timeless(state: State, scene: Scene) -> State:
    """A revert's commit has a date and the operation in it: its own name is not compared, its content is."""
    if scene.action["action"] != "revert":
        return state
    refs = dict.fromkeys(state.refs, "")
    return State(state.files, state.index, state.head, refs, state.in_progress)


def intents(repo: Repo) -> list[str]:
    """What an interrupted process left to be done."""
    folder = repo.path(".git/safe-rollback/worktrees/main/intents").decode()
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return [name for name in names if name.endswith(".json") and not name.startswith(".")]


def recovered(driver: Killer, scene: Scene, repo: Repo) -> None:
    """The next start leaves exactly one of the two sides, says which, and cleans up."""
    pending = intents(repo)
    answer = driver.run(repo.root, "recover")
    now, before, after = (timeless(one, scene) for one in (repo.state(), scene.before, scene.after))
    assert now in (before, after), [unlike(now, before), unlike(now, after), answer]
    assert len(answer["notices"]) == len(pending)
    for notice in answer["notices"]:
        assert ("taken back" in notice) == (now == before)
        assert "left alone" not in notice
    nothing_is_left_over(repo)
    assert driver.run(repo.root, "recover")["notices"] == []
    repo.git("fsck", "--no-dangling")


@pytest.mark.parametrize("name", SCENES)
def test_killed_at_any_step_it_is_whole_again_after_the_next_start(
    driver: Killer, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    scene = make_scene(driver, str(tmp_path_factory.mktemp("crash")), name)
    for step in sampled(range(1, scene.steps + 1), 8):
        repo = scene.copy()
        assert driver.run(repo.root, kill_at=step, **scene.action)["killed"], f"step {step} of {scene.steps}"
        recovered(driver, scene, repo)
        scene.drop(repo)
