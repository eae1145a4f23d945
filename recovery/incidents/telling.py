"""One record of the ledger in words: what is ours, and the text of others that belongs to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.ledger import events, recovery_events
from ...core.ledger.event import Event
from ...core.text import clean, one_line, plural

WRITTEN = "post-mortem written"
"""What is said of a `PostmortemWritten`."""

_HUMAN = (
    recovery_events.PlanAuthorized,
    events.GrantMinted,
    events.HumanAnswered,
    events.CommandTrusted,
    events.ProtocolAccepted,
)
_AGENT = (events.SessionStarted, events.ActionRecorded, events.CommandRefused, events.PlanMade)


def who(event: Event) -> str:
    """Who did it; empty where neither agent nor human acted, or nobody knows."""
    if isinstance(event, events.ActionRecorded):
        name = clean(event.agent, limit=80)
        return f"agent {name}" if name else "agent"
    if isinstance(event, recovery_events.IncidentNoted):
        return clean(event.by, limit=80)
    if isinstance(event, events.SessionEnded):
        return "human" if event.outcome == "abandoned" else "agent"
    if isinstance(event, events.ItemClosed):
        return "human" if event.outcome == "waived" else "agent"
    if isinstance(event, _HUMAN):
        return "human"
    return "agent" if isinstance(event, _AGENT) else ""


def tell(event: Event) -> tuple[str, str] | None:
    """What a record says: words of ours and a quotation; None for what only machines need."""
    for part in (_of_sessions, _of_rollbacks, _of_symptoms, _of_people):
        told = part(event)
        if told is not None:
            return told
    return None


def _of_sessions(event: Event) -> tuple[str, str] | None:
    match event:
        case events.SessionStarted():
            return f"session {event.session} started", one_line(event.task)
        case events.SessionEnded():
            return f"session {event.session} {event.outcome}", one_line(event.summary)
        case events.CheckpointTaken():
            return f"checkpoint {event.checkpoint} ({clean(event.reason, limit=80)})", one_line(event.name)
        case events.ActionRecorded():
            made = f", {plural(len(event.commits), 'commit')}" if event.commits else ""
            exit_code = "" if event.exit_code is None else f", exit {event.exit_code}"
            return f"{event.action or 'action'}{exit_code}{made}", _flat(event.command)
        case events.CommandRefused():
            return f"refused by {clean(event.rule, limit=80)}", _flat(event.command)
        case events.GateRun():
            return f"gate {event.status}", _flat(event.name)
        case events.ProtocolTightened():
            return "the protocol became stricter", ""
        case _:
            return None


def _of_rollbacks(event: Event) -> tuple[str, str] | None:
    match event:
        case events.PlanMade():
            return f"plan {event.plan_id}", one_line(str(event.request.get("reason", "")))
        case events.OperationStarted():
            return f"{event.operation} ({event.kind}) began", one_line(event.summary)
        case events.OperationFinished():
            return f"{event.operation} {event.outcome}", one_line(event.detail)
        case events.ItemClosed():
            return f"{event.item} {event.outcome}", one_line(event.evidence)
        case events.InventoryTaken():
            return f"inventory taken: {plural(len(event.items), 'item')}", one_line(event.target)
        case recovery_events.DrillRun():
            return f"rehearsed: {'clean' if event.clean else 'not clean'}", one_line(event.target)
        case events.CheckpointsPruned():
            return f"retention dropped {plural(len(event.dropped), 'checkpoint')}", ""
        case _:
            return None


def _of_symptoms(event: Event) -> tuple[str, str] | None:
    match event:
        case recovery_events.Verified():
            verdict = "checks passed" if event.passed else f"checks failed: {failing(event.checks)}"
            return verdict, one_line(event.commit or event.subject)
        case recovery_events.SymptomReported():
            return f"symptom reported: {clean(event.metric, limit=80)} = {event.value:g}", one_line(event.source)
        case recovery_events.TriggerFired():
            said = f"{event.metric} {event.value:g} > {event.above:g} ({', '.join(event.do)})"
            return f"trigger {clean(event.trigger, limit=80)} fired", clean(said, limit=200)
        case recovery_events.TriggerCleared():
            return f"trigger {clean(event.trigger, limit=80)} cleared", one_line(event.by)
        case recovery_events.BreakingCommitFound():
            name = "the breaking commit could not be told" if event.first_bad is None else f"{event.first_bad[:7]}"
            found = name if event.first_bad is None else f"{name} found to be the first bad commit"
            return f"{found} ({plural(event.probes, 'probe')})", _flat(event.check)
        case recovery_events.IncidentOpened():
            return f"{event.incident} opened ({clean(event.severity, limit=20)})", one_line(event.title)
        case recovery_events.IncidentNoted():
            return f"{clean(event.kind, limit=20)}", one_line(event.text, limit=300)
        case recovery_events.IncidentClosed():
            return f"{event.incident} closed", one_line(event.summary)
        case recovery_events.PostmortemWritten():
            return WRITTEN, one_line(event.path)
        case _:
            return None


def _of_people(event: Event) -> tuple[str, str] | None:
    match event:
        case recovery_events.PlanAuthorized():
            return f"{event.plan_id} authorised ({clean(event.how, limit=20)})", one_line(event.reason)
        case events.GrantMinted():
            return f"{event.grant} given for one {event.kind}", _flat(event.subject)
        case events.GrantUsed():
            return f"{event.grant} used", ""
        case events.HumanAnswered():
            return f"asked through the client: {event.answer}", one_line(event.question)
        case events.CommandTrusted():
            return "a command was trusted", _flat(event.text)
        case events.ProtocolAccepted():
            return "a protocol was accepted", event.digest
        case _:
            return None


def failing(checks: Sequence[Mapping[str, Any]]) -> str:
    """The names of the checks that did not pass."""
    names = [clean(str(one.get("name", "?")), limit=80) for one in checks if one.get("status") != "passed"]
    return ", ".join(names[:10]) or "none is named"


def _flat(command: str) -> str:
    """A command on one line: a commit message has several."""
    return clean(" ".join(command.split()), limit=300)
