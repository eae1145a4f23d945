"""What an inventory is about: the changes of a target, and the actions that belong to it."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from ..core.errors import InvalidInputError, NotFoundError
from ..core.gate.trees import diff_trees
from ..core.history import CommitInfo
from ..core.ids import CheckpointId, Oid, checkpoint_id
from ..core.ledger.events import ActionRecorded, CheckpointTaken
from ..core.ledger.store import Record
from ..core.revert.grouping import commit_tree
from ..core.revert.targets import Selection, running, select
from ..core.revert.together import as_target
from ..core.session import Session
from ..core.snapshot.capture import capture
from ..core.snapshot.checkpoint import Checkpoint
from ..core.snapshot.take import find
from ..core.text import read_path
from ..core.transition.requests import normal_path
from ..inventory.target import Stretch
from .desk import Desk
from .reach import below

UNCOMMITTED = ""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A target of an inventory.

    Attributes:
        target: as it was asked for.
        stretches: what changed, oldest first.
        actions: records of the agent's actions that belong to it, oldest first.
        paths: only what changed there; everything if empty.
        commits: the commits among it.
        since: the checkpoint before it, where it has one.
    """

    target: str
    stretches: Sequence[Stretch]
    actions: Sequence[Record]
    paths: Sequence[str] = ()
    commits: Sequence[Oid] = ()
    since: Checkpoint | None = None


def subject_of(desk: Desk, target: str | list[str]) -> Subject:
    """What a target changed: its commits, and for a session or a checkpoint what is not committed.

    Args:
        desk: the call.
        target: as `plan_rollback` takes it.

    Raises:
        InvalidInputError: if it means nothing.
        NotFoundError: if it names something that does not exist.
    """
    target = as_target(desk.workspace, target)
    if isinstance(target, list):
        return _of_paths(desk, target)
    if target == "session" or target.startswith("session/"):
        return _of_session(desk, target)
    if target.startswith("checkpoint/"):
        return _of_checkpoint(desk, target)
    if target.startswith("action/"):
        return _of_action(desk, target)
    return of_selection(desk, target, select(desk.workspace, target))


def of_selection(desk: Desk, target: str, selection: Selection) -> Subject:
    """What the commits of a selection changed."""
    if selection.branch is not None:
        git = desk.workspace.repository.git
        tip, head = selection.branch[1], selection.head.oid
        names = git.out("rev-list", "--first-parent", "--reverse", tip, *([f"^{head}"] if head else [])).splitlines()
        stretches = [
            _of_commit(Oid(name), git.out("rev-parse", "--verify", f"{name}^1", ok=(0, 128))) for name in names
        ]
        commits = [Oid(name) for name in names]
    else:
        commits = [one.oid for one in reversed(selection.commits)]
        stretches = _of_commits(list(reversed(selection.commits)))
    return Subject(
        target=target,
        stretches=stretches,
        actions=_actions_that_made(desk, commits),
        paths=[path for path in selection.paths if path],
        commits=commits,
    )


def _of_paths(desk: Desk, paths: list[str]) -> Subject:
    wanted = [normal_path(read_path(path)) for path in paths]
    if not wanted:
        raise InvalidInputError("The list of paths is empty.", hint="Name a path, or the target session.")
    whole = _of_session(desk, "session")
    return Subject(
        target=" ".join(paths),
        stretches=whole.stretches,
        actions=(),
        paths=[path for path in wanted if path],
        commits=whole.commits,
    )


def _of_session(desk: Desk, target: str) -> Subject:
    session = running(desk.workspace, target)
    commits: list[CommitInfo] = []
    # A session that committed nothing has left things in the worktree, or run commands.
    with contextlib.suppress(InvalidInputError):
        commits = list(reversed(select(desk.workspace, target).commits))
    records = list(desk.workspace.ledger.records(ActionRecorded, session=session.id))
    left = _uncommitted(desk, session) if session.ended is None else []
    return Subject(
        target=f"session/{session.id}",
        stretches=[*_of_commits(commits), *left],
        actions=records,
        commits=[one.oid for one in commits],
        since=_before(desk, session),
    )


def _before(desk: Desk, session: Session) -> Checkpoint | None:
    """The checkpoint a session began with; None if retention dropped it."""
    with contextlib.suppress(NotFoundError):
        return None if session.checkpoint is None else find(desk.workspace, CheckpointId(session.checkpoint))
    return None


def _of_checkpoint(desk: Desk, target: str) -> Subject:
    checkpoint = find(desk.workspace, checkpoint_id(target.removeprefix("checkpoint/")))
    ledger = desk.workspace.ledger
    taken = ledger.records(CheckpointTaken, containing=checkpoint.id, newest_first=True)
    seq = next((one.seq for one in taken), 0)
    now = _now(desk)
    return Subject(
        target=target,
        stretches=[Stretch(before=checkpoint.worktree, after=now, commit=UNCOMMITTED)],
        actions=[one for one in ledger.records(ActionRecorded) if one.seq > seq],
        since=checkpoint,
    )


def _of_action(desk: Desk, target: str) -> Subject:
    wanted = target.removeprefix("action/")
    for record in desk.workspace.ledger.records(ActionRecorded, containing=wanted, newest_first=True):
        event = record.event
        if isinstance(event, ActionRecorded) and event.action == wanted and event.after is not None:
            before = find(desk.workspace, checkpoint_id(event.before))
            after = find(desk.workspace, checkpoint_id(event.after))
            return Subject(
                target=target,
                stretches=[Stretch(before=before.worktree, after=after.worktree, commit=UNCOMMITTED)],
                actions=[record],
                commits=[Oid(commit) for commit in event.commits],
                since=before,
            )
    raise NotFoundError(f"There is no recorded action {wanted}.", hint="session_report lists them.")


def _uncommitted(desk: Desk, session: Session) -> list[Stretch]:
    """What stands in the worktree uncommitted and was not there when the session began."""
    workspace, head = desk.workspace, desk.head.oid
    if session.checkpoint is None or session.worktree != workspace.repository.worktree_id:
        return []
    git, now = workspace.repository.git, _now(desk)
    committed = workspace.repository.empty_tree if head is None else commit_tree(workspace, head)
    if now == committed:
        return []
    try:
        began = find(workspace, CheckpointId(session.checkpoint)).worktree
    except NotFoundError:
        return [Stretch(before=committed, after=now, commit=UNCOMMITTED)]
    moved = {one.path for one in diff_trees(git, began, now)}
    keep = {one.path: one.old for one in diff_trees(git, committed, now) if one.path not in moved}
    from ..core.snapshot.graft import graft

    # What was uncommitted when the session began, and still is, is none of its changes.
    return [Stretch(before=committed, after=graft(workspace.reader, workspace.writer, now, keep), commit=UNCOMMITTED)]


def _now(desk: Desk) -> Oid:
    with desk.workspace.worktree_lock("look"):
        return capture(desk.workspace, desk.policy).tree


def _of_commits(commits: Sequence[CommitInfo]) -> list[Stretch]:
    """Commits, oldest first; a merge is what it brought to its first parent."""
    return [_of_commit(one.oid, one.parents[0] if one.parents else "") for one in commits]


def _of_commit(commit: Oid, parent: str) -> Stretch:
    return Stretch(before=parent or None, after=commit, commit=commit)


def _actions_that_made(desk: Desk, commits: Sequence[Oid]) -> list[Record]:
    wanted = set(commits)
    return [
        one
        for one in desk.workspace.ledger.records(ActionRecorded)
        if isinstance(one.event, ActionRecorded) and wanted.intersection(one.event.commits)
    ]


def within(subject: Subject, path: str) -> bool:
    """Whether a subject is about a path."""
    return not subject.paths or below(path, subject.paths)
