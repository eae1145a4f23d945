"""Pairs two things in turn, and takes the best run of each: what else the machine does only ever adds time."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """A measured pair; the best runs, in seconds."""

    ours: float
    reference: float

    @property
    def ratio(self) -> float:
        """How many times the reference."""
        return self.ours / self.reference


def seconds(run: Callable[[], object]) -> float:
    """Wall time of one run."""
    gc.collect()
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def pair(
    ours: Callable[[], object],
    reference: Callable[[], object],
    *,
    rounds: int,
    between: Callable[[], object] = lambda: None,
) -> Pair:
    """The best of `rounds` runs of each, in turn; `between` puts things back, unmeasured."""
    mine, theirs = [], []
    for _ in range(rounds):
        theirs.append(seconds(reference))
        between()
        mine.append(seconds(ours))
        between()
    return Pair(min(mine), min(theirs))


def report(what: str, reference: str, measured: Pair, bar: float) -> None:
    """One line: the ratio, the bar, both times."""
    kept = "ok  " if measured.ratio <= bar else "OVER"
    print(
        f"{kept} {what}: {measured.ratio:.2f} × {reference} (bar {bar:g}); "
        f"{measured.ours * 1000:.0f} ms against {measured.reference * 1000:.0f} ms",
        flush=True,
    )
