"""How long an agent waits for plan_rollback with its assessment, over a session of two hundred commits.

`python -m benchmarks.plan <repository>…`, as benchmarks.blast_radius does it.
"""

import argparse
import os

from safe_rollback.core.gate.environment import scrub_process

from .project import given_or_project
from .sessions import KINDS, cloned
from .waiting import report, waited

COMMITS = 200
_BAR = 1.0


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan")
    parser.add_argument("repositories", nargs="*", default=os.environ.get("BENCH_REPOSITORIES", "").split(":"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    scrub_process()
    for root in given_or_project(options.repositories):
        for what, begin in KINDS.items():
            with cloned(root) as place:
                more = begin(place, COMMITS)
                print(f"{os.path.basename(root)}, a plan for a session of {COMMITS} commits, {what}:", flush=True)
                found = waited(place, "plan_rollback", more, options.rounds)
                print(f"     ({found.first.changed} files)")
                report("the first plan, as servers read ahead", found.ahead, _BAR)
                report("after one more commit", found.committed, _BAR)
                report("the same again", found.again, _BAR)
                print(
                    f"     (by a server that did not: {found.reborn.wall:.2f} s; nothing kept: "
                    f"{found.first.wall:.2f} s)"
                )


if __name__ == "__main__":
    main()
