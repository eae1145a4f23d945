"""Incidents: state as a fold over the ledger."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...core.errors import InvalidInputError, NotFoundError
from ...core.ledger.recovery_events import IncidentClosed, IncidentNoted, IncidentOpened
from ...core.workspace import Workspace

_INCIDENT = re.compile(r"inc-[0-9a-f]{8}\Z")


@dataclass(frozen=True, kw_only=True)
class Noted:
    """Something said or done about an incident: a `status`, `note`, `notification` or `task`."""

    seq: int
    at: str
    kind: str
    text: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Incident:
    """An incident.

    Attributes:
        id: `inc-` and eight hexadecimal digits.
        seq: place of its opening in the ledger.
        at: when it was opened.
        title: one line.
        severity: low, medium, high or critical.
        session: the session that ran, if any.
        worktree: where.
        plan_id: the rollback plan it was opened for, if any.
        checkpoint: holds the broken state.
        bundle: the diagnostics, relative to our state directory.
        notes: what was noted, oldest first.
        closed: when it was closed, None while it is open.
        closed_seq: place of that in the ledger.
        summary: what was said at the end.
    """

    id: str
    seq: int
    at: str
    title: str
    severity: str
    session: str | None
    worktree: str
    plan_id: str | None
    checkpoint: str
    bundle: str
    notes: Sequence[Noted] = ()
    closed: str | None = None
    closed_seq: int | None = None
    summary: str = ""


def incident_id(text: str) -> str:
    """An incident id from a caller.

    Raises:
        InvalidInputError: if it does not look like one.
    """
    if not _INCIDENT.match(text):
        raise InvalidInputError(
            f"{text[:80]!r} is not an incident id.", hint="It looks like inc-1a2b3c4d; incident (open) returns one."
        )
    return text


def incidents(workspace: Workspace) -> list[Incident]:
    """Every incident of the repository, oldest first."""
    found: dict[str, dict[str, object]] = {}
    notes: dict[str, list[Noted]] = {}
    for record in workspace.ledger.records(IncidentOpened, IncidentNoted, IncidentClosed):
        event = record.event
        if isinstance(event, IncidentOpened):
            values = {name: value for name, value in vars(event).items() if name != "incident"}
            found[event.incident] = {"id": event.incident, "seq": record.seq, "at": record.at, **values}
        elif isinstance(event, IncidentNoted):
            note = Noted(seq=record.seq, at=record.at, kind=event.kind, text=event.text, by=event.by)
            notes.setdefault(event.incident, []).append(note)
        elif isinstance(event, IncidentClosed) and event.incident in found:
            found[event.incident].update(closed=record.at, closed_seq=record.seq, summary=event.summary)
    return [Incident(**values, notes=tuple(notes.get(name, ()))) for name, values in found.items()]  # type: ignore[arg-type]


def find_incident(workspace: Workspace, wanted: str | None) -> Incident:
    """An incident by its id; without one the newest of this worktree, an open one before a closed one.

    Raises:
        InvalidInputError: if the id is none.
        NotFoundError: if there is no such incident.
    """
    known = incidents(workspace)
    if wanted is not None:
        name = incident_id(wanted)
        for one in known:
            if one.id == name:
                return one
        raise NotFoundError(f"There is no incident {name}.", hint="`safe-rollback incident show` shows the newest.")
    here = [one for one in known if one.worktree == workspace.repository.worktree_id]
    running = [one for one in here if one.closed is None]
    if not here:
        raise NotFoundError("There was no incident here yet.", hint="Call incident with action open and a title.")
    return (running or here)[-1]
