"""close_item: says that one item of an inventory is taken back, if its check does not say otherwise."""

from typing import Annotated, Literal

from pydantic import Field

from ..core.errors import InvalidInputError, Refusal
from ..core.ledger.events import ItemClosed
from ..core.text import clean
from ..inventory.model import Item, Live
from .desk import Desk
from .inventories import ask_one, find_item, inventory_of
from .results import Part, Result
from .rollback_inventory import Turn, turn
from .spec import ToolSpec
from .standing import stands
from .subject import subject_of


class Check(Part):
    """What was looked at before the item was closed."""

    checked: bool
    state: str
    detail: str


class CloseItem(Result):
    """An item, closed."""

    item: str
    name: str
    outcome: str
    check: Check
    remaining: list[Turn]
    remaining_total: int
    complete: bool


def close_item(
    desk: Desk,
    item_id: str,
    outcome: Annotated[Literal["done", "waived"], Field(description="waived needs a human")],
    evidence: Annotated[str, Field(description="what you saw")] = "",
) -> CloseItem:
    """Close an item; see `SPEC.description`."""
    item, target = find_item(desk, item_id)
    subject = subject_of(desk, target.split(" ") if " " in target else target)
    checked = ask_one(desk, subject, item)
    if outcome == "waived":
        desk.require_human("waive", item.id, _needs_human(item))
    else:
        _must_be_done(desk, item, checked, evidence)
    said = desk.workspace.redact(clean(evidence.strip(), limit=2000))
    with desk.workspace.repository_lock("close an item"):
        desk.workspace.ledger.append(
            ItemClosed(item=item.id, mark=item.mark, outcome=outcome, evidence=said, check=checked.detail),
            session=desk.session.id if desk.session else None,
        )
    left = [one for one in inventory_of(desk, subject, live=False).items if one.state == "open"]
    return CloseItem(
        item=item.id,
        name=item.name,
        outcome=outcome,
        check=Check(checked=checked.checked, state=checked.state, detail=checked.detail),
        remaining=[turn(one) for one in left[:50]],
        remaining_total=len(left),
        complete=not left,
    )


def _must_be_done(desk: Desk, item: Item, checked: Live, evidence: str) -> None:
    """Refuse what a check contradicts, and what nothing supports."""
    if checked.checked and checked.clean is False:
        desk.refuse(
            "close_item",
            item.id,
            Refusal(
                rule="item-not-done",
                why=f"The live system says that {item.kind} {item.name} is not taken back: {checked.detail}",
                evidence=[checked.detail],
                instead=f"Do it first: {item.action.command or item.action.text} "
                f"Then call again. A human may waive it: `safe-rollback grant --waive {item.id}`.",
            ),
        )
    still = stands(desk, item)
    if still:
        desk.refuse(
            "close_item",
            item.id,
            Refusal(
                rule="item-not-done",
                why=f"{item.kind} {item.name} still stands in the worktree as the target left it.",
                evidence=still,
                instead="Revert the code with plan_rollback and safe_revert first, then call again.",
            ),
        )
    if not (checked.checked and checked.clean) and not evidence.strip():
        raise InvalidInputError(
            f"Nothing here can check {item.kind} {item.name}.",
            hint="Say in evidence what you saw"
            + (f", for example of: {item.verify}" if item.verify else "")
            + ". A human may waive it instead.",
        )


def _needs_human(item: Item) -> Refusal:
    return Refusal(
        rule="waive",
        why=f"Only a human may let {item.kind} {item.name} stand.",
        evidence=[item.action.command or item.action.text],
        instead=f"Take it back and close it as done, or ask a human to run `safe-rollback grant --waive {item.id}` "
        "on a terminal, then call again.",
    )


def _question(desk: Desk, arguments: dict[str, object]) -> str | None:
    if arguments.get("outcome") != "waived":
        return None
    item, _ = find_item(desk, str(arguments["item_id"]))
    what = item.action.command or item.action.text
    return f"Let {item.kind} {item.name} stand, although it is not taken back ({what})? Item {item.id}."


SPEC = ToolSpec(
    name="close_item",
    title="Close an inventory item",
    description=(
        "Says that an item of rollback_inventory is taken back. Runs the item's own read-only check where there is "
        "one, and refuses done if that says otherwise; elsewhere say in evidence what you saw. A rollback is "
        "complete when nothing is open."
    ),
    run=close_item,
    question=_question,
    repeatable=True,
)
