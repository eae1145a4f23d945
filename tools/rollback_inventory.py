"""rollback_inventory: everything a target touched beyond its code, each with its way back."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from ..core.errors import InvalidInputError
from ..core.inventory import DOMAIN_NAMES
from ..core.text import clean, plural, show_path
from ..inventory.inventory import Inventory
from ..inventory.model import Evidence, Item
from .desk import Desk
from .inventories import inventory_of, remember
from .results import Part, Result
from .spec import ToolSpec
from .subject import subject_of

ROWS = 40
_EVIDENCE = 3


class Where(Part):
    """Where an item is seen: a line of a commit's file, or a command that was run."""

    path: str = ""
    line: int = 0
    commit: str = ""
    text: str = ""
    observed: str = ""
    action: str = ""


class Doing(Part):
    """What to do, in words, and the command where there is one."""

    text: str
    command: str = ""


class LiveState(Part):
    """What the live system said."""

    checked: bool
    state: str
    detail: str


class Row(Part):
    """One thing to roll back or waive."""

    id: str
    domain: str
    kind: str
    name: str
    change: str
    evidence: list[Where]
    before: str
    after: str
    live: LiveState
    reversible: Literal["yes", "no", "lossy", "unknown"]
    destructive: bool
    action: Doing
    inverse: Doing
    verify: str
    cautions: list[str]
    confidence: Literal["high", "medium", "low"]
    state: Literal["open", "done", "waived"]


class DomainRows(Part):
    """One domain; `unknown` is not clean."""

    domain: str
    status: Literal["clean", "touched", "unknown"]
    items: list[Row]
    total: int


class Turn(Part):
    """One step of the way back."""

    item_id: str
    when: Literal["before code", "with code", "after code"]
    what: str


class Unread(Part):
    """What could not be told, and why."""

    domain: str
    subject: str
    why: str


class RollbackInventory(Result):
    """What a target touched, with the order of taking it back."""

    domains: list[DomainRows]
    order: list[Turn]
    unknowns: list[Unread]
    total: int
    open_total: int
    next_page: int | None
    next_step: str


def rollback_inventory(
    desk: Desk,
    target: Annotated[str | list[str], Field(description="as in plan_rollback")] = "session",
    live: Annotated[bool, Field(description="ask the systems the protocol names, read-only")] = False,
    page: Annotated[int, Field(ge=1)] = 1,
) -> RollbackInventory:
    """List what a target touched; see `SPEC.description`."""
    subject = subject_of(desk, target)
    found = inventory_of(desk, subject, live=live)
    remember(desk, subject, found)
    return show_inventory(found, page)


def show_inventory(found: Inventory, page: int = 1) -> RollbackInventory:
    """An inventory, a page of its items at a time; status, order and unknowns are of all of it.

    Raises:
        InvalidInputError: if there is no such page.
    """
    first = (page - 1) * ROWS
    shown = found.items[first : first + ROWS]
    if not shown and page > 1:
        raise InvalidInputError(f"There is no page {page}.", hint="Leave page out to begin with the first.")
    left = len(found.items) - first - len(shown)
    open_items = [one for one in found.items if one.state == "open"]
    return RollbackInventory(
        domains=[_domain(name, found, shown) for name in DOMAIN_NAMES],
        order=[turn(one) for one in open_items[:200]],
        unknowns=[
            Unread(domain=one.domain, subject=show_path(one.subject), why=clean(one.why, limit=300))
            for one in found.unknowns[:50]
        ],
        total=len(found.items),
        open_total=len(open_items),
        next_page=page + 1 if left > 0 else None,
        next_step=_next(open_items),
    )


def _domain(name: str, found: Inventory, shown: Sequence[Item]) -> DomainRows:
    return DomainRows(
        domain=name,
        status=found.status(name),  # type: ignore[arg-type]
        items=[_row(one) for one in shown if one.domain == name],
        total=sum(1 for one in found.items if one.domain == name),
    )


def _row(item: Item) -> Row:
    return Row(
        id=item.id,
        domain=item.domain,
        kind=item.kind,
        name=clean(item.name, limit=300),
        change=item.change,
        evidence=[_where(one) for one in item.evidence[:_EVIDENCE]],
        before=clean(item.before, limit=300),
        after=clean(item.after, limit=300),
        live=LiveState(checked=item.live.checked, state=item.live.state, detail=clean(item.live.detail, limit=500)),
        reversible=item.reversible,
        destructive=item.destructive,
        action=Doing(text=clean(item.action.text, limit=600), command=clean(item.action.command, limit=600)),
        inverse=Doing(text=clean(item.inverse.text, limit=300), command=clean(item.inverse.command, limit=600)),
        verify=clean(item.verify, limit=600),
        cautions=[clean(one, limit=300) for one in item.cautions[:6]],
        confidence=item.confidence,
        state=item.state,
    )


def _where(one: Evidence) -> Where:
    return Where(
        path=show_path(one.path) if one.path else "",
        line=one.line,
        commit=one.commit[:12],
        text=clean(one.text, limit=200),
        observed=clean(one.observed, limit=300),
        action=one.action,
    )


def turn(item: Item) -> Turn:
    """An item as a step of the way back."""
    what = item.action.command or item.action.text or f"take back {item.kind} {item.name}"
    return Turn(item_id=item.id, when=item.when, what=clean(f"{item.kind} {item.name}: {what}", limit=300))


def _next(open_items: Sequence[Item]) -> str:
    if not open_items:
        return "Nothing is open."
    before = [one for one in open_items if one.when == "before code"]
    if before:
        return (
            f"Take back {plural(len(before), 'item')} before the code, in order, closing each with close_item; "
            "then plan_rollback and safe_revert; then the rest."
        )
    return "plan_rollback and safe_revert take back the code; then the rest in order, closing each with close_item."


SPEC = ToolSpec(
    name="rollback_inventory",
    title="Rollback inventory",
    description=(
        "What a session, commits or a checkpoint touched beyond code: migrations, environment, flags, third parties, "
        "caches, artifacts, dependencies, CI, releases, and what commands did outside git; each with evidence, the "
        "command back and a check, in order. live=true asks the databases and services themselves, read-only. Call "
        "it before any rollback: reverting code reverts none of this."
    ),
    run=rollback_inventory,
    reads_only=True,
)
