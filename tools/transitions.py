"""What restore_checkpoint and undo answer: a plan first, then what was done."""

from collections.abc import Callable

from ..core.text import show_path
from ..core.transition.draft import Draft
from ..core.transition.operation import Job, Performed, look, perform
from ..core.transition.world import World
from .desk import Desk
from .results import MAX_ROWS, Part, PathNote, Result

ONLY = "take out just these changes, keep all others: agent, session, agent/<name> or action/<id>"


class Change(Part):
    """One thing that changes: a path, `HEAD`, a ref, `.git/index` or a file of a merge in progress."""

    path: str
    action: str
    why: str


class Conflicting(Part):
    """Something two sides changed."""

    path: str
    why: str
    hunks: list[str]


class Plan(Part):
    """What would change, and the digest that makes it happen."""

    digest: str
    changes: list[Change]
    changes_total: int
    keeps: list[PathNote]
    conflicts: list[Conflicting]
    blocked: list[PathNote]


class Transition(Result):
    """A plan (`applied` false), or what was done."""

    applied: bool
    plan: Plan | None = None
    operation_id: str | None = None
    before_checkpoint_id: str | None = None
    verified: bool | None = None
    not_as_planned: list[str] = []
    next_step: str


def plan_or_do(
    desk: Desk, compute: Callable[[World], Draft], digest: str | None, kind: str, summary: str, undoes: str | None
) -> Transition:
    """The plan without a digest; with one, the deed."""
    if digest is None:
        _, draft = look(desk.workspace, desk.policy, compute)
        return Transition(applied=False, plan=show_plan(draft), next_step=_next(draft))
    job = Job(
        kind=kind,
        summary=summary,
        chain=desk.chain,
        policy=desk.policy,
        session=desk.session.id if desk.session else None,
        undoes=undoes,
    )
    done = perform(
        desk.workspace, job, compute, digest, lambda n, total: desk.report(n, total, f"{kind}: {n} of {total} files")
    )
    return show_done(done)


def show_plan(draft: Draft) -> Plan:
    """A draft for a reader; at most `MAX_ROWS` rows of each list."""
    rows = changes(draft)
    return Plan(
        digest=draft.digest(),
        changes=rows[:MAX_ROWS],
        changes_total=len(rows),
        keeps=[PathNote(path=show_path(one.path), why=one.why) for one in draft.keeps[:MAX_ROWS]],
        conflicts=show_conflicts(draft),
        blocked=[PathNote(path=show_path(one.path), why=one.why) for one in draft.blocked[:MAX_ROWS]],
    )


def show_conflicts(draft: Draft) -> list[Conflicting]:
    """The conflicts of a draft."""
    return [
        Conflicting(path=show_path(one.path), why=one.why, hunks=list(one.hunks))
        for one in draft.conflicts[:MAX_ROWS]
    ]


def changes(draft: Draft) -> list[Change]:
    """Every change of a draft as rows."""
    rows = [Change(path=show_path(one.path), action=one.action, why=one.why) for one in draft.files]
    rows += [Change(path=f"{show_path(path)}/", action="create", why="empty directory") for path in draft.make]
    rows += [Change(path=f"{show_path(path)}/", action="delete", why="empty directory") for path in draft.remove]
    if draft.head is not None:
        where = draft.head.short or draft.head.oid
        rows.append(Change(path="HEAD", action="move", why=f"to {where}"))
    for ref in draft.refs:
        action = "create" if ref.old is None else "delete" if ref.new is None else "move"
        why = f"{ref.old[:7] if ref.old else 'nothing'} → {ref.new[:7] if ref.new else 'nothing'}"
        rows.append(Change(path=ref.name, action=action, why=why))
    if draft.index is not None:
        rows.append(Change(path=".git/index", action="replace", why="what is staged"))
    for path, blob in draft.state.items():
        action = "delete" if blob is None else "write"
        rows.append(Change(path=f".git/{show_path(path)}", action=action, why="operation in progress"))
    return rows


def _next(draft: Draft) -> str:
    if draft.empty and not draft.conflicts:
        return "Nothing to do: the state is as wanted."
    if draft.conflicts:
        return "Resolve the conflicts, or name paths that have none; then plan again."
    if draft.blocked:
        return "What is blocked and why is named above; clear it or do what it says, then plan again."
    return "If the changes are right, call again with this digest."


def show_done(done: Performed) -> Transition:
    """What was done, for a reader."""
    return Transition(
        applied=True,
        operation_id=done.operation,
        before_checkpoint_id=done.before.id,
        verified=not done.wrong,
        not_as_planned=[show_path(path) for path in done.wrong[:MAX_ROWS]],
        next_step=f"undo with operation_id {done.operation} takes this back.",
    )
