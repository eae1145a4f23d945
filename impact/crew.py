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
_MOMENT = 3.0
_PIPE = 1 << 20
_FINEST = 24
_LEAST = 1 << 16
"""No part is smaller than one in so many, nor weighs less than this: each costs the start of a git."""


class Crew:
    """This process and others beside it, which start when there is work for them and end with the block.

    Args:
        git: where the blobs are.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._others: list[subprocess.Popen[bytes]] = []
        self._owing: set[int] = set()
        self._size = min(_MOST, os.cpu_count() or 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._owing:
            # What was left to them is worth no more than a moment: it is read again if need be.
            self._ready(self._owing, wait=_MOMENT)
        for process in self._others:
            kill_group(process)
        self._others.clear()
        self._owing.clear()

    @property
    def running(self) -> bool:
        """Whether others run already: then less work is worth their help."""
        return bool(self._others)

    def start(self) -> None:
        """Start the others now: there will be work for them."""
        while len(self._others) < self._size - 1:
            self._others.append(self._started())

    def leave(self, there: Callable[[Git, Sequence[T]], object], items: Sequence[T]) -> bool:
        """Let another process do something that nobody waits for until it is asked again, or the block ends.

        Args:
            there: a function of WORKS. What it answers is dropped.
            items: what to do it with. If the other process ends before, it is not done.

        Returns:
            False if there is no other that runs.
        """
        self._settle()
        if not self._others:
            return False
        _ask(self._others[0], there.__name__, items)
        self._owing.add(0)
        return True

    def _settle(self) -> None:
        """Wait until what was left to others is done."""
        for place in self._ready(self._owing, wait=_PATIENCE) if self._owing else ():
            if _answer(self._others[place]) is None:
                kill_group(self._others[place])
                self._others[place] = self._started()
        self._owing.clear()

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
        self._settle()
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
            for place in self._ready(busy, wait=0 if parts else _PATIENCE):
                part = busy.pop(place)
                answer = _answer(self._others[place])
                if answer is None:
                    kill_group(self._others[place])
                    self._others[place] = self._started()
                    theirs.append(there(self._git, part))
                else:
                    theirs.append(cast("R", answer[0]))
        return mine, theirs

    def _ready(self, busy: Iterable[int], *, wait: float) -> list[int]:
        """Those of the others that have answered or ended; one that says nothing for so many seconds is ended."""
        streams = {place: self._others[place].stdout for place in busy}
        asked = [one for one in streams.values() if one is not None]
        said, _, _ = select.select(asked, [], [], wait)
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
        if taken >= max(left / (2 * size), total / _FINEST, _LEAST):
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
