"""An agent at work: what changes inside the block is an action of its, recorded as the guard records one."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from safe_rollback.core.actions import logged, new_commits
from safe_rollback.core.clock import stamp
from safe_rollback.core.ids import CheckpointId
from safe_rollback.core.ledger.events import ActionRecorded
from safe_rollback.core.session import active_session, chain
from safe_rollback.core.snapshot.checkpoint import Checkpoint
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.snapshot.take import Label, find, take
from safe_rollback.core.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Begun:
    """An action under way."""

    id: str
    before: str
    begun: str
    logged: int


def look(workspace: Workspace, reason: str = "test") -> Checkpoint:
    """A checkpoint of this moment."""
    return take(workspace, chain(workspace), CapturePolicy(), Label(reason=reason))


def begin_action(workspace: Workspace) -> Begun:
    """The checkpoint before an action, and its id."""
    return Begun(
        id=f"act-{workspace.clock.token()}",
        before=look(workspace).id,
        begun=stamp(workspace.clock.now()),
        logged=logged(workspace),
    )


def end_action(
    workspace: Workspace,
    begun: Begun,
    *,
    agent: str = "agent",
    tool: str = "Bash",
    command: str = "work",
    paths: Sequence[str] = (),
    beside: Sequence[str] = (),
) -> str:
    """The checkpoint after an action, and its record; its id."""
    session = active_session(workspace)
    after = look(workspace)
    before = find(workspace, CheckpointId(begun.before))
    with workspace.repository_lock("test"):
        workspace.ledger.append(
            ActionRecorded(
                session=None if session is None else session.id,
                worktree=workspace.repository.worktree_id,
                tool=tool,
                command=command,
                effects=["file.write"],
                before=begun.before,
                after=after.id,
                commits=new_commits(workspace, before, after.head.oid, begun=begun.begun, since=begun.logged),
                exit_code=0,
                action=begun.id,
                agent=agent,
                paths=list(paths),
                beside=list(beside),
            )
        )
    return begun.id


@contextlib.contextmanager
def acting(
    workspace: Workspace, agent: str = "agent", paths: Sequence[str] = (), command: str = "work"
) -> Iterator[str]:
    """One action; gives its id."""
    begun = begin_action(workspace)
    yield begun.id
    end_action(workspace, begun, agent=agent, paths=paths, command=command)
