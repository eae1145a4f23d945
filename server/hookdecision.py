"""Decides about one hook event: the guard, with everything it needs loaded."""

from collections.abc import Callable

from ..core.errors import NotFoundError, SafeRollbackError
from ..core.text import clean
from ..core.workspace import Workspace, open_workspace
from ..policies import guard
from ..policies.hook import HookAnswer, HookEvent

Opener = Callable[[str], Workspace | None]
"""The workspace a directory is in; None if it is in no repository."""


def decided(event: HookEvent, opened: Opener | None) -> HookAnswer:
    """What the guard says; where it cannot say anything, a refusal of what would change something."""
    try:
        return guard.answer(event, (opened or _opened)(event.cwd))
    except SafeRollbackError as error:
        return _failed(event, str(error))
    except Exception as error:  # noqa: BLE001
        # Whatever it is: the command must not run unprotected.
        return _failed(event, f"{type(error).__name__}: {error}. This is a bug; `safe-rollback doctor` may say more.")


def _failed(event: HookEvent, why: str) -> HookAnswer:
    if event.moment == "before" and event.kind != "read":
        reason = (
            f"safe-rollback refuses (guard): it cannot protect the worktree now: {clean(why)}\n"
            "Instead: mend that, or ask the human to run `safe-rollback doctor` on a terminal; then try again."
        )
        return HookAnswer(decision="deny", reason=reason)
    if event.moment == "session start":
        return HookAnswer(context=f"safe-rollback cannot protect this worktree: {clean(why)}")
    return HookAnswer(reason=f"safe-rollback: {clean(why)}")


def _opened(cwd: str) -> Workspace | None:
    try:
        return open_workspace(cwd)
    except NotFoundError:
        return None
