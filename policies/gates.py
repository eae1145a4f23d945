"""Runs the checks a protocol asks for at the end of a session; only commands a human trusted."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..core.gate.environment import scrubbed
from ..core.gate.process import Limits, execute
from ..core.text import clean
from ..core.workspace import Workspace
from .human import trusted

_TAIL = 2000
_LIMITS = Limits(seconds=1800, stdout=_TAIL, stderr=_TAIL, last=True)


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """How a check went.

    Attributes:
        name: the command.
        status: passed, failed, untrusted or timed out.
        exit_code: its exit status, None if it did not run or end.
        seconds: wall time.
        tail: the last of its output.
    """

    name: str
    status: str
    exit_code: int | None
    seconds: float
    tail: str


def run_gates(
    workspace: Workspace, commands: Sequence[str], report: Callable[[float, float | None, str], None]
) -> list[GateResult]:
    """Run every command in the worktree, in order, through /bin/sh."""
    allowed = trusted(workspace)
    results = []
    for number, command in enumerate(commands):
        if command not in allowed:
            results.append(GateResult(name=command, status="untrusted", exit_code=None, seconds=0.0, tail=""))
            continue
        results.append(_run(workspace, command, number, len(commands), report))
    return results


def _run(
    workspace: Workspace,
    command: str,
    number: int,
    total: int,
    report: Callable[[float, float | None, str], None],
) -> GateResult:
    def tick(elapsed: float) -> None:
        # Progress must grow from call to call: a fraction of the step for the time it takes.
        report(number + elapsed / (elapsed + 30), total, f"{command} ({elapsed:.0f} s)")

    done = execute(["/bin/sh", "-c", command], cwd=workspace.root, env=scrubbed(), limits=_LIMITS, tick=tick)
    status = "timed out" if done.exit_code is None else "passed" if done.exit_code == 0 else "failed"
    output = os.fsdecode((done.stdout + done.stderr)[-_TAIL:])
    return GateResult(
        name=command, status=status, exit_code=done.exit_code, seconds=round(done.seconds, 2), tail=clean(output)
    )
