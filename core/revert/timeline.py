"""Who worked when in a worktree: the stretches between checkpoints, each with the actions that ran in it."""

import itertools
from collections.abc import Collection, Mapping, Sequence

from ..ids import Oid
from ..ledger.events import ActionRecorded, CheckpointTaken, OperationFinished, OperationStarted
from ..records import dataclass
from ..transition.differences import within
from ..workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Act:
    """An action of an agent, or an operation of ours, with the checkpoints around it.

    Attributes:
        id: `act-…`, `op-…`; older records have none.
        seq: the record's place in the ledger.
        at: when it was recorded.
        session: the session it belongs to.
        agent: which agent.
        paths: the only files it changes, if it is a file tool's; empty for a shell's.
        commits: those it made.
        before: checkpoint before it.
        after: checkpoint after it.
    """

    id: str
    seq: int
    at: str
    session: str | None
    agent: str
    paths: Sequence[str]
    commits: Sequence[str]
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A checkpoint as the ledger names it.

    Attributes:
        id: its id.
        seq: place in the ledger; orders the moments of a worktree.
        commit: the commit that holds it.
        tree: the worktree's files.
        at: when.
    """

    id: str
    seq: int
    commit: Oid
    tree: Oid
    at: str


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The time between two moments.

    Attributes:
        before: where it begins.
        after: where it ends.
        acts: what ran all through it; none means that whatever changed is the human's.
    """

    before: Moment
    after: Moment
    acts: Sequence[Act]


def actions(workspace: Workspace, *, after: int = 0) -> list[Act]:
    """The recorded actions of this worktree that have both checkpoints, oldest first."""
    worktree = workspace.repository.worktree_id
    found = []
    for record in workspace.ledger.records(ActionRecorded, after=after):
        event = record.event
        if isinstance(event, ActionRecorded) and event.worktree == worktree and event.after is not None:
            found.append(
                Act(
                    id=event.action,
                    seq=record.seq,
                    at=record.at,
                    session=event.session,
                    agent=event.agent,
                    paths=tuple(event.paths),
                    commits=tuple(event.commits),
                    before=event.before,
                    after=event.after,
                )
            )
    return found


def operations(workspace: Workspace) -> list[Act]:
    """The completed operations of this worktree, oldest first."""
    worktree = workspace.repository.worktree_id
    started: dict[str, OperationStarted] = {}
    found = []
    for record in workspace.ledger.records(OperationStarted, OperationFinished):
        event = record.event
        if isinstance(event, OperationStarted) and event.worktree == worktree:
            started[event.operation] = event
        elif isinstance(event, OperationFinished) and event.operation in started and event.after is not None:
            begun = started[event.operation]
            found.append(
                Act(
                    id=event.operation,
                    seq=record.seq,
                    at=record.at,
                    session=begun.session,
                    agent="",
                    paths=(),
                    commits=tuple(event.commits),
                    before=begun.before,
                    after=event.after,
                )
            )
    return found


def moments(workspace: Workspace, *, after: int = 0) -> dict[str, Moment]:
    """Checkpoints by id, those whose record comes later than `after`."""
    found = {}
    for record in workspace.ledger.records(CheckpointTaken, after=after):
        event = record.event
        if isinstance(event, CheckpointTaken):
            found[event.checkpoint] = Moment(
                id=event.checkpoint,
                seq=record.seq,
                commit=Oid(event.commit),
                tree=Oid(event.tree),
                at=record.at,
            )
    return found


def stretches(acts: Sequence[Act], known: Mapping[str, Moment], also: Collection[Moment] = ()) -> list[Stretch]:
    """Cut the time from the first action to the last at every checkpoint of one.

    Args:
        acts: the actions; one whose checkpoints are not known is left out.
        known: the moments.
        also: further moments to begin, cut and end at.
    """
    whole = [act for act in acts if act.before in known and act.after in known]
    points = {known[name] for act in whole for name in (act.before, act.after)} | {*also}
    ordered = sorted(points, key=lambda one: one.seq)
    begins: dict[int, list[Act]] = {}
    for act in whole:
        begins.setdefault(known[act.before].seq, []).append(act)
    found, running = [], list[Act]()
    for start, end in itertools.pairwise(ordered):
        running += begins.get(start.seq, ())
        running = [act for act in running if known[act.after].seq >= end.seq]
        found.append(Stretch(before=start, after=end, acts=tuple(running)))
    return found


def owns(path: str, mine: Sequence[Act], others: Sequence[Act]) -> bool:
    """Whether a path that changed while some actions ran is one of `mine`.

    An action that names its files changes no other. What no action names may be any other's that
    ran at the same time: then it is not mine.
    """
    if any(act.paths and within(path, act.paths) for act in mine):
        return True
    if all(act.paths for act in mine):
        return False
    return all(act.paths and not within(path, act.paths) for act in others)
