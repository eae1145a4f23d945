"""Where scratch worktrees are kept, and who has which.

In the user's cache directory, not in the git directory: jest, for one, finds no test below a directory called
`.git`; every start of the server, and every hook, looks through our state there; and a repository that somebody
packed with its git directory could bring files along.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator

from ...core.errors import BusyError, SafeRollbackError
from ...core.files import make_private
from ...core.lock import locked
from ...core.workspace import Workspace
from .sweep import remove

MOST = 8
"""Scratch worktrees of one repository. Each takes as much room as a worktree."""

_PAUSE = 0.05
_SOURCE = "source"
_PARTS = ("git", "in")
_HINT = "Give $XDG_CACHE_HOME (default ~/.cache) a directory that can be written and has room."


def cache_dir(workspace: Workspace) -> str:
    """Where the scratch worktrees of a repository are; safe to delete while none is in use."""
    key = hashlib.sha256(os.fsencode(workspace.repository.common_dir)).hexdigest()[:16]
    return os.path.join(_cache(), key)


def _cache() -> str:
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # a relative one, which XDG says to ignore, would lie in the repository
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "safe-rollback", "scratch")


@contextlib.contextmanager
def slot(workspace: Workspace, *, seconds: float) -> Iterator[str]:
    """The directory of one that nobody else has, as long as the context lasts; a dead owner has none.

    Args:
        workspace: the repository.
        seconds: how long to wait if all are taken.

    Raises:
        BusyError: if all are taken then.
        SafeRollbackError: if the cache directory cannot be written.
    """
    with contextlib.ExitStack() as held:
        try:
            folder = _take(_prepared(workspace), held, time.monotonic() + seconds)
        except OSError as error:
            raise unwritable(error) from error
        yield folder


def unwritable(error: OSError) -> SafeRollbackError:
    """What to say when the cache directory cannot be written."""
    return SafeRollbackError(f"A scratch worktree cannot be written: {error}.", hint=_HINT)


def _prepared(workspace: Workspace) -> str:
    base = os.path.realpath(cache_dir(workspace))
    if not os.path.exists(os.path.join(base, _SOURCE)):
        make_private(base)
        _forget_gone()
        with open(os.path.join(base, _SOURCE), "wb") as file:
            file.write(os.fsencode(workspace.repository.common_dir))
    return base


def _take(base: str, held: contextlib.ExitStack, deadline: float) -> str:
    while True:
        for number in range(MOST):
            folder = os.path.join(base, str(number))
            with contextlib.suppress(BusyError):
                held.enter_context(_mine(folder))
                return folder
        if time.monotonic() >= deadline:
            raise BusyError(
                f"All {MOST} scratch worktrees of this repository are in use.",
                hint="Try again when a check has ended.",
            )
        time.sleep(_PAUSE)


def _mine(folder: str) -> contextlib.AbstractContextManager[None]:
    return locked(os.path.join(folder, "lock"), "a check", seconds=0)


def drop(workspace: Workspace) -> int:
    """Delete the scratch worktrees of a repository that nobody uses; how many. The next check takes longer."""
    return _drop(cache_dir(workspace))


def _drop(base: str) -> int:
    dropped = 0
    for number in range(MOST):
        folder = os.path.join(base, str(number))
        if not any(os.path.lexists(os.path.join(folder, part)) for part in _PARTS):
            continue
        # The lock's file stays: whoever waits for one that is deleted would not exclude who makes a new one.
        with contextlib.suppress(BusyError), _mine(folder):
            for part in _PARTS:
                remove(os.path.join(folder, part))
            dropped += 1
    return dropped


def _forget_gone() -> None:
    """Delete scratch worktrees of repositories that are there no more."""
    with contextlib.suppress(OSError), os.scandir(_cache()) as entries:
        for entry in entries:
            with contextlib.suppress(OSError), open(os.path.join(entry.path, _SOURCE), "rb") as file:
                if not os.path.isdir(file.read(4096)):
                    _drop(entry.path)
