"""list_checkpoints: what can be gone back to."""

from typing import Annotated

from pydantic import Field

from ..core.errors import InvalidInputError
from ..core.gate.refs import list_refs
from ..core.ids import checkpoint_id, session_id
from ..core.snapshot.chain import walk
from ..core.snapshot.checkpoint import SESSIONS
from .desk import Desk
from .results import Part, Result
from .spec import ToolSpec

_MAX = 100


class Listed(Part):
    """One checkpoint."""

    checkpoint_id: str
    name: str
    session_id: str | None
    created: str
    commit: str
    reason: str


class Checkpoints(Result):
    """Checkpoints, newest first; `next` goes into `before` for more."""

    checkpoints: list[Listed]
    next: str | None


def list_checkpoints(
    desk: Desk,
    session_id: Annotated[str | None, Field(description="only this session's")] = None,
    limit: Annotated[int, Field(description="1 to 100")] = 20,
    before: Annotated[str | None, Field(description="`next` of the answer before")] = None,
) -> Checkpoints:
    """List checkpoints; see `SPEC.description`."""
    if not 1 <= limit <= _MAX:
        raise InvalidInputError(f"limit is 1 to {_MAX}.", hint="Page with before.")
    workspace = desk.workspace
    prefix = SESSIONS + (_session(session_id) if session_id else "")
    rows = []
    for ref in list_refs(workspace.repository, prefix):
        for position, one in enumerate(walk(workspace.reader, ref.oid)):
            if position > limit and before is None:
                break
            rows.append(one)
    rows.sort(key=lambda one: (one.created, one.number), reverse=True)
    if before is not None:
        wanted = checkpoint_id(before)
        place = next((n for n, one in enumerate(rows) if one.id == wanted), None)
        if place is None:
            raise InvalidInputError(f"There is no checkpoint {before}.", hint="Use next of the answer before.")
        rows = rows[place + 1 :]
    shown = [
        Listed(
            checkpoint_id=one.id,
            name=one.name,
            session_id=None if one.chain.startswith("at-") else one.chain,
            created=one.created,
            commit=one.commit,
            reason=one.reason,
        )
        for one in rows[:limit]
    ]
    return Checkpoints(checkpoints=shown, next=shown[-1].checkpoint_id if len(rows) > limit else None)


def _session(text: str) -> str:
    return session_id(text)


SPEC = ToolSpec(
    name="list_checkpoints",
    title="List checkpoints",
    description="What restore_checkpoint can go back to, newest first, of all sessions or one.",
    run=list_checkpoints,
    reads_only=True,
    repeatable=True,
)
