"""Takes a checkpoint: capture, write the frame, publish the ref, record it."""

import os
from collections.abc import Mapping, Sequence

from ..clock import stamp
from ..errors import InvalidInputError, NotFoundError
from ..gate.objects import unique
from ..gate.refs import RefUpdate, list_refs, parents_of, update_refs
from ..ids import ChainId, CheckpointId, MaybeOid, Oid, chain_of
from ..ledger.events import CheckpointsPruned, CheckpointTaken
from ..records import dataclass, field, replace
from ..text import clean
from ..workspace import Workspace
from .capture import Snapshot, capture
from .chain import load_through, tree_of
from .checkpoint import PRIVATE, SESSIONS, Checkpoint, frame, load
from .policy import CapturePolicy

_MAX_NAME = 100


@dataclass(frozen=True, kw_only=True)
class Label:
    """What a checkpoint is called, why it is taken, and what else it remembers.

    Attributes:
        reason: why.
        name: one line.
        note: more.
        pin: whether retention keeps it.
        fingerprints: see `Checkpoint`.
    """

    reason: str
    name: str = ""
    note: str = ""
    pin: bool = False
    fingerprints: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def take(
    workspace: Workspace,
    chain: ChainId,
    policy: CapturePolicy,
    label: Label,
    snapshot: Snapshot | None = None,
) -> Checkpoint:
    """Take a checkpoint of the worktree.

    Args:
        workspace: the worktree.
        chain: where it goes.
        policy: what to capture.
        label: what it is called.
        snapshot: the state, if it was captured already under the same lock.

    Raises:
        CaptureError: if it would be incomplete; nothing was written to a ref then.
        InvalidInputError: if the name is unusable.
    """
    _check(label)
    with workspace.worktree_lock(f"checkpoint ({label.reason})"):
        if snapshot is None:
            snapshot = capture(workspace, policy)
        with workspace.repository_lock(f"checkpoint ({label.reason})"):
            checkpoint = publish(workspace, chain, label, snapshot)
    return checkpoint


def take_if_changed(workspace: Workspace, chain: str, policy: CapturePolicy, label: Label) -> Checkpoint | None:
    """Take a thorough checkpoint, unless the chain's newest one holds this very state."""
    with workspace.worktree_lock(f"checkpoint ({label.reason})"):
        snapshot = capture(workspace, policy, thorough=True)
        if _newest_if_same(workspace, chain, snapshot) is not None:
            return None
        return take(workspace, ChainId(chain), policy, label, snapshot)


def take_or_newest(workspace: Workspace, chain: ChainId, policy: CapturePolicy, label: Label) -> Checkpoint:
    """Take a checkpoint; if the chain's newest one holds this very state, that one.

    Raises:
        CaptureError: if it would be incomplete.
    """
    with workspace.worktree_lock(f"checkpoint ({label.reason})"):
        snapshot = capture(workspace, policy)
        return _newest_if_same(workspace, chain, snapshot) or take(workspace, chain, policy, label, snapshot)


def _newest_if_same(workspace: Workspace, chain: str, snapshot: Snapshot) -> Checkpoint | None:
    tip = _tip(SESSIONS + chain, snapshot)
    if tip is None:
        return None
    newest = load_through(workspace.reader, tip)
    return newest if _same(newest, snapshot, workspace) else None


def _same(checkpoint: Checkpoint, snapshot: Snapshot, workspace: Workspace) -> bool:
    private = None
    if checkpoint.private is not None:
        try:
            private = tree_of(workspace.reader, checkpoint.private)
        except NotFoundError:
            return False  # it came from another machine without them
    now = workspace.writer.tree_of(snapshot.private) if snapshot.private else None
    had = (checkpoint.worktree, checkpoint.index_tree, checkpoint.stages, checkpoint.head, checkpoint.state)
    has = (snapshot.tree, snapshot.index.tree, snapshot.index.stages, snapshot.head.head, snapshot.head.state)
    return (*had, checkpoint.sidecar, checkpoint.refs, list(checkpoint.nested), private) == (
        *has,
        workspace.writer.blob(snapshot.sidecar.encode()),
        _refs(workspace, snapshot),
        list(snapshot.nested),
        now,
    )


def _refs(workspace: Workspace, snapshot: Snapshot) -> Oid:
    lines = "".join(f"{ref.oid} {ref.name}\n" for ref in snapshot.head.refs)
    return workspace.writer.blob(os.fsencode(lines))


def publish(workspace: Workspace, chain: ChainId, label: Label, snapshot: Snapshot) -> Checkpoint:
    """Write a captured state into its chain. The caller holds both locks."""
    repository, writer = workspace.repository, workspace.writer
    previous = _tip(SESSIONS + chain, snapshot)
    now = workspace.clock.now()
    seconds = int(now.timestamp())
    number = _number(workspace, chain, previous, snapshot)
    private, private_update = _private(workspace, chain, snapshot, seconds)
    records = workspace.ledger.records(after=workspace.ledger.sealed())
    checkpoint = Checkpoint(
        id=CheckpointId(f"{chain}.{number}"),
        chain=chain,
        commit=Oid(""),
        name=label.name,
        note=clean(label.note),
        reason=label.reason,
        created=stamp(now),
        pinned=label.pin,
        worktree_id=repository.worktree_id,
        head=snapshot.head.head,
        in_progress=snapshot.head.in_progress,
        worktree=snapshot.tree,
        index_raw=snapshot.index.raw,
        index_tree=snapshot.index.tree,
        stages=snapshot.index.stages,
        shared=snapshot.index.shared,
        state=snapshot.head.state,
        sidecar=writer.blob(snapshot.sidecar.encode()),
        refs=_refs(workspace, snapshot),
        nested=snapshot.nested,
        private=private,
        captured=snapshot.captured,
        skipped=snapshot.skipped,
        journal_head=workspace.ledger.head(),
        fingerprints=label.fingerprints,
    )
    events = "".join(record.line() + "\n" for record in records).encode()
    tree = frame(writer, checkpoint, events, list(snapshot.kept), list(snapshot.kept.values()))
    parents = unique([previous, snapshot.head.head.oid, *snapshot.parents])
    commit = writer.commit(tree, parents, _message(checkpoint), seconds=seconds)
    updates = [RefUpdate(name=SESSIONS + chain, new=commit, old=previous)]
    if private_update is not None:
        updates.append(private_update)
    update_refs(repository, updates, reason=f"checkpoint {checkpoint.id}")
    checkpoint = replace(checkpoint, commit=commit)
    workspace.ledger.append(taken_event(checkpoint), session=session_of(chain))
    if records:
        workspace.ledger.mark_sealed(records[-1].seq)
    snapshot.memory.save([SESSIONS + chain, commit], number)
    return checkpoint


def taken_event(checkpoint: Checkpoint) -> CheckpointTaken:
    """The record of a checkpoint."""
    return CheckpointTaken(
        checkpoint=checkpoint.id,
        chain=checkpoint.chain,
        commit=checkpoint.commit,
        name=checkpoint.name,
        reason=checkpoint.reason,
        pinned=checkpoint.pinned,
        tree=checkpoint.worktree,
        created=checkpoint.created,
    )


def session_of(chain: ChainId) -> str | None:
    """The session a chain belongs to, if it does."""
    return None if chain.startswith("at-") else chain


def _check(label: Label) -> None:
    if len(label.name) > _MAX_NAME or clean(label.name) != label.name or "\n" in label.name:
        raise InvalidInputError(
            "A checkpoint's name is one line of at most 100 printable characters.",
            hint="Put the rest into note.",
        )


def _tip(ref: str, snapshot: Snapshot) -> MaybeOid:
    # Another worktree may have moved refs since the capture listed them, but not this chain's.
    return next((one.oid for one in snapshot.ours if one.name == ref), None)


def _private(
    workspace: Workspace, chain: ChainId, snapshot: Snapshot, seconds: int
) -> tuple[MaybeOid, RefUpdate | None]:
    """The commit with the ignored files, and the ref change it takes; the one before if nothing changed.

    The ref points to a commit whose parents are all of the chain's, so that retention can drop any.
    """
    if not snapshot.private:
        return None, None
    listing = _tip(PRIVATE + chain, snapshot)
    known = [] if listing is None else parents_of(workspace.repository, listing)
    tree = workspace.writer.tree_of(snapshot.private)
    if known and workspace.repository.git.out("rev-parse", f"{known[-1]}^{{tree}}") == tree:
        return known[-1], None
    commit = workspace.writer.commit(tree, [], "ignored files", seconds=seconds)
    new = private_listing(workspace, [*known, commit], seconds)
    return commit, RefUpdate(name=PRIVATE + chain, new=new, old=listing)


def private_listing(workspace: Workspace, commits: Sequence[Oid], seconds: int) -> Oid:
    """A commit that keeps a chain's commits with ignored files."""
    tree = workspace.writer.tree({})
    return workspace.writer.commit(tree, unique(commits), "ignored files of a chain", seconds=seconds)


def _number(workspace: Workspace, chain: ChainId, previous: MaybeOid, snapshot: Snapshot) -> int:
    if previous is None:
        return 1
    if snapshot.memory.witness == [SESSIONS + chain, previous]:
        return snapshot.memory.number + 1
    return load(workspace.repository, previous).number + 1


def _message(checkpoint: Checkpoint) -> str:
    title = f"checkpoint {checkpoint.id}" + (f": {checkpoint.name}" if checkpoint.name else "")
    return f"{title}\n\n{checkpoint.reason}\n"


def find(workspace: Workspace, checkpoint: CheckpointId) -> Checkpoint:
    """A checkpoint by its id.

    Raises:
        NotFoundError: if there is none, or it was pruned.
    """
    ref = SESSIONS + chain_of(checkpoint)
    for record in workspace.ledger.records(
        CheckpointTaken, CheckpointsPruned, containing=checkpoint, newest_first=True
    ):
        event = record.event
        if isinstance(event, CheckpointsPruned) and checkpoint in event.dropped:
            raise NotFoundError(
                f"Checkpoint {checkpoint} was dropped by retention.",
                hint=f"`safe-rollback undo {event.operation}` brings it back, until the next pruning.",
            )
        if isinstance(event, CheckpointTaken) and event.checkpoint == checkpoint:
            if any(one.name == ref for one in list_refs(workspace.repository, ref)):
                return load(workspace.repository, Oid(event.commit))
            break
    raise NotFoundError(
        f"There is no checkpoint {checkpoint}.",
        hint="list_checkpoints (or `safe-rollback log`) names them.",
    )
