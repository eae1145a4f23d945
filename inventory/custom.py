"""A project's own detectors: `[[inventory.custom]]` of its protocol, and what other packages bring."""

import re
from collections.abc import Iterator
from importlib.metadata import entry_points

from ..core.globs import first_match
from ..core.inventory import CustomDetector
from .changes import Changes, Delta, Side
from .detector import Domain
from .model import Evidence, Item, Step

GROUP = "safe_rollback.domains"
"""Entry points of this group name a `Domain`, or a tuple of them."""

_LONGEST_LINE = 2_000


def brought(changes: Changes) -> list[Domain]:
    """The domains of installed packages; one that does not load is said to be unknown."""
    found: list[Domain] = []
    for point in entry_points(group=GROUP):
        try:
            value = point.load()
        except Exception as error:  # noqa: BLE001
            changes.unread("code", point.name, f"this detector does not load: {type(error).__name__}: {error}")
            continue
        for one in value if isinstance(value, tuple | list) else (value,):
            if isinstance(one, Domain):
                found.append(one)
            else:
                changes.unread("code", point.name, "this detector is no inventory.detector.Domain")
    return found


def custom_items(changes: Changes, detector: CustomDetector) -> Iterator[Item]:
    """What a project's own detector finds: its pattern in lines that came, went or changed.

    The name of an item is the pattern's group `name`, its first group, or all that it matched.
    """
    pattern = re.compile(detector.pattern)
    for delta in changes.deltas:
        if first_match(delta.path, detector.paths):
            yield from _found(delta, detector, pattern)


def _found(delta: Delta, detector: CustomDetector, pattern: re.Pattern[str]) -> Iterator[Item]:
    old, new = _names(delta.old, pattern), _names(delta.new, pattern)
    for name in sorted({*old, *new}):
        was, now = old.get(name), new.get(name)
        if was is not None and now is not None and was[1] == now[1]:
            continue
        number, text = now or was or (0, "")

        def filled(template: str, name: str = name) -> str:
            return template.replace("{name}", name)

        yield Item(
            domain=detector.domain,
            kind=detector.id,
            name=name,
            change="changed" if was and now else "added" if now else "removed",
            evidence=(Evidence(path=delta.path, line=number, commit=delta.commit, text=text),),
            before=was[1] if was else "",
            after=now[1] if now else "",
            reversible="unknown",
            action=Step(text=filled(detector.action)),
            inverse=Step(text=filled(detector.inverse)),
            verify=filled(detector.verify),
        )


def _names(side: Side | None, pattern: re.Pattern[str]) -> dict[str, tuple[int, str]]:
    """Name → first line it stands in, and that line."""
    found: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(side.lines if side else (), start=1):
        match = pattern.search(line[:_LONGEST_LINE])
        if match is None:
            continue
        name = match.groupdict().get("name") or (match[1] if match.groups() else None) or match[0]
        found.setdefault(name.strip(), (number, line.strip()[:200]))
    return found
