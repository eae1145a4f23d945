"""Decides about one hook event: the guard, with everything it needs loaded."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ..core.errors import NoWorktreeError, SafeRollbackError
from ..core.text import clean
from ..core.workspace import Workspace, open_workspace
from ..policies import guard
from ..policies.hook import HookAnswer, HookEvent
from .hooksocket import worktree_around

Opener = Callable[[str], AbstractContextManager[Workspace | None]]
"""Lends the workspace a directory is in; None if it is in no repository."""


def decided(event: HookEvent, opened: Opener | None, settled: Callable[[], None] | None = None) -> HookAnswer:
    """What the guard says; where it cannot say anything, a refusal of what would change something."""
    try:
        # A process that ends with its answer leaves the closing to its end.
        with opened(event.cwd) if opened else nullcontext(open_around(event.cwd)) as workspace:
            return guard.answer(event, workspace, settled)
    except SafeRollbackError as error:
        return failed(event, str(error))
    except OSError as error:
        return failed(event, f"{error}. Check free space and permissions.")
    except Exception as error:  # noqa: BLE001
        # Whatever it is: the command must not run unprotected.
        return failed(event, f"{type(error).__name__}: {error}. This is a bug; `safe-rollback doctor` may say more.")


def failed(event: HookEvent, why: str) -> HookAnswer:
    """What is said where nothing can be decided."""
    if event.moment == "before" and event.kind != "read":
        reason = (
            f"safe-rollback refuses (guard): it cannot protect the worktree now: {clean(why)}\n"
            "Instead: mend that, or ask the human to run `safe-rollback doctor` on a terminal; then try again."
        )
        return HookAnswer(decision="deny", reason=reason)
    if event.moment == "session start":
        return HookAnswer(context=f"safe-rollback cannot protect this worktree: {clean(why)}")
    return HookAnswer(reason=f"safe-rollback: {clean(why)}")


def open_around(cwd: str) -> Workspace | None:
    """The workspace a directory is in; None if there is no worktree around it.

    Raises:
        SafeRollbackError: if there is one that cannot be used.
    """
    folder = worktree_around(cwd)
    if folder is None:
        return None
    try:
        return open_workspace(cwd)
    except NoWorktreeError:
        if _held_files(os.path.join(folder, ".git")):
            raise
        return None


def _held_files(dot_git: str) -> bool:
    """Whether a `.git` that git takes for no worktree may be a broken one.

    An empty directory is none, nor is a bare repository beside its worktrees: neither has an index.
    """
    git_dir = dot_git
    if not os.path.isdir(dot_git):
        with open(dot_git, encoding="utf-8", errors="surrogateescape") as file:
            target = file.read(4096).removeprefix("gitdir: ").rstrip("\n")
        git_dir = os.path.join(os.path.dirname(dot_git), target)
        if not os.path.isdir(git_dir):
            return True  # moved away: `git worktree repair` brings it back
    return os.path.lexists(os.path.join(git_dir, "index"))
