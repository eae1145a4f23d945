"""`find`: which commit broke it."""

import sys
from typing import Annotated

import typer
from rich.markup import escape

from ...core.errors import InvalidInputError
from ...core.text import plural
from ...tools.desk import Desk
from ...tools.find_breaking_commit import FindBreakingCommit, Wanted, search
from .common import EXIT_FAILED, Json, Root, desk, errors, say, show

_COLOURS = {"good": "green", "bad": "red", "skip": "yellow"}


def find(
    command: Annotated[
        str | None, typer.Argument(help="A command line for /bin/sh: exit 0 is good, 125 cannot tell, else bad.")
    ] = None,
    check: Annotated[str | None, typer.Option("--check", help="A check of the protocol instead.")] = None,
    good: Annotated[
        str | None, typer.Option("--good", help="Where it worked; default the last commit that passed.")
    ] = None,
    bad: Annotated[str, typer.Option("--bad", help="Where it fails.")] = "HEAD",
    build: Annotated[
        str | None, typer.Option("--build", help="Runs first; a commit where it fails is skipped.")
    ] = None,
    timeout: Annotated[int, typer.Option("--timeout", min=1, help="Seconds for the command and the build.")] = 600,
    workers: Annotated[
        int | None, typer.Option("--workers", "-j", min=1, help="Probes at once; default cores + 1.")
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Believe each verdict, as git bisect does: faster, but flaky checks lie.")
    ] = False,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Find the commit that broke a check, in worktrees of its own; yours stays as it is.

    A command that you type on a terminal may run. Elsewhere a human grants it first; a check has to be trusted.
    """
    if (command is None) == (check is None):
        raise InvalidInputError("Name a command or --check, one of them.", hint="See --help.")
    wanted = Wanted(
        good=good,
        bad=bad,
        check=check,
        command=command,
        build=build,
        timeout=timeout,
        typed=sys.stdin.isatty() and sys.stdout.isatty(),
        workers=workers,
        confirm=0 if once else 1,
    )
    here = desk(root)
    with errors.status("…") as status:
        watched = Desk(here.workspace, progress=lambda _done, _total, what: status.update(escape(what)))
        found = search(watched, wanted)
    show(found, json, lambda: _say(found))
    if found.first_bad is None:
        raise typer.Exit(EXIT_FAILED)


def _say(found: FindBreakingCommit) -> None:
    for one in found.steps:
        say(f"  [{_COLOURS[one.verdict]}]{one.verdict:4}[/] {one.commit[:12]}  {one.why}, {one.seconds:.1f} s")
    first = found.first_bad
    if first is None:
        say(f"[yellow]It is one of {plural(found.candidates_total, 'commit')}[/] that cannot be told apart:")
        for commit in found.candidates:
            say(f"  {commit}{' (cannot be tested)' if commit in found.skipped else ''}")
    else:
        say(f"[bold]{first.commit}[/] broke it: {escape(first.subject)}")
        made = f"an agent's: {first.evidence}" if first.by == "agent" else "a person's, as far as is known"
        session = f", session {first.session}" if first.session else ""
        say(f"  {escape(first.author)} ({escape(made)}{escape(session)})")
    for note in found.notes:
        say(f"[yellow]{escape(note)}[/]")
    say(f"{plural(found.probes, 'probe')}, {found.seconds:.1f} s. {escape(found.next_step)}")
