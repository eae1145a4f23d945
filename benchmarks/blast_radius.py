"""How long an agent waits for blast_radius over a session of forty commits.

`python -m benchmarks.blast_radius <repository>…` (or their paths in BENCH_REPOSITORIES, with `:` between them; else
a generated project), in a clone that is thrown away; nothing is written to the repositories. Two sessions: one whose
commits each change a few lines of three files, as agents work, and one that makes the repository's own newest
commits again.
"""

import argparse
import os

from safe_rollback.core.gate.environment import scrub_process

from .project import given_or_project
from .sessions import KINDS, cloned
from .waiting import report, waited

COMMITS = 40
_COLD, _WARM = 2.0, 0.3


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blast_radius")
    parser.add_argument("repositories", nargs="*", default=os.environ.get("BENCH_REPOSITORIES", "").split(":"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    scrub_process()
    for root in given_or_project(options.repositories):
        for what, begin in KINDS.items():
            with cloned(root) as place:
                more = begin(place, COMMITS)
                print(f"{os.path.basename(root)}, a session of {COMMITS} commits, {what}:", flush=True)
                found = waited(place, "blast_radius", more, options.rounds)
                print(f"     ({found.first.changed} files changed)")
                report("the first question, nothing kept", found.first, _COLD)
                report("the first question, as servers read ahead", found.ahead, _WARM)
                report("the same again", found.again, _WARM)
                report("after one more commit", found.committed, _WARM)
                print(f"     (by a new server, from what is kept: {found.reborn.wall:.2f} s)", flush=True)


if __name__ == "__main__":
    main()
