"""incident: keeps the broken state, tells people, and says what is still to be done."""

from typing import Annotated, Literal

from pydantic import Field

from ..core.clock import stamp
from ..core.ids import plan_id as parse_plan
from ..core.text import clean, one_line
from ..recovery.incidents.case import Case, case_of
from ..recovery.incidents.checklist import next_task, ticked
from ..recovery.incidents.incident import Incident as Kept
from ..recovery.incidents.incident import find_incident
from ..recovery.incidents.messages import fill, template
from ..recovery.incidents.notify import SECONDS, harmless, notify
from ..recovery.incidents.opening import Opening, close_incident, note, open_incident
from ..recovery.incidents.postmortem import Account, account_of
from ..recovery.incidents.texts import hiding, span
from ..recovery.incidents.timeline import seconds_between, shortened
from .desk import Desk
from .inventories import left_open, recorded_now
from .results import Part, Result
from .rollbacks import find_plan
from .spec import ToolSpec

Action = Literal["open", "note", "status", "close", "show"]
Severity = Literal["", "low", "medium", "high", "critical"]

_MAX_NOTIFICATIONS = 50
_ROWS = 60


class Step(Part):
    """A task of the checklist: proven by a record, said by somebody, or open."""

    task: str
    state: str
    proof: str


class Told(Part):
    """Whether the targets of a tag took a message."""

    tag: str
    ok: bool
    detail: str


class Moment(Part):
    """A line of the timeline."""

    at: str
    who: str
    what: str


class Took(Part):
    """When the cause was committed, seen and mended, RFC 3339, and the seconds between; null is not known."""

    committed: str | None
    detected: str | None
    recovered: str | None
    time_to_detect: float | None
    time_to_recover: float | None


class Incident(Result):
    """An incident as it stands now."""

    incident_id: str
    title: str
    severity: str
    opened: str
    closed: str | None
    checkpoint_id: str
    bundle: str
    plan_id: str | None
    checklist: list[Step]
    took: Took
    message: str
    told: list[Told]
    timeline: list[Moment]
    timeline_total: int
    notes: list[str]
    next_step: str


def incident(
    desk: Desk,
    action: Action,
    text: Annotated[str, Field(description="open: title; close: how it ended; note, status: kept, not sent")] = "",
    name: Annotated[str, Field(description="status: message, such as rolling_back; note: task to tick")] = "",
    severity: Severity = "",
    incident_id: Annotated[str, Field(description="default: the newest here")] = "",
    plan_id: Annotated[str, Field(description="open: what it is about")] = "",
) -> Incident:
    """Do one thing about an incident; see `SPEC.description`."""
    return act(desk, action, text, name, severity=severity, incident_id=incident_id, plan_id=plan_id)


def act(
    desk: Desk,
    action: Action,
    text: str = "",
    name: str = "",
    *,
    severity: Severity = "",
    incident_id: str = "",
    plan_id: str = "",
    by: str = "agent",
) -> Incident:
    """The same, for whoever `by` says."""
    if action == "open":
        return _open(desk, text, plan_id, severity)
    found = find_incident(desk.workspace, incident_id or None)
    if action == "note":
        kind, said = ("task", ticked(name, text)) if name else ("note", text)
        note(desk.workspace, found, kind, said, by)
    elif action == "status":
        return _status(desk, found, name, text, by)
    elif action == "close":
        close_incident(desk.workspace, found, text)
    return _answer(desk, found.id, rows=_ROWS if action == "show" else 0)


def _open(desk: Desk, text: str, plan_id: str, severity: str) -> Incident:
    session = desk.session
    title, tier = text, severity
    if plan_id:
        made = find_plan(desk, parse_plan(plan_id))
        title = text or str(made.request.get("reason", ""))
        tier = severity or str(made.plan.get("tier", ""))
    items = left_open(desk, session.id) if session else []
    opening = Opening(
        title=title,
        severity=tier if tier in ("low", "medium", "critical") else "high",
        chain=desk.chain,
        force=desk.force,
        session=session,
        plan_id=plan_id or None,
        open_items=[f"{one.id} {one.kind} {one.name}" for one in items],
        fingerprints=recorded_now(desk),
    )
    kept, bundle = open_incident(desk.workspace, opening)
    left = [clean(f"Not in the bundle: {path} {why}.", limit=300) for path, why in bundle.left_out[:20]]
    return _answer(desk, kept.id, notes=left)


def _status(desk: Desk, kept: Kept, name: str, text: str, by: str) -> Incident:
    """Send a status message to the tags of the protocol in force, and record it."""
    settings, workspace = desk.protocol.recovery.incident, desk.workspace
    form = template(name, settings.messages)
    account = account_of(workspace, case_of(workspace, kept.id), story=False)
    message = harmless(workspace, fill(form, _values(desk, kept, account)))
    note(workspace, kept, "status", f"{name}: {message}" + (f"\n{text}" if text else ""), by)
    sent = sum(one.kind == "notification" for one in kept.notes)
    if sent + len(settings.notify) > _MAX_NOTIFICATIONS:
        told = [(tag, False, f"{sent} messages went out already") for tag in settings.notify]
    else:
        desk.report(0, None, f"telling {', '.join(settings.notify)} (at most {SECONDS:.0f} s)")
        told = notify(workspace, settings.notify, f"[{kept.id}] {kept.title}", message, incident=kept.id, by=by)
    rows = [Told(tag=tag, ok=ok, detail=detail) for tag, ok, detail in told]
    notes = [] if settings.notify else ["Nobody was told: the protocol's [incident] notify names no tag."]
    return _answer(desk, kept.id, message=message, told=rows, notes=notes)


def _values(desk: Desk, kept: Kept, account: Account) -> dict[str, str]:
    """What templates may name; `next` is the next open task, in words of ours."""
    now = kept.closed or stamp(desk.workspace.clock.now())
    cause = account.times.cause
    return {
        "id": kept.id,
        "title": kept.title,
        "severity": kept.severity,
        "branch": one_line(desk.head.short or "no branch"),
        "commit": cause[:7] if cause else "not known yet",
        "session": kept.session or "none",
        "elapsed": span(max(0.0, seconds_between(kept.at, now))),
        "next": next_task(account.tasks),
    }


def _answer(
    desk: Desk,
    name: str,
    *,
    message: str = "",
    told: list[Told] | None = None,
    notes: list[str] | None = None,
    rows: int = 0,
) -> Incident:
    workspace = desk.workspace
    case = case_of(workspace, name)
    kept = _kept(case)
    account = account_of(workspace, case, story=rows > 0)
    times = account.times
    hide = hiding(workspace)
    shown = shortened(account.rows, rows) if rows else []
    return Incident(
        incident_id=kept.id,
        title=kept.title,
        severity=kept.severity,
        opened=kept.at,
        closed=kept.closed,
        checkpoint_id=kept.checkpoint,
        bundle=f"{workspace.state_dir}/{kept.bundle}",
        plan_id=case.plan.id if case.plan else None,
        checklist=[Step(task=one.name, state=one.state, proof=one.proof) for one in account.tasks],
        took=Took(
            committed=times.committed.at if times.committed else None,
            detected=times.detected.at if times.detected else None,
            recovered=times.recovered.at if times.recovered else None,
            time_to_detect=times.to_detect,
            time_to_recover=times.to_recover,
        ),
        message=message,
        told=told or [],
        timeline=[
            Moment(at=one.at, who=one.who, what=hide(f"{one.what}: {one.quote}" if one.quote else one.what))
            for one in shown
        ],
        timeline_total=len(account.rows),
        notes=notes or [],
        next_step=f"Next: {next_task(account.tasks)}.",
    )


def _kept(case: Case) -> Kept:
    assert case.incident is not None
    return case.incident


SPEC = ToolSpec(
    name="incident",
    title="Handle an incident",
    description=(
        "open keeps the broken state and diagnostics: do it before anything else. status tells the people the "
        "protocol names; note records, or ticks a task; show has timeline, times and what is proven and open."
    ),
    run=incident,
)
