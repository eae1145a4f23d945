"""`incident` and `postmortem`: what happened, who was told, what was learnt."""

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape

from ...core.errors import InvalidInputError
from ...core.text import show_path
from ...policies.githooks.who import marker
from ...recovery.incidents.texts import span, when
from ...tools.incident import Action, Incident, act
from ...tools.write_postmortem import WritePostmortem, write_postmortem
from .common import EXIT_FAILED, Json, Root, desk, say, show

app = typer.Typer(
    help="Open an incident, note what happens, tell people, close it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Named = Annotated[str, typer.Option("--id", help="The incident; default the newest here.")]
_MARKS = {"proven": "[green]proven[/]", "said": "[yellow]said  [/]", "open": "[red]open  [/]"}
_MAX_FILE = 100_000


class Severity(StrEnum):
    """How bad it is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@app.command("open")
def open_(
    title: Annotated[str, typer.Argument(help="What is wrong, in one line; default the plan's reason.")] = "",
    severity: Annotated[Severity | None, typer.Option("--severity", help="Default the plan's, else high.")] = None,
    plan: Annotated[str, typer.Option("--plan", help="The rollback plan it is about.")] = "",
    root: Root = ".",
    json: Json = False,
) -> None:
    """Keep the broken state and its diagnostics before anything changes."""
    tier = severity.value if severity else ""
    found = act(desk(root), "open", title, severity=tier, plan_id=plan, by=_by())  # type: ignore[arg-type]
    show(found, json, lambda: _say(found))


@app.command()
def note(
    text: Annotated[str, typer.Argument(help="What happened.")],
    task: Annotated[str, typer.Option("--task", help="A task of the checklist that is done.")] = "",
    incident: Named = "",
    root: Root = ".",
    json: Json = False,
) -> None:
    """Record something, or tick a task: it is shown as said, not as proven."""
    _do(root, json, "note", text, incident, task)


@app.command()
def status(
    message: Annotated[str, typer.Argument(help="investigating, identified, rolling_back, monitoring, resolved …")],
    text: Annotated[str, typer.Option("--note", help="Kept in the record, not sent.")] = "",
    incident: Named = "",
    root: Root = ".",
    json: Json = False,
) -> None:
    """Send a status message to the targets whose tags the protocol names; fails if one did not take it."""
    found = _do(root, json, "status", text, incident, message)
    if any(not one.ok for one in found.told):
        raise typer.Exit(EXIT_FAILED)


@app.command()
def close(
    summary: Annotated[str, typer.Argument(help="How it ended.")],
    incident: Named = "",
    root: Root = ".",
    json: Json = False,
) -> None:
    """Close it; what is still open on the checklist is shown."""
    _do(root, json, "close", summary, incident)


@app.command("show")
def show_(incident: Named = "", root: Root = ".", json: Json = False) -> None:
    """Show timeline, times and checklist."""
    _do(root, json, "show", "", incident)


def postmortem(
    about: Annotated[str, typer.Argument(help="An incident, operation or plan: inc-…, op-… or plan-….")],
    root_cause: Annotated[str, typer.Option("--root-cause", help="Why it happened; leave out if not known.")] = "",
    contributing: Annotated[list[str] | None, typer.Option("--contributing", help="A factor; repeatable.")] = None,
    detection: Annotated[str, typer.Option("--detection", help="How it was noticed.")] = "",
    prevention: Annotated[
        list[str] | None,
        typer.Option("--prevention", help="A file with one [[check]], [[rule]] or [[trigger]]; repeatable."),
    ] = None,
    append_to: Annotated[str, typer.Option("--append-to", help="Also an entry, in DECISIONS.md say.")] = "",
    root: Root = ".",
    json: Json = False,
) -> None:
    """Write a post-mortem from the records into the worktree; `undo` takes it back."""
    kind = {"inc": "incident_id", "op": "operation_id", "plan": "plan_id"}.get(about.partition("-")[0], "incident_id")
    written = write_postmortem(
        desk(root),
        **{kind: about},
        root_cause=root_cause,
        contributing=contributing or [],
        prevention=[_read(path) for path in prevention or []],
        detection=detection,
        append_to=append_to,
    )
    show(written, json, lambda: _say_written(written))


def _by() -> str:
    """A person only on a terminal that no agent's client made."""
    if marker(os.environ):
        return "agent"
    return "human" if sys.stdin.isatty() and sys.stdout.isatty() else "command line"


def _do(root: str, json: bool, action: Action, text: str, incident: str, name: str = "") -> Incident:
    found = act(desk(root), action, text, name, incident_id=incident, by=_by())
    show(found, json, lambda: _say(found))
    return found


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(_MAX_FILE)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{show_path(path)} does not read: {error}.", hint="Name a TOML file.") from error


def _say(found: Incident) -> None:
    state = "open" if found.closed is None else f"closed {when(found.closed)}"
    say(
        f"[bold]{found.incident_id}[/] {escape(found.title)} ({found.severity}, opened {when(found.opened)}, {state})"
    )
    say(f"The broken state: {found.checkpoint_id}. Diagnostics: {escape(show_path(found.bundle))}")
    if found.message:
        say(f"Message: {escape(found.message)}")
    for one in found.told:
        said = "[green]told[/]" if one.ok else "[red]not told[/]"
        say(f"  {said} {escape(one.tag)}: {escape(one.detail)}")
    for row in found.timeline:
        say(f"  {when(row.at)}  {escape(row.who):12} {escape(row.what)}")
    took = found.took
    say(f"Time to detect: {span(took.time_to_detect)}. Time to recover: {span(took.time_to_recover)}.")
    for task in found.checklist:
        say(f"  {_MARKS[task.state]} {task.task:20} [dim]{escape(task.proof)}[/]")
    for text in found.notes:
        say(f"[yellow]{escape(text)}[/]")
    say(f"[cyan]{escape(found.next_step)}[/]")


def _say_written(written: WritePostmortem) -> None:
    done = f"as {written.operation_id}" if written.operation_id else "already"
    say(f"[green]{escape(written.path)}[/] is written {done}.")
    for text in written.notes:
        say(f"[yellow]{escape(text)}[/]")
    say(f"[cyan]{escape(written.next_step)}[/]")
