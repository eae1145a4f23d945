"""A backup holds what refs hold: the state of now and the newest records of the ledger have to get there first."""

from ...core.errors import NotFoundError
from ...core.gate.refs import list_refs
from ...core.ids import ChainId
from ...core.ledger.events import CheckpointTaken, kind_of
from ...core.ledger.recovery_events import BackedUp
from ...core.snapshot.checkpoint import SESSIONS, Checkpoint
from ...core.snapshot.policy import CapturePolicy
from ...core.snapshot.take import Label, take, take_or_newest
from ...core.workspace import Workspace

# A rebuild makes the one again from the refs; the other is about a backup that has been made.
_NEED_NONE = frozenset({kind_of(CheckpointTaken), kind_of(BackedUp)})


def unsealed(workspace: Workspace) -> int:
    """How many records stand in no checkpoint yet and would be lost with the database."""
    records = workspace.ledger.records(after=workspace.ledger.sealed())
    return sum(1 for record in records if record.kind not in _NEED_NONE)


def seal(workspace: Workspace, chain: ChainId, policy: CapturePolicy) -> Checkpoint | None:
    """Take a checkpoint, unless the newest holds this very state and every record is sealed; what was taken.

    Raises:
        CaptureError: if it would be incomplete.
    """
    label = Label(reason="before a backup")
    if unsealed(workspace):
        return take(workspace, chain, policy, label)
    tips = {ref.oid for ref in list_refs(workspace.repository, SESSIONS + chain)}
    try:
        newest = take_or_newest(workspace, chain, policy, label)
    except NotFoundError:
        # The newest came from a backup without its ignored files: whether they are the same cannot be told.
        return take(workspace, chain, policy, label)
    return None if newest.commit in tips else newest
