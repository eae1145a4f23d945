"""What the live systems say otherwise now than a checkpoint recorded: changed by whatever, seen by nobody."""

import dataclasses
from collections.abc import Mapping, Sequence

from ...core.inventory import InventorySettings
from ..model import Change, Evidence, Item, Step
from . import PROBES

_KINDS = {
    "feature_flags": "flag",
    "environment": "variable",
    "database": "database state",
    "artifacts": "build output",
    "third_party": "live setting",
}
_UNKNOWN = "unknown"

Recorded = Mapping[str, Mapping[str, str]]
"""Fingerprints: source → thing → state or salted hash."""


def with_drift(
    items: Sequence[Item], settings: InventorySettings, recorded: Recorded, now: Recorded, checkpoint: str
) -> list[Item]:
    """Items with what they were and are by the live systems, and one for each difference that none of them explains.

    Args:
        items: what commits and commands tell.
        settings: which systems there are.
        recorded: what a checkpoint before the target has.
        now: the same of this moment.
        checkpoint: that checkpoint's id, as evidence.
    """
    domains = {one.name: _domain(one.kind) for one in settings.live} | {"artifacts": "artifacts"}
    found = list(items)
    for source, things in now.items():
        then = recorded.get(source)
        if then is None or _UNKNOWN in then or _UNKNOWN in things:
            continue  # it could not tell then, or cannot now; that is said elsewhere
        domain = domains.get(source, "")
        for thing in sorted({*then, *things}):
            was, state = then.get(thing, ""), things.get(thing, "")
            if was == state:
                continue
            known = [index for index, one in enumerate(found) if one.domain == domain and _about(one, thing)]
            for index in known:
                found[index] = _told(found[index], was, state)
            if not known and domain in _KINDS:
                found.append(_item(domain, source, thing, was, state, checkpoint))
    return found


def _domain(kind: str) -> str:
    return next((probe.domain for probe in PROBES if probe.kind == kind), "")


def _about(item: Item, thing: str) -> bool:
    """Whether an item is about a thing; a database names its history table before the migration's id."""
    return item.name == thing or (item.domain == "database" and thing.endswith(f" {item.name}"))


def _told(item: Item, was: str, state: str) -> Item:
    return dataclasses.replace(item, before=item.before or was, after=item.after or state)


def _item(domain: str, source: str, thing: str, was: str, state: str, checkpoint: str) -> Item:
    change: Change = "changed" if was and state else "added" if state else "removed"
    back = f"Set it back to what {source} had: {was}." if was else f"Remove it from {source}."
    return Item(
        domain=domain,
        kind=_KINDS[domain],
        name=thing,
        scope=f"live {source}",
        change=change,
        evidence=(Evidence(observed=f"{source} says otherwise than at checkpoint {checkpoint}"),),
        before=was,
        after=state,
        reversible="unknown",
        action=Step(text=back),
        inverse=Step(text=f"Set it to {state}." if state else "Remove it again."),
        cautions=("No commit and no recorded command explains it: another person or program may have done it.",),
        confidence="medium",
    )
