"""Retention: which checkpoints go, the operation that drops them, and its undo."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from .clock import parse_stamp
from .errors import NotFoundError, StateMovedError
from .files import canonical_json
from .gate.objects import MODE_FILE, Entry, unique
from .gate.refs import ARCHIVE, ARCHIVE_MOMENT, Ref, RefUpdate, list_refs, update_refs
from .ids import OURS, MaybeOid, Oid, OperationId
from .late import late
from .ledger.events import CheckpointsPruned, OperationFinished, OperationStarted
from .ledger.store import Ledger
from .records import dataclass, replace
from .session import TAGS, sessions
from .snapshot.chain import meta_file, parents, tree_of, walk
from .snapshot.checkpoint import PRIVATE, SESSIONS, Checkpoint
from .snapshot.take import private_listing, session_of, taken_event
from .text import plural
from .workspace import Workspace

JOURNAL = OURS + "journal"
TRASH = OURS + "trash/"
_MOMENT = late(r"([0-9]{8}-[0-9]{6})-[0-9]+/")


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A chain and what retention does with it."""

    name: str
    tip: Oid
    keep: Sequence[Checkpoint]
    drop: Sequence[Checkpoint]


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """A plan; nothing has happened yet.

    Attributes:
        chains: those with something to drop, oldest checkpoint first.
        archived: refs that keep what others lost, and are old too.
    """

    chains: Sequence[Chain]
    archived: Sequence[Ref] = ()

    @property
    def dropped(self) -> list[Checkpoint]:
        """Everything that goes."""
        return [one for chain in self.chains for one in chain.drop]

    def summary(self) -> str:
        """`3 checkpoints and 1 archived ref`."""
        archived = f" and {plural(len(self.archived), 'archived ref')}" if self.archived else ""
        return plural(len(self.dropped), "checkpoint") + archived

    def digest(self) -> str:
        """Names exactly this pruning."""
        data = [[chain.name, chain.tip, [one.id for one in chain.drop]] for chain in self.chains]
        data += [[ref.name, ref.oid] for ref in self.archived]
        return hashlib.sha256(canonical_json(data).encode()).hexdigest()[:32]


def plan_pruning(workspace: Workspace, keep_seconds: int) -> Pruning:
    """Checkpoints older than the retention time.

    Pinned ones stay, and so do those of a session that runs (they say whose its changes are), the
    newest of a worktree, and those around the last operation of a worktree: what its undo needs.
    """
    limit = workspace.clock.now() - timedelta(seconds=keep_seconds)
    running = {one.id for one in sessions(workspace) if one.outcome is None}
    needed = _needed(workspace)
    chains = []
    for ref in list_refs(workspace.repository, SESSIONS):
        name = ref.name.removeprefix(SESSIONS)
        checkpoints = list(walk(workspace.reader, ref.oid))[::-1]
        newest = len(checkpoints) - 1
        if name in running:
            continue
        kept_always = {newest} if name.startswith("at-") else set()
        keep: list[Checkpoint] = []
        drop: list[Checkpoint] = []
        for position, one in enumerate(checkpoints):
            old = parse_stamp(one.created) < limit
            stays = one.pinned or position in kept_always or one.id in needed
            (drop if old and not stays else keep).append(one)
        if drop:
            chains.append(Chain(name=name, tip=ref.oid, keep=keep, drop=drop))
    return Pruning(
        chains=chains, archived=[ref for ref in list_refs(workspace.repository, ARCHIVE) if _old(ref, limit)]
    )


def _old(ref: Ref, limit: datetime) -> bool:
    """Whether a ref of the archive bears a moment before the limit; those of operations bear none, and stay."""
    found = _MOMENT.match(ref.name.removeprefix(ARCHIVE))
    return found is not None and found[1] < limit.strftime(ARCHIVE_MOMENT)


def _needed(workspace: Workspace) -> set[str]:
    """Checkpoints around the last operation of each worktree, and before those that never finished."""
    events = [record.event for record in workspace.ledger.records(OperationStarted, OperationFinished)]
    finished = {event.operation: event for event in events if isinstance(event, OperationFinished)}
    last: dict[str, set[str]] = {}
    unfinished: set[str] = set()
    for event in events:
        if not isinstance(event, OperationStarted) or not event.before:
            continue
        end = finished.get(event.operation)
        if end is None:
            unfinished.add(event.before)
        elif end.outcome == "done" and end.after:
            last[event.worktree] = {event.before, end.after}
    return unfinished.union(*last.values())


def prune(workspace: Workspace, keep_seconds: int, digest: str) -> OperationId:
    """Drop what the plan names. Objects go with git's own housekeeping, not before.

    The old tips stay under our trash refs until the next pruning, which is the undo.

    Raises:
        StateMovedError: if the plan is not the one the digest names any more.
    """
    with workspace.repository_lock("prune"):
        pruning = plan_pruning(workspace, keep_seconds)
        if pruning.digest() != digest:
            raise StateMovedError("The checkpoints changed since the plan was made.", hint="Plan again.")
        operation = OperationId(f"op-{workspace.clock.token()}")
        started = OperationStarted(
            operation=operation,
            kind="prune",
            session=None,
            worktree=workspace.repository.worktree_id,
            summary=f"drop {pruning.summary()}",
            before="",
            undoes=None,
        )
        for forgotten in pruned_in_trash(workspace, workspace.ledger):
            workspace.ledger.append(forgotten)
        workspace.ledger.append(started)
        refs = {ref.name: ref for ref in list_refs(workspace.repository)}
        updates = [
            RefUpdate(name=name, new=None, old=ref.oid) for name, ref in refs.items() if name.startswith(TRASH)
        ]
        updates += _journal(workspace, pruning, refs.get(JOURNAL))
        trash: dict[str, str] = {}
        rewritten: list[tuple[Checkpoint, Oid]] = []
        for one in pruning.archived:
            updates.append(RefUpdate(name=one.name, new=None, old=one.oid))
            trash[one.name] = f"{TRASH}{operation}/{one.name.removeprefix('refs/')}"
            updates.append(RefUpdate(name=trash[one.name], new=one.oid, old=None))
        for chain in pruning.chains:
            for name, old, new in _chain_updates(workspace, chain, refs, rewritten):
                updates.append(RefUpdate(name=name, new=new, old=old))
                place = f"{TRASH}{operation}/{name.removeprefix('refs/')}"
                updates.append(RefUpdate(name=place, new=old, old=None))
                trash[name] = place
        update_refs(workspace.repository, updates, reason=f"prune {operation}")
        for checkpoint, commit in rewritten:
            event = taken_event(replace(checkpoint, commit=commit))
            workspace.ledger.append(event, session=session_of(checkpoint.chain))
        dropped = [one.id for one in pruning.dropped]
        workspace.ledger.append(CheckpointsPruned(operation=operation, dropped=dropped, trash=trash))
        workspace.ledger.append(
            OperationFinished(operation=operation, outcome="done", after=None, commits=(), detail="")
        )
    return operation


def _journal(workspace: Workspace, pruning: Pruning, ref: Ref | None) -> list[RefUpdate]:
    """Ledger records sealed in dropped checkpoints move to a ref of their own."""
    files = {} if ref is None else dict(workspace.reader.tree(tree_of(workspace.reader, ref.oid)))
    for one in pruning.dropped:
        blob = workspace.writer.blob(meta_file(workspace.reader, one.commit, "events.jsonl"))
        files[f"{one.id}.jsonl"] = Entry(mode=MODE_FILE, oid=blob)
    tree = workspace.writer.tree(files)
    seconds = int(workspace.clock.now().timestamp())
    old = None if ref is None else ref.oid
    commit = workspace.writer.commit(tree, unique([old]), "ledger records of dropped checkpoints", seconds=seconds)
    return [RefUpdate(name=JOURNAL, new=commit, old=old)]


def _chain_updates(
    workspace: Workspace, chain: Chain, refs: dict[str, Ref], rewritten: list[tuple[Checkpoint, Oid]]
) -> list[tuple[str, Oid, MaybeOid]]:
    """Ref, old and new value for a chain, its ignored files, and the tag of a session that is gone."""
    seconds = int(workspace.clock.now().timestamp())
    tip: MaybeOid = None
    known = {one.commit for one in (*chain.keep, *chain.drop)}
    for one in chain.keep:
        others = [parent for parent in parents(workspace.reader, one.commit) if parent not in known]
        raw = workspace.reader.read(one.commit).data.decode("utf-8", "surrogateescape")
        message = raw.partition("\n\n")[2]
        created = int(parse_stamp(one.created).timestamp())
        tree = tree_of(workspace.reader, one.commit)
        tip = workspace.writer.commit(tree, unique([tip, *others]), message, seconds=created)
        rewritten.append((one, tip))
    updates = [(SESSIONS + chain.name, chain.tip, tip)]
    private = refs.get(PRIVATE + chain.name)
    if private is not None:
        commits = unique(one.private for one in chain.keep)
        listing = private_listing(workspace, commits, seconds) if commits else None
        updates.append((private.name, private.oid, listing))
    tag = refs.get(TAGS + chain.name)
    if tip is None and tag is not None:
        updates.append((tag.name, tag.oid, None))
    return updates


def pruned_in_trash(workspace: Workspace, ledger: Ledger) -> list[CheckpointsPruned]:
    """Prunings that the trash shows and the ledger does not: a crash or a lost database took their record."""
    known = {
        event.operation
        for record in ledger.records(CheckpointsPruned)
        if isinstance(event := record.event, CheckpointsPruned)
    }
    refs = {ref.name: ref.oid for ref in list_refs(workspace.repository)}
    trash: dict[str, dict[str, str]] = {}
    for place in refs:
        if place.startswith(TRASH):
            operation, _, name = place.removeprefix(TRASH).partition("/")
            trash.setdefault(operation, {})[f"refs/{name}"] = place
    found = []
    for operation in trash.keys() - known:
        dropped: list[str] = []
        for name, place in trash[operation].items():
            if name.startswith(SESSIONS):
                kept = {one.id for one in walk(workspace.reader, refs[name])} if name in refs else set()
                dropped += [one.id for one in walk(workspace.reader, refs[place]) if one.id not in kept]
        found.append(CheckpointsPruned(operation=operation, dropped=dropped, trash=trash[operation]))
    return found


def undo_pruning(workspace: Workspace, operation: OperationId) -> OperationId:
    """Bring back what a pruning dropped, as long as no later one emptied the trash.

    Raises:
        NotFoundError: if it is not the last pruning.
        StateMovedError: if a chain grew since.
    """
    with workspace.repository_lock("undo prune"):
        event = next(
            (
                event
                for record in workspace.ledger.records(CheckpointsPruned, newest_first=True)
                if isinstance(event := record.event, CheckpointsPruned) and event.operation == operation
            ),
            None,
        )
        refs = {ref.name: ref.oid for ref in list_refs(workspace.repository)}
        if event is None or not all(place in refs for place in event.trash.values()):
            raise NotFoundError(
                f"What {operation} dropped is gone.", hint="A pruning can be undone until the next one."
            )
        undo = OperationId(f"op-{workspace.clock.token()}")
        updates, restored = [], []
        for name, place in event.trash.items():
            old = refs.get(name)
            _check_not_grown(workspace, name, old, refs[place])
            updates += [
                RefUpdate(name=name, new=refs[place], old=old),
                RefUpdate(name=place, new=None, old=refs[place]),
            ]
            if name.startswith(SESSIONS):
                restored += list(walk(workspace.reader, refs[place]))
        update_refs(workspace.repository, updates, reason=f"undo {operation}")
        for one in restored:
            workspace.ledger.append(taken_event(one), session=session_of(one.chain))
        workspace.ledger.append(
            OperationStarted(
                operation=undo,
                kind="undo prune",
                session=None,
                worktree=workspace.repository.worktree_id,
                summary=f"bring back {plural(len(event.dropped), 'checkpoint')}",
                before="",
                undoes=operation,
            )
        )
        workspace.ledger.append(OperationFinished(operation=undo, outcome="done", after=None, commits=(), detail=""))
    return undo


def _check_not_grown(workspace: Workspace, name: str, now: MaybeOid, old: Oid) -> None:
    if now is None or not name.startswith(SESSIONS):
        return
    newest, before = (next(iter(walk(workspace.reader, tip))) for tip in (now, old))
    if newest.number > before.number:
        raise StateMovedError(
            f"{name.removeprefix(SESSIONS)} has newer checkpoints than the pruning saw.",
            hint="Nothing was changed. What was dropped stays in the trash until the next pruning.",
        )
