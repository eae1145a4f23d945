"""Asking for restores and undos as a client does: the plan first, then the deed with its digest."""

import os
from typing import Any

import pytest

from safe_rollback.core.errors import SafeRollbackError
from safe_rollback.core.transition.recover import recover
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from safe_rollback.tools.transitions import Plan, Transition
from safe_rollback.tools.undo import undo
from tests.harness.repo import Repo, State


def keep(workspace: Workspace) -> str:
    """Take a checkpoint; its id."""
    return checkpoint(Desk(workspace)).checkpoint_id


def plan_restore(workspace: Workspace, checkpoint_id: str, *paths: str) -> Plan:
    """The plan of a restore."""
    answer = restore_checkpoint(Desk(workspace), checkpoint_id, list(paths))
    assert not answer.applied and answer.plan is not None
    return answer.plan


def restore(workspace: Workspace, checkpoint_id: str, *paths: str) -> Transition:
    """Plan and do a restore."""
    digest = plan_restore(workspace, checkpoint_id, *paths).digest
    return done(restore_checkpoint(Desk(workspace), checkpoint_id, list(paths), digest))


def plan_undo(workspace: Workspace, operation: str | None = None) -> Plan:
    """The plan of an undo."""
    answer = undo(Desk(workspace), operation)
    assert not answer.applied and answer.plan is not None
    return answer.plan


def take_back(workspace: Workspace, operation: str | None = None) -> Transition:
    """Plan and do an undo."""
    return done(undo(Desk(workspace), operation, plan_undo(workspace, operation).digest))


def done(answer: Transition) -> Transition:
    """An answer that has to say it was done and read back as planned."""
    assert answer.applied and answer.verified, answer
    return answer


def actions(plan: Plan) -> dict[str, str]:
    """What a plan does to each path."""
    return {one.path: one.action for one in plan.changes}


def refused(repo: Repo, error: type[SafeRollbackError], call: Any, *arguments: Any) -> SafeRollbackError:
    """A call that has to fail with a hint and change nothing at all."""
    before = repo.state()
    with pytest.raises(error) as caught:
        call(*arguments)
    assert repo.state() == before
    assert caught.value.hint
    return caught.value


def nothing_is_left_over(repo: Repo) -> None:
    """No lock, no intent, no temporary file of ours stands; the next operation's first step is to sweep."""
    git_dir = repo.git_dir()
    assert not os.path.exists(os.path.join(git_dir, "index.lock"))
    workspace = open_workspace(repo.root)
    with workspace.worktree_lock("test"):
        assert recover(workspace) == []
    workspace.close()
    ours = os.path.join(git_dir, "safe-rollback", "worktrees", "main")
    intents = os.path.join(ours, "intents")
    assert not os.path.isdir(intents) or os.listdir(intents) == []
    assert [name for name in os.listdir(ours) if ".index" in name] == []
    assert [path for path in repo.files() if b".safe-rollback-" in path] == []


def unlike(one: State, other: State) -> list[str]:
    """In words, how two states differ; empty when they do not."""
    said = []
    for name in ("head", "index", "refs", "files", "in_progress"):
        left, right = getattr(one, name), getattr(other, name)
        if isinstance(left, dict):
            paths = sorted(path for path in {*left, *right} if left.get(path) != right.get(path))
            said += [f"{name} {path!r}: {left.get(path)} != {right.get(path)}" for path in paths]
        elif left != right:
            said.append(f"{name}: {left!r} != {right!r}")
    return said
