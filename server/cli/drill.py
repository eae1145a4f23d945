"""`drill`: a rollback rehearsed in a disposable copy, for a calendar or a CI job."""

from typing import Annotated

import typer
from rich.markup import escape

from ...core.text import show_path
from ...policies.human import trust
from ...tools.desk import Desk
from ...tools.rehearse_rollback import RehearseRollback, rehearse_rollback, untrusted_downs
from .common import EXIT_FAILED, Json, Root, confirm_on_terminal, desk, say, show


def drill(
    target: Annotated[
        str | None,
        typer.Argument(help="What would be taken out; default the running session, else the last commit."),
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Say what changed since the last drill of it.")] = False,
    trusting: Annotated[
        bool, typer.Option("--trust", help="Trust the commands it would run on disposable databases (terminal only).")
    ] = False,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Play a rollback in a disposable copy: how long it takes, and what would be left.

    Nothing of the repository changes but the record of the drill. Ways back of migrations run only where the
    variable of a live source has a twin with _DRILL at its end, against that database, and only if you trusted the
    exact command.

    Exits with 1 if a step failed or anything but a human's word would be left over.
    """
    here = desk(root)
    wanted = ("session" if here.session else "HEAD") if target is None else target
    if trusting:
        _trust(here, wanted)
    done = rehearse_rollback(here, wanted)
    show(done, json, lambda: _say(done, compare))
    if not done.clean:
        raise typer.Exit(EXIT_FAILED)


def _trust(here: Desk, target: str) -> None:
    commands = untrusted_downs(here, target)
    if not commands:
        return
    say("[bold]Commands that a drill runs on disposable databases[/]")
    for command in commands:
        # Escaped: a control character could show the human another text than the one they trust.
        say(f"  {escape(show_path(command))}")
    confirm_on_terminal("Trust")
    trust(here.workspace, commands)


def _say(done: RehearseRollback, compare: bool) -> None:
    for step in done.steps:
        mark = "[green]ok[/]  " if step.ok else "[red]fail[/]"
        first = step.detail.split("\n")[0]
        say(f"  {mark} {step.seconds:8.2f} s  {escape(step.name)}  [dim]{escape(first)}[/]")
    say(f"To recover {escape(done.target)} takes {done.seconds_to_recover:.1f} s, as far as it was played.")
    for line in done.left_over:
        say(f"  [yellow]left[/] {escape(line)}")
    if done.clean:
        say("[green]Clean.[/]")
    if compare and done.compared is None:
        say("This is the first drill of it.")
    elif compare and done.compared is not None:
        change = done.compared.slower_by
        word = "more" if change > 0 else "less"
        say(f"The last one took {done.compared.before:.1f} s: {abs(change):.1f} s {word} now.")
        for line in done.compared.new_left_over:
            say(f"  [red]new[/] {escape(line)}")
