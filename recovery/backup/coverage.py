"""Which checkpoints stand on this machine alone."""

from collections.abc import Iterable

from ...core.ledger.events import CheckpointTaken
from ...core.ledger.recovery_events import BackedUp
from ...core.snapshot.checkpoint import Checkpoint
from ...core.workspace import Workspace


def not_backed_up(workspace: Workspace, checkpoints: Iterable[Checkpoint]) -> list[Checkpoint]:
    """Those of the checkpoints that were taken after the last complete backup.

    A backup takes every checkpoint that stands; a push that could not is recorded as none.
    """
    last, taken = 0, dict[str, int]()
    for record in workspace.ledger.records(BackedUp, CheckpointTaken):
        if isinstance(event := record.event, BackedUp):
            last = record.seq
        elif isinstance(event, CheckpointTaken):
            # Retention writes those it keeps anew; the first record says when it was taken.
            taken.setdefault(event.checkpoint, record.seq)
    return [one for one in checkpoints if taken.get(one.id, last + 1) > last]
