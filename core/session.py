"""Sessions: one agent's task in one worktree. Their state is a fold over the ledger."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from .clock import parse_stamp
from .errors import NotFoundError
from .gate.refs import list_refs
from .ids import ChainId, MaybeOid, Oid, SessionId
from .ledger.events import SessionEnded, SessionReady, SessionStarted
from .records import dataclass
from .workspace import Workspace

TAGS = "refs/tags/checkpoint/before-session-"
TRAILER = "Safe-Rollback-Session"
"""Trailer of a commit that names the session it was made in."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session as the ledger knows it.

    Attributes:
        id: `2026-11-20-001`.
        worktree: where it runs.
        task: what it is about.
        base_commit: HEAD when it started; None in an empty repository.
        branch: the branch it works on, short.
        created_branch: whether it made that branch.
        paths: declared path patterns.
        layers: declared layers.
        max_files: its own limit.
        digest: of the pinned protocol.
        protocol: the pinned protocol's values.
        started: when.
        checkpoint: the one before it; None if it never got that far.
        tag: the tag people see, short.
        outcome: None while it runs, then `closed` or `abandoned`.
        ended: when.
        summary: what its agent said at the end.
        commit: the summary commit, if it was squashed.
    """

    id: SessionId
    worktree: str
    task: str
    base_commit: MaybeOid
    branch: str | None
    created_branch: bool
    paths: tuple[str, ...]
    layers: tuple[str, ...]
    max_files: int | None
    digest: str
    protocol: Mapping[str, Any]
    started: datetime
    checkpoint: str | None = None
    tag: str | None = None
    outcome: str | None = None
    ended: datetime | None = None
    summary: str = ""
    commit: str | None = None


def sessions(workspace: Workspace) -> list[Session]:
    """Every session of the repository, oldest first."""
    found: dict[str, dict[str, Any]] = {}
    for record in workspace.ledger.records(SessionStarted, SessionReady, SessionEnded):
        event = record.event
        if isinstance(event, SessionStarted):
            found[event.session] = {
                "id": SessionId(event.session),
                "worktree": event.worktree,
                "task": event.task,
                "base_commit": None if event.base_commit is None else Oid(event.base_commit),
                "branch": event.branch,
                "created_branch": event.created_branch,
                "paths": tuple(event.paths),
                "layers": tuple(event.layers),
                "max_files": event.max_files,
                "digest": event.digest,
                "protocol": event.protocol,
                "started": parse_stamp(record.at),
            }
        elif isinstance(event, SessionReady) and event.session in found:
            found[event.session].update(checkpoint=event.checkpoint, tag=event.tag)
        elif isinstance(event, SessionEnded) and event.session in found:
            found[event.session].update(
                outcome=event.outcome, ended=parse_stamp(record.at), summary=event.summary, commit=event.commit
            )
    return [Session(**values) for values in found.values()]


def active_session(workspace: Workspace) -> Session | None:
    """The session that runs in this worktree, if any."""
    worktree = workspace.repository.worktree_id
    running = [one for one in sessions(workspace) if one.worktree == worktree and one.outcome is None]
    return running[-1] if running else None


def find_session(workspace: Workspace, session: SessionId) -> Session:
    """A session by its id.

    Raises:
        NotFoundError: if there is none.
    """
    for one in sessions(workspace):
        if one.id == session:
            return one
    raise NotFoundError(f"There is no session {session}.", hint="`safe-rollback log` lists them.")


def chain(workspace: Workspace, session: Session | None = None) -> ChainId:
    """Where checkpoints go: the running session's chain, or the worktree's own outside of one."""
    current = session or active_session(workspace)
    return ChainId(current.id if current else f"at-{workspace.repository.worktree_id}")


def next_session_id(workspace: Workspace, branch_of: Callable[[datetime, int], str]) -> tuple[SessionId, int, str]:
    """A free id for today, its number, and the branch name that goes with it.

    Args:
        workspace: the repository.
        branch_of: the protocol's branch name for a day and a number.
    """
    today = workspace.clock.now()
    day = today.strftime("%Y-%m-%d")
    known = {one.id for one in sessions(workspace)}
    taken = {ref.name for ref in list_refs(workspace.repository, "refs/heads/", "refs/tags/checkpoint/")}
    number = 1
    while True:
        session, branch = SessionId(f"{day}-{number:03}"), branch_of(today, number)
        if session not in known and not {f"refs/heads/{branch}", TAGS + session} & taken:
            return session, number, branch
        number += 1
