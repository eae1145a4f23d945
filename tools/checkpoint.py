"""checkpoint: keeps the whole state of the worktree under an id."""

from typing import Annotated

from pydantic import Field

from ..core.snapshot.take import Label, take
from .desk import Desk
from .inventories import recorded_now
from .results import Part, Result, Skipped, show_skipped
from .spec import ToolSpec
from .triggered import ahead_of_checks


class Captured(Part):
    """How many files, by how git sees them."""

    tracked: int
    untracked: int
    ignored: int


class CheckpointTaken(Result):
    """A checkpoint that stands."""

    checkpoint_id: str
    commit: str
    ref: str
    captured: Captured
    skipped: list[Skipped]
    duration_ms: int


def checkpoint(
    desk: Desk,
    name: Annotated[str, Field(description="one line")] = "",
    note: str = "",
    pin: Annotated[bool, Field(description="true: retention keeps it")] = False,
) -> CheckpointTaken:
    """Take a checkpoint; see `SPEC.description`."""
    started = desk.workspace.clock.now()
    taken = take(desk.workspace, desk.chain, desk.policy, _label(desk, name, note, pin))
    if warning := ahead_of_checks(desk):
        desk.workspace.notice(warning)
    return CheckpointTaken(
        checkpoint_id=taken.id,
        commit=taken.commit,
        ref=taken.ref,
        captured=Captured(
            tracked=taken.captured.tracked, untracked=taken.captured.untracked, ignored=taken.captured.ignored
        ),
        skipped=show_skipped(taken.skipped),
        duration_ms=round((desk.workspace.clock.now() - started).total_seconds() * 1000),
    )


def _label(desk: Desk, name: str, note: str, pin: bool) -> Label:
    redact = desk.workspace.redact
    return Label(reason="asked", name=redact(name), note=redact(note), pin=pin, fingerprints=recorded_now(desk))


SPEC = ToolSpec(
    name="checkpoint",
    title="Take a checkpoint",
    description=(
        "Keeps the whole state: files with untracked ones, index, HEAD, a merge or rebase in progress. Touches "
        "nothing and costs about one git status: take one before anything risky. `skipped` names what is not in it."
    ),
    run=checkpoint,
)
