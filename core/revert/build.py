"""Builds the tree without the selected commits, in the object store alone."""

from collections.abc import Sequence
from typing import Literal

from ..gate.config import identity
from ..gate.objects import IDENTITY
from ..history import CommitInfo
from ..ids import Oid
from ..records import dataclass
from ..text import plural, show_path
from ..transition.merge import Conflict, Labels, Merged, merge_trees
from ..workspace import Workspace
from .attribution import OPERATION_TRAILER
from .grouping import Stretch, single
from .targets import Selection

Granularity = Literal["one", "per_commit"]
_MAX_LISTED = 100
MOST_SINGLY = 50
"""Neighbours that are tried one by one where they do not come out together: as a rule they conflict anyway."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """What a revert comes to.

    Attributes:
        tree: the resulting tree; meaningless with conflicts.
        commits: the new commits, oldest first.
        conflicts: what later changes of others overlap with.
    """

    tree: Oid
    commits: Sequence[Oid]
    conflicts: Sequence[Conflict]


@dataclass(frozen=True, kw_only=True)
class Order:
    """How the revert is to be recorded.

    Attributes:
        granularity: one commit, or one for each.
        reason: why, for the message.
        operation: the operation it will be.
        seconds: date of the commits, fixed by the plan so that the plan names their exact objects.
    """

    granularity: Granularity
    reason: str
    operation: str
    seconds: int


def build(workspace: Workspace, selection: Selection, head: Oid, head_tree: Oid, order: Order) -> Built:
    """Take the selected commits out of HEAD's tree.

    Args:
        workspace: the repository.
        selection: what goes.
        head: the commit the new ones stand on.
        head_tree: its tree.
        order: how to record it.
    """
    if order.granularity == "per_commit":
        return _one_by_one(workspace, selection, head, head_tree, order)
    tree = head_tree
    for stretch in selection.stretches:
        merged = without(workspace, stretch, selection.paths, tree)
        tree = merged.tree
        if merged.conflicts:
            return Built(tree=tree, commits=(), conflicts=merged.conflicts)
    if tree == head_tree:
        return Built(tree=tree, commits=(), conflicts=())
    message = _message(selection.title, selection.commits, order, selection.paths)
    return Built(tree=tree, commits=[_commit(workspace, tree, head, message, order)], conflicts=())


def without(workspace: Workspace, stretch: Stretch, paths: Sequence[str], tree: Oid) -> Merged:
    """A tree without a stretch of commits: by one merge, or where that conflicts one by one, if that does not.

    Where a later commit took back one of them already, the others come out by themselves.

    Args:
        workspace: the repository.
        stretch: what goes.
        paths: only what it did there; empty means everything.
        tree: what it is taken out of.
    """
    count = len(stretch.commits)
    label = stretch.commits[0].short if count == 1 else f"{count} commits"
    merged = merge_trees(
        workspace, stretch.newest, tree, stretch.oldest, Labels(ours="HEAD", theirs=f"without {label}")
    )
    if not merged.conflicts or not 1 < count <= MOST_SINGLY:
        return merged
    alone = Merged(tree=tree, conflicts=())
    for info in stretch.commits:
        step = single(workspace, info, paths)
        if step is not None:
            labels = Labels(ours="HEAD", theirs=f"without {info.short}")
            alone = merge_trees(workspace, step.newest, alone.tree, step.oldest, labels)
            if alone.conflicts:
                return merged
    return alone


def _one_by_one(workspace: Workspace, selection: Selection, head: Oid, head_tree: Oid, order: Order) -> Built:
    tree, tip = head_tree, head
    commits: list[Oid] = []
    for info in selection.commits:
        step = single(workspace, info, selection.paths)
        if step is None:
            continue
        labels = Labels(ours="HEAD", theirs=f"without {info.short}")
        merged = merge_trees(workspace, step.newest, tree, step.oldest, labels)
        if merged.conflicts:
            return Built(tree=merged.tree, commits=(), conflicts=merged.conflicts)
        if merged.tree == tree:
            continue  # nothing of it is left
        tree = merged.tree
        message = _message(f'Revert "{info.subject}"', [info], order, selection.paths)
        tip = _commit(workspace, tree, tip, message, order)
        commits.append(tip)
    return Built(tree=tree, commits=commits, conflicts=())


def _commit(workspace: Workspace, tree: Oid, parent: Oid, message: str, order: Order) -> Oid:
    who = identity(workspace.configuration) or IDENTITY
    return workspace.writer.commit(tree, [parent], message, seconds=order.seconds, author=who, committer=who)


def _message(title: str, commits: Sequence[CommitInfo], order: Order, paths: Sequence[str]) -> str:
    lines = [title, ""]
    if order.reason:
        lines += [order.reason, ""]
    if len(commits) == 1 and not paths:
        lines.append(f"This reverts commit {commits[0].oid}.")
    else:
        where = f", only in {', '.join(show_path(path) for path in paths)}" if paths else ""
        lines.append(f"This reverts {plural(len(commits), 'commit')}{where}:")
        lines += [f"- {one.oid} {one.subject}" for one in commits[:_MAX_LISTED]]
        if len(commits) > _MAX_LISTED:
            lines.append(f"- and {len(commits) - _MAX_LISTED} more")
    return "\n".join([*lines, "", f"{OPERATION_TRAILER}: {order.operation}"])
