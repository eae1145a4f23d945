"""Records what refs show and the ledger does not know: what a lost record or a crash left unsaid."""

from collections.abc import Iterable, Mapping, Sequence

from .gate.refs import list_refs
from .ledger.events import (
    CheckpointsPruned,
    CheckpointTaken,
    OperationFinished,
    OperationStarted,
    SessionEnded,
    SessionReady,
    SessionStarted,
)
from .ledger.store import Ledger
from .retention import pruned_in_trash
from .session import TAGS
from .snapshot.checkpoint import Checkpoint
from .snapshot.take import session_of, taken_event
from .workspace import Workspace

# A session's last checkpoint says how it ended.
_ENDS = {"session end": "closed", "session abandoned": "abandoned"}


def reconcile(workspace: Workspace, ledger: Ledger, checkpoints: Iterable[Checkpoint]) -> None:
    """Append what is missing. The caller holds the repository's lock.

    A checkpoint seals the records before it, never those after it: when the database is lost,
    the end of an operation or of a session may be lost with it, but its last checkpoint stands.

    Args:
        workspace: the repository.
        ledger: takes the records.
        checkpoints: all that stand in refs.
    """
    standing = sorted(checkpoints, key=lambda one: (one.created, one.number))
    _checkpoints(ledger, standing)
    _sessions(workspace, ledger, standing)
    _operations(ledger, standing)
    for pruned in pruned_in_trash(workspace, ledger):
        ledger.append(pruned)
        ledger.append(_finished(pruned.operation, None))


def recorded(ledger: Ledger) -> dict[str, str | None]:
    """The commit of each checkpoint as the ledger has it; None for one that retention dropped."""
    known: dict[str, str | None] = {}
    for record in ledger.records(CheckpointTaken, CheckpointsPruned):
        event = record.event
        if isinstance(event, CheckpointTaken):
            known[event.checkpoint] = event.commit
        elif isinstance(event, CheckpointsPruned):
            known.update(dict.fromkeys(event.dropped))
    return known


def _checkpoints(ledger: Ledger, standing: Sequence[Checkpoint]) -> None:
    known = recorded(ledger)
    for one in standing:
        if known.get(one.id) != one.commit:
            ledger.append(taken_event(one), session=session_of(one.chain))


def _sessions(workspace: Workspace, ledger: Ledger, standing: Sequence[Checkpoint]) -> None:
    events = [record.event for record in ledger.records(SessionStarted, SessionReady, SessionEnded)]
    ready = {event.session for event in events if isinstance(event, SessionReady)}
    ended = {event.session for event in events if isinstance(event, SessionEnded)}
    newest: dict[str, Checkpoint] = {one.chain: one for one in standing}
    first: dict[str, Checkpoint] = {one.chain: one for one in reversed(standing)}
    tags = {ref.name for ref in list_refs(workspace.repository, TAGS.rpartition("/")[0])}
    for event in events:
        if not isinstance(event, SessionStarted) or event.session in ended or event.session not in newest:
            continue
        name, last = event.session, newest[event.session]
        if name not in ready:
            tag = (TAGS + name).removeprefix("refs/tags/") if TAGS + name in tags else None
            ledger.append(SessionReady(session=name, checkpoint=first[name].id, tag=tag))
        if last.reason in _ENDS:
            outcome = _ENDS[last.reason]
            ledger.append(
                SessionEnded(session=name, outcome=outcome, summary=last.note, commit=None, checkpoint=last.id)
            )


def _operations(ledger: Ledger, standing: Sequence[Checkpoint]) -> None:
    finished = {
        event.operation
        for record in ledger.records(OperationFinished)
        if isinstance(event := record.event, OperationFinished)
    }
    after = _after(standing)
    for record in ledger.records(OperationStarted):
        event = record.event
        if isinstance(event, OperationStarted) and event.operation not in finished and event.operation in after:
            ledger.append(_finished(event.operation, after[event.operation]))


def _after(standing: Sequence[Checkpoint]) -> Mapping[str, str]:
    """Operation → the checkpoint of the state it made, from the reasons checkpoints carry."""
    pairs = ((one.reason.removeprefix("after ").partition(",")[0], one) for one in standing)
    return {operation: one.id for operation, one in pairs if one.reason.startswith("after ")}


def _finished(operation: str, after: str | None) -> OperationFinished:
    return OperationFinished(
        operation=operation, outcome="done", after=after, commits=(), detail="recorded again from the refs"
    )
