"""Other processes that take a share of the reading and parsing: Python does one thing at a time in each."""

import contextlib
import fcntl
import os
import pickle
import select
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import IO, Self, TypeVar, cast

from ..core.gate.process import kill_group, spawn
from ..core.gate.runner import Git

T = TypeVar("T")
Q = TypeVar("Q")
R = TypeVar("R")

_WORKER = "safe_rollback.impact.worker"
_MOST = 4
_SIZE = 8
_PATIENCE = 60.0
_PIPE = 1 << 20
_FINEST = 24
"""No part is smaller than one in so many: each costs the start of a git."""


class Crew:
    """This process and others beside it, which start when there is work for them and end with the block.

    Args:
        git: where the blobs are.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._others: list[subprocess.Popen[bytes]] = []
        self._size = min(_MOST, os.cpu_count() or 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._others:
            kill_group(process)
        self._others.clear()

    def start(self) -> None:
        """Start the others now: there will be work for them."""
        while len(self._others) < self._size - 1:
            self._others.append(self._started())

    def run(
        self,
        here: Callable[[Git, Sequence[T]], Q],
        there: Callable[[Git, Sequence[T]], R],
        items: Sequence[T],
        weight: Callable[[T], int],
    ) -> tuple[list[Q], list[R]]:
        """Work on items together: whoever is done with a part takes the next, as nobody knows how fast others are.

        Args:
            here: what this process does with a part.
            there: what the others do with one: a function of WORKS, by whose name they know it.
            items: all of them.
            weight: how much work one is.

        Returns:
            What came of the parts here, and there; what another process did not finish is among the latter too.
        """
        parts = deque(_parts(items, weight, self._size))
        self.start()
        busy: dict[int, Sequence[T]] = {}
        mine: list[Q] = []
        theirs: list[R] = []
        while parts or busy:
            for place, process in enumerate(self._others):
                # One at a time: with a second part under way, both sides could wait for the other to read.
                if parts and place not in busy:
                    busy[place] = parts.popleft()
                    _ask(process, there.__name__, busy[place])
            if parts:
                mine.append(here(self._git, parts.popleft()))
            for place in self._ready(busy, wait=not parts):
                part = busy.pop(place)
                answer = _answer(self._others[place])
                if answer is None:
                    kill_group(self._others[place])
                    self._others[place] = self._started()
                    theirs.append(there(self._git, part))
                else:
                    theirs.append(cast("R", answer[0]))
        return mine, theirs

    def _ready(self, busy: Iterable[int], *, wait: bool) -> list[int]:
        """Those of the others that have answered or ended; one that says nothing for too long is ended."""
        streams = {place: self._others[place].stdout for place in busy}
        asked = [one for one in streams.values() if one is not None]
        said, _, _ = select.select(asked, [], [], _PATIENCE if wait else 0)
        if wait and not said:
            for place in busy:
                self._others[place].kill()
            return list(busy)
        return [place for place, stream in streams.items() if stream in said]

    def _started(self) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, "-m", _WORKER, self._git.git_dir, self._git.cwd]
        # Where this package was found, the other process finds it too.
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        process = spawn(argv, cwd=self._git.cwd, env=env, stderr=subprocess.DEVNULL)
        _widen(process.stdin)
        _widen(process.stdout)
        return process


def _widen(pipe: IO[bytes] | None) -> None:
    """Let a pipe hold a whole part or answer, where the system knows how: then nobody waits to write."""
    if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)


def _parts(items: Sequence[T], weight: Callable[[T], int], size: int) -> Iterator[list[T]]:
    """Items in parts that become smaller, so that all are done at about the same time."""
    weights = list(map(weight, items))
    left = total = sum(weights)
    part: list[T] = []
    taken = 0
    for item, one in zip(items, weights, strict=True):
        part.append(item)
        taken += one
        if taken >= max(left / (2 * size), total / _FINEST):
            yield part
            left -= taken
            part, taken = [], 0
    if part:
        yield part


def write(stream: IO[bytes], what: object) -> None:
    """Send something to a process of ours."""
    data = pickle.dumps(what, protocol=5)
    stream.write(len(data).to_bytes(_SIZE, "big") + data)
    stream.flush()


def read(stream: IO[bytes]) -> object | None:
    """What a process of ours sent, as a tuple; None if it ended."""
    size = stream.read(_SIZE)
    data = stream.read(int.from_bytes(size, "big")) if len(size) == _SIZE else b""
    if not data or len(data) < int.from_bytes(size, "big"):
        return None
    found: object = pickle.loads(data)  # noqa: S301 - from a process that this one started
    return found


def _ask(process: "subprocess.Popen[bytes]", work: str, part: Sequence[object]) -> None:
    """Hand over a part; one that has ended shows that when it is to answer."""
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        write(process.stdin, (work, part))


def _answer(process: "subprocess.Popen[bytes]") -> tuple[object] | None:
    assert process.stdout is not None
    try:
        return cast("tuple[object] | None", read(process.stdout))
    except (OSError, pickle.UnpicklingError):
        return None
