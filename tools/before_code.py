"""What has to be taken back while the newer code still stands: database downs, flags that guard it."""

from collections.abc import Sequence

from ..core.errors import Refusal
from ..core.revert.plan import Rollback
from ..core.text import clean, plural
from ..inventory.inventory import Inventory
from ..inventory.model import Item
from .desk import Desk
from .inventories import inventory_of, remember
from .results import Part
from .rollback_inventory import Turn, Unread, turn
from .subject import Subject, of_selection, subject_of

_SHOWN = 20


class InventoryInShort(Part):
    """What a plan leaves to do beyond the code; rollback_inventory says more."""

    touched: list[str]
    unknown: list[str]
    order: list[Turn]
    open_total: int
    unknowns: list[Unread]


def inventory_for(desk: Desk, target: str | list[str], rollback: Rollback) -> Inventory:
    """The inventory of a plan's target; asks the live systems where the protocol names any."""
    subject = _subject(desk, target, rollback)
    found = inventory_of(desk, subject, live=bool(desk.protocol.inventory.live))
    remember(desk, subject, found)
    return found


def _subject(desk: Desk, target: str | list[str], rollback: Rollback) -> Subject:
    if isinstance(target, str) and (target == "session" or target.startswith(("session/", "checkpoint/"))):
        return subject_of(desk, target)
    return of_selection(desk, target if isinstance(target, str) else " ".join(target), rollback.selection)


def open_items(found: Inventory) -> list[Item]:
    """What is left to take back beside the code itself."""
    return [one for one in found.items if one.state == "open" and one.domain != "code"]


def show_short(found: Inventory) -> InventoryInShort:
    """An inventory in a plan."""
    left = open_items(found)
    statuses = {domain: found.status(domain) for domain in _domains(found)}
    return InventoryInShort(
        touched=[domain for domain, status in statuses.items() if status == "touched"],
        unknown=[domain for domain, status in statuses.items() if status == "unknown"],
        order=[turn(one) for one in left[:_SHOWN]],
        open_total=len(left),
        unknowns=[
            Unread(domain=one.domain, subject=clean(one.subject, limit=200), why=clean(one.why, limit=200))
            for one in found.unknowns[:_SHOWN]
        ],
    )


def _domains(found: Inventory) -> list[str]:
    named = [*(one.domain for one in found.items), *(one.domain for one in found.unknowns)]
    return [domain for domain in dict.fromkeys(named) if domain != "code"]


def down_first(found: Inventory, digest: str) -> Refusal | None:
    """Why a plan waits: migrations that may be applied, and whose way back goes with the code.

    A migration that the target removed, or whose database says that it is not applied, does not stop anything.
    """
    waiting = [one for one in open_items(found) if _waits(one)]
    if not waiting:
        return None
    return Refusal(
        rule="down-before-code",
        why=f"{plural(len(waiting), 'migration')} may be applied, and what takes them back goes with the code.",
        evidence=[f"{one.id} {one.kind} {one.name}: {one.live.detail or one.live.state}" for one in waiting[:_SHOWN]],
        instead=f"{_way(waiting)} Then close each with close_item (in evidence what you saw, also that it was never "
        f"applied) and plan again. A human may allow it as it is: `safe-rollback grant --plan {digest}`.",
    )


def _waits(item: Item) -> bool:
    return item.domain == "database" and item.when == "before code" and item.change != "removed"


def _way(waiting: Sequence[Item]) -> str:
    steps = [one.action.command or one.action.text for one in waiting]
    return "Take them back in this order: " + "; ".join(clean(step, limit=200) for step in steps[:5]) + "."
