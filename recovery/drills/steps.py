"""What a drill did, step by step, and how it compares with the one before."""

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ...core.ledger.recovery_events import DrillRun
from ...core.text import clean
from ...core.workspace import Workspace

MAX_STEPS = 100
MAX_LEFT = 100
_DETAIL = 2000
_NAME = 200
_LEFT = 500


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        name: what was done.
        ok: whether it went well.
        seconds: wall time.
        detail: what came of it.
        counts: whether a real recovery takes it too.
    """

    name: str
    ok: bool
    seconds: float = 0.0
    detail: str = ""
    counts: bool = True


@dataclass(kw_only=True)
class Outcome:
    """What a step says of itself while it runs."""

    ok: bool = True
    detail: str = ""


@dataclass(kw_only=True)
class Record:
    """A drill under way.

    Attributes:
        tidy: makes text fit to be kept: without secrets, and without the place of the copy.
        steps: so far.
        left_over: what a rollback of the target would leave to do.
        humans: of that, what only a human gives.
    """

    tidy: Callable[[str], str]
    steps: list[Step] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    humans: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, *, counts: bool = True) -> Iterator[Outcome]:
        """Time a step; what it raises ends the drill."""
        began, outcome = time.monotonic(), Outcome()
        yield outcome
        self.add(
            Step(name=name, ok=outcome.ok, seconds=time.monotonic() - began, detail=outcome.detail, counts=counts)
        )

    def add(self, step: Step) -> None:
        """Note a step."""
        if len(self.steps) < MAX_STEPS:
            name = clean(self.tidy(step.name).replace("\n", " "), limit=_NAME)
            detail = clean(self.tidy(step.detail), limit=_DETAIL)
            self.steps.append(dataclasses.replace(step, name=name, seconds=round(step.seconds, 3), detail=detail))

    def leave(self, text: str, *, human: bool = False) -> None:
        """Note something that is left over, once."""
        line = clean(self.tidy(text).replace("\n", " "), limit=_LEFT)
        rows = self.humans if human else self.left_over
        if line not in rows and len(rows) < MAX_LEFT:
            rows.append(line)

    @property
    def seconds(self) -> float:
        """How long a real recovery would take, as far as its steps were played."""
        return round(sum(one.seconds for one in self.steps if one.counts), 3)

    @property
    def clean(self) -> bool:
        """Whether all went well and nothing is left over but a human's word."""
        return all(one.ok for one in self.steps) and not self.left_over

    def event(self, target: str, head: str | None) -> DrillRun:
        """For the ledger."""
        rows = [{"name": one.name, "ok": one.ok, "seconds": one.seconds, "detail": one.detail} for one in self.steps]
        return DrillRun(
            target=self.tidy(target),
            head=head,
            clean=self.clean,
            seconds=self.seconds,
            steps=rows,
            left_over=[*self.left_over, *self.humans],
        )


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A drill beside the one before it.

    Attributes:
        before: seconds to recover then.
        now: and now.
        slower_by: the difference; negative if it became faster.
        new_left_over: what was not left over then.
    """

    before: float
    now: float
    slower_by: float
    new_left_over: Sequence[str]


def last_drill(workspace: Workspace, target: str) -> DrillRun | None:
    """The newest drill of the same target."""
    for record in workspace.ledger.records(DrillRun, newest_first=True):
        event = record.event
        if isinstance(event, DrillRun) and event.target == target:
            return event
    return None


def compare(before: DrillRun, now: DrillRun) -> Compared:
    """What became of it since."""
    return Compared(
        before=before.seconds,
        now=now.seconds,
        slower_by=round(now.seconds - before.seconds, 3),
        new_left_over=[one for one in now.left_over if one not in before.left_over],
    )
