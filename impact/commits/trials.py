"""Reverts tried out as merges of trees, in an object directory that is thrown away."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...core.gate.version import git_version
from ...core.ids import Oid, oid
from ...core.revert.build import MOST_SINGLY
from .model import Step
from .scratch import Scratch

_BATCH = 50
_STDIN_SINCE = (2, 39)
# It dies over an object that is missing; what it answered before that stands.
_DIED = 128
_ENDS = (0, 1, _DIED)


@dataclass(frozen=True, slots=True)
class Merge:
    """Three trees: what changed from `base` to `theirs` is to happen to `ours`."""

    base: Oid
    ours: Oid
    theirs: Oid


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a merge.

    Attributes:
        clean: whether it went through; None if git could not say, because objects are missing.
        tree: the result, only where it is clean.
        paths: the files in conflict.
    """

    clean: bool | None
    tree: Oid | None = None
    paths: tuple[str, ...] = ()


UNKNOWN = Trial(clean=None)


def try_each(place: Scratch, steps: Iterable[Step], tree: Oid) -> dict[Oid, Trial]:
    """Take each commit alone out of a tree."""
    known = [step for step in steps if step.before is not None]
    trials = merge_all(place, [Merge(step.tree, tree, step.before) for step in known if step.before is not None])
    return {step.oid: trial for step, trial in zip(known, trials, strict=True)}


def take_out(place: Scratch, steps: Sequence[Step], tree: Oid, tried: dict[Merge, Trial] | None = None) -> Trial:
    """Take some commits out of a tree, newest first; neighbours go in one merge, as a revert does it.

    Args:
        place: where to try.
        steps: the commits, oldest first.
        tree: the newest state.
        tried: merges that were tried already, and are added to: similar sets begin alike.
    """
    known = {} if tried is None else tried
    for run in _stretches(steps):
        trial = _tried(place, run[0], run[-1], tree, known)
        if trial.clean is False and 1 < len(run) <= MOST_SINGLY:
            # A later commit may have taken one of them back: then the others come out by themselves.
            alone = _singly(place, run, tree, known)
            trial = alone if alone.tree is not None else trial
        if trial.tree is None:
            return trial
        tree = trial.tree
    return Trial(clean=True, tree=tree)


def _singly(place: Scratch, run: Sequence[Step], tree: Oid, known: dict[Merge, Trial]) -> Trial:
    trial = Trial(clean=True, tree=tree)
    for step in run:
        if trial.tree is not None:
            trial = _tried(place, step, step, trial.tree, known)
    return trial


def _tried(place: Scratch, newest: Step, oldest: Step, tree: Oid, known: dict[Merge, Trial]) -> Trial:
    if oldest.before is None:
        return UNKNOWN
    merge = Merge(newest.tree, tree, oldest.before)
    if merge not in known:
        known[merge] = merge_all(place, [merge])[0]
    return known[merge]


def _stretches(steps: Sequence[Step]) -> list[list[Step]]:
    """Runs of neighbours, newest first."""
    found: list[list[Step]] = []
    for step in reversed(steps):
        if found and found[-1][-1].parent == step.oid:
            found[-1].append(step)
        else:
            found.append([step])
    return found


def merge_all(place: Scratch, merges: Sequence[Merge]) -> list[Trial]:
    """Merge trees; each merge stands alone.

    git is given commits that share only the base, so no history is walked and none has to be there.
    """
    found: list[Trial | None] = [_trivial(one) for one in merges]
    asked = [number for number, trial in enumerate(found) if trial is None]
    lines = [" ".join(_commits(place, merges[number])) for number in asked]
    for number, trial in zip(asked, _answers(place, lines), strict=True):
        found[number] = trial
    return [trial or UNKNOWN for trial in found]


def _trivial(merge: Merge) -> Trial | None:
    if merge.base == merge.theirs or merge.ours == merge.theirs:
        return Trial(clean=True, tree=merge.ours)
    return Trial(clean=True, tree=merge.theirs) if merge.base == merge.ours else None


def _commits(place: Scratch, merge: Merge) -> tuple[Oid, Oid]:
    base = place.writer.commit(merge.base, [], "base", seconds=0)
    return (
        place.writer.commit(merge.ours, [base], "ours", seconds=1),
        place.writer.commit(merge.theirs, [base], "theirs", seconds=1),
    )


def _answers(place: Scratch, lines: Sequence[str]) -> list[Trial]:
    """One trial a line; where git dies over one, it is asked again for those that follow."""
    found: list[Trial] = []
    size = _BATCH if git_version()[:2] >= _STDIN_SINCE else 1
    while len(found) < len(lines):
        batch = lines[len(found) : len(found) + size]
        answered = _asked(place, batch)
        found += answered if len(answered) == len(batch) else [*answered, UNKNOWN]
    return found


def _asked(place: Scratch, lines: Sequence[str]) -> list[Trial]:
    """What git answered until it ended."""
    words = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages"]
    if git_version()[:2] >= _STDIN_SINCE:
        stdin = "".join(f"{line}\n" for line in lines).encode()
        done = place.git.run(*words, "--stdin", stdin=stdin, ok=_ENDS)
        return _batch(os.fsdecode(done.stdout).split("\0"))
    done = place.git.run(*words, *lines[0].split(" "), ok=_ENDS)
    if done.exit_code == _DIED:
        return []
    tree, *paths = os.fsdecode(done.stdout).removesuffix("\0").split("\0")
    return [_trial(done.exit_code == 0, tree, paths)]


def _batch(words: Sequence[str]) -> list[Trial]:
    """`<1 if clean>`, the tree, the paths, and an empty word, for each merge; the last may be cut short."""
    found = []
    at = 0
    while at + 2 < len(words) and words[at] in ("0", "1"):
        end = at + 2
        while end < len(words) and words[end]:
            end += 1
        if end >= len(words) - 1:
            break
        found.append(_trial(words[at] == "1", words[at + 1], words[at + 2 : end]))
        at = end + 1
    return found


def _trial(clean: bool, tree: str, paths: Sequence[str]) -> Trial:
    return Trial(clean=True, tree=oid(tree)) if clean else Trial(clean=False, paths=tuple(dict.fromkeys(paths)))
