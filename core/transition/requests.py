"""The two transitions a caller asks for by name: back to a checkpoint, back before an operation."""

import os
from collections.abc import Callable, Mapping, Sequence

from ..errors import InvalidInputError, NotFoundError
from ..files import names_git_dir
from ..ids import CheckpointId, OperationId
from ..ledger.events import OperationFinished, OperationStarted
from ..records import dataclass
from ..snapshot.checkpoint import Checkpoint
from ..snapshot.take import find
from ..text import show_path
from ..workspace import Workspace
from .differences import holds
from .draft import Draft
from .heads import BranchGuard
from .plan import Wish, plan
from .world import World, world_of_checkpoint

Compute = Callable[[World], Draft]


def restoring(workspace: Workspace, checkpoint: Checkpoint, paths: Sequence[str], guard: BranchGuard) -> Compute:
    """Everything, or some paths, as a checkpoint has them.

    Raises:
        InvalidInputError: if the checkpoint is of another worktree, or a path leaves the worktree or is its root.
        NotFoundError: when computed, if a path is in neither state.
    """
    if checkpoint.worktree_id != workspace.repository.worktree_id:
        raise InvalidInputError(
            f"Checkpoint {checkpoint.id} is of the worktree {checkpoint.worktree_id}.",
            hint="Restore it there.",
        )
    wanted = [normal_path(path) for path in paths]
    if "" in wanted:
        # Taken for "everything" it would move HEAD and the index too, which paths never do.
        raise InvalidInputError(
            "The root is not a path to restore.",
            hint="Leave paths out to restore everything, HEAD and index included, or name files and directories.",
        )
    target = world_of_checkpoint(workspace, checkpoint)

    def compute(current: World) -> Draft:
        for path in wanted:
            _check_exists(workspace, path, checkpoint, target, current)
        wish = Wish(
            base=current,
            current=current,
            target=target,
            name=f"checkpoint {checkpoint.id}",
            paths=wanted,
            guard=guard,
        )
        return plan(workspace, wish)

    return compute


def _check_exists(workspace: Workspace, path: str, checkpoint: Checkpoint, target: World, current: World) -> None:
    """A mistyped path must not pass for one that has nothing to restore.

    Raises:
        NotFoundError: if neither the checkpoint nor the worktree has it.
    """
    if os.path.lexists(os.path.join(workspace.root, path)):
        return
    if not any(holds(workspace, world, path) for world in (target, current)):
        raise NotFoundError(
            f"{show_path(path)} is neither in checkpoint {checkpoint.id} nor in the worktree.",
            hint="Paths are relative to the worktree's root and taken literally, without wildcards.",
        )


def normal_path(path: str) -> str:
    """A caller's path relative to the root; empty for the root itself.

    Raises:
        InvalidInputError: if it leaves the worktree or enters `.git`.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or "\0" in path or any(map(names_git_dir, parts)):
        raise InvalidInputError(
            f"{path!r} is not a path inside the worktree.", hint="Use paths relative to its root."
        )
    return "/".join(parts)


@dataclass(frozen=True, kw_only=True)
class Undoable:
    """An operation with the checkpoints around it.

    Attributes:
        operation: its id.
        kind: restore, undo, revert, …
        summary: one line.
        before: the state before it.
        after: the state it made.
        added: commits that it, or an operation it takes back or does again, put on branches.
    """

    operation: OperationId
    kind: str
    summary: str
    before: Checkpoint
    after: Checkpoint
    added: frozenset[str]


def find_operation(workspace: Workspace, operation: OperationId | None) -> Undoable:
    """An operation of this worktree, by default the newest that was completed.

    Raises:
        NotFoundError: if there is none, it was never completed, or its checkpoints were pruned.
    """
    worktree = workspace.repository.worktree_id
    finished = {
        event.operation: event
        for record in workspace.ledger.records(OperationFinished)
        if isinstance(event := record.event, OperationFinished) and event.outcome == "done" and event.after
    }
    records = workspace.ledger.records(OperationStarted, newest_first=True)
    started = {event.operation: event for record in records if isinstance(event := record.event, OperationStarted)}
    for event in started.values():
        if event.worktree != worktree:
            continue
        end = finished.get(event.operation)
        if operation not in (None, event.operation) or end is None or end.after is None:
            continue
        return Undoable(
            operation=OperationId(event.operation),
            kind=event.kind,
            summary=event.summary,
            before=find(workspace, CheckpointId(event.before)),
            after=find(workspace, CheckpointId(end.after)),
            added=_added(event.operation, started, finished),
        )
    what = (
        "There is no operation to undo here."
        if operation is None
        else f"There is no completed operation {operation} here."
    )
    raise NotFoundError(
        what, hint="`safe-rollback log` lists operations; restore_checkpoint goes back to any checkpoint."
    )


def _added(
    operation: str, started: Mapping[str, OperationStarted], finished: Mapping[str, OperationFinished]
) -> frozenset[str]:
    """The commits of an operation, and of what it takes back: the undo of an undo put them there again."""
    commits = finished[operation].commits if operation in finished else ()
    # Always an older one, so this ends.
    earlier = started[operation].undoes if operation in started else None
    return frozenset(commits) | (frozenset() if earlier is None else _added(earlier, started, finished))


def undoing(workspace: Workspace, undoable: Undoable, guard: BranchGuard) -> Compute:
    """Take out what an operation changed, and keep what came after it."""
    base = world_of_checkpoint(workspace, undoable.after)
    target = world_of_checkpoint(workspace, undoable.before)

    def compute(current: World) -> Draft:
        wish = Wish(
            base=base,
            current=current,
            target=target,
            name=f"before {undoable.operation}",
            guard=guard,
            added=undoable.added,
        )
        return plan(workspace, wish)

    return compute
