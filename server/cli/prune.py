"""`prune`: drops checkpoints that are older than the retention time."""

from typing import Annotated

import typer
from rich.markup import escape

from ...core.retention import plan_pruning
from ...core.retention import prune as drop
from ...core.text import plural, show_path
from ...policies.protocol.units import seconds
from ...recovery.backup.coverage import not_backed_up
from .common import EXIT_USAGE, Json, Root, desk, errors, say, show


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only show what would go.")] = False,
    keep: Annotated[str | None, typer.Option("--keep", help="How long to keep, such as 30d.")] = None,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Drop old checkpoints; pinned ones and those of running sessions stay.

    So does what branches and tags lost more recently than that, where git's hooks keep it.

    It is an operation: undo brings everything back until the next pruning.
    """
    here = desk(root)
    try:
        length = here.protocol.keep if keep is None else seconds(keep)
    except ValueError as error:
        errors.print(f"--keep: {error}")
        raise typer.Exit(EXIT_USAGE) from error
    pruning = plan_pruning(here.workspace, length)
    names = [*(one.id for one in pruning.dropped), *(ref.name for ref in pruning.archived)]
    alone = [one.id for one in not_backed_up(here.workspace, pruning.dropped)]
    operation = None
    if names and not dry_run:
        operation = drop(here.workspace, length, pruning.digest())

    def human() -> None:
        for name in names:
            say(f"  {escape(show_path(name))}{' [yellow]not backed up[/]' if name in alone else ''}")
        if not names:
            say("Nothing is old enough.")
        elif operation is None:
            say(f"{pruning.summary()} would go.")
            if alone:
                say(f"{plural(len(alone), 'checkpoint')} of them no backup has: safe-rollback backup --bundle <file>")
        else:
            say(f"{pruning.summary()} dropped. Bring back: safe-rollback undo {operation}")

    show({"dropped": names, "dry_run": dry_run, "not_backed_up": alone, "operation_id": operation}, json, human)
