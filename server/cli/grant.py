"""`grant`: a human allows one thing once."""

from typing import Annotated

import typer
from rich.markup import escape

from ...core.errors import InvalidInputError
from ...core.ids import session_id
from ...core.session import find_session
from ...core.text import show_path
from ...policies.human import command_subject, mint
from ...policies.rules import RULES
from ...tools.desk import Desk
from ...tools.inventories import find_item
from .common import Json, Root, confirm_on_terminal, desk, say, show


def grant(
    command: Annotated[str | None, typer.Option("--command", help="A command line, as it was refused.")] = None,
    gate: Annotated[str | None, typer.Option("--gate", help="A check, rule or trigger that may be waived.")] = None,
    sensitive: Annotated[
        str | None, typer.Option("--sensitive", help="A session whose sensitive paths you have looked at.")
    ] = None,
    plan: Annotated[str | None, typer.Option("--plan", help="The digest of a rollback plan.")] = None,
    waive: Annotated[str | None, typer.Option("--waive", help="An inventory item that may stand.")] = None,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Allow one thing once (terminal only): it is used up by the first call that needs it.

    A command's grant holds in this directory and until HEAD moves.
    """
    given = {"command": command, "gate": gate, "sensitive": sensitive, "plan": plan, "waive": waive}
    chosen = [(kind, text) for kind, text in given.items() if text is not None]
    if len(chosen) != 1:
        raise InvalidInputError("Name exactly one thing to allow.", hint="See --help.")
    kind, text = chosen[0]
    subject = _normal(text) if kind == "command" else text
    here = desk(root)
    if kind == "gate":
        _check_gate(here, subject)
    elif kind == "sensitive":
        find_session(here.workspace, session_id(subject))
    elif kind == "waive":
        item, target = find_item(here, subject)
        say(f"{escape(item.kind)} {escape(show_path(item.name))} of {escape(target)}: it would be left as it is.")
    say(f"Allow once, in {escape(here.workspace.root)}: {kind} [bold]{escape(show_path(subject))}[/]")
    confirm_on_terminal("A grant")
    minted = mint(here.workspace, kind, subject)
    show(
        {"grant": minted.id, "kind": kind, "subject": subject},
        json,
        lambda: say(f"{minted.id} is ready to be used once."),
    )


def _check_gate(here: Desk, name: str) -> None:
    """A mistyped name would make a grant that nothing ever uses.

    Raises:
        InvalidInputError: naming what can be waived.
    """
    recovery = here.protocol.recovery
    known = [*here.protocol.gates, *(one.name for one in recovery.checks), *(one.id for one in recovery.triggers)]
    known += [rule.id for rule in RULES]
    if name not in known:
        raise InvalidInputError(
            f"{show_path(name)} is no check or trigger of the protocol and no rule.",
            hint=f"Known are: {', '.join(map(show_path, known))}.",
        )


def _normal(command: str) -> str:
    """The command as run_git and the guard compare it."""
    try:
        return command_subject(command)
    except ValueError as error:
        raise InvalidInputError(f"The command does not parse: {error}.", hint="Close its quotes.") from error
