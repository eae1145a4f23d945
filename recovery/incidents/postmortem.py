"""A post-mortem as Markdown: what the records say, what people said, and what is proposed, told apart."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ...core.errors import SafeRollbackError
from ...core.ids import CheckpointId
from ...core.snapshot.take import find
from ...core.text import plural, show_path
from ...core.workspace import Workspace
from .case import Case
from .checklist import TASKS, Task, checklist
from .items import Touched, touched_by
from .prevention import Proposal
from .telling import WRITTEN
from .texts import Safe, fenced, span, when
from .timeline import Row, commits, shortened, timeline
from .times import Known, Times, times_of

_ROWS = 50


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is not in any record: somebody says it.

    Attributes:
        root_cause: why it happened; empty if it is not known.
        contributing: what helped it along.
        detection: how it was noticed, and what should have noticed it.
        prevention: proposals for the protocol.
    """

    root_cause: str = ""
    contributing: Sequence[str] = ()
    detection: str = ""
    prevention: Sequence[Proposal] = ()


@dataclass(frozen=True, kw_only=True)
class Account:
    """A case with all that is computed about it."""

    case: Case
    touched: Touched
    times: Times
    tasks: Sequence[Task]
    rows: Sequence[Row]

    @property
    def title(self) -> str:
        """What it is called."""
        case = self.case
        if case.incident is not None:
            return case.incident.title
        if case.plan is not None and case.plan.request.get("reason"):
            return str(case.plan.request["reason"])
        return case.operation.summary if case.operation is not None else case.id

    @property
    def name(self) -> str:
        """The id it goes by: the incident's, if there is one."""
        return self.case.incident.id if self.case.incident is not None else self.case.id


def account_of(workspace: Workspace, case: Case, *, story: bool = True) -> Account:
    """Everything the records say about a case.

    Args:
        workspace: the repository.
        case: whose account it is.
        story: whether the timeline is wanted too, which takes longer.
    """
    touched = touched_by(workspace, case)
    until = case.last
    if until is not None and touched.last is not None:
        until = max(until, touched.last.seq or 0)
    return Account(
        case=case,
        touched=touched,
        times=times_of(workspace, case, touched),
        tasks=checklist(workspace, case, touched),
        rows=timeline(workspace, case, until) if story else (),
    )


def compose(workspace: Workspace, account: Account, said: Said, hide: Callable[[str], str]) -> str:
    """The post-mortem of a case.

    Args:
        workspace: the repository.
        account: what the records say.
        said: what somebody adds.
        hide: takes secrets out of every text.
    """
    safe = Safe(hide)
    parts = [
        [f"# Post-mortem: {safe.line(account.title)}", "", *_head(account, safe)],
        ["## Summary", "", *_summary(account, safe)],
        ["## Impact", "", *_impact(account, safe)],
        ["## Times", "", *_times(account.times, safe)],
        ["## Root cause", "", *_root_cause(workspace, account, said, safe)],
        ["## Contributing factors", "", *_list(said.contributing, safe, "None were named.")],
        ["## Detection", "", *_detection(account, said, safe)],
        ["## What went well", "", *_went_well(workspace, account, safe)],
        ["## Prevention", "", *_prevention(said.prevention, safe)],
        ["## Checklist", "", *_checklist(account.tasks, safe)],
        ["## Timeline", "", *_timeline(account.rows, safe)],
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def decision(account: Account, said: Said, path: str, day: str, hide: Callable[[str], str]) -> str:
    """A short entry for a log of decisions; what it proposes is decided by nobody yet."""
    safe = Safe(hide)
    cause = safe.line(said.root_cause, limit=300) if said.root_cause.strip() else "not yet known"
    lines = [heading(account, day, safe), "", f"Post-mortem: {safe.code(show_path(path))}. Root cause: {cause}."]
    if said.prevention:
        lines += ["", "Proposed, waiting for a human to copy it into the protocol:", ""]
        lines += [f"- {one.kind} {safe.code(one.name)} (status: proposed)" for one in said.prevention]
    return "\n".join(lines) + "\n"


def heading(account: Account, day: str, safe: Safe) -> str:
    """The heading of such an entry."""
    return f"## {day}: {safe.line(account.title, limit=120)} (`{account.name}`)"


def _head(account: Account, safe: Safe) -> Iterator[str]:
    case = account.case
    known = (("Incident", case.incident), ("Plan", case.plan), ("Operation", case.operation))
    yield "- " + ", ".join(f"{what} `{one.id}`" for what, one in known if one is not None)
    if case.incident is not None:
        state = "open" if case.incident.closed is None else f"closed {when(case.incident.closed)}"
        yield f"- Severity {safe.line(case.incident.severity)}, opened {when(case.incident.at)}, {state}"
    if case.sessions:
        yield "- Sessions: " + ", ".join(f"`{one}`" for one in case.sessions)
    yield "- Written from the records of safe-rollback. What somebody said is marked as said; the rest is computed."


def _summary(account: Account, safe: Safe) -> Iterator[str]:
    case, times = account.case, account.times
    yield f"{safe.line(account.title)}."
    yield ""
    operation = case.operation
    if operation is None:
        yield "No rollback was carried out."
    elif operation.stands and operation.finished is not None:
        going = plural(_total(case), "commit") + " rolled back: " if case.plan is not None else ""
        yield f"{going}`{operation.id}` ({safe.line(operation.kind)}) was completed {when(operation.finished)}."
    elif operation.undone is not None:
        yield f"`{operation.id}` was taken back by `{operation.undone}`."
    else:
        yield f"`{operation.id}` is not completed."
    recovered = "Recovery is complete." if times.recovered else f"Recovery is not complete: {times.unrecovered}."
    yield recovered
    if case.incident is not None and case.incident.summary:
        yield ""
        yield f"Said when it was closed: {safe.prose(case.incident.summary)}"


def _total(case: Case) -> int:
    return 0 if case.plan is None else int(case.plan.plan.get("reverts_total", len(case.commits)))


def _impact(account: Account, safe: Safe) -> Iterator[str]:
    case = account.case
    if case.plan is None:
        yield "- Commits and files: no plan is recorded."
    else:
        yield f"- Commits that go: {_total(case)}"
        for row in case.commits[:_ROWS]:
            subject, author = safe.code(row.get("subject", "")), safe.line(row.get("author", ""), limit=100)
            yield f"  - `{row.get('commit', '')[:7]}` {subject} by {author}"
        prediction = case.plan.plan.get("prediction") or {}
        files = prediction.get("files", ())
        yield f"- Files the rollback changes: {prediction.get('files_total', len(files))}"
        yield from (f"  - {safe.code(path)}" for path in files[:_ROWS])
    if not account.touched.known:
        yield "- Beyond the code: not known; no inventory is recorded."
        return
    yield f"- Beyond the code: {plural(len(account.touched.rows), 'item')}"
    for one in account.touched.rows[:_ROWS]:
        yield f"  - {one.outcome}: {safe.line(one.item.kind, limit=60)} {safe.code(show_path(one.item.name))}"


def _times(times: Times, safe: Safe) -> Iterator[str]:
    yield f"- Cause committed: {_moment(times.committed, safe)}"
    yield f"- First symptom: {_moment(times.detected, safe)}"
    yield f"- Recovery complete: {_moment(times.recovered, safe, times.unrecovered)}"
    yield f"- Time to detect: {span(times.to_detect)}"
    yield f"- Time to recover: {span(times.to_recover)}"


def _moment(known: Known | None, safe: Safe, why: str = "") -> str:
    if known is None:
        return f"not known{f' ({why})' if why else ''}"
    return f"{when(known.at)} ({safe.line(known.basis)})"


def _root_cause(workspace: Workspace, account: Account, said: Said, safe: Safe) -> Iterator[str]:
    if said.root_cause.strip():
        yield f"Said: {safe.prose(said.root_cause)}"
    else:
        yield "Not yet known."
    found = account.case.found
    if found is None or found.event.first_bad is None:
        return
    name = found.event.first_bad
    info = commits(workspace, [name]).get(name)
    subject = f" {safe.code(info.subject)}" if info else ""
    going = {row.get("commit") for row in account.case.commits}
    place = "one of those rolled back" if name in going else "none of those rolled back"
    yield ""
    yield (
        f"The ledger suggests `{name[:7]}`{subject}: the first commit for which {safe.code(found.event.check)} "
        f"fails, after {plural(found.event.probes, 'probe')} (record {found.seq}); it is {place}."
    )


def _list(texts: Sequence[str], safe: Safe, nothing: str) -> Iterator[str]:
    rows = [f"- Said: {' '.join(safe.prose(text, limit=1000).split())}" for text in texts if text.strip()]
    yield from rows or [nothing]


def _detection(account: Account, said: Said, safe: Safe) -> Iterator[str]:
    yield f"The first symptom on record: {_moment(account.times.detected, safe)}."
    if said.detection.strip():
        yield ""
        yield f"Said: {safe.prose(said.detection)}"


def _went_well(workspace: Workspace, account: Account, safe: Safe) -> Iterator[str]:
    """Facts only, each from a record."""
    case, rows = account.case, []
    if case.incident is not None and _stands(workspace, case.incident.checkpoint):
        rows.append(f"Nothing of the broken state is lost: checkpoint `{case.incident.checkpoint}` holds it, pinned.")
    if case.operation is not None and case.operation.stands and _stands(workspace, case.operation.before):
        rows.append(
            f"The rollback can be taken back: `{case.operation.before}` holds the state before it, and undo of "
            f"`{case.operation.id}` brings that back."
        )
    refused = sum(1 for row in account.rows if row.what.startswith("refused by "))
    if refused:
        rows.append(f"{plural(refused, 'command')} refused by a rule before anything ran.")
    proven = {task.name: task.proof for task in account.tasks if task.state == "proven"}
    for name, what in (
        ("verified", "The result was verified"),
        ("inventory_closed", "Nothing beyond the code is left"),
    ):
        if name in proven:
            rows.append(f"{what}: {safe.line(proven[name])}.")
    yield from [f"- {row}" for row in rows] or ["The records name nothing."]


def _stands(workspace: Workspace, checkpoint: str) -> bool:
    try:
        find(workspace, CheckpointId(checkpoint))
    except SafeRollbackError:
        return False
    return True


def _prevention(found: Sequence[Proposal], safe: Safe) -> Iterator[str]:
    if not found:
        yield "Nothing is proposed yet."
        return
    yield "Proposed, decided by nobody yet: a human copies a block into the `toml safe-rollback` block of CLAUDE.md."
    for one in found:
        yield ""
        yield f"### Proposed: {one.kind} {safe.code(one.name)}"
        yield ""
        again = f" It would replace the {one.kind} of that name in the protocol." if one.replaces else ""
        trust = " Its command runs only after `safe-rollback trust`." if one.kind == "check" else ""
        yield f"Status: proposed.{again}{trust}"
        yield ""
        yield fenced(one.toml, "toml")


def _checklist(tasks: Sequence[Task], safe: Safe) -> Iterator[str]:
    for one in tasks[:-1]:  # the last is this text
        mark = "x" if one.state == "proven" else " "
        proof = f": {safe.line(one.proof)}" if one.proof else ""
        yield f"- [{mark}] {TASKS[one.name]}{proof}"


def _timeline(rows: Sequence[Row], safe: Safe) -> Iterator[str]:
    # Its own record left out: written once more, it is the same.
    for row in shortened([row for row in rows if row.what != WRITTEN]):
        acted = f"{safe.line(row.who, limit=100)}: " if row.who else ""
        quote = f" {safe.code(row.quote)}" if row.quote else ""
        yield f"- {when(row.at)} {acted}{safe.line(row.what)}{quote}"
