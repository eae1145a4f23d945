"""Remembers what checks said about a state, and what is known to be green."""

from collections.abc import Collection, Sequence

from ...core.ids import MaybeOid, Oid
from ...core.ledger.recovery_events import Verified
from ...core.verified import Green, commits_since_green, known_greens
from ...core.workspace import Workspace
from .results import CheckResult

__all__ = ["Green", "commits_since_green", "last_green", "record"]


def record(
    workspace: Workspace,
    *,
    session: str | None,
    subject: str,
    commit: MaybeOid,
    tree: Oid,
    results: Sequence[CheckResult],
) -> Verified:
    """Write what came of one run, without any output: it may hold secrets.

    Args:
        workspace: the worktree.
        session: the running session's id.
        subject: what was checked, in words: `worktree`, a revision, a checkpoint or a plan.
        commit: the commit that has this state, if one does.
        tree: the state.
        results: at least one.
    """
    rows = [one.to_data() for one in results]
    event = Verified(
        session=session,
        worktree=workspace.repository.worktree_id,
        subject=workspace.redact(subject[:200]),
        commit=commit,
        tree=tree,
        passed=all(one.passed for one in results),
        checks=[{name: _redacted(workspace, value) for name, value in row.items()} for row in rows],
    )
    with workspace.repository_lock("verify"):
        workspace.ledger.append(event)
    return event


def _redacted(workspace: Workspace, value: object) -> object:
    return workspace.redact(value) if isinstance(value, str) else value


def last_green(workspace: Workspace, session: str | None = None, names: Collection[str] = ()) -> Green | None:
    """The commit that passed its checks last, or None.

    Args:
        workspace: the repository.
        session: only what was checked in this session; None for any.
        names: checks that must be among those that passed; none means any.
    """
    return next(iter(known_greens(workspace, names, session)), None)
