"""Runs a search: probes on several workers at once, those that became useless stopped."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ...core.ids import Oid
from ...core.text import plural
from .search import Found, Search, WrongEnd
from .votes import Verdict

Report = Callable[[float, float | None, str], None]

# Probes that began together end together, nearly: a split chosen before the last of them is in is a bad one.
_NEARLY, _PATIENCE, _LONGEST = 0.8, 0.1, 5.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one probe said.

    Attributes:
        verdict: good, bad or skip.
        seconds: wall time, without the checkout.
        why: how it ended, in a few words.
        output: the last of what it printed, made safe to show.
    """

    verdict: Verdict
    seconds: float
    why: str
    output: str = ""


class Bench(Protocol):
    """A place to probe at: one worker's."""

    def probe(self, commit: Oid, stop: threading.Event) -> Outcome:
        """Try one commit. Once `stop` is set it has to end soon, by raising something."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A probe that came to its end."""

    commit: Oid
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Hunted:
    """How a search went.

    Attributes:
        found: the answer; None if an end is wrong.
        wrong: the end that is.
        steps: the probes that ended, in that order.
        stopped: how many were stopped because nobody needed them any more.
        seconds: wall time of the whole search.
    """

    found: Found | None
    wrong: WrongEnd | None = None
    steps: Sequence[Step] = ()
    stopped: int = 0
    seconds: float = 0.0


@dataclass(kw_only=True)
class _Running:
    commit: Oid
    bench: Bench
    stop: threading.Event = field(default_factory=threading.Event)
    begun: float = field(default_factory=time.monotonic)
    thread: threading.Thread | None = None


def hunt(search: Search, benches: Sequence[Bench], report: Report) -> Hunted:
    """Probe until the answer is known.

    However this ends, no probe runs afterwards.

    Args:
        search: what to find.
        benches: one for each worker.
        report: takes done, total and a phrase; what it raises ends the search.
    """
    return _Hunt(search, benches, report).run()


class _Hunt:
    def __init__(self, search: Search, benches: Sequence[Bench], report: Report) -> None:
        self._search, self._report = search, report
        self._free = list(benches)
        self._running: list[_Running] = []
        self._done: queue.SimpleQueue[tuple[_Running, Outcome | BaseException]] = queue.SimpleQueue()
        self._steps: list[Step] = []
        self._stopped = 0
        self._lasted: list[float] = []
        self._began = time.monotonic()

    def run(self) -> Hunted:
        try:
            while True:
                wrong = self._search.wrong_end()
                found = None if wrong else self._search.found()
                if wrong or found:
                    break
                self._start()
                if not self._running:
                    raise RuntimeError("the search asks for nothing and has no answer")
                self._collect()
                self._stop_useless()
        finally:
            self._stop_all()
        return Hunted(
            found=found,
            wrong=wrong,
            steps=self._steps,
            stopped=self._stopped,
            seconds=time.monotonic() - self._began,
        )

    def _start(self) -> None:
        active = [one.commit for one in self._running if not one.stop.is_set()]
        for commit in self._search.choose(len(self._free), active):
            running = _Running(commit=commit, bench=self._free.pop())
            self._running.append(running)
            running.thread = threading.Thread(target=self._probe, args=(running,), daemon=True)
            running.thread.start()

    def _probe(self, running: _Running) -> None:
        try:
            outcome: Outcome | BaseException = running.bench.probe(running.commit, running.stop)
        except BaseException as error:  # noqa: BLE001 - raised again where the search runs
            outcome = error
        self._done.put((running, outcome))

    def _collect(self) -> None:
        """Wait for a verdict, and a little longer for those that are nearly there."""
        patience: float | None = None
        while self._running:
            try:
                running, outcome = self._done.get(timeout=0.5 if patience is None else patience)
            except queue.Empty:
                if patience is not None:
                    return
                self._tell()
                continue
            self._take(running, outcome)
            self._stop_useless()
            patience = self._patience()
            if patience <= 0:
                return

    def _take(self, running: _Running, outcome: Outcome | BaseException) -> None:
        self._running.remove(running)
        self._free.append(running.bench)
        if isinstance(outcome, BaseException):
            if not running.stop.is_set():
                raise outcome
            self._stopped += 1
        else:  # also of one that ended before it could be stopped
            self._lasted.append(time.monotonic() - running.begun)
            self._steps.append(Step(commit=running.commit, outcome=outcome))
            self._search.record(running.commit, outcome.verdict)
            self._tell()

    def _patience(self) -> float:
        usual = sum(self._lasted) / max(len(self._lasted), 1)
        now = time.monotonic()
        near = any(_NEARLY * usual <= now - one.begun <= usual / _NEARLY for one in self._running)
        return min(_PATIENCE * usual, _LONGEST) if near else 0.0

    def _stop_useless(self) -> None:
        active = [one for one in self._running if not one.stop.is_set()]
        useless = self._search.useless([one.commit for one in active])
        for one in reversed(active):  # of several of one commit the one that began last
            if one.commit in useless:
                useless.remove(one.commit)
                one.stop.set()

    def _stop_all(self) -> None:
        for one in self._running:
            one.stop.set()
        while self._running:
            try:
                running, _ = self._done.get(timeout=0.5)
            except queue.Empty:
                # An interrupt may come before a thread has begun.
                self._running = [one for one in self._running if one.thread is not None and one.thread.is_alive()]
                continue
            self._running = [one for one in self._running if one is not running]
            self._stopped += 1

    def _tell(self) -> None:
        # A client wants progress that grows from call to call: part of a probe for the time that passed.
        waiting = time.monotonic() - self._began
        done = len(self._steps) + waiting / (waiting + 60)
        left = plural(self._search.left, "commit")
        self._report(done, None, f"{left} left after {plural(len(self._steps), 'probe')}")
