"""One probe: a commit in a scratch worktree, built and checked."""

import threading
from collections.abc import Collection
from dataclasses import dataclass

from ...core.ids import Oid
from ...core.recovery import CheckSpec
from ..checks.results import CheckResult
from ..checks.run import run_checks
from ..scratch.scratch import Scratch
from .hunt import Outcome

UNTESTABLE = 125
"""The exit code by which a check says that it cannot tell, as for `git bisect run`."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is done with each commit.

    Attributes:
        check: the commit is good if this passes.
        build: what has to pass before it; where it does not, nothing can be said.
        allowed: exact texts of commands that a human trusts.
    """

    check: CheckSpec
    build: CheckSpec | None
    allowed: Collection[str]


class ScratchBench:
    """A worker's scratch worktree.

    Args:
        scratch: where.
        recipe: what is done there.
    """

    def __init__(self, scratch: Scratch, recipe: Recipe) -> None:
        self._scratch, self._recipe = scratch, recipe

    def probe(self, commit: Oid, stop: threading.Event) -> Outcome:
        """Build and check a commit.

        Once `stop` is set, what runs is killed with its process group within about two seconds.

        Raises:
            SafeRollbackError: if the commit cannot be written.
            StoppedError: if `stop` was set.
        """
        directory = self._scratch.show(commit)
        seconds = 0.0
        if self._recipe.build is not None:
            built = self._run(self._recipe.build, directory, stop)
            seconds = built.seconds
            if not built.passed:
                return Outcome(verdict="skip", seconds=seconds, why=f"build {_how(built)}", output=built.tail)
        done = self._run(self._recipe.check, directory, stop)
        untestable = done.exit_code == UNTESTABLE or done.status in ("not run", "untrusted")
        return Outcome(
            verdict="skip" if untestable else "good" if done.passed else "bad",
            seconds=seconds + done.seconds,
            why=_how(done),
            output=done.tail,
        )

    def _run(self, spec: CheckSpec, directory: str, stop: threading.Event) -> CheckResult:
        def tick(*_: object) -> None:
            if stop.is_set():
                raise StoppedError

        tick()
        env = self._scratch.environment
        (result,) = run_checks([spec], directory, allowed=self._recipe.allowed, at_once=1, report=tick, env=env)
        return result


class StoppedError(Exception):
    """Nobody needs a probe any more."""


def _how(result: CheckResult) -> str:
    if result.status in ("passed", "failed"):
        return f"exit {result.exit_code}"
    return result.status
