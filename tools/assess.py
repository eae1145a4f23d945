"""Gathers what an assessment is computed from, and shows it: part of a plan."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from ..core.history import CommitInfo, changed_by
from ..core.leaks import leaks
from ..core.ledger.events import ActionRecorded, SessionEnded
from ..core.ledger.recovery_events import BreakingCommitFound, SymptomReported
from ..core.revert.plan import Rollback
from ..core.session import TRAILER
from ..core.text import clean, show_path
from ..core.verified import commits_since_green, newest_of
from ..inventory.inventory import Inventory
from ..recovery.assessment.advice import Advice, Case, advise
from ..recovery.assessment.facts import Reach, Symptoms
from ..recovery.assessment.severity import Severity, judge
from .before_code import open_items
from .desk import Desk
from .results import Part

_MAX_PLACES = 50
_LOSES = frozenset({"no", "lossy"})


class Told(Part):
    """Figures nothing here can measure."""

    error_rate_percent: Annotated[float | None, Field(ge=0, le=100)] = None
    slower_percent: Annotated[float | None, Field(ge=0, le=100_000)] = None


class Assessment(Part):
    """How bad it is and which way out the figures argue for; `runbook` is for a human to carry out."""

    advice: str
    why: list[str]
    findings: list[str]
    next_step: str
    runbook: list[str]


def assess(
    desk: Desk,
    rollback: Rollback,
    inventory: Inventory,
    will_break: int,
    told: Told | None = None,
    severity: str | None = None,
    way: str = "",
) -> tuple[Severity, Assessment]:
    """Weigh a plan: the newest verification of HEAD, the commits, what they reach, and what the caller told."""
    reach = _reach(desk, rollback, inventory, will_break, way)
    case_severity, advice = _decide(desk, rollback, reach, told or Told(), severity)
    return case_severity, Assessment(
        advice=advice.way,
        why=[clean(one, limit=500) for one in advice.why],
        findings=[clean(one, limit=500) for one in case_severity.findings],
        next_step=advice.next_step,
        runbook=list(advice.runbook),
    )


def report(desk: Desk, told: Told) -> None:
    """Record figures a caller gave, for triggers and post-mortems."""
    rows = {name: value for name, value in told.model_dump().items() if value is not None}
    with desk.workspace.repository_lock("symptoms"):
        for metric, value in rows.items():
            session = desk.session.id if desk.session else None
            desk.workspace.ledger.append(
                SymptomReported(session=session, metric=metric, value=value, source="plan_rollback")
            )


def _decide(
    desk: Desk, rollback: Rollback, reach: Reach, told: Told, severity: str | None
) -> tuple[Severity, Advice]:
    thresholds = desk.protocol.recovery.assess
    symptoms = _symptoms(desk, rollback, told)
    judged = judge(symptoms, reach, thresholds, severity)
    return judged, advise(Case(symptoms=symptoms, reach=reach, severity=judged, thresholds=thresholds))


def reach_level(desk: Desk, rollback: Rollback) -> Reach:
    """What of a plan says who may allow it."""
    return Reach(
        kind=rollback.selection.kind,
        commits=len(rollback.selection.commits),
        sessions=_sessions(desk, rollback.selection.commits),
        squash=_squashed(desk, rollback.selection.commits),
    )


def _symptoms(desk: Desk, rollback: Rollback, told: Told) -> Symptoms:
    workspace, head = desk.workspace, rollback.selection.head.oid
    newest = None if head is None else newest_of(workspace, head)
    failing: int | None = None
    ran: int | None = None
    share: float | None = None
    if newest is not None:
        rows = [one for one in newest.checks if one["status"] not in ("untrusted", "not run")]
        failing, ran = sum(one["status"] != "passed" for one in rows), len(rows)
        tests = [one["tests"] for one in rows if one.get("tests")]
        bad = sum(one["failed"] + one["errors"] for one in tests)
        total = bad + sum(one["passed"] for one in tests)
        share = 100 * bad / total if total else None
    rows_added = changed_by(workspace, rollback.selection.commits)
    return Symptoms(
        checks_failing=failing,
        checks_run=ran,
        failing_tests_percent=share,
        commits_since_green=None if head is None else commits_since_green(workspace, head),
        error_rate_percent=told.error_rate_percent,
        slower_percent=told.slower_percent,
        secrets=[f"{show_path(one.path)}:{one.line}" for one in leaks(workspace, rows_added)[0][:_MAX_PLACES]],
    )


def _reach(desk: Desk, rollback: Rollback, inventory: Inventory, will_break: int, way: str) -> Reach:
    commits = rollback.selection.commits
    left = open_items(inventory)
    base = reach_level(desk, rollback)
    return Reach(
        kind=base.kind,
        commits=base.commits,
        sessions=base.sessions,
        kept=len(rollback.selection.keeps),
        on_top=_on_top(desk, rollback),
        squash=base.squash,
        files=len(rollback.changed),
        conflicts=len(rollback.draft.conflicts),
        will_break=will_break,
        open_items=len(left),
        irreversible=[f"{one.kind} {show_path(one.name)}" for one in left if one.reversible in _LOSES],
        breaking=_breaking(desk, commits),
        way=way,
    )


def _sessions(desk: Desk, commits: Sequence[CommitInfo]) -> list[str]:
    """Sessions some commits were made in, as recorded actions and trailers say."""
    made = {
        commit: record.event.session
        for record in desk.workspace.ledger.records(ActionRecorded)
        if isinstance(record.event, ActionRecorded) and record.event.session
        for commit in record.event.commits
    }
    made |= {one.commit: one.session for one in _ended(desk) if one.commit}
    named = (made.get(one.oid) or dict(one.trailers).get(TRAILER.lower()) for one in commits)
    return sorted({one for one in named if one})


def _squashed(desk: Desk, commits: Sequence[CommitInfo]) -> bool:
    return len(commits) == 1 and any(one.commit == commits[0].oid for one in _ended(desk))


def _ended(desk: Desk) -> list[SessionEnded]:
    return [one.event for one in desk.workspace.ledger.records(SessionEnded) if isinstance(one.event, SessionEnded)]


def _on_top(desk: Desk, rollback: Rollback) -> int:
    commits, head = rollback.selection.commits, rollback.selection.head.oid
    if not commits or head is None:
        return 0
    return int(desk.workspace.repository.git.out("rev-list", "--count", head, f"^{commits[0].oid}"))


def _breaking(desk: Desk, commits: Sequence[CommitInfo]) -> str:
    """The newest commit that a search named, if it goes with these."""
    going = {one.oid for one in commits}
    for record in desk.workspace.ledger.records(BreakingCommitFound, newest_first=True):
        event = record.event
        if isinstance(event, BreakingCommitFound) and event.first_bad in going:
            return event.first_bad or ""
    return ""
