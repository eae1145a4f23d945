"""Tightening applies at once; loosening waits for a human."""

from collections.abc import Callable, Mapping
from typing import Any

from ...core.inventory import InventorySettings
from ...core.records import fields, replace
from ...core.recovery import LEVELS, RecoverySettings, Thresholds
from .model import RULE_OF_FIELD, STRICTNESS, Protocol, RuleSpec
from .units import show_duration


def combine(pinned: Protocol, current: Protocol) -> tuple[Protocol, list[str]]:
    """The strictest of both, field by field.

    Returns:
        The protocol that holds, and one phrase for every field in which `current` is looser.
    """
    names = [field.name for field in fields(Protocol)]
    holds = Protocol(**{name: STRICTER[name](getattr(pinned, name), getattr(current, name)) for name in names})
    return holds, [
        f"{RULE_OF_FIELD[name]}: {_phrase(name, getattr(pinned, name), getattr(current, name))}"
        for name in unlike(holds, current)
    ]


def unlike(one: Protocol, other: Protocol) -> list[str]:
    """The fields in which two protocols differ."""
    names = [field.name for field in fields(Protocol)]
    return [name for name in names if not _same(getattr(one, name), getattr(other, name))]


def show_field(protocol: Protocol, name: str) -> str:
    """What a field holds, for a reader."""
    value = getattr(protocol, name)
    if name == "rules":
        return _names(rule.id for rule in value) or "none"
    if name == "inventory":
        return _names(_parts(value)) or "none"
    if name == "recovery":
        return _names(_recovery_parts(value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | Mapping):
        return _names(value) or "none"
    if name in ("checkpoint_every", "keep"):
        return show_duration(value)
    return "no limit" if value is None else str(value)


def _same(one: Any, other: Any) -> bool:
    # The first layer that matches counts, so their order says something; a mapping's == does not see it.
    return bool(one == other) and (not isinstance(one, Mapping) or list(one) == list(other))


def _phrase(name: str, old: Any, new: Any) -> str:
    if name == "squash_into":
        return f"{name} gains {_names(one for one in new if one not in old)}"
    if name == "rules":
        kept = {rule.id: rule for rule in new}
        return f"{name} loses or weakens {_names(rule.id for rule in old if kept.get(rule.id) != rule)}"
    if name == "inventory":
        kept_parts = _parts(new)
        return (
            f"{name} loses or changes {_names(key for key, one in _parts(old).items() if kept_parts.get(key) != one)}"
        )
    if name == "recovery":
        kept_parts = _recovery_parts(new)
        lost = [key for key, one in _recovery_parts(_recovery(old, new)).items() if kept_parts.get(key) != one]
        return f"{name} loses or weakens {_names(lost)}"
    if isinstance(old, Mapping):
        changed = [layer for layer, patterns in old.items() if new.get(layer) != patterns]
        return f"{name} loses or changes {_names(changed)}" if changed else f"{name} stand in another order"
    if isinstance(old, tuple):
        return f"{name} loses {_names(one for one in old if one not in new)}"
    if name in ("checkpoint_every", "keep"):
        return f"{name} {show_duration(old)} → {show_duration(new)}"
    return f"{name} {'no limit' if old is None else old} → {'no limit' if new is None else new}"


def _parts(settings: InventorySettings) -> dict[str, Any]:
    """What the settings name."""
    rows = {one.name: one for one in settings.live} | {one.id: one for one in settings.custom}
    return {**dict.fromkeys(settings.artifacts, True), **rows}


def _recovery_parts(settings: RecoverySettings) -> dict[str, Any]:
    """What the settings name."""
    rows: dict[str, Any] = {f"check {one.name}": one for one in settings.checks}
    rows |= {f"trigger {one.id}": one for one in settings.triggers}
    rows |= {f"{level} may be allowed by {who}": who for level, who in settings.authority.items()}
    return rows | {"[verify]": settings.verify, "[assess]": settings.assess, "[incident]": settings.incident}


def _names(found: Any) -> str:
    return ", ".join(found)


def _fewer(old: int | None, new: int | None) -> int | None:
    limits = [limit for limit in (old, new) if limit is not None]
    return min(limits) if limits else None


def _union(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    # In the new order when nothing is missing there, so that equal sets compare equal.
    return new if set(old) <= set(new) else (*old, *(one for one in new if one not in old))


def _intersection(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in new if one in old)


def _layers(old: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    # A pinned layer keeps its meaning; a new one stands behind it and takes only files that had no layer.
    return {**old, **{name: patterns for name, patterns in new.items() if name not in old}}


def _rules(old: tuple[RuleSpec, ...], new: tuple[RuleSpec, ...]) -> tuple[RuleSpec, ...]:
    found = {rule.id: rule for rule in new}
    for rule in old:
        other = found.get(rule.id)
        if other is None or _strength(other) < _strength(rule) or other.effect != rule.effect:
            found[rule.id] = rule
    return new if all(found[rule.id] == rule for rule in new) and len(found) == len(new) else tuple(found.values())


def _inventory(old: InventorySettings, new: InventorySettings) -> InventorySettings:
    """What is looked at only grows: another address behind a name, or a tamer pattern, waits for a human."""
    live = {one.name: one for one in (*new.live, *old.live)}
    custom = {one.id: one for one in (*new.custom, *old.custom)}
    return InventorySettings(
        artifacts=_union(old.artifacts, new.artifacts),
        live=new.live if live == {one.name: one for one in new.live} else tuple(live.values()),
        custom=new.custom if custom == {one.id: one for one in new.custom} else tuple(custom.values()),
    )


def _recovery(old: RecoverySettings, new: RecoverySettings) -> RecoverySettings:
    """Checks and triggers only grow, thresholds only sink, and a human who has to agree goes on having to."""
    checks = {one.name: one for one in (*new.checks, *old.checks)}
    triggers = {one.id: one for one in (*new.triggers, *old.triggers)}
    before: tuple[str, ...] | None = None
    if old.verify.before_revert is not None and new.verify.before_revert is not None:
        before = _union(old.verify.before_revert, new.verify.before_revert)
    thresholds = {
        one.name: min(getattr(old.assess, one.name), getattr(new.assess, one.name)) for one in fields(Thresholds)
    }
    human = {level: "human" for level in LEVELS if "human" in (old.authority[level], new.authority[level])}
    return RecoverySettings(
        checks=new.checks if checks == {one.name: one for one in new.checks} else tuple(checks.values()),
        verify=replace(new.verify, before_revert=before),
        assess=Thresholds(**thresholds),
        triggers=new.triggers if triggers == {one.id: one for one in new.triggers} else tuple(triggers.values()),
        authority={**new.authority, **human},
        incident=new.incident,
    )


def _strength(rule: RuleSpec) -> int:
    return STRICTNESS.index(rule.decision) if rule.enforcement == "active" else -1


STRICTER: dict[str, Callable[[Any, Any], Any]] = {
    "branch": lambda _old, new: new,  # another name is neither stricter nor looser
    "require_branch": lambda old, new: old or new,
    "max_files": _fewer,
    "max_layers": _fewer,
    "checkpoint_every": min,
    "layers": _layers,
    "branches": _union,
    "paths": _union,
    "sensitive": _union,
    "gates": _union,
    "squash_into": _intersection,
    "ignored": _union,
    "max_file": max,
    "keep": max,
    "rules": _rules,
    "inventory": _inventory,
    "recovery": _recovery,
}
"""Of two values of a field, what is as strict as both."""
