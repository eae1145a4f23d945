"""`policy`: what the rules say, before an agent finds out."""

from typing import Annotated

import typer
from rich.markup import escape

from ...core.errors import InvalidInputError
from ...core.text import show_path
from ...policies.protocol.force import InForce
from ...policies.protocol.model import Reading
from ...policies.protocol.reading import parse, read_protocol
from ...policies.shell.analysis import analyse
from ...tools import check_command
from .common import EXIT_FAILED, Json, Root, desk, say, show, workspace

app = typer.Typer(
    help="Check the protocol, explain a verdict, test the rules' examples.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def check(
    file: Annotated[str | None, typer.Argument(help="A CLAUDE.md; default the project's.")] = None,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Say line by line what is enforced and what is not; fails if the block cannot be used."""
    if file is None:
        force = desk(root).force
        found: InForce | Reading = force
        problems, warnings, protocol = force.reading.problems, list(force.warnings), force.protocol
    else:
        found = reading = parse(_text(file), file)
        problems, warnings, protocol = reading.problems, list(reading.problems), reading.protocol
    enforced = [{"rule": one.rule, "line": one.line, "text": one.text} for one in found.enforced]
    data = {
        "source": found.source,
        "digest": protocol.digest(),
        "enforced": enforced,
        "not_enforced": [vars(one) for one in found.not_enforced],
        "problems": list(problems),
        "warnings": warnings,
    }

    def human() -> None:
        say(f"{found.source} ({protocol.digest()})")
        for one in found.enforced:
            say(f"  [green]{one.line:4}[/] {one.rule:22} {escape(one.text)}")
        for other in found.not_enforced:
            say(f"  [yellow]{other.line:4}[/] {'not enforced':22} {escape(other.text)}")
        for warning in warnings:
            say(f"  [red]{escape(warning)}[/]")

    show(data, json, human)
    if problems:
        raise typer.Exit(EXIT_FAILED)


def _text(file: str) -> str:
    try:
        with open(file, encoding="utf-8") as text:
            return text.read()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{show_path(file)} does not read: {error}.", hint="Name a text file.") from error


@app.command()
def explain(
    command: Annotated[str, typer.Argument(help="A shell command line.")], root: Root = ".", json: Json = False
) -> None:
    """Say what a command would do and which rule decides."""
    answer = check_command.check_command(desk(root), command)

    def human() -> None:
        colour = {"allow": "green", "ask": "yellow", "refuse": "red"}[answer.verdict]
        # A verdict without a rule may still have something to say: that nothing was judged.
        say(f"[{colour}]{answer.verdict}[/] {answer.rule}".rstrip())
        if answer.why:
            say(escape(answer.why))
        for one in answer.effects:
            say(f"  {one.effect:18} {escape(one.span)}: {escape(one.why)}")
        if answer.instead:
            say(f"Instead: {escape(answer.instead)}")

    show(answer, json, human)


@app.command()
def test(root: Root = ".", json: Json = False) -> None:
    """Run the examples of the project's own rules; fails if the protocol or an example does."""
    reading = read_protocol(workspace(root).root)
    rows = [
        {
            "rule": rule.id,
            "command": command,
            "expected": expected,
            "effects": sorted({one.effect for one in analyse(command)}),
        }
        for rule in reading.protocol.rules
        for expected, commands in (("match", rule.refuses), ("no match", rule.permits))
        for command in commands
    ]

    def human() -> None:
        for row in rows:
            say(f"  [green]ok[/] {row['rule']}: {row['expected']} {escape(str(row['command']))}")
        for problem in reading.problems:
            say(f"  [red]{escape(problem)}[/]")
        if not rows and not reading.problems:
            say("The protocol has no rules of its own.")

    show({"examples": rows, "problems": list(reading.problems)}, json, human)
    if reading.problems:
        raise typer.Exit(EXIT_FAILED)
