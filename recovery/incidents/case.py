"""A case: an incident, a rollback plan or an operation, with everything the ledger says belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...core.errors import InvalidInputError, NotFoundError
from ...core.ids import operation_id as parse_operation
from ...core.ids import plan_id as parse_plan
from ...core.ledger.event import Event
from ...core.ledger.events import ActionRecorded, OperationFinished, OperationStarted, PlanMade, SessionStarted
from ...core.ledger.recovery_events import BreakingCommitFound
from ...core.ledger.store import Record
from ...core.text import clean
from ...core.workspace import Workspace
from .incident import Incident, find_incident, incidents


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A recorded rollback plan."""

    id: str
    seq: int
    at: str
    session: str | None
    digest: str
    worktree: str
    request: Mapping[str, Any]
    plan: Mapping[str, Any]

    @property
    def target(self) -> str:
        """What it was about, as an inventory names it."""
        target = self.request.get("target", "")
        if isinstance(target, list):
            return " ".join(target)
        return f"session/{self.session}" if target == "session" and self.session else str(target)


@dataclass(frozen=True, kw_only=True)
class Operated:
    """A state change of ours.

    Attributes:
        id: `op-…`.
        kind: revert, restore, …
        summary: one line.
        session: the session that ran.
        worktree: where.
        before: checkpoint of the state before.
        seq: where its beginning stands in the ledger.
        at: when it began.
        outcome: `done`, `taken back`; None if no end is recorded.
        finished: when it ended.
        finished_seq: where that stands.
        undone: the operation that took it back, if one did.
    """

    id: str
    kind: str
    summary: str
    session: str | None
    worktree: str
    before: str
    seq: int
    at: str
    outcome: str | None = None
    finished: str | None = None
    finished_seq: int | None = None
    undone: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it was completed, and nothing took it back."""
        return self.outcome == "done" and self.undone is None


@dataclass(frozen=True, kw_only=True)
class Found:
    """A search for the commit that broke a check, with its place in the ledger."""

    seq: int
    at: str
    event: BreakingCommitFound


@dataclass(frozen=True, kw_only=True)
class Case:
    """What belongs together.

    Attributes:
        id: what it was asked for by.
        worktree: where it happened.
        incident: if there is one.
        plan: if there is one.
        operation: the rollback itself, if it was carried out.
        sessions: whose records belong to it.
        found: the newest search that named a commit.
        first: the ledger's record it begins with.
        last: the last record known to belong to it; None while its incident is open.
    """

    id: str
    worktree: str
    incident: Incident | None
    plan: Planned | None
    operation: Operated | None
    sessions: Sequence[str]
    found: Found | None
    first: int
    last: int | None

    @property
    def opened(self) -> str:
        """When it became a case: the incident, the plan or the operation."""
        named = [one.at for one in (self.incident, self.plan, self.operation) if one is not None]
        return min(named)

    @property
    def commits(self) -> Sequence[Mapping[str, str]]:
        """The commits the plan takes out: rows of commit, subject and author."""
        return [] if self.plan is None else list(self.plan.plan.get("reverts", ()))


def case_of(workspace: Workspace, wanted: str) -> Case:
    """The case of an incident, a plan or an operation.

    An incident that was opened by hand has the newest plan that was made in its worktree while it was open,
    one that was carried out before others.

    Raises:
        InvalidInputError: if the text is no such id.
        NotFoundError: if nothing of that id is recorded.
    """
    incident: Incident | None = None
    plan: Planned | None = None
    operation: Operated | None = None
    if wanted.startswith("inc-"):
        incident = find_incident(workspace, wanted)
        plan, operation = _of_incident(workspace, incident)
    elif wanted.startswith("plan-"):
        plan = _plan(workspace, parse_plan(wanted))
        if plan is None:
            raise NotFoundError(f"There is no plan {wanted}.", hint="`safe-rollback log` lists what happened.")
        operation = _operation(workspace, operation_of(plan.id))
    elif wanted.startswith("op-"):
        operation = _operation(workspace, parse_operation(wanted))
        if operation is None:
            raise NotFoundError(f"There is no operation {wanted}.", hint="`safe-rollback log` lists them.")
        plan = _plan(workspace, f"plan-{wanted.removeprefix('op-')}")
    else:
        raise InvalidInputError(
            f"{clean(wanted, limit=80)!r} is no incident, plan or operation.", hint="Give inc-…, plan-… or op-…."
        )
    if incident is None:
        incident = _incident_of(workspace, plan, operation)
    return _joined(workspace, wanted, incident, plan, operation)


def operation_of(plan: str) -> str:
    """The operation a plan becomes: both carry the same digits."""
    return f"op-{plan.removeprefix('plan-')}"


def _joined(
    workspace: Workspace, wanted: str, incident: Incident | None, plan: Planned | None, operation: Operated | None
) -> Case:
    whole = [one for one in (incident, plan, operation) if one is not None]
    named = {one.session for one in whole if one.session}
    if plan is not None and plan.target.startswith("session/"):
        named.add(plan.target.removeprefix("session/"))
    first = _first(workspace, named, plan, min(one.seq for one in whole))
    if incident is not None:
        last = incident.closed_seq
    else:
        last = max((operation.finished_seq or operation.seq) if operation else 0, plan.seq if plan else 0)
    return Case(
        id=wanted,
        worktree=whole[0].worktree,
        incident=incident,
        plan=plan,
        operation=operation,
        sessions=tuple(sorted(named)),
        found=_search(workspace, named, first),
        first=first,
        last=last,
    )


def _of_incident(workspace: Workspace, incident: Incident) -> tuple[Planned | None, Operated | None]:
    if incident.plan_id is not None:
        plan = _plan(workspace, incident.plan_id)
        return plan, _operation(workspace, operation_of(incident.plan_id))
    made = [
        planned
        for record in workspace.ledger.records(PlanMade, after=incident.seq, newest_first=True)
        if (planned := _planned(record)) is not None
        and planned.worktree == incident.worktree
        and record.seq < (incident.closed_seq or record.seq + 1)
    ]
    pairs = [(one, _operation(workspace, operation_of(one.id))) for one in made]
    done = [(one, operation) for one, operation in pairs if operation is not None and operation.outcome == "done"]
    return next(iter(done or pairs), (None, None))


def _incident_of(workspace: Workspace, plan: Planned | None, operation: Operated | None) -> Incident | None:
    """The incident that names a plan, or was open in that worktree when plan or operation were recorded."""
    known = incidents(workspace)
    for one in reversed(known):
        if plan is not None and one.plan_id == plan.id:
            return one
    at = next((one for one in (plan, operation) if one is not None), None)
    if at is None:
        return None
    open_then = [
        one
        for one in known
        if one.plan_id is None
        and one.worktree == at.worktree
        and one.seq < at.seq
        and (one.closed_seq is None or one.closed_seq > at.seq)
    ]
    return open_then[-1] if open_then else None


def _plan(workspace: Workspace, wanted: str) -> Planned | None:
    for record in workspace.ledger.records(PlanMade, containing=wanted, newest_first=True):
        found = _planned(record)
        if found is not None and found.id == wanted:
            return found
    return None


def _planned(record: Record) -> Planned | None:
    event = record.event
    if not isinstance(event, PlanMade):
        return None
    return Planned(
        id=event.plan_id,
        seq=record.seq,
        at=record.at,
        session=record.session,
        digest=event.digest,
        worktree=event.worktree,
        request=event.request,
        plan=event.plan,
    )


def _operation(workspace: Workspace, wanted: str) -> Operated | None:
    begun: Record | None = None
    start: OperationStarted | None = None
    end: tuple[Record, OperationFinished] | None = None
    undoers: list[str] = []
    for record in workspace.ledger.records(OperationStarted, OperationFinished, containing=wanted):
        event = record.event
        if isinstance(event, OperationStarted) and event.operation == wanted:
            begun, start = record, event
        elif isinstance(event, OperationStarted) and event.undoes == wanted:
            undoers.append(event.operation)
        elif isinstance(event, OperationFinished) and event.operation == wanted:
            end = (record, event)
    if begun is None or start is None:
        return None
    # An undo that was undone itself took nothing back; it is always a later operation, so this ends.
    later = [_operation(workspace, one) for one in undoers]
    return Operated(
        id=wanted,
        kind=start.kind,
        summary=start.summary,
        session=start.session,
        worktree=start.worktree,
        before=start.before,
        seq=begun.seq,
        at=begun.at,
        outcome=None if end is None else end[1].outcome,
        finished=None if end is None else end[0].at,
        finished_seq=None if end is None else end[0].seq,
        undone=next((one.id for one in later if one is not None and one.stands), None),
    )


def _search(workspace: Workspace, sessions: set[str], first: int) -> Found | None:
    for record in workspace.ledger.records(BreakingCommitFound, after=first - 1, newest_first=True):
        event = record.event
        mine = record.session is None or record.session in sessions
        if isinstance(event, BreakingCommitFound) and event.first_bad is not None and mine:
            return Found(seq=record.seq, at=record.at, event=event)
    return None


def _first(workspace: Workspace, sessions: set[str], plan: Planned | None, anchor: int) -> int:
    """Where the story begins: with its sessions, and the action that made the oldest commit that goes."""
    places = [anchor]
    kinds: tuple[type[Event], ...] = (SessionStarted, ActionRecorded)
    going = {row.get("commit") for row in (plan.plan.get("reverts", ()) if plan else ())}
    for record in workspace.ledger.records(*kinds):
        event = record.event
        begins = isinstance(event, SessionStarted) and event.session in sessions
        makes = isinstance(event, ActionRecorded) and going.intersection(event.commits)
        if begins or makes:
            places.append(record.seq)
    return min(places)
