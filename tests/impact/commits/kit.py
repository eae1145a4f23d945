"""Histories whose commits are called by their subjects, what is said about them, and what git says."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from safe_rollback.core.gate.repository import open_repository
from safe_rollback.core.ids import Oid, oid
from safe_rollback.impact.commits.model import Needs, Step
from safe_rollback.impact.commits.ownership import Ownership, ownership
from safe_rollback.impact.commits.reading import read_line
from safe_rollback.impact.commits.scratch import Scratch, scratch
from safe_rollback.impact.commits.trials import try_each
from tests.harness.repo import Repo

Content = Mapping[str, str | bytes | None]


def numbered(count: int, changed: Mapping[int, str] | None = None, without: tuple[int, ...] = ()) -> str:
    """`line 1` … `line <count>`, some replaced, some missing."""
    given = changed or {}
    return "".join(given.get(one, f"line {one}") + "\n" for one in range(1, count + 1) if one not in without)


@dataclass(frozen=True)
class Read:
    """A history as it was read.

    Attributes:
        place: where trials run.
        owned: what the commits are to each other.
        names: commit to subject.
        commits: subject to commit.
    """

    place: Scratch
    owned: Ownership
    names: Mapping[Oid, str]
    commits: Mapping[str, Oid]

    @property
    def edges(self) -> dict[tuple[str, str], set[str]]:
        """(later, earlier) to the kinds of reasons, by subject."""
        return {
            (self.names[one.commit], self.names[one.needs]): {reason.kind for reason in one.reasons}
            for one in self.owned.needs
        }

    @property
    def stuck(self) -> set[str]:
        """Commits that are said not to go alone."""
        return {self.names[commit] for commit in self.owned.conflicts}

    def of(self, later: str, earlier: str) -> Needs:
        """The need of one for the other."""
        pair = (self.commits[later], self.commits[earlier])
        return next(one for one in self.owned.needs if (one.commit, one.needs) == pair)

    def refused_by_git(self) -> set[str]:
        """Commits that git cannot take out alone."""
        trials = try_each(self.place, self.owned.steps, self.owned.steps[-1].tree)
        return {self.names[commit] for commit, trial in trials.items() if not trial.clean}


@contextmanager
def read(repo: Repo, limit: int = 500) -> Iterator[Read]:
    """The newest commits of a repository."""
    with scratch(open_repository(repo.root)) as place:
        steps = read_line(place, oid(repo.head()), limit=limit)
        names = subjects(repo, steps)
        yield Read(place, ownership(place, steps), names, {name: commit for commit, name in names.items()})


def subjects(repo: Repo, steps: list[Step]) -> dict[Oid, str]:
    """Commit to subject."""
    return {step.oid: repo.git("log", "-1", "--format=%s", step.oid) for step in steps}


def history(repo: Repo, commits: Mapping[str, Content]) -> None:
    """Commits, by subject."""
    for subject, files in commits.items():
        repo.commit(subject, files)


def objects(repo: Repo) -> set[str]:
    """Every file in the object directory."""
    top = os.path.join(repo.git_dir(), "objects")
    return {os.path.join(folder, name) for folder, _, names in os.walk(top) for name in names}
