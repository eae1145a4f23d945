"""Words an item for a flag: what was seen, what takes it back, what to know before."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..model import Change, Confidence, Evidence, Item, Step, When
from ..reading.trail import Seen
from .facts import Flag, strength
from .kits import PROVIDERS, Provider

_MAX_TEXT = 200
_MAX_EVIDENCE = 5


@dataclass(frozen=True, kw_only=True)
class Found:
    """A flag that a target touched.

    Attributes:
        key: the flag's key.
        change: what the target did to it.
        was: what the files that the target changed said of it before.
        now: what they say in the end.
        provider: a key of `PROVIDERS`; empty if nothing tells.
    """

    key: str
    change: Change
    was: Sequence[Seen[Flag]]
    now: Sequence[Seen[Flag]]
    provider: str


def item(found: Found) -> Item:
    """The item for a flag."""
    seen = [*found.now, *found.was]
    flags = [one.fact for one in seen]
    provider = PROVIDERS.get(found.provider, Provider(name="the feature flag service"))
    action, inverse = _steps(found, provider)
    variable = next((flag.variable for flag in flags if flag.variable), "")
    return Item(
        domain="feature_flags",
        kind="flag",
        name=found.key,
        change=found.change,
        evidence=tuple(_evidence(found))[:_MAX_EVIDENCE],
        before=_default(found.was),
        after=_default(found.now),
        reversible="yes",
        action=action,
        inverse=inverse,
        verify=_command(provider.show, found.key),
        cautions=tuple(_cautions(found, flags, variable)),
        confidence=_confidence(flags),
        when=_when(found, flags),
        details={"provider": found.provider, "variable": variable, "files": sorted({one.side.path for one in seen})},
    )


def _default(said: Sequence[Seen[Flag]]) -> str:
    return next((one.fact.default for one in said if one.fact.default is not None and one.fact.role != "removes"), "")


def _command(template: str, key: str) -> str:
    return template.format(shlex.quote(key)) if template else ""


def _steps(found: Found, provider: Provider) -> tuple[Step, Step]:
    key, where = found.key, provider.name
    off = Step(
        text=f"Turn {key} off in {where}, for everyone, while the code that reads it still runs.",
        command=_command(provider.off, key),
    )
    on = Step(text=f"Turn {key} on again in {where}, as it was.", command=_command(provider.on, key))
    if found.change == "added":
        return off, on
    if found.change == "removed":
        text = f"See that {key} exists in {where}, with the state it had, before the older code asks for it."
        return Step(text=text, command=_command(provider.on, key)), off
    before, after = _default(found.was) or "what it was", _default(found.now) or "what it is now"
    return (
        Step(text=f"The revert makes {before} the default of {key} again; where it was set in {where}, set it back."),
        Step(text=f"Make {after} the default of {key} again."),
    )


def _evidence(found: Found) -> Iterator[Evidence]:
    said = found.was if found.change == "removed" else found.now or found.was
    for seen in sorted(said, key=lambda one: -strength(one.fact.role)):
        lines, line = seen.side.lines, seen.fact.line
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        yield Evidence(path=seen.side.path, line=line, commit=seen.commit, text=text[:_MAX_TEXT])


def _cautions(found: Found, flags: Sequence[Flag], variable: str) -> Iterator[str]:
    if variable:
        yield f"It is set by the environment variable {variable}: turning it off means to unset that and restart."
    tables = {flag.table for flag in flags if flag.table}
    if tables:
        yield f"It is a row of the table {', '.join(sorted(tables))}: reverting the code leaves the row as it is."
    if found.change == "removed":
        yield "Somebody may have archived or deleted it since: the older code then gets its default."
    elif found.change == "changed":
        yield "Whoever was given a value of their own keeps it, whatever the default."
    elif not any(flag.role == "defines" for flag in flags):
        yield "No list of flags in the change names it: look in the service for who has it on."


def _confidence(flags: Sequence[Flag]) -> Confidence:
    if any(flag.role == "defines" or flag.provider for flag in flags):
        return "high"
    return "high" if any(flag.role in ("types", "removes") for flag in flags) else "medium"


def _when(found: Found, flags: Sequence[Flag]) -> When:
    if found.change == "changed" and not any(flag.table for flag in flags):
        return "with code"
    return "before code"
