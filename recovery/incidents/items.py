"""What a case touched beyond the code, and what of it is closed, as far as the ledger says."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.ledger.events import InventoryTaken, ItemClosed
from ...core.workspace import Workspace
from ...inventory.model import Item, from_data
from .case import Case


@dataclass(frozen=True, kw_only=True)
class Closing:
    """An item and how it was closed; `outcome` is open, done or waived."""

    item: Item
    outcome: str
    at: str | None = None
    seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class Touched:
    """The items of a case.

    Attributes:
        known: whether anything recorded tells; if not, nobody took an inventory.
        rows: the items beyond the code.
        seq: the record it rests on; 0 if there is none.
        at: when that was.
    """

    known: bool
    rows: Sequence[Closing] = ()
    seq: int = 0
    at: str = ""

    @property
    def open(self) -> Sequence[Closing]:
        """What is not closed."""
        return [one for one in self.rows if one.outcome == "open"]

    @property
    def last(self) -> Closing | None:
        """What was closed last."""
        closed = [one for one in self.rows if one.seq is not None]
        return max(closed, key=lambda one: one.seq or 0, default=None)


def touched_by(workspace: Workspace, case: Case) -> Touched:
    """The newest inventory of the target of a case's plan, with what was closed since."""
    if case.plan is None:
        return Touched(known=False)
    for record in workspace.ledger.records(InventoryTaken, containing=case.plan.target, newest_first=True):
        event = record.event
        if isinstance(event, InventoryTaken) and (event.target, event.worktree) == (case.plan.target, case.worktree):
            items = [from_data(one) for one in event.items]
            rows = _closed(workspace, [one for one in items if one.domain != "code"])
            return Touched(known=True, rows=rows, seq=record.seq, at=record.at)
    # An inventory without items is not recorded; the plan says that nothing was open.
    short = case.plan.plan.get("inventory") or {}
    nothing = short.get("open_total") == 0 and not short.get("unknown")
    return Touched(known=nothing, seq=case.plan.seq if nothing else 0, at=case.plan.at if nothing else "")


def _closed(workspace: Workspace, items: Sequence[Item]) -> list[Closing]:
    wanted = {(one.id, one.mark): one for one in items}
    rows = {key: Closing(item=item, outcome=_seen(item)) for key, item in wanted.items()}
    for record in workspace.ledger.records(ItemClosed):
        event = record.event
        if isinstance(event, ItemClosed) and (key := (event.item, event.mark)) in wanted:
            rows[key] = Closing(item=wanted[key], outcome=event.outcome, at=record.at, seq=record.seq)
    return list(rows.values())


def _seen(item: Item) -> str:
    """What the live system said when the inventory was taken."""
    return "done" if item.live.checked and item.live.clean else "open"
