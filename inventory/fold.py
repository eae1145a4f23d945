"""Makes one item of what several commits did to the same thing."""

import dataclasses
from collections.abc import Iterable

from .model import Change, Item

_MAX_EVIDENCE = 5


def fold(items: Iterable[Item]) -> list[Item]:
    """Items by key, in the order of their first appearance; what came and went again within the target is none.

    Args:
        items: oldest first.
    """
    found: dict[tuple[str, str, str, str], Item] = {}
    for item in items:
        known = found.get(item.key)
        if known is None:
            found[item.key] = item
            continue
        merged = _merged(known, item)
        if merged is None:
            del found[item.key]
        else:
            found[item.key] = merged
    return list(found.values())


def _merged(first: Item, then: Item) -> Item | None:
    """The item after both; None if the second took back what the first did."""
    evidence = tuple(dict.fromkeys([*then.evidence, *first.evidence]))[:_MAX_EVIDENCE]
    cautions = tuple(dict.fromkeys([*first.cautions, *then.cautions]))
    if first.change == then.change == "observed":
        return dataclasses.replace(then, evidence=evidence, cautions=cautions, before=first.before)
    there_before = first.change != "added"
    there_after = then.change != "removed"
    if not there_before and not there_after:
        return None
    if there_before and there_after:
        same = first.change == "removed" and then.change == "added" and first.before == then.after
        if same or (first.change == then.change == "changed" and first.before == then.after):
            return None
        change: Change = "changed"
    else:
        change = "removed" if there_before else "added"
    # What is there in the end says how it is taken back; what was there first says to what.
    return dataclasses.replace(
        then,
        change=change,
        before=first.before,
        evidence=evidence,
        cautions=cautions,
        destructive=first.destructive or then.destructive,
    )
