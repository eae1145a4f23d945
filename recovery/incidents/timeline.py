"""What happened, in order, with times and who: the ledger's records that belong to a case."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ...core.clock import parse_stamp, stamp
from ...core.errors import NotFoundError
from ...core.history import CommitInfo, History
from ...core.ids import Oid, SessionId
from ...core.ledger import events, recovery_events
from ...core.ledger.event import Event
from ...core.ledger.store import Record
from ...core.revert.deeds import deeds
from ...core.session import find_session
from ...core.text import plural, show_path
from ...core.workspace import Workspace
from .case import Case
from .telling import tell, who

MAX_ROWS = 200
"""Rows of a timeline; of more, those in the middle are left out and counted."""

DOCUMENT = "document"
"""Kind of the operations that write a post-mortem."""

_MAX_COMMITS = 100
_MAX_FILES = 10
# Checkpoints around actions and operations say nothing that those do not say themselves.
_ROUTINE = ("before ", "after ")
# What belongs to another case unless it names this one.
_ELSEWHERE = (
    recovery_events.IncidentOpened,
    recovery_events.IncidentNoted,
    recovery_events.IncidentClosed,
    recovery_events.PostmortemWritten,
    events.OperationFinished,
    events.LedgerRebuilt,
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a timeline.

    Attributes:
        seq: place in the ledger; between two records for what is known from elsewhere.
        at: when, RFC 3339.
        who: `agent`, `agent` and its name, `human`, or empty where neither acted or nobody knows.
        what: in words of ours.
        quote: text of others that belongs to it: a command, a subject, a title.
    """

    seq: float
    at: str
    who: str
    what: str
    quote: str = ""


def timeline(workspace: Workspace, case: Case, until: int | None) -> list[Row]:
    """Every row of a case, oldest first.

    Args:
        workspace: the repository.
        case: whose story it is.
        until: the last record of it that need not name the case; None for all there are.
    """
    records = _records(workspace, case, until)
    rows = [row for record in records for row in _rows(record)]
    rows += _commit_rows(workspace, case, records)
    rows += _human_rows(workspace, case, until)
    return sorted(rows, key=lambda row: row.seq)


def _records(workspace: Workspace, case: Case, until: int | None) -> list[Record]:
    """What belongs to a case, and the ends of its operations, which carry only the operation."""
    found, started = [], set()
    for record in workspace.ledger.records(after=case.first - 1):
        event = record.event
        if isinstance(event, events.OperationStarted) and event.kind == DOCUMENT:
            continue  # the post-mortem itself
        if belongs(record, case, until):
            found.append(record)
            if isinstance(event, events.OperationStarted):
                started.add(event.operation)
        elif isinstance(event, events.OperationFinished) and event.operation in started:
            found.append(record)
    return found


def shortened(rows: Sequence[Row], limit: int = MAX_ROWS) -> list[Row]:
    """The first and the last rows, at most `limit`, with one between them that counts what is left out."""
    if len(rows) <= limit:
        return list(rows)
    first = limit // 3
    last = limit - first - 1
    gap = rows[first]
    left = Row(seq=gap.seq, at=gap.at, who="", what=f"… {len(rows) - limit + 1} rows are left out")
    return [*rows[:first], left, *rows[-last:]]


def belongs(record: Record, case: Case, until: int | None) -> bool:
    """Whether a record is part of a case's story."""
    event = record.event
    if event is None or record.seq < case.first:
        return False
    if _mentions(event, _names(case)):
        return True
    if (until is not None and record.seq > until) or isinstance(event, _ELSEWHERE):
        return False
    if record.session is not None:
        return record.session in case.sessions
    if isinstance(event, events.CheckpointTaken):
        return event.chain == f"at-{case.worktree}"
    return getattr(event, "worktree", case.worktree) == case.worktree


def _names(case: Case) -> frozenset[str]:
    known = (case.incident, case.plan, case.operation)
    return frozenset(one.id for one in known if one is not None)


def _mentions(event: Event, names: frozenset[str]) -> bool:
    fields = ("incident", "plan_id", "operation", "undoes")
    return any(getattr(event, name, None) in names for name in fields)


def _rows(record: Record) -> Iterator[Row]:
    event = record.event
    assert event is not None
    if isinstance(event, events.CheckpointTaken) and event.reason.startswith(_ROUTINE):
        return
    told = tell(event)
    if told is not None:
        yield Row(seq=record.seq, at=record.at, who=who(event), what=told[0], quote=told[1])


def _commit_rows(workspace: Workspace, case: Case, records: Sequence[Record]) -> list[Row]:
    """A row for each commit an action made, or that the plan takes out although no action made it."""
    made = {
        name: record
        for record in records
        if isinstance(record.event, events.ActionRecorded)
        for name in record.event.commits
    }
    going = [row["commit"] for row in reversed(case.commits) if row.get("commit")]
    wanted = list(dict.fromkeys([*made, *going]))[:_MAX_COMMITS]
    found = commits(workspace, wanted)
    rows = []
    for place, name in enumerate(wanted):
        info, record = found.get(name), made.get(name)
        if info is None:
            continue
        seq = record.seq + 0.1 + place / 1e6 if record else case.first - 0.5 + place / 1e6
        at = record.at if record else stamp_of(info)
        acted = who(record.event) if record is not None and record.event is not None else ""
        what = f"commit {info.short}" + ("" if record else f" (by its own date; nobody recorded who: {info.author})")
        rows.append(Row(seq=seq, at=at, who=acted, what=what, quote=info.subject))
    return rows


def commits(workspace: Workspace, names: Sequence[str]) -> Mapping[str, CommitInfo]:
    """Commits by name; those that are gone are left out."""
    if not names:
        return {}
    found = {}
    git = workspace.repository.git
    listing = git.out("cat-file", "--batch-check", stdin="\n".join(names).encode() + b"\n")
    kinds = [line.split(" ") for line in listing.splitlines()]
    with History(workspace) as history:
        for name, words in zip(names, kinds, strict=False):
            if words[1:2] == ["commit"]:
                found[name] = history.commit(Oid(name))
    return found


def stamp_of(info: CommitInfo) -> str:
    """A commit's own date, as the ledger writes dates."""
    return stamp(datetime.fromtimestamp(info.seconds, UTC))


def _human_rows(workspace: Workspace, case: Case, until: int | None) -> list[Row]:
    """What changed while no action ran."""
    rows = []
    for name in case.sessions:
        try:
            done = deeds(workspace, find_session(workspace, SessionId(name)))
        except NotFoundError:
            continue
        for one in done.humans:
            if one.seq >= case.first and (until is None or one.seq <= until + 1):
                shown = ", ".join(show_path(path) for path in one.files[:_MAX_FILES])
                what = f"{plural(len(one.files), 'file')} changed between actions"
                rows.append(Row(seq=one.seq - 0.5, at=one.at, who="human", what=what, quote=shown))
    return rows


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one moment of the ledger to another."""
    return (parse_stamp(later) - parse_stamp(earlier)).total_seconds()
