"""Runs one program with a time limit and capped output; the only caller of `subprocess` for git."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from ..records import dataclass

_CHUNK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one run may use.

    Attributes:
        seconds: wall time, then the whole process group is killed.
        stdout: bytes kept of standard output; the rest is read and dropped.
        stderr: bytes kept of standard error.
        last: keep the last bytes of both instead of the first.
        alone: what it left behind in its process group is killed when it has ended.
    """

    seconds: float = 120.0
    stdout: int = 256 << 20
    stderr: int = 64 << 10
    last: bool = False
    alone: bool = False


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, kw_only=True)
class Completed:
    """What a program did.

    Attributes:
        argv: the command line.
        exit_code: exit status, negative for a signal; None if the time limit stopped it.
        stdout: its output, at most `Limits.stdout` bytes.
        stderr: its messages, at most `Limits.stderr` bytes.
        truncated: whether output was dropped.
        seconds: wall time.
    """

    argv: tuple[str, ...]
    exit_code: int | None
    stdout: bytes
    stderr: bytes
    truncated: bool
    seconds: float


def spawn(
    argv: Sequence[str],
    *,
    cwd: str,
    env: Mapping[str, str],
    stdin: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> "subprocess.Popen[bytes]":
    """Start a program in a process group of its own, with pipes, never through a shell."""
    return subprocess.Popen(
        list(argv),
        cwd=cwd,
        env=dict(env),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        process_group=0,
    )


def execute(
    argv: Sequence[str],
    *,
    cwd: str,
    env: Mapping[str, str],
    stdin: bytes | int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    tick: Callable[[float], None] | None = None,
) -> Completed:
    """Run a program to its end.

    Args:
        argv: program and arguments.
        cwd: directory to run in.
        env: the whole environment.
        stdin: bytes to feed, or a file descriptor to read from; None closes standard input at once.
        limits: what it may use.
        tick: called about once a second with the seconds elapsed, for progress.

    Raises:
        FileNotFoundError: if the program or `cwd` does not exist.
    """
    with Running(argv, cwd=cwd, env=env, stdin=stdin, limits=limits) as running:
        return running.result(tick)


class Running:
    """A program under way, whose caller does something else meanwhile; leaving the context kills what still runs.

    More output than a pipe holds waits until `result` is asked for.

    Args:
        argv: program and arguments.
        cwd: directory to run in.
        env: the whole environment.
        stdin: bytes to feed, or a file descriptor to read from; None closes standard input at once.
        limits: what it may use, from now on.

    Raises:
        FileNotFoundError: if the program or `cwd` does not exist.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        stdin: bytes | int | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        source = stdin if isinstance(stdin, int) else subprocess.DEVNULL if stdin is None else subprocess.PIPE
        self._argv, self._limits, self._started = tuple(argv), limits, time.monotonic()
        self._fed = None if isinstance(stdin, int) else stdin
        self._process = spawn(argv, cwd=cwd, env=env, stdin=source)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.returncode is None:
            kill_group(self._process)

    def result(self, tick: Callable[[float], None] | None = None) -> Completed:
        """Wait for its end."""
        process, started = self._process, self._started
        try:
            out, err, cut, timed_out = _pump(process, self._fed, self._limits, started, tick)
            left = max(self._limits.seconds - (time.monotonic() - started), 0.05)
            code: int | None = process.wait(timeout=left)
        except subprocess.TimeoutExpired:
            # It closed its pipes and went on.
            kill_group(process)
            timed_out = True
        if self._limits.alone:
            _signal(process)
        return Completed(
            argv=self._argv,
            exit_code=None if timed_out else code,
            stdout=out,
            stderr=err,
            truncated=cut,
            seconds=time.monotonic() - started,
        )


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and everything it started, and reap it."""
    _signal(process)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()


def _signal(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _pump(
    process: "subprocess.Popen[bytes]",
    stdin: bytes | None,
    limits: Limits,
    started: float,
    tick: Callable[[float], None] | None,
) -> tuple[bytes, bytes, bool, bool]:
    """Move bytes until every pipe is closed or time is up."""
    assert process.stdout is not None and process.stderr is not None
    kept: dict[int, bytearray] = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    caps = {process.stdout.fileno(): limits.stdout, process.stderr.fileno(): limits.stderr}
    out_fd, err_fd = process.stdout.fileno(), process.stderr.fileno()
    cut = False
    pending = memoryview(stdin) if stdin else None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        while selector.get_map():
            left = limits.seconds - (time.monotonic() - started)
            if left <= 0:
                kill_group(process)
                return bytes(kept[out_fd]), bytes(kept[err_fd]), cut, True
            ready = selector.select(min(left, 1.0))
            if tick is not None:
                tick(time.monotonic() - started)
            if not ready and process.poll() is not None:
                break  # it ended; what still holds the pipes is a process it left behind
            for key, _ in ready:
                if process.stdin is not None and key.fileobj is process.stdin:
                    pending = _feed(process, pending)
                    if pending is None:
                        selector.unregister(process.stdin)
                        with contextlib.suppress(BrokenPipeError):
                            process.stdin.close()
                    continue
                data = os.read(key.fd, _CHUNK)
                if not data:
                    selector.unregister(key.fileobj)
                    continue
                room = caps[key.fd] - len(kept[key.fd])
                cut = cut or len(data) > room
                if limits.last:
                    kept[key.fd] += data
                    del kept[key.fd][: -caps[key.fd]]
                else:
                    kept[key.fd] += data[: max(room, 0)]
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    return bytes(kept[out_fd]), bytes(kept[err_fd]), cut, False


def _feed(process: "subprocess.Popen[bytes]", pending: memoryview | None) -> memoryview | None:
    """Write what fits; None when all is written or the program stopped reading."""
    assert process.stdin is not None
    if pending is None:
        return None
    try:
        written = os.write(process.stdin.fileno(), pending[: _CHUNK * 4])
    except BlockingIOError:
        return pending
    except BrokenPipeError:
        return None
    rest = pending[written:]
    return rest if len(rest) else None
