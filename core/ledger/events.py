"""Everything that can be recorded. State is a fold over these; nothing else is written down."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..records import asdict, dataclass, field, fields
from .event import Event
from .recovery_events import RECOVERY_EVENTS


@dataclass(frozen=True, kw_only=True)
class SessionStarted(Event):
    """An agent began a task. `protocol` is the pinned text's effective form, `digest` names it."""

    session: str
    worktree: str
    task: str
    base_commit: str | None
    branch: str | None
    created_branch: bool
    paths: Sequence[str]
    layers: Sequence[str]
    max_files: int | None
    digest: str
    protocol: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ProtocolTightened(Event):
    """The protocol of a running session became stricter; from here on this is the floor."""

    session: str
    digest: str
    protocol: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SessionReady(Event):
    """The first checkpoint and the tag of a session stand."""

    session: str
    checkpoint: str
    tag: str | None


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """A session is over: `closed` by its agent, or `abandoned` by a human."""

    session: str
    outcome: str
    summary: str
    commit: str | None
    checkpoint: str | None


@dataclass(frozen=True, kw_only=True)
class CheckpointTaken(Event):
    """A checkpoint stands in its ref."""

    checkpoint: str
    chain: str
    commit: str
    name: str
    reason: str
    pinned: bool
    tree: str
    created: str


@dataclass(frozen=True, kw_only=True)
class ActionRecorded(Event):
    """One tool call of an agent that may change state, with the checkpoints around it.

    `action` names it, `act-` and eight hexadecimal digits. `agent` tells agents of one client apart; a
    subagent has its own. `paths` are the files the call named, if it is a file tool's. `beside` are
    actions that ran at the same time: what changed meanwhile may be theirs.
    """

    session: str | None
    worktree: str
    tool: str
    command: str
    effects: Sequence[str]
    before: str
    after: str | None
    commits: Sequence[str]
    exit_code: int | None
    action: str = ""
    agent: str = ""
    paths: Sequence[str] = ()
    beside: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class CommandRefused(Event):
    """A policy refused a command; `command` is what was asked for."""

    session: str | None
    tool: str
    command: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class PlanMade(Event):
    """A rollback plan was answered; `plan` is the answer, `request` what it was computed from."""

    plan_id: str
    digest: str
    worktree: str
    request: Mapping[str, Any]
    plan: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class InventoryTaken(Event):
    """What a target was found to have touched; `items` are those of `inventory.model.Item.to_data`."""

    target: str
    session: str | None
    worktree: str
    items: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ItemClosed(Event):
    """An item was taken back (`done`) or a human let it be (`waived`). `mark` names what was done to it."""

    item: str
    mark: str
    outcome: str
    evidence: str
    check: str


@dataclass(frozen=True, kw_only=True)
class OperationStarted(Event):
    """A state change of ours began; its intent file says how to finish it."""

    operation: str
    kind: str
    session: str | None
    worktree: str
    summary: str
    before: str
    undoes: str | None


@dataclass(frozen=True, kw_only=True)
class OperationFinished(Event):
    """A state change of ours is complete. `after` is the checkpoint of the state it made."""

    operation: str
    outcome: str
    after: str | None
    commits: Sequence[str]
    detail: str


@dataclass(frozen=True, kw_only=True)
class GateRun(Event):
    """One end-of-session check ran, or was waived."""

    session: str
    name: str
    status: str
    exit_code: int | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class ProtocolAccepted(Event):
    """A human accepted a protocol; later sessions start from it."""

    digest: str
    protocol: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CommandTrusted(Event):
    """A human trusted the exact text of a command or of repository code."""

    text: str


@dataclass(frozen=True, kw_only=True)
class GrantMinted(Event):
    """A human allowed one thing once."""

    grant: str
    kind: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class GrantUsed(Event):
    """A grant was spent."""

    grant: str
    session: str | None


@dataclass(frozen=True, kw_only=True)
class HumanAnswered(Event):
    """A question went to a human through the client; `answer` is accept, decline or cancel."""

    question: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class CheckpointsPruned(Event):
    """Retention dropped checkpoints; `trash` keeps the old tip of each changed ref until the next prune."""

    operation: str
    dropped: Sequence[str]
    trash: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class LedgerRebuilt(Event):
    """The database was made anew from the refs; `gaps` are ranges of lost records."""

    reason: str
    records: int
    gaps: Sequence[Sequence[int]] = field(default_factory=tuple)


EVENTS: tuple[type[Event], ...] = (
    SessionStarted,
    ProtocolTightened,
    SessionReady,
    SessionEnded,
    CheckpointTaken,
    ActionRecorded,
    CommandRefused,
    PlanMade,
    InventoryTaken,
    ItemClosed,
    OperationStarted,
    OperationFinished,
    GateRun,
    ProtocolAccepted,
    CommandTrusted,
    GrantMinted,
    GrantUsed,
    HumanAnswered,
    CheckpointsPruned,
    LedgerRebuilt,
    *RECOVERY_EVENTS,
)


def kind_of(event: Event | type[Event]) -> str:
    """`session_started` for SessionStarted."""
    name = event.__name__ if isinstance(event, type) else type(event).__name__
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


_BY_KIND = {kind_of(event): event for event in EVENTS}


def to_data(event: Event) -> dict[str, Any]:
    """The event's fields as plain values."""
    return asdict(event)


def from_data(kind: str, data: Mapping[str, Any]) -> Event | None:
    """The event behind `to_data`; None for a kind a newer version wrote."""
    event = _BY_KIND.get(kind)
    if event is None:
        return None
    known = {one.name for one in fields(event)}
    return event(**{name: value for name, value in data.items() if name in known})
