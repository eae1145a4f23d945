"""Removes what does not belong: no link is followed, and nothing outside is touched."""

import contextlib
import os
import shutil
import time
from collections.abc import Mapping

_TRIES = 5


def sweep(root: str, folders: Mapping[str, Mapping[str, bool]]) -> None:
    """Leave below a directory only names that belong there, of the kind they have there.

    A file's content is not looked at: git compares that with its index, where a file that was written in any
    way has another change time.

    Args:
        root: the directory.
        folders: see `Listing.folders`.

    Raises:
        OSError: if something resists.
    """
    pending = [("", root)]
    while pending:
        folder, place = pending.pop()
        expected = folders.get(folder, {})
        with os.scandir(place) as entries:
            for entry in entries:
                is_folder = expected.get(entry.name)
                if is_folder is None or is_folder != entry.is_dir(follow_symlinks=False):
                    remove(entry.path)
                elif is_folder:
                    _open_up(entry.path)
                    pending.append((f"{folder}/{entry.name}" if folder else entry.name, entry.path))


def remove(path: str) -> None:
    """Delete whatever stands at a path, a link itself and not where it leads.

    Raises:
        OSError: if something resists.
    """
    for left in reversed(range(_TRIES)):
        try:
            if os.path.islink(path) or not os.path.isdir(path):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
            else:
                shutil.rmtree(path)
        except FileNotFoundError:
            if not os.path.lexists(path):
                return
        except OSError:
            if not left:
                raise
            # A directory that may not be written, as Go's module cache has; or a process that a check left
            # behind still writes there.
            with contextlib.suppress(OSError):
                _open_all(path)
            time.sleep(0.02 * (_TRIES - left))
        else:
            return


def _open_up(folder: str) -> None:
    """Let its owner read and write a directory."""
    mode = os.stat(folder, follow_symlinks=False).st_mode
    if mode & 0o700 != 0o700:
        os.chmod(folder, 0o700)


def _open_all(folder: str) -> None:
    _open_up(folder)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _open_all(entry.path)
