"""git's own lock on the index, held while we change a worktree; a foreign one is never removed."""

import contextlib
import os

from ..errors import BusyError
from ..files import sync_directory, write_atomically
from ..workspace import Workspace


class IndexLock:
    """`index.lock` of a worktree, with a content that tells whose it is.

    Args:
        workspace: the worktree.
        operation: the operation it is held for.
        content: the index that will be installed, or None if it stays as it is.
    """

    def __init__(self, workspace: Workspace, operation: str, content: bytes | None) -> None:
        self._folder = workspace.repository.git_dir
        self._path = os.path.join(self._folder, "index.lock")
        self._index = os.path.join(self._folder, "index")
        self._draft = os.path.join(workspace.worktree_dir, f"{operation}.index")
        self._content = f"safe-rollback {operation}\n".encode() if content is None else content

    def acquire(self) -> None:
        """Create the lock.

        Raises:
            BusyError: if it is there and not ours.
        """
        if self.ours():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._draft)
            return  # left by the crash that is being recovered
        # Written whole, then linked: a lock that stands is complete, or not ours.
        write_atomically(self._draft, self._content, mode=0o644)
        try:
            os.link(self._draft, self._path)
        except FileExistsError as error:
            raise BusyError(
                "Another git process holds index.lock.",
                hint="Try again when it has finished; if it crashed, remove .git/index.lock yourself.",
            ) from error
        finally:
            os.unlink(self._draft)

    def ours(self) -> bool:
        """Whether the lock that stands is exactly the one this operation writes."""
        try:
            with open(self._path, "rb") as file:
                return file.read() == self._content
        except OSError:
            return False

    def install(self) -> None:
        """The content becomes the index."""
        os.rename(self._path, self._index)
        sync_directory(self._folder)

    def remove_index(self) -> None:
        """There shall be no index file."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._index)
        self.release()

    def release(self) -> None:
        """Give up the lock, if it is ours."""
        if self.ours():
            os.unlink(self._path)
