"""What has to be done about an incident: ticked where the ledger proves it, else said, else open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...core.errors import InvalidInputError
from ...core.ledger.events import GrantUsed, HumanAnswered
from ...core.ledger.recovery_events import PlanAuthorized, PostmortemWritten, Verified
from ...core.ledger.store import Record
from ...core.text import clean, plural
from ...core.workspace import Workspace
from .case import Case
from .items import Touched
from .notify import arrived

TASKS = {
    "checkpoint_taken": "the broken state is kept",
    "cause_found": "find the commit that caused it (find_breaking_commit)",
    "plan_made": "plan the rollback (plan_rollback)",
    "authorised": "have a human allow it, where the plan asks for one",
    "reverted": "roll back (safe_revert)",
    "verified": "verify the result (verify)",
    "inventory_closed": "take back what was touched beyond the code (close_item)",
    "people_told": "tell people (incident, action status)",
    "postmortem_written": "write the post-mortem (write_postmortem)",
}
"""What is to be done, in this order, and with what."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One line of the checklist.

    Attributes:
        name: a key of `TASKS`.
        state: `proven` by the ledger, `said` by somebody and not proven, or `open`.
        proof: the record that proves it, or who said what.
    """

    name: str
    state: str
    proof: str = ""


def checklist(workspace: Workspace, case: Case, touched: Touched) -> list[Task]:
    """Every task with its state."""
    said = _said(case)
    tasks = []
    for name in TASKS:
        proof = _PROOFS[name](workspace, case, touched)
        if proof:
            tasks.append(Task(name=name, state="proven", proof=proof))
        elif name in said:
            tasks.append(Task(name=name, state="said", proof=f"said, not proven: {said[name]}"))
        else:
            tasks.append(Task(name=name, state="open"))
    return tasks


def next_task(tasks: Sequence[Task]) -> str:
    """What to do next, in words."""
    left = [one.name for one in tasks if one.state == "open"]
    return TASKS[left[0]] if left else "nothing is left to do"


def ticked(name: str, text: str) -> str:
    """The text of a `task` note.

    Raises:
        InvalidInputError: if there is no such task.
    """
    if name not in TASKS:
        raise InvalidInputError(f"There is no task {clean(name, limit=80)!r}.", hint=f"There are {', '.join(TASKS)}.")
    return f"{name}: {text}"


def _said(case: Case) -> dict[str, str]:
    if case.incident is None:
        return {}
    found = {}
    for note in case.incident.notes:
        name, _, text = note.text.partition(": ")
        if note.kind == "task" and name in TASKS:
            found[name] = clean(f"{note.by}, record {note.seq}: {text}", limit=300)
    return found


def _record(record: Record) -> str:
    return f"record {record.seq}, {record.at}"


def _checkpoint(_: Workspace, case: Case, __: Touched) -> str:
    if case.incident is not None:
        return f"{case.incident.checkpoint}, record {case.incident.seq}, {case.incident.at}"
    if case.operation is not None:
        return f"{case.operation.before}, record {case.operation.seq}, {case.operation.at}"
    return ""


def _cause(_: Workspace, case: Case, __: Touched) -> str:
    found = case.found
    if found is None or found.event.first_bad is None:
        return ""
    return f"{found.event.first_bad[:7]}, record {found.seq}, {found.at}"


def _plan(_: Workspace, case: Case, __: Touched) -> str:
    return f"{case.plan.id}, record {case.plan.seq}, {case.plan.at}" if case.plan else ""


def _authorised(workspace: Workspace, case: Case, _: Touched) -> str:
    plan = case.plan
    if plan is None:
        return ""
    for record in workspace.ledger.records(PlanAuthorized, after=plan.seq):
        event = record.event
        if isinstance(event, PlanAuthorized) and (event.plan_id, event.digest) == (plan.id, plan.digest):
            return f"by a human ({clean(event.how, limit=20)}), {_record(record)}"
    for record in workspace.ledger.records(HumanAnswered, GrantUsed, after=plan.seq):
        event = record.event
        if isinstance(event, HumanAnswered) and event.question == f"plan: {plan.digest}" and event.answer == "accept":
            return f"by a human through the client, {_record(record)}"
        if isinstance(event, GrantUsed) and event.grant in _grants(workspace, plan.digest):
            return f"{event.grant}, {_record(record)}"
    if (plan.plan.get("authority") or {}).get("required") is False:
        return f"{plan.id} needs no human, record {plan.seq}, {plan.at}"
    return ""


def _grants(workspace: Workspace, digest: str) -> set[str]:
    from ...core.ledger.events import GrantMinted

    return {
        event.grant
        for record in workspace.ledger.records(GrantMinted, containing=digest)
        if isinstance(event := record.event, GrantMinted) and (event.kind, event.subject) == ("plan", digest)
    }


def _reverted(_: Workspace, case: Case, __: Touched) -> str:
    operation = case.operation
    if operation is None or not operation.stands:
        return ""
    return f"{operation.id}, record {operation.finished_seq}, {operation.finished}"


def _verified(workspace: Workspace, case: Case, _: Touched) -> str:
    """A passing run of what the plan makes, or of this worktree after the rollback."""
    operation = case.operation
    if operation is None or not operation.stands or operation.finished_seq is None:
        return ""
    for record in workspace.ledger.records(Verified, after=case.first - 1, newest_first=True):
        event = record.event
        if not isinstance(event, Verified) or event.worktree != case.worktree:
            continue
        planned = case.plan is not None and case.plan.id in event.subject
        if record.seq > operation.finished_seq or planned:
            # The newest of them counts: what failed since is not verified.
            return f"{plural(len(event.checks), 'check')} passed, {_record(record)}" if event.passed else ""
    return ""


def _inventory(_: Workspace, __: Case, touched: Touched) -> str:
    if not touched.known or touched.open:
        return ""
    last = touched.last
    if last is None:
        return f"nothing beyond the code is open, record {touched.seq}, {touched.at}"
    return f"{plural(len(touched.rows), 'item')} closed, record {last.seq}, {last.at}"


def _told(_: Workspace, case: Case, __: Touched) -> str:
    for note in case.incident.notes if case.incident else ():
        if note.kind == "notification" and arrived(note.text):
            return f"record {note.seq}, {note.at}"
    return ""


def _written(workspace: Workspace, case: Case, _: Touched) -> str:
    incident, operation = case.incident and case.incident.id, case.operation and case.operation.id
    for record in workspace.ledger.records(PostmortemWritten, newest_first=True):
        event = record.event
        if isinstance(event, PostmortemWritten) and (
            (incident is not None and event.incident == incident)
            or (operation is not None and event.operation == operation)
        ):
            return f"{clean(event.path, limit=200)}, {_record(record)}"
    return ""


_PROOFS: dict[str, Callable[[Workspace, Case, Touched], str]] = {
    "checkpoint_taken": _checkpoint,
    "cause_found": _cause,
    "plan_made": _plan,
    "authorised": _authorised,
    "reverted": _reverted,
    "verified": _verified,
    "inventory_closed": _inventory,
    "people_told": _told,
    "postmortem_written": _written,
}
