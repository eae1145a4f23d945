"""`checkpoint`: keeps the state now."""

from typing import Annotated

import typer
from rich.markup import escape

from ...tools import checkpoint as tool
from .common import Json, Root, desk, say, show


def checkpoint(
    name: Annotated[str, typer.Option("--name", "-m", help="What to call it.")] = "",
    pin: Annotated[bool, typer.Option("--pin", help="Retention keeps it.")] = False,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Keep the whole state of the worktree, touching nothing."""
    taken = tool.checkpoint(desk(root), name=name, pin=pin)

    def human() -> None:
        held = taken.captured
        files = f"{held.tracked} tracked, {held.untracked} untracked, {held.ignored} ignored files"
        say(f"[green]{taken.checkpoint_id}[/] holds {files} ({taken.duration_ms} ms)")
        for one in taken.skipped:
            say(f"  not in it: {escape(one.path)} ({one.reason})")
        say(f"Back to it: safe-rollback restore {taken.checkpoint_id}")

    show(taken, json, human)
