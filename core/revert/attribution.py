"""Whose a commit is, with the evidence."""

import re
from collections.abc import Sequence

from ..history import CommitInfo
from ..late import late
from ..ledger.events import ActionRecorded, OperationFinished, OperationStarted
from ..records import dataclass
from ..session import TRAILER, Session
from ..workspace import Workspace
from .notes import Notes

OPERATION_TRAILER = "Safe-Rollback-Operation"

# How agents sign what they commit; people do not carry these addresses and names.
_AGENT = late(
    r"\b(noreply@anthropic\.com|claude|copilot|codex|cursoragent|cursor agent|gemini-cli|gemini code|aider"
    r"|devin|opencode|openhands|amp-code|jules)\b",
    re.IGNORECASE,
)
_AGENT_TRAILERS = frozenset({"co-authored-by", "assisted-by", "generated-by", "ai-assistant"})


@dataclass(frozen=True, kw_only=True)
class Attributed:
    """A commit and why it counts as the session's; `evidence` is None if nothing says so."""

    commit: CommitInfo
    evidence: str | None


def attribute(workspace: Workspace, session: Session | None, commits: Sequence[CommitInfo]) -> list[Attributed]:
    """Which of the commits an agent made: by record, then session trailer, then others, then git note.

    Args:
        workspace: the repository.
        session: whose agent; None for any agent's.
        commits: the commits in question.
    """
    acted, notes = _acted(workspace), Notes(workspace)
    found = []
    for one in commits:
        owner, evidence = acted.get(one.oid, (None, None))
        if evidence is None or (session is not None and owner is None):
            evidence = _signed(session, one, notes)
        elif session is not None and owner != session.id:
            evidence = None
        found.append(Attributed(commit=one, evidence=evidence))
    return found


def _acted(workspace: Workspace) -> dict[str, tuple[str | None, str]]:
    """Recorded commits: the session, and the evidence."""
    found: dict[str, tuple[str | None, str]] = {}
    operations: dict[str, str | None] = {}
    for record in workspace.ledger.records(ActionRecorded, OperationStarted, OperationFinished):
        event = record.event
        if isinstance(event, ActionRecorded):
            found.update(dict.fromkeys(event.commits, (event.session, f"made by {event.action or event.tool}")))
        elif isinstance(event, OperationStarted):
            operations[event.operation] = event.session
        elif isinstance(event, OperationFinished) and (owner := operations.get(event.operation)) is not None:
            # One outside of a session is a human's, at a terminal.
            found.update(dict.fromkeys(event.commits, (owner, f"made by {event.operation}")))
    return found


def _signed(session: Session | None, commit: CommitInfo, notes: Notes) -> str | None:
    for key, value in commit.trailers:
        if key == TRAILER.lower():
            return "its session trailer" if session is None or value == session.id else None
    for key, value in commit.trailers:
        if key in _AGENT_TRAILERS and _AGENT.search(value):
            return f"its trailer {key}"
    return None if notes.agent(commit.oid) is None else "its git note"
