"""restore_checkpoint: back to a checkpoint, whole or by paths."""

from typing import Annotated

from pydantic import Field

from ..core.ids import checkpoint_id as parse_id
from ..core.revert.only import restoring_only
from ..core.snapshot.take import find
from ..core.text import read_path
from ..core.transition.requests import restoring
from .desk import Desk
from .spec import ToolSpec
from .transitions import ONLY, Transition, plan_or_do


def restore_checkpoint(
    desk: Desk,
    checkpoint_id: str,
    paths: Annotated[list[str], Field(description="only these and what is below; [] for all")] = [],  # noqa: B006
    digest: Annotated[str | None, Field(description="of the plan; leave out to get the plan")] = None,
    only: Annotated[str | None, Field(description=ONLY)] = None,
) -> Transition:
    """Plan or do a restore; see `SPEC.description`."""
    checkpoint = find(desk.workspace, parse_id(checkpoint_id))
    wanted = [read_path(path) for path in paths]
    if only is None:
        compute = restoring(desk.workspace, checkpoint, wanted, desk.branch_guard)
    else:
        compute = restoring_only(desk.workspace, checkpoint, only, wanted, desk.branch_guard)
    summary = f"restore {checkpoint.id}" + (f" ({', '.join(paths[:5])})" if paths else "")
    summary += f" only {only}" if only else ""
    return plan_or_do(desk, compute, digest, "restore", summary, None)


SPEC = ToolSpec(
    name="restore_checkpoint",
    title="Restore a checkpoint",
    description=(
        "Brings back a checkpoint: files, index, HEAD and branch, a merge in progress; or only `paths`, files alone. "
        "Without digest it plans and changes nothing; with the plan's digest it does exactly that, after a "
        "checkpoint of the state now. What was never captured stays. With `only`, just those changes since then go. "
        "undo takes it back."
    ),
    run=restore_checkpoint,
    discards=True,
    human=True,
)
