"""Reads objects through one long-lived `git cat-file --batch`."""

import contextlib
import subprocess
import threading
from collections.abc import Generator, Sequence

from ..errors import NotFoundError
from ..ids import Oid
from ..records import dataclass
from .objects import Entry
from .process import kill_group, spawn
from .runner import Git

# Their names have to fit into a pipe, for nobody reads while they are written.
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class RawObject:
    """An object's kind and content."""

    kind: str
    data: bytes


class ObjectReader:
    """Objects by name; the process starts at first use and new objects are seen.

    Args:
        git: where the objects are.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = threading.Lock()

    def read(self, name: Oid) -> RawObject:
        """One object.

        Raises:
            NotFoundError: if it does not exist.
        """
        with self._guard:
            kind, size, stream = self._ask(name)
            try:
                data = stream.read(size)
                stream.read(1)
            except NotFoundError:
                self._end()
                raise
            return RawObject(kind=kind, data=data)

    def read_all(self, names: Sequence[Oid], limit: int) -> dict[Oid, bytes]:
        """Many objects at once, several times as fast as one by one; those that are missing or larger are left out.

        Args:
            names: which.
            limit: bytes; of a larger one the content is passed over.
        """
        found: dict[Oid, bytes] = {}
        with self._guard:
            for first in range(0, len(names), _AT_ONCE):
                some = names[first : first + _AT_ONCE]
                try:
                    self._read_some(some, limit, found)
                except (NotFoundError, OSError, ValueError):
                    self._end()  # whoever needs one of them asks for it alone, and hears why
        return found

    def _read_some(self, names: Sequence[Oid], limit: int, found: dict[Oid, bytes]) -> None:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("".join(f"{name}\n" for name in names).encode("ascii"))
        process.stdin.flush()
        stream = _Stream(process)
        for name in names:
            header = process.stdout.readline().split()
            if len(header) != 3:
                if header[1:] == [b"missing"]:
                    continue
                raise NotFoundError(f"Object {name} is broken.", hint="Run `git fsck`.")
            size = int(header[2])
            data = stream.read(size)
            stream.read(1)
            if size <= limit:
                found[name] = data

    def stream(self, name: Oid, chunk: int = 1 << 20) -> Generator[bytes, None, None]:
        """One object's content in pieces; close the iterator, or use it up, before the next read."""
        with self._guard:
            _, left, stream = self._ask(name)
            try:
                while left:
                    data = stream.read(min(chunk, left))
                    left -= len(data)
                    yield data
                stream.read(1)
            except BaseException:
                # What is left of this object would be taken for the answer to the next question.
                self._end()
                raise

    def tree(self, name: Oid) -> dict[str, Entry]:
        """The entries of one tree, by name."""
        data = self.read(name).data
        width = len(name) // 2
        entries: dict[str, Entry] = {}
        position = 0
        while position < len(data):
            space = data.index(b" ", position)
            end = data.index(b"\0", space)
            mode = data[position:space].decode("ascii")
            file = data[space + 1 : end].decode("utf-8", "surrogateescape")
            position = end + 1 + width
            entries[file] = Entry(mode=mode, oid=Oid(data[end + 1 : position].hex()))
        return entries

    def close(self) -> None:
        """End the process."""
        with self._guard:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            kill_group(self._process)
        self._process = None

    def _ask(self, name: Oid) -> "tuple[str, int, _Stream]":
        # A process that died since the last question is no answer; the second one is.
        header = self._header(name) or self._header(name)
        if len(header) != 3 or self._process is None:
            raise NotFoundError(f"Object {name} is missing or broken.", hint="Run `git fsck`.")
        return header[1].decode("ascii"), int(header[2]), _Stream(self._process)

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = spawn(
                self._git.argv("cat-file", "--batch"),
                cwd=self._git.cwd,
                env=self._git.environment(),
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _header(self, name: Oid) -> list[bytes]:
        """What `cat-file` says about an object; nothing if it died over it."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        header: list[bytes] = []
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(name.encode("ascii") + b"\n")
            process.stdin.flush()
            header = process.stdout.readline().split()
        if not header:
            self._end()
        return header


class _Stream:
    """Reads exactly; a process that dies in between is an error, not a short read."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def read(self, size: int) -> bytes:
        assert self._process.stdout is not None
        data = self._process.stdout.read(size)
        if len(data) != size:
            raise NotFoundError("git cat-file ended early.", hint="Run `git fsck`.")
        return data
