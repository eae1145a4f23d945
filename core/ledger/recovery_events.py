"""What is recorded of checks, triggers, approvals, searches, incidents, drills and backups."""

from collections.abc import Mapping, Sequence
from typing import Any

from safe_rollback.core.ledger.event import Event

from ..records import dataclass


@dataclass(frozen=True, kw_only=True)
class Verified(Event):
    """Checks ran over one state: a `revision`, a `plan`'s result or the `worktree`.

    `commit` is the commit that state has, if it has one; `checks` are rows of name, command, status, exit_code,
    seconds and, if they are known, tests (passed, failed, errors, skipped). `passed` is whether all of them did.
    """

    session: str | None
    worktree: str
    subject: str
    commit: str | None
    tree: str
    passed: bool
    checks: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class SymptomReported(Event):
    """Somebody told a figure nothing here can measure, such as an error rate in percent."""

    session: str | None
    metric: str
    value: float
    source: str


@dataclass(frozen=True, kw_only=True)
class TriggerFired(Event):
    """A trigger of the protocol fired in a session. `do` is what it asks for."""

    session: str
    trigger: str
    metric: str
    value: float
    above: float
    do: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class TriggerCleared(Event):
    """A trigger no longer holds: its metric sank, or a human let the session go on (`by`)."""

    session: str
    trigger: str
    by: str


@dataclass(frozen=True, kw_only=True)
class PlanAuthorized(Event):
    """A human allowed one plan. `how` is `terminal` or `client`; `impact` says in a line what they were shown."""

    plan_id: str
    digest: str
    level: str
    how: str
    by: str
    reason: str
    impact: str


@dataclass(frozen=True, kw_only=True)
class BreakingCommitFound(Event):
    """A search for the commit that broke a check ended. `first_bad` is None if it could not be told."""

    session: str | None
    good: str
    bad: str
    check: str
    first_bad: str | None
    candidates: Sequence[str]
    probes: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class IncidentOpened(Event):
    """Something went wrong. `checkpoint` holds the broken state, `bundle` the diagnostics beside the ledger."""

    incident: str
    session: str | None
    worktree: str
    title: str
    severity: str
    plan_id: str | None
    checkpoint: str
    bundle: str


@dataclass(frozen=True, kw_only=True)
class IncidentNoted(Event):
    """Something about an incident: a `status`, a `note`, a `notification`, a `task` that was ticked."""

    incident: str
    kind: str
    text: str
    by: str


@dataclass(frozen=True, kw_only=True)
class IncidentClosed(Event):
    """An incident is over."""

    incident: str
    summary: str


@dataclass(frozen=True, kw_only=True)
class PostmortemWritten(Event):
    """A post-mortem stands in the worktree; `digest` is of its text."""

    incident: str | None
    operation: str | None
    path: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class DrillRun(Event):
    """A rollback was rehearsed in a disposable copy; `steps` are rows of name, ok, seconds, detail."""

    target: str
    head: str | None
    clean: bool
    seconds: float
    steps: Sequence[Mapping[str, Any]]
    left_over: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class BackedUp(Event):
    """Checkpoints went to a remote, or into a bundle that was read back."""

    to: str
    kind: str
    refs: int
    checkpoints: int


RECOVERY_EVENTS: tuple[type[Event], ...] = (
    Verified,
    SymptomReported,
    TriggerFired,
    TriggerCleared,
    PlanAuthorized,
    BreakingCommitFound,
    IncidentOpened,
    IncidentNoted,
    IncidentClosed,
    PostmortemWritten,
    DrillRun,
    BackedUp,
)
