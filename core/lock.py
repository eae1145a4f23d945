"""Locks between processes and threads: advisory, released by the kernel when a process dies."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator

from .clock import SystemClock, stamp
from .errors import BusyError
from .files import make_private

_POLL = 0.02


@contextlib.contextmanager
def locked(path: str, purpose: str, *, seconds: float = 60.0) -> Iterator[None]:
    """Hold an exclusive lock on a file.

    Args:
        path: the lock file; it is created and stays.
        purpose: shown to whoever has to wait.
        seconds: how long to wait.

    Raises:
        BusyError: if somebody else still holds it then, naming who and since when.
    """
    make_private(os.path.dirname(path))
    # flock belongs to the open file, so two threads that open it twice exclude each other.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _acquire(handle, seconds)
        note = {"pid": os.getpid(), "purpose": purpose, "since": stamp(SystemClock().now())}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(note).encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _acquire(handle: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    pause = 0.001
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BusyError(
                    f"Another safe-rollback process is at work here: {_holder(handle)}.",
                    hint="Try again when it has finished.",
                ) from None
            time.sleep(pause)
            pause = min(pause * 2, _POLL)
        else:
            return


def _holder(handle: int) -> str:
    try:
        note = json.loads(os.pread(handle, 4096, 0))
        return f"{note['purpose']} in process {note['pid']}, since {note['since']}"
    except (ValueError, KeyError, TypeError):
        return "it has only just started"
