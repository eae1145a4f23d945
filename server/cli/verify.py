"""`verify`: runs the project's checks over a state, in a scratch copy."""

from typing import Annotated

import typer
from rich.markup import escape

from ...tools import verify as tool
from .common import EXIT_FAILED, Json, Root, desk, say, show

_COLOURS = {"passed": "green", "untrusted": "yellow", "not run": "yellow"}


def verify(
    target: Annotated[
        str | None, typer.Argument(help="A commit, checkpoint or plan; default: the worktree as it is.")
    ] = None,
    check: Annotated[list[str] | None, typer.Option("--check", "-c", help="Only this one; may be repeated.")] = None,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Run the protocol's checks over a state, in a copy; exit code 1 if one does not pass."""
    found = tool.verify(desk(root), target, check or None)
    show(found, json, lambda: _say(found))
    if not found.passed:
        raise typer.Exit(EXIT_FAILED)


def _say(found: tool.Verify) -> None:
    commit = f" ({found.commit[:7]})" if found.commit else ""
    say(f"[bold]{escape(found.subject)}[/]{commit}")
    for check in found.checks:
        colour = _COLOURS.get(check.status, "red")
        took = f"{check.duration_s:.1f} s{_counted(check)}"
        say(f"  [{colour}]{check.status:13}[/] {escape(check.name)}  [dim]{took}[/]")
        if check.status != "passed" and check.tail:
            for line in check.tail.rstrip().split("\n"):
                say(f"    [dim]|[/] {escape(line)}")
    for note in found.notes:
        say(f"[yellow]{escape(note)}[/]")


def _counted(check: tool.Check) -> str:
    if check.tests is None:
        return ""
    counts = check.tests.model_dump()
    return ", " + ", ".join(f"{number} {word}" for word, number in counts.items() if number or word == "passed")
