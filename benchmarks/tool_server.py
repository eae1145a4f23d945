"""Answers the question of each line it reads, as a running server does, and says what it took."""

import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Mapping

from safe_rollback.core.gate.environment import scrub_process
from safe_rollback.core.workspace import open_workspace
from safe_rollback.tools.blast_radius import blast_radius
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.read_ahead import read_ahead

QUESTIONS: Mapping[str, Callable[[Desk], int]] = {
    "blast_radius": lambda desk: blast_radius(desk, "session").changed_total,
    "read_ahead": lambda desk: int(read_ahead(desk.workspace)),
    "plan_rollback": lambda desk: plan_rollback(desk, "session", "Measured").prediction.files_total,
}
"""By name, a question about the running session; most answer how many files it changed."""


def main() -> None:
    """Answer until standard input ends."""
    scrub_process()
    gc.freeze()  # as the server does once it has started
    workspace = open_workspace(sys.argv[1])
    print(flush=True)
    for line in sys.stdin:
        cpu, wall = _cpu(), time.perf_counter()
        changed = QUESTIONS[line.strip()](Desk(workspace))
        spent = {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu, "changed": changed}
        print(json.dumps(spent), flush=True)
    workspace.close()


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


if __name__ == "__main__":
    main()
