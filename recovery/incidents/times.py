"""How long it took to see it and to mend it: computed from records, or not known."""

from dataclasses import dataclass

from ...core.ledger.events import ActionRecorded
from ...core.ledger.recovery_events import SymptomReported, TriggerCleared, TriggerFired, Verified
from ...core.ledger.store import Record
from ...core.workspace import Workspace
from .case import Case
from .items import Touched
from .telling import tell
from .timeline import commits, seconds_between, stamp_of


@dataclass(frozen=True, kw_only=True)
class Known:
    """A moment and what it is known from."""

    at: str
    basis: str


@dataclass(frozen=True, kw_only=True)
class Times:
    """When what happened; None is not known, never a guess.

    Attributes:
        cause: the commit that caused it.
        committed: when that was committed.
        detected: when the first symptom was recorded.
        recovered: when the rollback was complete: the operation finished and every item closed.
        unrecovered: why `recovered` is None; empty if it is not.
        to_detect: seconds from `committed` to `detected`.
        to_recover: seconds from `detected` to `recovered`.
    """

    cause: str | None
    committed: Known | None
    detected: Known | None
    recovered: Known | None
    unrecovered: str
    to_detect: float | None
    to_recover: float | None


def times_of(workspace: Workspace, case: Case, touched: Touched) -> Times:
    """Compute them from the ledger, and for a commit that no action made from its own date."""
    cause = _cause(case)
    committed = None if cause is None else _committed(workspace, cause)
    detected = _detected(workspace, case)
    recovered, why = _recovered(case, touched)
    return Times(
        cause=cause,
        committed=committed,
        detected=detected,
        recovered=recovered,
        unrecovered=why,
        to_detect=_between(committed, detected),
        to_recover=_between(detected, recovered),
    )


def _between(earlier: Known | None, later: Known | None) -> float | None:
    """Seconds; not known if one is not, or if the clocks disagree about which came first."""
    if earlier is None or later is None:
        return None
    seconds = seconds_between(earlier.at, later.at)
    return seconds if seconds >= 0 else None


def _cause(case: Case) -> str | None:
    """The commit a search named; else the one commit that was rolled back. Of several, none is said to be it."""
    if case.found is not None:
        return case.found.event.first_bad
    plan = case.plan
    total = 0 if plan is None else plan.plan.get("reverts_total", len(case.commits))
    return case.commits[0].get("commit") if total == 1 and case.commits else None


def _committed(workspace: Workspace, commit: str) -> Known | None:
    for record in workspace.ledger.records(ActionRecorded, containing=commit):
        event = record.event
        if isinstance(event, ActionRecorded) and commit in event.commits:
            return Known(at=record.at, basis=f"the action that made {commit[:7]}, record {record.seq}")
    info = commits(workspace, [commit]).get(commit)
    return None if info is None else Known(at=stamp_of(info), basis=f"the date of {info.short} itself")


def _detected(workspace: Workspace, case: Case) -> Known:
    """The first symptom up to the plan or the incident; at the latest those themselves.

    A failure that a later passing run of the worktree ended was another's.
    """
    anchors = [(one.seq, one.at, one.id) for one in (case.incident, case.plan, case.operation) if one is not None]
    seq, at, name = min(anchors)
    symptom: Record | None = None
    cleared: dict[str, Record] = {}
    kinds = (Verified, TriggerFired, TriggerCleared, SymptomReported)
    for record in workspace.ledger.records(*kinds, after=case.first - 1):
        event = record.event
        if record.seq >= seq or not _here(record, case):
            continue
        if isinstance(event, Verified):
            if event.passed and event.subject == "worktree":
                symptom = None
            elif not event.passed and not event.subject.startswith("plan"):
                symptom = symptom or record
        elif isinstance(event, TriggerCleared):
            if symptom is not None and cleared.get(event.trigger) is symptom:
                symptom = None
        else:
            symptom = symptom or record
            if isinstance(event, TriggerFired):
                cleared[event.trigger] = symptom
    if symptom is not None and symptom.event is not None:
        told = tell(symptom.event)
        return Known(at=symptom.at, basis=f"{told[0] if told else symptom.kind}, record {symptom.seq}")
    return Known(at=at, basis=f"{name}, record {seq}")


def _here(record: Record, case: Case) -> bool:
    if record.session is not None and case.sessions:
        return record.session in case.sessions
    return getattr(record.event, "worktree", case.worktree) == case.worktree


def _recovered(case: Case, touched: Touched) -> tuple[Known | None, str]:
    operation = case.operation
    if operation is None:
        return None, "no rollback is recorded"
    if operation.undone is not None:
        return None, f"{operation.id} was taken back by {operation.undone}"
    if operation.outcome != "done" or operation.finished is None or operation.finished_seq is None:
        return None, f"{operation.id} is not completed"
    if touched.open:
        return None, f"{len(touched.open)} of {len(touched.rows)} items beyond the code are open"
    silent = "" if touched.known else "; no inventory is recorded"
    done = Known(at=operation.finished, basis=f"{operation.id} finished, record {operation.finished_seq}{silent}")
    last = touched.last
    if last is not None and last.at is not None and (last.seq or 0) > operation.finished_seq:
        return Known(at=last.at, basis=f"the last item was closed, record {last.seq}"), ""
    return done, ""
