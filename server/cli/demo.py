"""`demo`: the promises, shown on a scratch repository."""

import time

import typer
from rich.markup import escape

from .common import EXIT_FAILED, Json, errors, say, show


def demo(json: Json = False) -> None:
    """Play one story on a scratch repository, with the real server; fails if a promise breaks."""
    from ..demo import play

    lines: list[str] = []
    begin = time.monotonic()
    broken = play(lines.append if json else say)
    seconds = round(time.monotonic() - begin, 1)

    def human() -> None:
        for one in broken:
            errors.print(f"[red]Broken: {escape(one)}[/]")
        if not broken:
            say(f"\n[green]Every promise held[/] ({seconds} s).")

    show({"broken": list(broken), "seconds": seconds, "story": lines}, json, human)
    if broken:
        raise typer.Exit(EXIT_FAILED)
