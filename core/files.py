"""Our own small files: written to a temporary name, fsynced, renamed."""

import contextlib
import json
import os
from typing import Any


def write_atomically(path: str, data: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """Replace a file's content; readers see the old or the new, never a part.

    Args:
        path: the file; its directory must exist.
        data: the content.
        mode: permission bits of the new file.
        durable: whether it outlasts a power cut; otherwise the file may be empty or gone after one.
    """
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f".{os.path.basename(path)}.{os.urandom(4).hex()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.rename(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    if durable:
        sync_directory(folder)


def write_if_changed(path: str, data: bytes) -> bool:
    """Replace a file's content durably, unless it has it already; says whether it had not."""
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return False
    except FileNotFoundError:
        pass
    write_atomically(path, data)
    return True


def make_private(folder: str) -> None:
    """Make a directory and those above it that are missing, all for their owner only."""
    if not os.path.isdir(folder):
        make_private(os.path.dirname(folder))
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, mode=0o700)


def sync_directory(folder: str) -> None:
    """Make renames in a directory durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Code points HFS+ does not see in a name (CVE-2014-9390).
_UNSEEN = dict.fromkeys([*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])


def names_git_dir(name: str) -> bool:
    """Whether some file system takes a name for `.git`: `.GIT`, `git~1`, `.git.`, and the like."""
    plain = name.translate(_UNSEEN).partition(":")[0].rstrip(" .").lower()
    return plain in (".git", "git~1")


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces, ASCII only: equal values give equal bytes.

    Paths that are not UTF-8 survive: their lone surrogates are escaped.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def read_json(path: str) -> Any:
    """The value in a JSON file, or None if it is missing or damaged; for caches only."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None
