"""session_report: what happened in a session, from the ledger."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from ..core.errors import NotFoundError
from ..core.ids import session_id as parse_id
from ..core.ledger import events, recovery_events
from ..core.ledger.event import Event
from ..core.ledger.store import Record
from ..core.revert.deeds import Deeds, deeds
from ..core.session import Session, find_session, sessions
from ..core.text import clean, one_line, plural, show_path
from ..recovery.incidents.telling import tell
from .desk import Desk
from .inventories import left_open
from .results import MAX_ROWS, Part, Result, show_paths
from .scope import examine
from .spec import ToolSpec

_MAX_FILES = 20
# What a reader of a session is told; the rest only machines need.
_SHOWN = (
    events.SessionStarted,
    events.SessionEnded,
    events.CheckpointTaken,
    events.CommandRefused,
    events.ItemClosed,
    events.OperationStarted,
    events.OperationFinished,
    events.GateRun,
    events.ProtocolTightened,
    recovery_events.Verified,
    recovery_events.TriggerFired,
    recovery_events.TriggerCleared,
    recovery_events.PlanAuthorized,
    recovery_events.BreakingCommitFound,
    recovery_events.IncidentOpened,
    recovery_events.IncidentClosed,
    recovery_events.PostmortemWritten,
)


class Moment(Part):
    """One line of the timeline; `who` is human, agent, agent and its name, or empty; `files` are at most 20."""

    at: str
    what: str
    who: str = ""
    action: str = ""
    files: list[str] = []
    files_total: int = 0


class SessionReport(Result):
    """A session's story."""

    session_id: str
    task: str
    branch: str | None
    outcome: str
    started: str
    ended: str | None
    files: list[str]
    sensitive: list[str]
    open_items: list[str]
    timeline: list[Moment]
    timeline_total: int
    markdown: str | None


def session_report(
    desk: Desk,
    session_id: Annotated[str | None, Field(description="default: the running or the last session")] = None,
    format: Annotated[Literal["data", "markdown"], Field(description="markdown: also as text")] = "data",  # noqa: A002
) -> SessionReport:
    """Tell a session's story; see `SPEC.description`."""
    session = _session(desk, session_id)
    moments = _timeline(desk, session)
    files: list[str] = []
    sensitive: list[str] = []
    if desk.session is not None and desk.session.id == session.id:
        scoped = examine(desk, session)
        files = show_paths(list(scoped.status))
        sensitive = show_paths(
            [path for one in scoped.violations if one.rule == "sensitive-paths" for path in one.paths]
        )
    report = SessionReport(
        session_id=session.id,
        task=session.task,
        branch=session.branch,
        outcome=session.outcome or "running",
        started=f"{session.started:%Y-%m-%dT%H:%M:%SZ}",
        ended=None if session.ended is None else f"{session.ended:%Y-%m-%dT%H:%M:%SZ}",
        files=files,
        sensitive=sensitive,
        open_items=[clean(f"{one.id} {one.kind} {one.name}", limit=200) for one in left_open(desk, session.id)[:50]],
        timeline=moments[-MAX_ROWS:],
        timeline_total=len(moments),
        markdown=None,
    )
    return report.model_copy(update={"markdown": _markdown(report)}) if format == "markdown" else report


def _session(desk: Desk, wanted: str | None) -> Session:
    if wanted is not None:
        return find_session(desk.workspace, parse_id(wanted))
    if desk.session is not None:
        return desk.session
    here = [one for one in sessions(desk.workspace) if one.worktree == desk.workspace.repository.worktree_id]
    if not here:
        raise NotFoundError("There was no session here yet.", hint="Call start_session.")
    return here[-1]


def _records(desk: Desk, session: Session) -> list[Record]:
    """The session's own records, and the ends of its operations, which carry only the operation."""
    own = desk.workspace.ledger.records(session=session.id)
    started = {event.operation for record in own if isinstance(event := record.event, events.OperationStarted)}
    ends = [
        record
        for record in desk.workspace.ledger.records(events.OperationFinished)
        if isinstance(event := record.event, events.OperationFinished) and event.operation in started
    ]
    return sorted([*own, *ends], key=lambda record: record.seq)


def _timeline(desk: Desk, session: Session) -> list[Moment]:
    """The records, and what the human changed between the actions."""
    done = deeds(desk.workspace, session)
    rows: list[tuple[float, Moment]] = [
        (record.seq, _moment(record, what, done))
        for record in _records(desk, session)
        if (what := _tell(record.event)) is not None
    ]
    # A change is known by the checkpoint that saw it first.
    rows += [
        (one.seq - 0.5, _with_files(Moment(at=one.at, what="changed between actions", who="human"), one.files))
        for one in done.humans
    ]
    return [moment for _, moment in sorted(rows, key=lambda row: row[0])]


def _moment(record: Record, what: str, done: Deeds) -> Moment:
    event = record.event
    moment = Moment(at=record.at, what=what)
    if isinstance(event, events.ActionRecorded):
        unclear = len(done.unclear.get(record.seq, ()))
        more = f"; {plural(unclear, 'file')} may be its or another's" if unclear else ""
        name = clean(event.agent, limit=80)
        who = f"agent {name}" if name else "agent"
        moment = Moment(at=record.at, what=what + more, who=who, action=event.action)
    return _with_files(moment, sorted(done.acts.get(record.seq, ())))


def _with_files(moment: Moment, files: Sequence[str]) -> Moment:
    shown = [show_path(path) for path in files[:_MAX_FILES]]
    return moment.model_copy(update={"files": shown, "files_total": len(files)})


def _tell(event: Event | None) -> str | None:
    """One record for a reader, or None for what only machines need."""
    if isinstance(event, events.ActionRecorded):
        made = f", {plural(len(event.commits), 'new commit')}" if event.commits else ""
        return f"{_flat(event.command)} → exit {event.exit_code}{made}"
    told = tell(event) if isinstance(event, _SHOWN) else None
    return None if told is None else ": ".join(part for part in told if part)


def _flat(command: str) -> str:
    """A command on one line: a commit message has several."""
    return clean(" ".join(command.split()), limit=500)


def _markdown(report: SessionReport) -> str:
    lines = [
        f"# Session {report.session_id}: {one_line(report.task)}",
        "",
        f"Branch {report.branch}, {report.outcome}, started {report.started}"
        + (f", ended {report.ended}" if report.ended else ""),
        "",
    ]
    if report.sensitive:
        lines += ["Security-sensitive paths changed:", *(f"- `{path}`" for path in report.sensitive), ""]
    if report.open_items:
        lines += ["Touched beyond the code, and open:", *(f"- {one}" for one in report.open_items), ""]
    if report.files:
        lines += ["Changed:", *(f"- `{path}`" for path in report.files), ""]
    lines += ["| when | who | what |", "|---|---|---|"]
    lines += [f"| {one.at} | {_cell(one.who)} | {_cell(_whole(one))} |" for one in report.timeline]
    return "\n".join(lines) + "\n"


def _whole(moment: Moment) -> str:
    action = f"{moment.action}: " if moment.action else ""
    more = moment.files_total - len(moment.files)
    files = ", ".join(moment.files) + (f" and {more} more" if more else "")
    return f"{action}{moment.what}" + (f" ({files})" if files else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


SPEC = ToolSpec(
    name="session_report",
    title="Session report",
    description="What happened in a session, who changed which files: actions, the human between them, refusals.",
    run=session_report,
    reads_only=True,
    repeatable=True,
)
