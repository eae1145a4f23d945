"""undo: takes an operation back; undoing the undo redoes it."""

from typing import Annotated

from pydantic import Field

from ..core.errors import StateMovedError
from ..core.ids import OperationId
from ..core.ids import operation_id as parse_id
from ..core.ledger.events import CheckpointsPruned
from ..core.retention import undo_pruning
from ..core.transition.requests import find_operation, undoing
from .desk import Desk
from .spec import ToolSpec
from .transitions import Change, Plan, Transition, plan_or_do


def undo(
    desk: Desk,
    operation_id: Annotated[str | None, Field(description="default: the newest operation")] = None,
    digest: Annotated[str | None, Field(description="of the plan; leave out to get the plan")] = None,
) -> Transition:
    """Plan or do an undo; see `SPEC.description`."""
    wanted = None if operation_id is None else parse_id(operation_id)
    pruned = None if wanted is None else _pruned(desk, wanted)
    if pruned is not None and wanted is not None:
        return _undo_pruning(desk, wanted, pruned, digest)
    undoable = find_operation(desk.workspace, wanted)
    compute = undoing(desk.workspace, undoable, desk.branch_guard)
    summary = f"undo {undoable.operation} ({undoable.summary})"
    return plan_or_do(desk, compute, digest, "undo", summary, undoable.operation)


def _pruned(desk: Desk, operation: OperationId) -> CheckpointsPruned | None:
    for record in desk.workspace.ledger.records(CheckpointsPruned, containing=operation):
        event = record.event
        if isinstance(event, CheckpointsPruned):
            return event
    return None


def _undo_pruning(desk: Desk, operation: OperationId, event: CheckpointsPruned, digest: str | None) -> Transition:
    expected = f"{operation}-{len(event.dropped)}"
    if digest is None:
        rows = [Change(path=name, action="move", why="back to where it was") for name in event.trash]
        plan = Plan(digest=expected, changes=rows, changes_total=len(rows), keeps=[], conflicts=[], blocked=[])
        return Transition(
            applied=False, plan=plan, next_step="If the changes are right, call again with this digest."
        )
    if digest != expected:
        raise StateMovedError("The digest is not that of this plan.", hint="Ask for the plan again.")
    done = undo_pruning(desk.workspace, operation)
    return Transition(applied=True, operation_id=done, verified=True, next_step="The checkpoints are listed again.")


SPEC = ToolSpec(
    name="undo",
    title="Undo an operation",
    description=(
        "Takes back a restore, revert, end or undo (a second undo redoes). Later edits stay: they are merged, and a "
        "conflict changes nothing. Without digest it plans; with the plan's digest it does exactly that."
    ),
    run=undo,
    discards=True,
)
