"""Remembers which changes a domain had nothing to say of: of most files, nearly every domain.

What a reader says depends on a file's path and the bytes of both sides, and on our code: so nothing here is ever
wrong, only missing. Safe to delete.
"""

import contextlib
import hashlib
import os
from functools import cache

from ..core.files import make_private, write_atomically
from .changes import Delta

FILE = "inventory.known"
MAX_BYTES = 8 << 20
"""What the file may hold; beyond that the older half goes."""

_WIDTH = 16


class Quiet:
    """Changes that are known to say nothing to a domain.

    Args:
        folder: our state directory for the repository; None remembers nothing beyond this object.
    """

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder
        self._known: set[bytes] | None = None
        self._new: dict[bytes, None] = {}

    def holds(self, domain: str, delta: Delta) -> bool:
        """Whether a domain had nothing to say of a change."""
        if self._known is None:
            self._known = _read(self._folder)
        return (key := _key(domain, delta)) in self._known or key in self._new

    def add(self, domain: str, delta: Delta) -> None:
        """Remember that it has nothing to say of it."""
        self._new[_key(domain, delta)] = None

    def save(self) -> None:
        """Write down what is new; where that is not possible, it is found out again."""
        if self._folder is None or not self._new:
            return
        path = os.path.join(self._folder, FILE)
        with contextlib.suppress(OSError):
            make_private(self._folder)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(handle, b"".join(self._new))
                size = os.fstat(handle).st_size
            finally:
                os.close(handle)
            if size > MAX_BYTES or size % _WIDTH:
                with open(path, "rb") as file:
                    data = file.read()
                # A row that was cut off shifts all behind it, which then match nothing: begin anew.
                kept = b"" if size % _WIDTH else data[-(MAX_BYTES // 2) :]
                write_atomically(path, kept, durable=False)
        self._known = (self._known or set()) | self._new.keys()
        self._new = {}


def _read(folder: str | None) -> set[bytes]:
    if folder is None:
        return set()
    try:
        with open(os.path.join(folder, FILE), "rb") as file:
            data = file.read(2 * MAX_BYTES)
    except OSError:
        return set()
    return {data[start : start + _WIDTH] for start in range(0, len(data), _WIDTH)}


def _key(domain: str, delta: Delta) -> bytes:
    sides = (f"{side.entry.mode} {side.entry.oid}" if side is not None else "" for side in (delta.old, delta.new))
    text = "\0".join((_code(), domain, delta.path, *sides))
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=_WIDTH).digest()


@cache
def _code() -> str:
    """Names the readers' code: when it changes, what was remembered no longer fits."""
    digest = hashlib.blake2b(digest_size=_WIDTH)
    here = os.path.dirname(os.path.abspath(__file__))
    for folder, folders, names in os.walk(here):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            info = os.stat(os.path.join(folder, name))
            digest.update(f"{name} {info.st_size} {info.st_mtime_ns}\n".encode())
    return digest.hexdigest()
