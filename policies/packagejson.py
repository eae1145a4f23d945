"""The package.json that a command run in a directory would go by."""

import os
import stat
from collections.abc import Mapping

from ..core.packagejson import FILE, MAX_BYTES, scripts_in


def scripts_at(root: str, directory: str) -> tuple[str, Mapping[str, str]] | None:
    """The scripts of the nearest package.json at or above a directory, within the worktree.

    Args:
        root: of the worktree, absolute.
        directory: where to begin, from the root.

    Returns:
        The directory it stands in, from the root, and each script by its name; None if there is none that reads.
    """
    folder = "" if directory in ("", ".") else os.path.normpath(directory)
    if folder.startswith(("/", "..")):
        return None
    while True:
        data = _read(os.path.join(root, folder, FILE))
        if data is not None:
            return (folder, found) if (found := scripts_in(data)) is not None else None
        if not folder:
            return None
        folder = os.path.dirname(folder)


def _read(path: str) -> bytes | None:
    """A file's bytes; None if there is no file, or one too large to be read in passing."""
    try:
        # Nothing that would make us wait.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with open(descriptor, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    return data if len(data) <= MAX_BYTES else None
