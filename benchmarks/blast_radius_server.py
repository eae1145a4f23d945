"""Answers blast_radius of the session for each line it reads, as a running server does, and says what it took."""

import gc
import json
import resource
import sys
import time

from safe_rollback.core.gate.environment import scrub_process
from safe_rollback.core.workspace import open_workspace
from safe_rollback.tools.blast_radius import blast_radius
from safe_rollback.tools.desk import Desk


def main() -> None:
    """Answer until standard input ends."""
    scrub_process()
    gc.freeze()  # as the server does once it has started
    workspace = open_workspace(sys.argv[1])
    print(flush=True)
    for _ in sys.stdin:
        cpu, wall = _cpu(), time.perf_counter()
        found = blast_radius(Desk(workspace), "session")
        spent = {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu, "changed": found.changed_total}
        print(json.dumps(spent), flush=True)
    workspace.close()


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


if __name__ == "__main__":
    main()
