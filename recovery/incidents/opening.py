"""Opens an incident: the broken state is kept before anything else happens to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...core.errors import InvalidInputError
from ...core.ids import ChainId
from ...core.ledger.recovery_events import IncidentClosed, IncidentNoted, IncidentOpened
from ...core.session import Session
from ...core.snapshot.take import Label, take
from ...core.text import clean, one_line
from ...core.workspace import Workspace
from ...policies.protocol.force import InForce
from .bundle import Bundle, Facts, write_bundle
from .incident import Incident, find_incident

_MAX_TITLE = 200
_MAX_TEXT = 2000


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What an incident is opened with.

    Attributes:
        title: one line.
        severity: low, medium, high or critical.
        chain: where the checkpoint goes.
        force: the protocol in force.
        session: the running session.
        plan_id: the rollback plan it is about, if any.
        open_items: what of the session's inventory is open, one line each.
        fingerprints: of the live systems; see `Checkpoint`.
    """

    title: str
    severity: str
    chain: ChainId
    force: InForce
    session: Session | None = None
    plan_id: str | None = None
    open_items: Sequence[str] = ()
    fingerprints: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def open_incident(workspace: Workspace, opening: Opening) -> tuple[Incident, Bundle]:
    """Keep the broken state as a pinned checkpoint, write the diagnostics, record the incident.

    Raises:
        InvalidInputError: if it has no title.
        CaptureError: if the checkpoint would be incomplete; no incident is recorded then.
        SafeRollbackError: if the diagnostics cannot be written; likewise, but the checkpoint stands.
    """
    title = workspace.redact(one_line(opening.title, limit=_MAX_TITLE))
    if not title:
        raise InvalidInputError("An incident needs a title.", hint="Say in text, in one line, what is wrong.")
    name = f"inc-{workspace.clock.token()}"
    label = Label(
        reason=f"incident {name}",
        name=clean(f"{name}: {title}", limit=90),
        note=title,
        pin=True,
        fingerprints=opening.fingerprints,
    )
    checkpoint = take(workspace, opening.chain, opening.force.protocol.capture, label)
    facts = Facts(
        incident=name,
        checkpoint=checkpoint,
        force=opening.force,
        session=opening.session,
        open_items=opening.open_items,
    )
    bundle = write_bundle(workspace, facts)
    with workspace.repository_lock("incident"):
        workspace.ledger.append(
            IncidentOpened(
                incident=name,
                session=opening.session.id if opening.session else None,
                worktree=workspace.repository.worktree_id,
                title=title,
                severity=opening.severity,
                plan_id=opening.plan_id,
                checkpoint=checkpoint.id,
                bundle=bundle.path,
            )
        )
    return find_incident(workspace, name), bundle


def note(workspace: Workspace, incident: Incident, kind: str, text: str, by: str) -> None:
    """Record something about an incident.

    Raises:
        InvalidInputError: if it says nothing.
    """
    said = workspace.redact(clean(text.strip(), limit=_MAX_TEXT))
    if not said:
        raise InvalidInputError("The note is empty.", hint="Say it in text.")
    with workspace.repository_lock("incident"):
        event = IncidentNoted(incident=incident.id, kind=kind, text=said, by=by)
        workspace.ledger.append(event, session=incident.session)


def close_incident(workspace: Workspace, incident: Incident, summary: str) -> None:
    """Record that an incident is over.

    Raises:
        InvalidInputError: if it is closed already, or nothing is said about how it ended.
    """
    said = workspace.redact(clean(summary.strip(), limit=_MAX_TEXT))
    if incident.closed is not None:
        raise InvalidInputError(f"{incident.id} was closed {incident.closed}.", hint="Open a new incident.")
    if not said:
        raise InvalidInputError("A closed incident needs a summary.", hint="Say in text how it ended.")
    with workspace.repository_lock("incident"):
        workspace.ledger.append(IncidentClosed(incident=incident.id, summary=said), session=incident.session)
