"""What the commands share: options, output, exit codes, the terminal."""

import contextlib
import json
import secrets
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape

from ...core.errors import (
    BusyError,
    ConflictError,
    DamagedError,
    InvalidInputError,
    NotFoundError,
    Refusal,
    RefusedError,
    SafeRollbackError,
    StateMovedError,
)
from ...core.text import clean
from ...core.workspace import Workspace, open_workspace
from ...tools.desk import Desk

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_UNCHANGED = 4
EXIT_DAMAGED = 5
EXIT_CODES = """\
Exit codes: 0 done · 1 failed · 2 bad arguments · 3 refused by a rule, or not on a terminal ·
4 nothing changed (conflict, the state moved, busy, or declined) · 5 something of ours is damaged"""

Root = Annotated[str, typer.Option("--root", help="A directory in the worktree.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)
resources = contextlib.ExitStack()
"""What the running command has opened."""


def workspace(root: str) -> Workspace:
    """The worktree a command is about, closed when `resources` is."""
    opened = open_workspace(root)
    resources.callback(opened.close)
    return opened


def desk(root: str) -> Desk:
    """One call of a tool from the command line."""
    found = Desk(workspace(root))
    for notice in found.workspace.take_notices():
        errors.print(f"[yellow]{escape(notice)}[/]")
    return found


def show(result: BaseModel | dict[str, Any], as_json: bool, human: Callable[[], None]) -> None:
    """Print a result for a program or for a person."""
    if as_json:
        data = result.model_dump(mode="json") if isinstance(result, BaseModel) else result
        sys.stdout.write(json.dumps(data, indent=1, sort_keys=True) + "\n")
        sys.stdout.flush()
    else:
        human()


def say(text: str) -> None:
    """A line for a person; markup is ours, text from a repository goes through `escape` first."""
    console.print(clean(text, limit=len(text)))


def show_refusal(refusal: Refusal) -> None:
    """A refusal for a person: the rule, why, what it rests on, and what to do instead; on standard error."""

    def text(part: str) -> str:
        return escape(clean(part, limit=len(part)))

    errors.print(f"[red]Refused[/] by {text(refusal.rule)}: {text(refusal.why)}")
    for fact in refusal.evidence:
        errors.print("\n".join(f"  {text(line)}" for line in fact.split("\n")))
    errors.print(f"Instead: {text(refusal.instead)}")


def exit_code(error: SafeRollbackError) -> int:
    """The exit code for an error."""
    table: tuple[tuple[type[SafeRollbackError], int], ...] = (
        (RefusedError, EXIT_REFUSED),
        (StateMovedError, EXIT_UNCHANGED),
        (ConflictError, EXIT_UNCHANGED),
        (BusyError, EXIT_UNCHANGED),
        (DamagedError, EXIT_DAMAGED),
        (InvalidInputError, EXIT_USAGE),
        (NotFoundError, EXIT_USAGE),
    )
    return next((code for kind, code in table if isinstance(error, kind)), EXIT_FAILED)


def require_terminal(what: str) -> None:
    """Only a person at a terminal may go on.

    Raises:
        typer.Exit: with `EXIT_REFUSED` if there is none.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        errors.print(f"{what} is a human's decision: run it yourself on a terminal.")
        raise typer.Exit(EXIT_REFUSED)


def confirm_on_terminal(what: str) -> None:
    """Have a person type a code that changes every time.

    Raises:
        typer.Exit: if there is no terminal, or the code is not typed.
    """
    require_terminal(what)
    code = secrets.token_hex(2)
    if input(f"Type {code} to confirm: ").strip() != code:
        errors.print("Not confirmed; nothing was changed.")
        raise typer.Exit(EXIT_UNCHANGED)
