"""`inventory` and `close`: what a target touched beyond its code, and what of it is taken back."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape

from ...tools.close_item import CloseItem, close_item
from ...tools.rollback_inventory import RollbackInventory, Row, rollback_inventory
from .common import Json, Root, desk, say, show

_MARKS = {"open": "[yellow]open[/]  ", "done": "[green]done[/]  ", "waived": "[dim]waived[/]"}


class Outcome(StrEnum):
    """How an item is closed."""

    DONE = "done"
    WAIVED = "waived"


def inventory(
    target: Annotated[
        str, typer.Argument(help="A session, checkpoint, commit, commits a,b, range, merge or branch.")
    ] = "session",
    live: Annotated[bool, typer.Option("--live", help="Ask the systems the protocol names, read-only.")] = False,
    page: Annotated[int, typer.Option("--page", min=1)] = 1,
    root: Root = ".",
    json: Json = False,
) -> None:
    """List everything a target touched beyond its code: evidence, way back, and the order of it."""
    found = rollback_inventory(desk(root), target, live, page)
    show(found, json, lambda: _say(found))


def close(
    item: Annotated[str, typer.Argument(help="The item's id, as `inventory` prints it.")],
    outcome: Annotated[Outcome, typer.Argument(help="waived needs a grant: `grant --waive`.")] = Outcome.DONE,
    evidence: Annotated[str, typer.Option("--evidence", help="What you saw.")] = "",
    root: Root = ".",
    json: Json = False,
) -> None:
    """Close an item of an inventory, if its own check does not say otherwise."""
    closed = close_item(desk(root), item, outcome.value, evidence)
    show(closed, json, lambda: _say_closed(closed))


def _say(found: RollbackInventory) -> None:
    for domain in found.domains:
        if domain.status == "clean":
            continue
        say(f"[bold]{domain.domain}[/]" + (f" ({domain.total})" if domain.total else " [yellow]unknown[/]"))
        for row in domain.items:
            _say_row(row)
    for one in found.unknowns[:10]:
        say(f"[yellow]not known[/] {escape(one.domain)}: {escape(one.subject)}: {escape(one.why)}")
    if found.next_page is not None:
        say(f"More with --page {found.next_page}.")
    if found.order:
        say("The way back:")
        for number, step in enumerate(found.order, start=1):
            say(f"  {number:3}. {step.when:11} {escape(step.what)}")
    say(f"[cyan]{escape(found.next_step)}[/]")


def _say_row(row: Row) -> None:
    value = " → ".join(one for one in (row.before, row.after) if one)
    say(
        f"  {_MARKS[row.state]} {row.id}  {row.change} {escape(row.kind)} [bold]{escape(row.name)}[/] {escape(value)}"
    )
    for where in row.evidence[:1]:
        place = f"{where.path}:{where.line}" if where.path else where.observed
        say(f"           [dim]{escape(place)}  {escape(where.text)}[/]")
    if row.live.checked:
        say(f"           live: {escape(row.live.state)} {escape(row.live.detail)}")
    say(f"           back: {escape(row.action.command or row.action.text)}")
    for caution in row.cautions[:2]:
        say(f"           [yellow]{escape(caution)}[/]")


def _say_closed(closed: CloseItem) -> None:
    say(f"{closed.item} {escape(closed.name)}: {closed.outcome}")
    if closed.complete:
        say("[green]Nothing is open: the rollback is complete.[/]")
        return
    say(f"{closed.remaining_total} open; next:")
    for step in closed.remaining[:5]:
        say(f"  {step.item_id} {escape(step.what)}")
