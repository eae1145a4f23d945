"""Neighbouring commits that go together: one three-way merge takes them out, however many they are."""

import os
from collections.abc import Sequence

from ..errors import InvalidInputError
from ..gate.trees import diff_trees
from ..history import CommitInfo
from ..ids import Oid, oid
from ..records import dataclass, replace
from ..snapshot.graft import graft
from ..transition.differences import within
from ..workspace import Workspace
from .attribution import Attributed


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Neighbouring commits that go together: one three-way merge takes them out, however many they are.

    Attributes:
        commits: newest first.
        newest: tree after them.
        oldest: tree before them.
    """

    commits: Sequence[CommitInfo]
    newest: Oid
    oldest: Oid


def grouped(workspace: Workspace, attributed: Sequence[Attributed]) -> list[Stretch]:
    """Neighbouring commits with evidence, as stretches; newest first."""
    stretches: list[Stretch] = []
    run: list[CommitInfo] = []
    for one in attributed:
        if one.evidence:
            run.append(one.commit)
        elif run:
            stretches.append(stretch_of(workspace, run))
            run = []
    if run:
        stretches.append(stretch_of(workspace, run))
    return stretches


def stretch_of(workspace: Workspace, commits: Sequence[CommitInfo]) -> Stretch:
    """Neighbouring commits, newest first, as one stretch."""
    first = commits[-1]
    oldest = workspace.repository.empty_tree
    if first.parents:
        oldest = commit_tree(workspace, first.parents[0])
    return Stretch(commits=commits, newest=commits[0].tree, oldest=oldest)


def single(workspace: Workspace, info: CommitInfo, paths: Sequence[str]) -> Stretch | None:
    """One commit as a stretch.

    Args:
        workspace: the repository.
        info: the commit.
        paths: only what it did there; empty means everything.

    Returns:
        None if it did nothing in the paths.
    """
    stretch = stretch_of(workspace, [info])
    return _narrowed(workspace, stretch, paths) if paths else stretch


def _narrowed(workspace: Workspace, stretch: Stretch, paths: Sequence[str]) -> Stretch | None:
    """What of a stretch happened in some paths; None if nothing did."""
    rows = diff_trees(workspace.repository.git, stretch.newest, stretch.oldest)
    changes = {one.path: one.new for one in rows if within(one.path, paths)}
    if not changes:
        return None
    oldest = graft(workspace.reader, workspace.writer, stretch.newest, changes)
    return replace(stretch, oldest=oldest)


def within_paths(workspace: Workspace, stretches: Sequence[Stretch], paths: Sequence[str]) -> list[Stretch]:
    """What of some stretches happened in some paths."""
    found = []
    for stretch in stretches:
        there = _narrowed(workspace, stretch, paths)
        if there is not None:
            commits = [one for one in stretch.commits if single(workspace, one, paths)]
            found.append(replace(there, commits=commits))
    return found


def commit_tree(workspace: Workspace, commit: Oid) -> Oid:
    """The tree of a commit.

    Raises:
        InvalidInputError: if a shallow clone does not have it.
    """
    done = workspace.repository.git.run("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}", ok=(0, 1, 128))
    if done.exit_code != 0 and workspace.repository.shallow:
        raise InvalidInputError(
            f"The history of this shallow clone is cut off before {commit[:7]}.",
            hint="Run `git fetch --unshallow`, then plan again.",
        )
    return oid(os.fsdecode(done.stdout).strip())
