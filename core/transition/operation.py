"""Runs a transition as an operation: checkpoint, intent, apply, read back, checkpoint, record."""

import struct
from collections.abc import Callable, Sequence

from ..errors import ConflictError, SafeRollbackError, StateMovedError
from ..gate.objects import Entry
from ..ids import ChainId, MaybeOid, Oid, OperationId
from ..ledger.events import OperationFinished, OperationStarted
from ..records import dataclass, replace
from ..snapshot.capture import Snapshot, capture
from ..snapshot.checkpoint import Checkpoint, Nested, Sidecar
from ..snapshot.graft import graft
from ..snapshot.head import capture_head
from ..snapshot.index import IndexState, index_signature
from ..snapshot.policy import CapturePolicy
from ..snapshot.take import Label, publish
from ..text import show_path
from ..workspace import Workspace
from .converge import Progress, backward, begin, forward, verify
from .draft import PRIVATE_HOME, Draft, FileChange
from .indexmerge import edit_index
from .intent import Intent, drop_intent, write_intent
from .recover import recover
from .world import World, world_of_snapshot


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be done.

    Attributes:
        kind: restore, undo, revert, …
        summary: one line for the record.
        chain: where the checkpoints go.
        policy: what they capture.
        session: the running session, if any.
        undoes: the operation this one undoes.
        commits: commits the operation adds, for the record.
        operation: its id, if a plan fixed it already.
    """

    kind: str
    summary: str
    chain: ChainId
    policy: CapturePolicy
    session: str | None
    undoes: str | None = None
    commits: Sequence[str] = ()
    operation: OperationId | None = None


@dataclass(frozen=True, kw_only=True)
class Performed:
    """What an operation did.

    Attributes:
        operation: its id.
        before: checkpoint of the state before.
        after: checkpoint of the state it made.
        wrong: what did not read back as planned; empty when all is well.
    """

    operation: OperationId
    before: Checkpoint
    after: Checkpoint
    wrong: Sequence[str]


def look(workspace: Workspace, policy: CapturePolicy, compute: Callable[[World], Draft]) -> tuple[World, Draft]:
    """Compute a draft from the state now, changing nothing."""
    with workspace.worktree_lock("plan"):
        recover(workspace)
        current = world_of_snapshot(capture(workspace, policy))
        return current, compute(current)


def perform(
    workspace: Workspace,
    job: Job,
    compute: Callable[[World], Draft],
    digest: str,
    progress: Progress | None = None,
) -> Performed:
    """Do what `compute` plans, if it still plans what `digest` names.

    Raises:
        StateMovedError: if the state is not the planned one, or moved while files were written;
            nothing was changed, or everything was taken back.
        ConflictError: if the draft has conflicts or obstacles.
        BusyError: if git holds the index or a ref; likewise.
        SafeRollbackError: if something cannot be written; likewise, as its hint says.
    """
    with workspace.worktree_lock(job.kind):
        recover(workspace)
        snapshot = capture(workspace, job.policy)
        current = world_of_snapshot(snapshot)
        draft = compute(current)
        check(draft, digest)
        if draft.index is not None and draft.index.edits is not None:
            index = edit_index(workspace, current, draft.index.edits)
            draft = replace(draft, index=index)
        operation = job.operation or OperationId(f"op-{workspace.clock.token()}")
        with workspace.repository_lock(job.kind):
            before = publish(workspace, job.chain, Label(reason=f"before {operation}"), snapshot)
            workspace.ledger.append(
                OperationStarted(
                    operation=operation,
                    kind=job.kind,
                    session=job.session,
                    worktree=workspace.repository.worktree_id,
                    summary=job.summary,
                    before=before.id,
                    undoes=job.undoes,
                )
            )
        intent = Intent(
            operation=operation,
            kind=job.kind,
            before=before.id,
            draft=draft,
            chain=job.chain,
            policy=job.policy,
            commits=job.commits,
        )
        write_intent(workspace, intent)
        _apply(workspace, intent, current, progress)
        wrong = verify(workspace, intent)
        with workspace.repository_lock(job.kind):
            label = Label(reason=f"after {operation}")
            after = publish(workspace, job.chain, label, result(workspace, snapshot, draft))
            finish(workspace, operation, "done", after=after.id, commits=job.commits)
        drop_intent(workspace, operation)
    return Performed(operation=operation, before=before, after=after, wrong=wrong)


def check(draft: Draft, digest: str) -> None:
    """Whether a draft is the one a digest names and can be applied."""
    if draft.digest() != digest:
        raise StateMovedError(
            "Something changed since the plan was made: its digest does not fit any more.",
            hint="Nothing was changed. Ask for the plan again and look at it before you apply it.",
        )
    if not draft.applicable:
        named = [*(one.path for one in draft.conflicts), *(one.path for one in draft.blocked)]
        paths = ", ".join(show_path(path) for path in named[:5])
        raise ConflictError(
            f"The plan has conflicts or obstacles: {paths}.",
            hint="Nothing was changed. Resolve them, plan again.",
        )


def finish(
    workspace: Workspace,
    operation: str,
    outcome: str,
    *,
    after: str | None = None,
    commits: Sequence[str] = (),
    detail: str = "",
) -> None:
    """Record how an operation ended. The caller holds the repository's lock."""
    event = OperationFinished(operation=operation, outcome=outcome, after=after, commits=commits, detail=detail)
    workspace.ledger.append(event)


def _apply(workspace: Workspace, intent: Intent, seen: World, progress: Progress | None) -> None:
    try:
        begin(workspace, intent, seen)
    except Exception as error:
        with workspace.repository_lock(intent.kind):
            finish(workspace, intent.operation, "taken back", detail=str(error))
        drop_intent(workspace, intent.operation)
        raise
    try:
        forward(workspace, intent, seen, progress)
    except SafeRollbackError as error:
        error.hint = f"{_take_back(workspace, intent, seen, error)} {error.hint or ''}".rstrip()
        raise
    except Exception as error:
        _take_back(workspace, intent, seen, error)
        raise


def _take_back(workspace: Workspace, intent: Intent, seen: World, error: Exception) -> str:
    """Undo a first attempt that failed and say what became of it; if even that fails, the intent stays."""
    try:
        moved = backward(workspace, intent, seen)
    except (SafeRollbackError, OSError):
        return (
            "Not everything could be taken back yet: the next call tries again. "
            f"The state before is checkpoint {intent.before}."
        )
    said = "Everything was taken back."
    if moved:
        said += f" Changed by somebody else and left alone: {', '.join(map(show_path, moved[:5]))}."
    with workspace.repository_lock(intent.kind):
        finish(workspace, intent.operation, "taken back", detail=f"{error} {said}")
    drop_intent(workspace, intent.operation)
    return said


def result(workspace: Workspace, snapshot: Snapshot, draft: Draft) -> Snapshot:
    """The state a draft makes of a captured one, without reading the worktree again."""
    head, ours = capture_head(workspace.repository, workspace.reader, workspace.writer)
    outer = _entries(draft.files, "")
    tree = graft(workspace.reader, workspace.writer, snapshot.tree, outer)
    private = {**snapshot.private, **_entries(draft.files, PRIVATE_HOME)}
    nested = [_nested(workspace, one, draft.files) for one in snapshot.nested]
    return replace(
        snapshot,
        head=head,
        ours=ours,
        index=_index(workspace, snapshot.index, draft),
        tree=tree,
        sidecar=_sidecar(snapshot.sidecar, draft),
        private={path: entry for path, entry in private.items() if entry is not None},
        nested=nested,
    )


def _entries(files: Sequence[FileChange], home: str) -> dict[str, Entry | None]:
    return {one.path: one.after for one in files if one.home == home}


def _nested(workspace: Workspace, nested: Nested, files: Sequence[FileChange]) -> Nested:
    changes = {path.removeprefix(f"{nested.path}/"): entry for path, entry in _entries(files, nested.path).items()}
    return replace(nested, tree=graft(workspace.reader, workspace.writer, nested.tree, changes))


def _index(workspace: Workspace, index: IndexState, draft: Draft) -> IndexState:
    change = draft.index
    if change is None or change.tree is None:
        return index
    return IndexState(
        raw=change.raw,
        tree=change.tree,
        stages=change.stages,
        shared=change.shared,
        entries=_count(workspace, change.raw),
        signature=index_signature(workspace.repository),
    )


def _count(workspace: Workspace, raw: MaybeOid) -> int:
    if raw is None:
        return 0
    data = workspace.reader.read(Oid(raw)).data
    return int(struct.unpack(">I", data[8:12])[0])


def _sidecar(sidecar: Sidecar, draft: Draft) -> Sidecar:
    modes = dict(sidecar.modes)
    for one in draft.files:
        if one.after is None:
            modes.pop(one.path, None)
        elif one.mode is not None:
            modes[one.path] = one.mode
    written = [one.path.split("/") for one in draft.files if one.after is not None]
    parents = {"/".join(parts[:n]) for parts in written for n in range(1, len(parts))}
    empty = ({*sidecar.empty, *draft.make} - {*draft.remove}) - parents
    return Sidecar(empty=sorted(empty), modes=modes)
