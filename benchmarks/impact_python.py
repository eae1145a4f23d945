"""The file graph: Python's against grimp's, and all of it after one more commit against a cold run.

`python -m benchmarks.impact_python <checkout>… [--package <name>]` (or their paths in BENCH_REPOSITORIES, with `:`
between them; else a generated project): with a package, recall, precision and time against grimp, which has to be
installed. Nothing is written to the checkouts.
"""

import argparse
import gc
import os
import shutil
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from safe_rollback.core.gate.environment import scrub_process
from safe_rollback.core.gate.repository import open_repository
from safe_rollback.impact.languages.python import LANGUAGE
from safe_rollback.impact.library import Library

from .edges import edges
from .project import given_or_project
from .repository import git
from .timing import Pair, report, seconds

if TYPE_CHECKING:
    from grimp import ImportGraph

ROUNDS = 5
COMMITS = 20
AFTER = 0.15
KINDS = frozenset({"import", "lazy", "type"})


def python_edges(root: str, package: str) -> None:
    """Print recall and precision against grimp's graph of a package, and how long the fastest run of each took."""
    import grimp

    sys.path.insert(0, root)
    paths = _paths(root, package)
    ours = theirs = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        graph = grimp.build_graph(package, cache_dir=None, include_external_packages=False)
        theirs = min(theirs, time.perf_counter() - start)
        start = time.perf_counter()
        found = edges(root, LANGUAGE, paths, paths)
        ours = min(ours, time.perf_counter() - start)
    known, files = _files_of(graph, root)
    truth = {(source, target) for source, target in known if source != target}
    mine = {(source, target) for source, target, kind in found if kind in KINDS and {source, target} <= files}
    both = len(truth & mine)
    print(f"{package}: {len(paths)} files, {len(truth)} edges of grimp's, {len(mine)} of ours")
    print(f"recall {both / len(truth):.5f} precision {both / len(mine):.5f}")
    print(f"ours {ours:.3f} s, grimp {theirs:.3f} s, ratio {ours / theirs:.2f}")


def _paths(root: str, package: str) -> list[str]:
    return [
        os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
        for folder, _, names in os.walk(os.path.join(root, package))
        for name in names
        if LANGUAGE.matches(name)
    ]


def _files_of(graph: "ImportGraph", root: str) -> tuple[set[tuple[str, str]], set[str]]:
    """The edges and the modules of grimp's graph, as files."""
    files = {}
    for module in graph.modules:
        stem = module.replace(".", "/")
        inside = f"{stem}/__init__.py"
        files[module] = inside if os.path.exists(os.path.join(root, inside)) else f"{stem}.py"
    edges = {
        (files[module], files[other])
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
    }
    return edges, set(files.values())


def after_commit(root: str, rounds: int = ROUNDS) -> None:
    """How long the graph takes where nothing is known, and after each of the newest commits where the last one is."""
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "clone")
        git(folder, "clone", "-q", "--shared", "--no-checkout", root, place)
        repository = open_repository(place)
        trees = repository.git.out("log", "--first-parent", f"-{COMMITS + 1}", "--reverse", "--format=%T").split()
        cold, following = [], []
        for _ in range(rounds):
            shutil.rmtree(repository.state_dir, ignore_errors=True)
            library = Library(repository)
            with library.helped():
                cold.append(seconds(lambda library=library: library.graph(trees[0])))
            times = [seconds(lambda tree=tree, library=library: library.graph(tree)) for tree in trees[1:]]
            following.append(sorted(times))
    median = min(times[len(times) // 2] for times in following)
    worst = min(times[-1] for times in following)
    report("graph after one more commit, median", "cold", Pair(median, min(cold)), AFTER)
    print(f"     (the slowest of {COMMITS}: {worst / min(cold):.2f}, {worst * 1000:.0f} ms)", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.impact_python")
    parser.add_argument("checkouts", nargs="*", default=os.environ.get("BENCH_REPOSITORIES", "").split(":"))
    parser.add_argument("--package", help="compared with grimp's graph of it")
    options = parser.parse_args()
    scrub_process()
    gc.freeze()
    for root in given_or_project(options.checkouts):
        print(f"{os.path.basename(root)}:", flush=True)
        if options.package:
            python_edges(root, options.package)
        after_commit(root)


if __name__ == "__main__":
    main()
