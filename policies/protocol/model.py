"""A protocol as values, with the place each came from."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from ...core.errors import InvalidInputError
from ...core.files import canonical_json
from ...core.inventory import InventorySettings
from ...core.inventory import from_data as inventory_from_data
from ...core.late import late
from ...core.records import asdict, dataclass, field
from ...core.recovery import RecoverySettings
from ...core.recovery import from_data as recovery_from_data
from ...core.snapshot.policy import CapturePolicy

Decision = Literal["allow", "ask", "refuse"]
STRICTNESS: tuple[Decision, ...] = ("allow", "ask", "refuse")

_PLACEHOLDER = late(r"\{(date|n)(?::0?(\d))?\}")


@dataclass(frozen=True, kw_only=True)
class RuleSpec:
    """A project's own rule about an effect.

    Attributes:
        id: its name.
        effect: the effect it decides on, one of `policies.effects.EFFECTS`.
        decision: allow, ask or refuse; the strictest rule wins.
        enforcement: `active`, or `evaluate` to report without refusing.
        why: reason, shown with a refusal.
        instead: what to do, shown with a refusal.
        refuses: commands it must match; checked when the protocol loads.
        permits: commands it must not match.
    """

    id: str
    effect: str
    decision: Decision
    enforcement: Literal["active", "evaluate"] = "active"
    why: str
    instead: str
    refuses: tuple[str, ...] = ()
    permits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """The rules of a session. Defaults are the built-in protocol.

    Attributes:
        branch: name of the branch a session gets; `{date}` and `{n:03}` are filled in.
        require_branch: no session works on a protected branch or a detached HEAD.
        max_files: files a session may change; None for no limit.
        max_layers: layers a session may touch; None for no limit.
        checkpoint_every: seconds between automatic checkpoints.
        layers: patterns of each layer.
        branches: protected branches.
        paths: protected paths.
        sensitive: paths whose change a human has to see.
        gates: commands that must pass at the end of a session.
        squash_into: protected branches that `end_session` may squash into all the same.
        ignored: ignored files that checkpoints capture.
        max_file: bytes; larger untracked files are skipped and named.
        keep: seconds a checkpoint is kept.
        rules: the project's own rules.
        inventory: what is built, which live systems may be asked, and the project's own detectors.
        recovery: checks, thresholds, triggers, who may allow what, and incidents.
    """

    branch: str = "feature/session-{date}-{n:03}"
    require_branch: bool = True
    max_files: int | None = None
    max_layers: int | None = None
    checkpoint_every: int = 15 * 60
    layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    branches: tuple[str, ...] = ("main", "master")
    paths: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    squash_into: tuple[str, ...] = ()
    ignored: tuple[str, ...] = (".env*",)
    max_file: int = 50 << 20
    keep: int = 30 * 86400
    rules: tuple[RuleSpec, ...] = ()
    inventory: InventorySettings = field(default_factory=InventorySettings)
    recovery: RecoverySettings = field(default_factory=RecoverySettings)

    @property
    def capture(self) -> CapturePolicy:
        """What checkpoints take."""
        return CapturePolicy(ignored=self.ignored, max_file=self.max_file)

    def to_data(self) -> dict[str, Any]:
        """Plain values, for the ledger; layers as pairs, for JSON with sorted keys forgets their order."""
        layers = [[name, list(one)] for name, one in self.layers.items()]
        settings = {"inventory": self.inventory.to_data(), "recovery": self.recovery.to_data()}
        return {**asdict(self), "layers": layers, **settings}

    def digest(self) -> str:
        """Names exactly these rules: SHA-256, first 16 digits."""
        return hashlib.sha256(canonical_json(self.to_data()).encode()).hexdigest()[:16]

    def branch_name(self, day: datetime, number: int) -> str:
        """The branch of the `number`-th session of a day."""

        def fill(match: re.Match[str]) -> str:
            if match[1] == "date":
                return day.strftime("%Y-%m-%d")
            return f"{number:0{match[2] or 1}d}"

        return _PLACEHOLDER.sub(fill, self.branch)


def from_data(data: Mapping[str, Any]) -> Protocol:
    """The protocol behind `to_data`."""
    values = dict(data)
    values["rules"] = tuple(
        RuleSpec(**{**one, "refuses": tuple(one["refuses"]), "permits": tuple(one["permits"])})
        for one in values["rules"]
    )
    values["layers"] = {name: tuple(patterns) for name, patterns in values["layers"]}
    values["inventory"] = inventory_from_data(values.get("inventory", {}))
    values["recovery"] = recovery_from_data(values.get("recovery", {}))
    for name in ("branches", "paths", "sensitive", "gates", "squash_into", "ignored"):
        values[name] = tuple(values[name])
    return Protocol(**values)


# What git refuses in a branch name: blanks and control characters, ~ ^ : ? * [ \\ @{ and empty parts.
_NO_REF = late(r"[\x00-\x20\x7f~^:?*\[\\]|@\{|\.\.|//|^[-/]|[/.]$|(^|/)\.|\.lock(/|$)")


def check_template(template: str) -> None:
    """Whether a branch template can be filled in.

    Raises:
        InvalidInputError: if it has other placeholders than `{date}` and `{n}`, or no `{n}`.
    """
    rest = _PLACEHOLDER.sub("", template)
    if "{" in rest or "}" in rest or not re.search(r"\{n(:0?\d)?\}", template):
        raise InvalidInputError(
            f"the branch template {template!r} needs {{n}} and may hold {{date}}, nothing else in braces",
            hint='For example "feature/session-{date}-{n:03}".',
        )
    if _NO_REF.search(_PLACEHOLDER.sub("1", template)):
        raise InvalidInputError(
            f"the branch template {template!r} makes no branch name that git accepts",
            hint='For example "feature/session-{date}-{n:03}".',
        )


# Which rule enforces a field; capture and retention settings are no rules but are held too.
RULE_OF_FIELD = {
    "branch": "branch-required",
    "require_branch": "branch-required",
    "max_files": "files-per-session",
    "max_layers": "layers-per-session",
    "layers": "layers-per-session",
    "checkpoint_every": "automatic-checkpoints",
    "branches": "protected-branches",
    "paths": "protected-paths",
    "sensitive": "sensitive-paths",
    "gates": "session-gates",
    "squash_into": "protected-branches",
    "ignored": "capture",
    "max_file": "capture",
    "keep": "retention",
    "rules": "project-rules",
    "inventory": "inventory",
    "recovery": "recovery",
}


@dataclass(frozen=True, kw_only=True)
class Enforced:
    """A line of CLAUDE.md that is enforced, and the rule that does it.

    Attributes:
        rule: what enforces it.
        line: from 1; 0 for what holds although no line of the file says it.
        text: the line.
        fields: what it sets in `Protocol`.
    """

    rule: str
    line: int
    text: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NotEnforced:
    """A line that is not."""

    line: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file says.

    Attributes:
        source: the file, relative to the root; `built-in` if none says anything.
        protocol: the rules.
        enforced: lines that are.
        not_enforced: lines that are not.
        problems: why the file, or part of it, could not be used.
    """

    source: str
    protocol: Protocol
    enforced: Sequence[Enforced]
    not_enforced: Sequence[NotEnforced]
    problems: Sequence[str]
