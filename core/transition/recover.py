"""Finishes what a crash interrupted, and says so."""

from ..errors import BusyError, SafeRollbackError
from ..ids import CheckpointId
from ..ledger.events import OperationFinished, OperationStarted
from ..snapshot.capture import capture
from ..snapshot.take import Label, find, publish
from ..text import show_path
from ..workspace import Workspace
from .converge import backward, resume
from .intent import Intent, drop_intent, pending_intents, sweep
from .world import world_of_checkpoint


def recover(workspace: Workspace) -> list[str]:
    """Finish every interrupted operation of this worktree. The caller holds its lock.

    Returns:
        One sentence for each, also kept as a notice for the next answer.

    Raises:
        BusyError: if git holds the index or a ref; nothing was changed, the next call tries again.
        SafeRollbackError: if an operation can be neither finished nor taken back now; likewise.
    """
    notices = []
    for intent in pending_intents(workspace):
        notice = _recover_one(workspace, intent)
        notices.append(notice)
        workspace.notice(notice)
    sweep(workspace)
    return notices


def _recover_one(workspace: Workspace, intent: Intent) -> str:
    what = f"{intent.kind} {intent.operation}"
    if _finished(workspace, intent.operation):
        drop_intent(workspace, intent.operation)
        return f"The {what} was complete when its process ended."
    seen = world_of_checkpoint(workspace, find(workspace, CheckpointId(intent.before)))
    try:
        moved = resume(workspace, intent, seen)
        outcome, said = "done", f"The interrupted {what} was finished."
    except BusyError:
        raise
    except SafeRollbackError as error:
        moved = backward(workspace, intent, seen)
        outcome, said = "taken back", f"The interrupted {what} was taken back: {error.message}"
    if moved:
        paths = ", ".join(show_path(path) for path in moved[:5])
        said += f" Changed by somebody since and left alone: {paths}."
    said += f" The state before it is checkpoint {intent.before}."
    snapshot = capture(workspace, intent.policy)
    with workspace.repository_lock("recover"):
        label = Label(reason=f"after {intent.operation}, interrupted")
        after = publish(workspace, intent.chain, label, snapshot)
        event = OperationFinished(
            operation=intent.operation, outcome=outcome, after=after.id, commits=intent.commits, detail=said
        )
        workspace.ledger.append(event)
    drop_intent(workspace, intent.operation)
    return said


def _finished(workspace: Workspace, operation: str) -> bool:
    """Whether an operation's newest run is recorded as finished: a plan may be done again after its undo."""
    records = workspace.ledger.records(OperationStarted, OperationFinished, containing=operation, newest_first=True)
    events = (record.event for record in records)
    runs = [one for one in events if getattr(one, "operation", None) == operation]
    return bool(runs) and isinstance(runs[0], OperationFinished)
