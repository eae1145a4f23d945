"""`hooks`: puts the rules into git's own hooks, and takes them out again."""

import os

import typer
from rich.markup import escape

from ...core.errors import Refusal, RefusedError
from ...policies.githooks.install import install as put_in
from ...policies.githooks.install import remove as take_out
from ...policies.githooks.installed import SETTING, hooks_in_use
from ...policies.githooks.status import status as examine
from ...policies.githooks.who import marker
from .common import EXIT_FAILED, Json, Root, say, show, workspace

app = typer.Typer(
    help="Put the rules into git's own hooks, and take them out again.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def install(root: Root = ".", json: Json = False) -> None:
    """Install pre-commit, commit-msg, pre-push and reference-transaction, for all worktrees.

    Hooks that stand there, of husky, lefthook, pre-commit or your own, are called first.
    """
    here = workspace(root)
    installed = put_in(here)
    folder = installed.folder(here)
    data = {"folder": folder, "place": installed.place, "hooks": list(installed.names), "earlier": installed.earlier}

    def human() -> None:
        say(f"[green]Installed[/] in {escape(folder)}. `safe-rollback hooks remove` takes them out again.")
        if installed.place == "own":
            say(f"{SETTING} names that directory now; the hooks of {escape(installed.earlier)} are called from it.")
        for one in examine(here):
            if one.state != "active":
                say(f"[yellow]{one.name}: {escape(one.detail)}.[/] {escape(one.instead)}")

    show(data, json, human)


@app.command()
def remove(root: Root = ".", json: Json = False) -> None:
    """Take the hooks out, and put back exactly what was there; not for an agent."""
    if marker(os.environ):
        raise RefusedError(
            Refusal(
                rule="guard-tamper",
                why="Whether the hooks stay is a human's decision.",
                evidence=[f"{marker(os.environ)} is set"],
                instead="Mend what the hooks report, or ask the human to run it.",
            )
        )
    notes = take_out(workspace(root))

    def human() -> None:
        say("[green]Removed.[/]")
        for note in notes:
            say(f"[yellow]{escape(note)}[/]")

    show({"notes": notes}, json, human)


@app.command()
def status(root: Root = ".", json: Json = False) -> None:
    """Say whether the hooks still run; fails if one of them does not."""
    here = workspace(root)
    found = examine(here)

    def human() -> None:
        if not found:
            say("No hooks are installed. `safe-rollback hooks install` puts them in.")
        for one in found:
            colour = "green" if one.state == "active" else "red"
            say(f"  [{colour}]{one.state:9}[/] {one.name:22} {escape(one.detail)}")
            if one.instead:
                say(f"  {'':32} {escape(one.instead)}")

    show({"installed": bool(found), "in_use": hooks_in_use(here), "hooks": [vars(one) for one in found]}, json, human)
    if any(one.state != "active" for one in found):
        raise typer.Exit(EXIT_FAILED)
