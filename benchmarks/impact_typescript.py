"""The file graph of JavaScript and TypeScript against dependency-cruiser's.

`python -m benchmarks.impact_typescript <checkout> <folder>… [--config tsconfig.json]`: recall, precision and time
for the files of some folders; a checkout may be the folder of a repository in which dependency-cruiser would be run.
It has to be on SAFE_ROLLBACK_BENCH_PATH. Nothing is written to the checkout.
"""

import argparse
import gc
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from safe_rollback.core.gate.environment import scrub_process
from safe_rollback.impact.languages.javascript import LANGUAGE

from .edges import edges
from .repository import git
from .timing import Pair, report

ROUNDS = 3
BAR = 0.1


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.impact_typescript")
    parser.add_argument("checkout")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--config", default="tsconfig.json", help="that dependency-cruiser reads")
    options = parser.parse_args()
    path = os.environ.get("SAFE_ROLLBACK_BENCH_PATH", os.environ["PATH"])
    program = shutil.which("depcruise", path=path)
    if program is None:
        sys.exit("depcruise is not on SAFE_ROLLBACK_BENCH_PATH: npm install dependency-cruiser typescript")
    scrub_process()
    gc.freeze()
    compare(options.checkout, options.folders, [program, "--ts-config", options.config])


def compare(root: str, folders: Sequence[str], program: Sequence[str]) -> None:
    """Print recall and precision, and how long the fastest run of each took."""
    everything = git(root, "ls-files", "-z").split("\0")
    inside = tuple(f"{folder.rstrip('/')}/" for folder in folders)
    paths = [one for one in everything if one.startswith(inside) and LANGUAGE.matches(one)]
    ours = theirs = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        cruised = _cruised(root, folders, program)
        theirs = min(theirs, time.perf_counter() - start)
        start = time.perf_counter()
        found = edges(root, LANGUAGE, paths, everything)
        ours = min(ours, time.perf_counter() - start)
    files = {module["source"] for module in cruised} & set(paths)
    truth = {
        (module["source"], one["resolved"])
        for module in cruised
        for one in module["dependencies"]
        if not one["couldNotResolve"] and {module["source"], one["resolved"]} <= files
        if module["source"] != one["resolved"]
    }
    mine = {(source, target) for source, target, _ in found if {source, target} <= files}
    both = truth & mine
    print(f"{' '.join(folders)}: {len(paths)} files, {len(truth)} edges of dependency-cruiser's, {len(mine)} of ours")
    print(f"recall {len(both) / len(truth):.5f} precision {len(both) / len(mine):.5f}")
    for source, target in sorted(truth - mine)[:10]:
        print(f"     missing: {source} -> {target}")
    for source, target in sorted(mine - truth)[:10]:
        print(f"     extra:   {source} -> {target}")
    report("edges, cold, two processes", "dependency-cruiser", Pair(ours, theirs), BAR)


def _cruised(root: str, folders: Sequence[str], program: Sequence[str]) -> list[dict[str, Any]]:
    options = ("--no-config", "--ts-pre-compilation-deps", "--no-progress", "--exclude", "node_modules")
    done = subprocess.run(
        [*program, *options, "--output-type", "json", *folders], cwd=root, capture_output=True, check=True
    )
    modules: list[dict[str, Any]] = json.loads(done.stdout)["modules"]
    return modules


if __name__ == "__main__":
    main()
