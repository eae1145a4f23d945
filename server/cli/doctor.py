"""`doctor`: whether our own state is whole, and mending it."""

from typing import Annotated

import typer
from rich.markup import escape

from ...core.health import Finding, examine
from ...core.health import repair as mend
from ...core.text import plural
from ...core.workspace import Workspace
from ...policies.githooks.status import status as hook_states
from ...policies.protocol.reading import read_protocol
from .common import EXIT_DAMAGED, Json, Root, say, show, workspace


def doctor(
    repair: Annotated[
        bool, typer.Option("--repair", help="Rebuild the ledger, finish what was interrupted.")
    ] = False,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Check git, the ledger, the checkpoints, interrupted operations, the protocol, and git's hooks.

    With --repair a damaged ledger is rebuilt from the checkpoints; the old file is kept.
    """
    here = workspace(root)
    said = mend(here) if repair else []
    findings = [*examine(here), *_protocol(here), *_hooks(here)]
    damaged = any(one.status == "problem" for one in findings)

    def human() -> None:
        colours = {"ok": "green", "warning": "yellow", "problem": "red"}
        for text in said:
            say(escape(text))
        for one in findings:
            say(f"  [{colours[one.status]}]{one.status:8}[/] {one.name:12} {escape(one.detail)}")
            if one.instead:
                say(f"  {'':21} {escape(one.instead)}")

    show({"repaired": said, "findings": [vars(one) for one in findings]}, json, human)
    if damaged:
        raise typer.Exit(EXIT_DAMAGED)


def _protocol(here: Workspace) -> list[Finding]:
    reading = read_protocol(here.root)
    if reading.problems:
        fix = "Correct it; until then the last good protocol holds. `safe-rollback policy check` tells more."
        return [Finding(name="protocol", status="warning", detail=one, instead=fix) for one in reading.problems]
    return [Finding(name="protocol", status="ok", detail=f"{reading.source} ({reading.protocol.digest()})")]


def _hooks(here: Workspace) -> list[Finding]:
    """Whether git's hooks still run, if they were installed."""
    states = hook_states(here)
    broken = [one for one in states if one.state != "active"]
    if states and not broken:
        return [Finding(name="hooks", status="ok", detail=f"{plural(len(states), 'hook')} of git's, all active")]
    return [
        Finding(name="hooks", status="warning", detail=f"{one.name}: {one.detail}", instead=one.instead)
        for one in broken
    ]
