"""Decides about one hook event: the guard, with everything it needs loaded."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ..core.errors import SafeRollbackError
from ..core.text import clean
from ..core.workspace import Workspace, open_workspace
from ..policies import guard
from ..policies.hook import HookAnswer, HookEvent
from .hooksocket import worktree_around

Opener = Callable[[str], AbstractContextManager[Workspace | None]]
"""Lends the workspace a directory is in; None if it is in no repository."""


def decided(event: HookEvent, opened: Opener | None) -> HookAnswer:
    """What the guard says; where it cannot say anything, a refusal of what would change something."""
    try:
        # A process that ends with its answer leaves the closing to its end.
        with opened(event.cwd) if opened else nullcontext(open_around(event.cwd)) as workspace:
            return guard.answer(event, workspace)
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
    """The workspace a directory is in; None if there is no repository around it.

    Raises:
        SafeRollbackError: if there is one that cannot be used.
    """
    return None if worktree_around(cwd) is None else open_workspace(cwd)
