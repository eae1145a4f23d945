"""An item: one thing that a rollback has to take back, with evidence, way back, and check."""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..core.inventory import DOMAIN_NAMES as DOMAIN_NAMES  # noqa: PLC0414

Change = Literal["added", "removed", "changed", "observed"]
Reversible = Literal["yes", "no", "lossy", "unknown"]
Confidence = Literal["high", "medium", "low"]
State = Literal["open", "done", "waived"]
When = Literal["before code", "with code", "after code"]
"""When an item is taken back, seen from the revert of the code."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Where something is seen.

    Attributes:
        path: a file, from the root; empty for what was observed.
        line: from 1; 0 for the whole file.
        commit: the commit whose side of the change has the line; empty if it is not committed.
        text: the line, shortened; never the value of a secret.
        observed: the command that was run, of an agent's action.
        action: that action's id.
        at: when, RFC 3339, of an action.
    """

    path: str = ""
    line: int = 0
    commit: str = ""
    text: str = ""
    observed: str = ""
    action: str = ""
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something to do: in words, and as a command where there is one. Commands are shown, never run."""

    text: str = ""
    command: str = ""


@dataclass(frozen=True, kw_only=True)
class Live:
    """What the live system said.

    Attributes:
        checked: whether anything answered.
        state: `applied`, `not applied`, `present`, `absent`, `same`, `changed`; `unknown` if nothing could tell.
        detail: in words, never with a secret's value.
        clean: whether this is how it has to be once the target is rolled back; None if that is unknown.
    """

    checked: bool = False
    state: str = "unknown"
    detail: str = ""
    clean: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to roll back or waive.

    Attributes:
        domain: one of `core.inventory.DOMAIN_NAMES`.
        kind: what it is within the domain: `migration`, `variable`, `package`, `flag`, `workflow` …
        name: as its own system names it: the migration's id as its history table stores it, the variable, the
            package, the flag's key, the workflow's path.
        scope: what tells items of the same name apart: the tool and directory, the manifest, the file.
        change: what the target did to it; `observed` for a command that was run.
        evidence: where it is seen, best first.
        before: its value before the target; for secrets, only that there was one and its salted hash.
        after: its value after the target.
        live: what the live system says.
        reversible: whether the action brings back what was; `lossy` if data or time is lost.
        destructive: whether the action itself deletes something.
        action: what takes it back.
        inverse: what does it again.
        verify: a read-only command that shows whether it is taken back; empty if there is none.
        cautions: what to know before.
        confidence: how sure the detection is.
        when: before, with or after the code.
        rank: its place among the items of the same `when`; lower first.
        details: what the domain's own check needs, plain values; never a secret.
        state: open, done or waived.
    """

    domain: str
    kind: str
    name: str
    change: Change
    scope: str = ""
    evidence: Sequence[Evidence] = ()
    before: str = ""
    after: str = ""
    live: Live = field(default_factory=Live)
    reversible: Reversible = "unknown"
    destructive: bool = False
    action: Step = field(default_factory=Step)
    inverse: Step = field(default_factory=Step)
    verify: str = ""
    cautions: Sequence[str] = ()
    confidence: Confidence = "high"
    when: When = "after code"
    rank: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)
    state: State = "open"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes two findings the same item."""
        return (self.domain, self.kind, self.scope, self.name)

    @property
    def id(self) -> str:
        """`item-` and ten hexadecimal digits: the same for the same thing, whichever commits touched it."""
        return "item-" + hashlib.sha256("\0".join(self.key).encode("utf-8", "surrogateescape")).hexdigest()[:10]

    @property
    def mark(self) -> str:
        """Names what was done to it, so that what was closed is open again when it is done once more."""
        commits = sorted({one.commit or one.action for one in self.evidence})
        parts = [*self.key, self.change, self.before, self.after, *commits]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def to_data(self) -> dict[str, Any]:
        """Plain values, for the ledger."""
        return {"id": self.id, "mark": self.mark, **dataclasses.asdict(self)}


def from_data(data: Mapping[str, Any]) -> Item:
    """The item behind `to_data`."""
    values = {name: value for name, value in data.items() if name not in ("id", "mark")}
    values["evidence"] = tuple(Evidence(**one) for one in values["evidence"])
    values["cautions"] = tuple(values["cautions"])
    values["live"] = Live(**values["live"])
    values["action"], values["inverse"] = Step(**values["action"]), Step(**values["inverse"])
    return Item(**values)


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """What could not be read or told, and why; an inventory with one is not complete."""

    domain: str
    subject: str
    why: str
