"""`[[trigger]]`: figures of a running session that stop it, or make the server act."""

from collections.abc import Callable, Sequence

from ..core.errors import Refusal
from ..core.gate.refs import read_head
from ..core.gate.trees import diff_trees
from ..core.ledger.events import CheckpointTaken
from ..core.ledger.recovery_events import SymptomReported, TriggerCleared, TriggerFired, Verified
from ..core.records import dataclass
from ..core.recovery import TriggerSpec
from ..core.session import Session
from ..core.verified import commits_since_green
from ..core.workspace import Workspace
from .human import spend

RULE = "triggers"


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A trigger whose metric is above its bound."""

    trigger: TriggerSpec
    value: float

    @property
    def text(self) -> str:
        """In a line."""
        why = f" {self.trigger.why}" if self.trigger.why else ""
        return f"{self.trigger.id}: {self.trigger.metric} is {self.value:g}, above {self.trigger.above:g}.{why}"


def standing(workspace: Workspace, session: Session, triggers: Sequence[TriggerSpec]) -> list[Fired]:
    """Triggers that hold now and that no human has set aside for this session.

    Args:
        workspace: the worktree.
        session: the one that runs.
        triggers: the protocol's.
    """
    if not triggers:
        return []
    cleared = _cleared(workspace, session)
    values: dict[str, float | None] = {}
    found = []
    for one in triggers:
        if one.id in cleared:
            continue
        if one.metric not in values:
            values[one.metric] = _METRICS[one.metric](workspace, session)
        value = values[one.metric]
        if value is not None and value > one.above:
            found.append(Fired(trigger=one, value=value))
    return found


def new_ones(workspace: Workspace, session: Session, fired: Sequence[Fired]) -> list[Fired]:
    """Record those that did not stand already, and say which they are; what sank may fire again."""
    last: dict[str, bool] = {}
    for record in workspace.ledger.records(TriggerFired, TriggerCleared, session=session.id):
        event = record.event
        if isinstance(event, TriggerFired | TriggerCleared):
            last[event.trigger] = isinstance(event, TriggerFired)
    now = {one.trigger.id for one in fired}
    fresh = [one for one in fired if not last.get(one.trigger.id)]
    sunk = [name for name, stands in last.items() if stands and name not in now]
    if fresh or sunk:
        with workspace.repository_lock("triggers"):
            for name in sunk:
                event = TriggerCleared(session=session.id, trigger=name, by="figure")
                workspace.ledger.append(event, session=session.id)
            for one in fresh:
                workspace.ledger.append(
                    TriggerFired(
                        session=session.id,
                        trigger=one.trigger.id,
                        metric=one.trigger.metric,
                        value=one.value,
                        above=one.trigger.above,
                        do=one.trigger.do,
                    ),
                    session=session.id,
                )
    return fresh


def stopped(workspace: Workspace, session: Session | None, triggers: Sequence[TriggerSpec]) -> Refusal | None:
    """Why no commit may be made now; None if one may. A human's grant for a trigger sets it aside for the session."""
    if session is None:
        return None
    stops = [one for one in standing(workspace, session, triggers) if "stop" in one.trigger.do]
    left = [one for one in stops if not _set_aside(workspace, session, one.trigger)]
    if not left:
        return None
    new_ones(workspace, session, left)
    names = ", ".join(one.trigger.id for one in left)
    return Refusal(
        rule=RULE,
        why=f"The session is stopped by {names}: no further commits.",
        evidence=[one.text for one in left],
        instead=f"{_WAY_ON[left[0].trigger.metric]} A human may let the session go on: "
        f"`safe-rollback grant --gate {left[0].trigger.id}` on a terminal.",
    )


def _set_aside(workspace: Workspace, session: Session, trigger: TriggerSpec) -> bool:
    if spend(workspace, "gate", trigger.id, session.id) is None:
        return False
    with workspace.repository_lock("triggers"):
        event = TriggerCleared(session=session.id, trigger=trigger.id, by="human")
        workspace.ledger.append(event, session=session.id)
    return True


def _cleared(workspace: Workspace, session: Session) -> set[str]:
    records = workspace.ledger.records(TriggerCleared, session=session.id)
    events = [one.event for one in records]
    return {one.trigger for one in events if isinstance(one, TriggerCleared) and one.by == "human"}


def _newest(workspace: Workspace, session: Session) -> Verified | None:
    """The newest verification of what stands there, committed or not; not of a plan, nor of an older commit."""
    head = read_head(workspace.repository).oid
    for record in workspace.ledger.records(Verified, session=session.id, newest_first=True):
        event = record.event
        if isinstance(event, Verified) and (event.subject == "worktree" or event.commit == head):
            return event
    return None


def _checks_failing(workspace: Workspace, session: Session) -> float | None:
    newest = _newest(workspace, session)
    rows = [] if newest is None else newest.checks
    failing = [one for one in rows if one["status"] not in ("passed", "untrusted", "not run")]
    return None if newest is None else float(len(failing))


def _failing_tests(workspace: Workspace, session: Session) -> float | None:
    newest = _newest(workspace, session)
    tests = [] if newest is None else [one["tests"] for one in newest.checks if one.get("tests")]
    bad = sum(one["failed"] + one["errors"] for one in tests)
    total = bad + sum(one["passed"] for one in tests)
    return 100 * bad / total if total else None


def _since_green(workspace: Workspace, session: Session) -> float | None:
    head = read_head(workspace.repository).oid
    count = None if head is None else commits_since_green(workspace, head, since=session.base_commit)
    return None if count is None else float(count)


def _commits(workspace: Workspace, session: Session) -> float | None:
    head = read_head(workspace.repository).oid
    if head is None:
        return 0.0
    base = [] if session.base_commit is None else [f"^{session.base_commit}"]
    return float(workspace.repository.git.out("rev-list", "--count", head, *base))


def _files(workspace: Workspace, session: Session) -> float | None:
    """Files that differ between the session's first checkpoint and its newest."""
    taken = [
        one.event
        for one in workspace.ledger.records(CheckpointTaken, session=session.id)
        if isinstance(one.event, CheckpointTaken)
    ]
    if len(taken) < 2:
        return 0.0
    return float(len(diff_trees(workspace.repository.git, taken[0].tree, taken[-1].tree)))


def _minutes(workspace: Workspace, session: Session) -> float | None:
    return round((workspace.clock.now() - session.started).total_seconds() / 60, 1)


def _error_rate(workspace: Workspace, session: Session) -> float | None:
    for record in workspace.ledger.records(SymptomReported, session=session.id, newest_first=True):
        event = record.event
        if isinstance(event, SymptomReported) and event.metric == "error_rate_percent":
            return event.value
    return None


_METRICS: dict[str, Callable[[Workspace, Session], float | None]] = {
    "checks_failing": _checks_failing,
    "failing_tests_percent": _failing_tests,
    "commits_since_green": _since_green,
    "session_commits": _commits,
    "session_files": _files,
    "session_minutes": _minutes,
    "error_rate_percent": _error_rate,
}
"""How each of `core.recovery.METRICS` is measured; None where nothing is known."""

_WAY_ON = {
    "checks_failing": "Mend what fails, then call verify: when it passes, commits are allowed again.",
    "failing_tests_percent": "Mend what fails, then call verify: when few enough fail, commits are allowed again.",
    "commits_since_green": "Call verify with target HEAD: when it passes, the count begins anew.",
    "session_commits": "Close the task with end_session and go on in a new session.",
    "session_files": "Close the task with end_session and go on in a new session.",
    "session_minutes": "Close the task with end_session and go on in a new session.",
    "error_rate_percent": "Roll back or mend; when the rate has sunk, tell it to plan_rollback (symptoms).",
}
