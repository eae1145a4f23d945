"""Runs checks: several at once, within limits, and only what a human trusted."""

import functools
import os
import queue
import re
import shlex
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from ...core.gate.environment import scrubbed
from ...core.gate.process import Completed, Limits, execute
from ...core.recovery import CheckSpec
from ...core.text import clean
from .junit import junit_counts, junit_files
from .results import CheckResult, Counts, Status
from .summaries import summary_counts, without_colours

Report = Callable[[float, float | None, str], None]
"""Takes checks done, all of them, and what runs."""

PLACE = "{junit}"
"""Stands in a command for a file of its own that it may write JUnit XML to."""

_TAIL = 2000
_KEPT = 4 << 20
# One output, in the order it was written: a summary would be lost behind warnings.
_PLAIN = 'exec /bin/sh -c "$1" 2>&1'
_LIMITED = f'ulimit -v "$2" 2>/dev/null || echo "This system sets no memory limit." >&2\n{_PLAIN}'
_EXHAUSTED = re.compile(
    r"MemoryError|[Cc]annot allocate memory|[Oo]ut of memory|OutOfMemoryError|std::bad_alloc|ENOMEM|"
    r"memory exhausted|memory allocation of \d+ bytes failed|[Aa]llocation failed|[Ff]ailed to allocate|"
    r"[Cc]ould not allocate|[Ii]nsufficient memory|Allowed memory size"
)
_HEAP_FULL = "JavaScript heap out of memory"


def silent(_done: float, _total: float | None, _what: str) -> None:
    """Tell nobody."""


def run_checks(
    checks: Sequence[CheckSpec],
    directory: str,
    *,
    allowed: Collection[str],
    at_once: int | None = None,
    report: Report = silent,
    env: Mapping[str, str] | None = None,
) -> list[CheckResult]:
    """Run checks in a directory; the results in the order of the checks.

    A check that takes too long is killed with its process group, and what it left running there when it ended; a
    process that leaves the group may go on. The memory limit is the address space of each process: what it maps
    counts, too.

    Args:
        checks: what to run, each by `/bin/sh -c`.
        directory: where, `Scratch.show`'s answer usually.
        allowed: exact texts a human trusted (`policies.human.trusted`); others are not run.
        at_once: how many at the same time, started in order; None for one per core.
        report: called about once a second, in the caller's thread. What it raises calls off what still runs.
        env: variables on top of this process's, which is scrubbed; `Scratch.environment` in a scratch worktree.
    """
    if not checks:
        return []
    stop = threading.Event()
    told: queue.SimpleQueue[tuple[int, bool]] = queue.SimpleQueue()

    def one(number: int, spec: CheckSpec) -> CheckResult:
        if spec.run not in allowed:
            return CheckResult(name=spec.name, command=spec.run, status="untrusted")
        told.put((number, True))
        return _run(spec, directory, env or {}, stop)

    with ThreadPoolExecutor(max_workers=at_once or os.cpu_count() or 1) as pool:
        futures = [pool.submit(one, number, spec) for number, spec in enumerate(checks)]
        for number, future in enumerate(futures):
            future.add_done_callback(functools.partial(_tell_end, told, number))
        try:
            _follow(checks, futures, told, report)
        except BaseException:
            stop.set()
            for future in futures:
                future.cancel()
            raise
        return [future.result() for future in futures]


def _follow(
    checks: Sequence[CheckSpec],
    futures: Sequence["Future[CheckResult]"],
    told: "queue.SimpleQueue[tuple[int, bool]]",
    report: Report,
) -> None:
    """Report until all have ended."""
    began: dict[int, float] = {}
    ended = 0
    while ended < len(futures):
        try:
            number, runs = told.get(timeout=1.0)
        except queue.Empty:
            pass
        else:
            ended += not runs
            if runs:
                began[number] = time.monotonic()
            else:
                began.pop(number, None)
        if began:
            elapsed = {number: time.monotonic() - since for number, since in began.items()}
            # Progress must grow from call to call: a fraction of the step for the time it takes.
            done = ended + sum(one / (one + 30) for one in elapsed.values())
            what = ", ".join(f"{checks[number].name} ({one:.0f} s)" for number, one in list(elapsed.items())[:3])
            report(done, len(futures), what)


def _tell_end(told: "queue.SimpleQueue[tuple[int, bool]]", number: int, _: "Future[CheckResult]") -> None:
    told.put((number, False))


class _CalledOffError(Exception):
    """Nobody waits for the result any more."""


@dataclass(frozen=True, kw_only=True)
class _Watch:
    """The JUnit files a check may write, as they were before it ran."""

    directory: str
    path: str
    before: Mapping[str, tuple[int, int, int]]
    given: str

    def counts(self) -> Counts | None:
        """What was written since."""
        now = junit_files(self.directory, self.path) if self.path else {}
        return junit_counts([self.given, *(path for path, seen in now.items() if self.before.get(path) != seen)])


def _run(spec: CheckSpec, directory: str, env: Mapping[str, str], stop: threading.Event) -> CheckResult:
    def tick(_: float) -> None:
        if stop.is_set():
            raise _CalledOffError

    with tempfile.TemporaryDirectory(
        prefix="safe-rollback-", dir=_plain_directory(), ignore_cleanup_errors=True
    ) as own:
        watch = _Watch(
            directory=directory,
            path=spec.junit,
            before=junit_files(directory, spec.junit) if spec.junit else {},
            given=os.path.join(own, "junit.xml"),
        )
        argv = ["/bin/sh", "-c", _PLAIN, "sh", spec.run.replace(PLACE, watch.given)]
        if spec.memory is not None:
            argv[2:3] = [_LIMITED]
            argv.append(str(max(spec.memory >> 10, 1)))
        limits = Limits(seconds=spec.timeout, stdout=_KEPT, stderr=_TAIL, last=True, alone=True)
        try:
            done = execute(argv, cwd=directory, env={**scrubbed(), **env}, limits=limits, tick=tick)
        except _CalledOffError:
            return CheckResult(name=spec.name, command=spec.run, status="not run", tail="It was called off.")
        except OSError as error:
            return CheckResult(name=spec.name, command=spec.run, status="not run", tail=clean(str(error)))
        return _result(spec, done, watch)


def _plain_directory() -> str | None:
    """Where a path of ours needs no quotes, which the command may not have."""
    usual = tempfile.gettempdir()
    return usual if shlex.quote(usual) == usual else "/tmp"  # noqa: S108 a private directory below it


def _result(spec: CheckSpec, done: Completed, watch: _Watch) -> CheckResult:
    output = os.fsdecode(done.stdout + done.stderr)
    tests = None
    if done.exit_code is not None:
        tests = watch.counts() or summary_counts(output, whole=not done.truncated)
    return CheckResult(
        name=spec.name,
        command=spec.run,
        status=_status(spec, done.exit_code, output),
        exit_code=done.exit_code,
        seconds=round(done.seconds, 2),
        tests=tests,
        tail=clean(without_colours(output[-2 * _TAIL :])[-_TAIL:]),
    )


def _status(spec: CheckSpec, exit_code: int | None, output: str) -> Status:
    if exit_code is None:
        return "timed out"
    if exit_code == 0:
        return "passed"
    # Without a limit only what cannot be a test's own words: node gives up so at the size of its heap.
    full = (
        _EXHAUSTED.search(output[-(64 << 10) :]) if spec.memory is not None else _HEAP_FULL in output[-(64 << 10) :]
    )
    return "out of memory" if full else "failed"
