"""Who made a commit, and by which recorded action."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...core.history import CommitInfo, History
from ...core.ids import Oid
from ...core.ledger.events import ActionRecorded, OperationFinished, OperationStarted
from ...core.revert.attribution import attribute
from ...core.session import TRAILER
from ...core.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Culprit:
    """A commit and where it comes from.

    Attributes:
        commit: the commit.
        by: `agent` if anything says so, else `human`.
        evidence: what does; empty for a human's.
        session: the session it was made in, as recorded, or as its trailer says.
        action: the recorded action or operation that made it.
    """

    commit: CommitInfo
    by: Literal["agent", "human"]
    evidence: str
    session: str | None
    action: str | None


def culprit(workspace: Workspace, name: Oid) -> Culprit:
    """Work out where a commit comes from."""
    with History(workspace) as history:
        info = history.commit(name)
    evidence = attribute(workspace, None, [info])[0].evidence
    made = list(_made(workspace, name))
    session, action = made[-1] if made else (None, None)
    if session is None:
        session = next((value for key, value in info.trailers if key == TRAILER.lower()), None)
    return Culprit(
        commit=info,
        by="human" if evidence is None else "agent",
        evidence=evidence or "",
        session=session,
        action=action,
    )


def _made(workspace: Workspace, name: Oid) -> Iterator[tuple[str | None, str | None]]:
    """Session and action of each record that says it made the commit."""
    for record in workspace.ledger.records(ActionRecorded, OperationFinished, containing=name):
        event = record.event
        if isinstance(event, ActionRecorded) and name in event.commits:
            yield event.session, event.action or None
        elif isinstance(event, OperationFinished) and name in event.commits:
            started = workspace.ledger.records(OperationStarted, containing=event.operation)
            begun = next((one.event for one in started if isinstance(one.event, OperationStarted)), None)
            yield (None if begun is None else begun.session), event.operation
