"""However an agent and a human take turns in the same files: only=agent leaves exactly the human's part."""

import random

import pytest

from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from tests.core.revert.kit import begin, execute, take_back
from tests.harness.agent import acting
from tests.harness.repo import Repo
from tests.harness.sample import sampled

_FILES = ("src/app.py", "README.md", "fresh.txt")
_REGIONS = 12  # even ones are the agent's, odd ones the human's


class Both:
    """Files made of regions, each written by one side only, with a line nobody touches between them."""

    def __init__(self, repo: Repo, dice: random.Random) -> None:
        self._repo = repo
        self._dice = dice
        self.content = {name: self._regions(name) for name in _FILES}
        self.humans = {name: self._regions(name) for name in _FILES}
        self._agents_files: set[str] = set()
        self._humans_files: dict[str, str] = {}
        self._count = 0

    @staticmethod
    def _regions(name: str) -> list[list[str]]:
        return [[f"{name} {number}"] for number in range(_REGIONS)]

    @staticmethod
    def text(regions: list[list[str]]) -> str:
        return "".join(
            f"--- fence {number} ---\n" + "".join(line + "\n" for line in lines)
            for number, lines in enumerate(regions)
        )

    def write(self) -> None:
        for name, regions in self.content.items():
            self._repo.write(name, self.text(regions))

    def turn(self, who: str) -> None:
        """One edit, or more: lines replaced, added, deleted; whole files made and deleted."""
        for _ in range(self._dice.randint(1, 3)):
            self._count += 1
            if self._dice.random() < 0.2:
                self._whole_file(who)
                continue
            name = self._dice.choice(_FILES)
            region = self._dice.randrange(0, _REGIONS, 2) + (who == "human")
            lines = [f"{who} {self._count} {n}" for n in range(self._dice.randint(0, 3))]
            self.content[name][region] = lines
            if who == "human":
                self.humans[name][region] = lines
            self._repo.write(name, self.text(self.content[name]))

    def _whole_file(self, who: str) -> None:
        name = f"{who}/{self._count}.txt"
        own = self._agents_files if who == "agent" else self._humans_files
        if own and self._dice.random() < 0.5:
            gone = min(own)
            self._repo.remove(gone)
            if who == "agent":
                self._agents_files.discard(gone)
            else:
                del self._humans_files[gone]
            return
        self._repo.write(name, f"whole file {self._count}\n")
        if who == "agent":
            self._agents_files.add(name)
        else:
            self._humans_files[name] = f"whole file {self._count}\n"

    def maybe_commit(self, who: str) -> None:
        if self._dice.random() < 0.3:
            self._repo.git("add", "-A")
            self._repo.git("commit", "-q", "--allow-empty", "-m", f"{who} {self._count}")

    def expected(self) -> dict[str, str]:
        return {**{name: self.text(regions) for name, regions in self.humans.items()}, **self._humans_files}


def _standing(repo: Repo) -> dict[str, str]:
    return {
        path.decode(): content.decode()
        for path, (kind, _, content) in repo.files().items()
        if kind == "file" and (path.decode() in _FILES or path.startswith((b"agent/", b"human/")))
    }


@pytest.mark.parametrize("seed", sampled(range(60), 4))
@pytest.mark.parametrize("commits", [False, True])
def test_exactly_the_humans_part_is_left(workspace: Workspace, repo: Repo, seed: int, commits: bool) -> None:
    dice = random.Random(seed)
    both = Both(repo, dice)
    both.write()
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "Regions")
    begin(workspace)
    for _ in range(dice.randint(3, 7)):
        with acting(workspace):
            both.turn("agent")
            if commits:
                both.maybe_commit("agent")
        if dice.random() < 0.7:
            both.turn("human")
    before = repo.state()
    planned = plan_rollback(Desk(workspace), "session", "property", only="agent")
    assert planned.prediction.clean, planned.prediction
    done = execute(workspace, planned)
    assert done.verification.as_planned
    assert _standing(repo) == both.expected()
    take_back(workspace, done.operation_id)
    assert repo.state() == before
