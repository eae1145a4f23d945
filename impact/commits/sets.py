"""The smallest set of commits that can go together, proven by trying it out."""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from ...core.ids import Oid
from .dependence import closure, merged
from .model import Needs, Step
from .ownership import Ownership
from .scratch import Scratch
from .trials import Merge, Trial, take_out

SECONDS = 2.0
"""How long a set is made smaller, unless told otherwise."""


@dataclass(frozen=True, kw_only=True)
class RevertSet:
    """Commits that go together.

    Attributes:
        commits: newest first, the order to take them out in.
        files: what they changed.
        proven: whether taking them out was tried and went through.
        minimal: whether leaving in any one of them was tried and failed; the targets, and what uses their names,
            aside.
        conflicts: the files in the way, if it did not go through.
        tree: the result, if it did.
    """

    commits: Sequence[Oid]
    files: Sequence[str]
    proven: bool
    minimal: bool
    conflicts: Sequence[str] = ()
    tree: Oid | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A set against all commits there are: taking out everything is one merge that cannot conflict.

    Attributes:
        commits: how many are in the set.
        files: how many files those changed.
        all_commits: how many there are.
        all_files: how many files they changed.
    """

    commits: int
    files: int
    all_commits: int
    all_files: int

    @property
    def whole_is_cheaper(self) -> bool:
        """Whether the set spares nothing: it holds all commits but one, or all the files."""
        return self.commits + 1 >= self.all_commits or self.files >= self.all_files


def minimum_revert_set(
    place: Scratch,
    owned: Ownership,
    targets: Iterable[Oid],
    *,
    extra: Iterable[Needs] = (),
    tree: Oid | None = None,
    seconds: float = SECONDS,
) -> RevertSet:
    """The commits that have to go for the targets to go.

    What uses a target's names goes with it, whether or not git would mind. Of the rest, as few as git lets.

    Args:
        place: where to try.
        owned: the stretch of history; commits that are not in it are left out of the set.
        targets: the commits that have to go.
        extra: needs that do not come from lines.
        tree: the state to take them out of; by default the newest commit's.
        seconds: for making the set smaller; without time left it stays proven, perhaps not minimal.
    """
    known = {step.oid for step in owned.steps}
    wanted = [one for one in targets if one in known]
    if not wanted:
        return RevertSet(commits=(), files=(), proven=True, minimal=True, tree=tree)
    semantic = list(extra)
    trying = _Trying(place, owned, tree or owned.steps[-1].tree, semantic, time.monotonic() + seconds)
    fixed = closure(semantic, wanted)
    trial = trying.without(fixed)
    if trial.clean:
        return trying.answer(fixed, trial, minimal=True)
    whole = closure(merged(owned.needs, semantic), wanted)
    trial = trying.without(whole)
    if not trial.clean:
        return trying.answer(whole, trial, minimal=False)
    return trying.smaller(whole, fixed, trial)


@dataclass
class _Trying:
    place: Scratch
    owned: Ownership
    tree: Oid
    semantic: Sequence[Needs]
    until: float
    tried: dict[Merge, Trial] = field(default_factory=dict)

    def without(self, commits: Collection[Oid]) -> Trial:
        """Take some commits out."""
        return take_out(self.place, [step for step in self.owned.steps if step.oid in commits], self.tree, self.tried)

    def smaller(self, whole: set[Oid], fixed: Collection[Oid], trial: Trial) -> RevertSet:
        """Leave commits in, as long as the rest goes through."""
        current, best = whole, trial
        shrank = True
        while shrank:
            shrank = False
            for kept in self._candidates(current, fixed):
                if not kept < current:
                    continue  # a commit of it was left in meanwhile
                if time.monotonic() > self.until:
                    return self.answer(current, best, minimal=False)
                trial = self.without(current - kept)
                if trial.clean:
                    current, best, shrank = current - kept, trial, True
        return self.answer(current, best, minimal=True)

    def _candidates(self, current: Collection[Oid], fixed: Collection[Oid]) -> list[set[Oid]]:
        """What could stay: a commit with all that builds on it, the oldest first; then each alone.

        A commit and the one that undoes it stay together or not at all.
        """
        loose = {step.oid for step in self._loose(current, fixed)}
        inner = [one for one in self.owned.needs if one.commit in current and one.needs in current]
        together = [closure(inner, [step.oid]) for step in self.owned.steps if step.oid in loose]
        alone = [{step.oid} for step in self._loose(current, fixed)]
        return [group for group in together if len(group) > 1 and group <= loose] + alone

    def _loose(self, current: Collection[Oid], fixed: Collection[Oid]) -> list[Step]:
        """What may stay, newest first: what no name it uses takes along."""
        bound = {one.commit for one in self.semantic if one.needs in current}
        return [
            step
            for step in reversed(self.owned.steps)
            if step.oid in current and step.oid not in fixed and step.oid not in bound
        ]

    def answer(self, commits: Collection[Oid], trial: Trial, *, minimal: bool) -> RevertSet:
        """The set as data."""
        return RevertSet(
            commits=[step.oid for step in reversed(self.owned.steps) if step.oid in commits],
            files=files_of(self.owned, commits),
            proven=bool(trial.clean),
            minimal=minimal,
            conflicts=trial.paths,
            tree=trial.tree,
        )


def files_of(owned: Ownership, commits: Collection[Oid]) -> list[str]:
    """The files some commits changed, sorted."""
    return sorted({path for commit in commits for path in owned.files.get(commit, ())})


def compare(owned: Ownership, commits: Collection[Oid], everything: Collection[Oid]) -> Comparison:
    """A set of commits against all of a session, or of a range."""
    return Comparison(
        commits=len(commits),
        files=len(files_of(owned, commits)),
        all_commits=len(everything),
        all_files=len(files_of(owned, everything)),
    )
