"""Python's file graph against grimp's: recall, precision, and the time of a cold run, in one process of this script.

python -m benchmarks.impact_python PATH_OF_A_CHECKOUT PACKAGE
"""

import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

from safe_rollback.impact.languages.python import LANGUAGE
from safe_rollback.impact.model import Facts, Files
from safe_rollback.impact.store import decode, encode

if TYPE_CHECKING:
    from grimp import ImportGraph

ROUNDS = 5
PROCESSES = 2
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
        found = _edges(root, paths)
        ours = min(ours, time.perf_counter() - start)
    known, files = _files_of(graph, root)
    truth = {(source, target) for source, target in known if source != target}
    mine = {(source, target) for source, target in found if source in files and target in files}
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


def _read(root: str, paths: Sequence[str]) -> list[str]:
    found = []
    for path in paths:
        with open(os.path.join(root, path), "rb") as file:
            found.append(encode(LANGUAGE.extract(file.read())))
    return found


def _edges(root: str, paths: Sequence[str]) -> set[tuple[str, str]]:
    facts: dict[str, Facts] = {}
    shares = [paths[place::PROCESSES] for place in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES - 1, mp_context=get_context("fork")) as pool:
        others = [pool.submit(_read, root, share) for share in shares[1:]]
        for path in shares[0]:
            with open(os.path.join(root, path), "rb") as file:
                facts[path] = LANGUAGE.extract(file.read())
        for share, other in zip(shares[1:], others, strict=True):
            facts.update(zip(share, map(decode, other.result()), strict=True))
    resolve = LANGUAGE.resolver(Files(paths=frozenset(paths), read=lambda _: b"", facts=facts))
    return {
        (path, hit.path)
        for path, one in facts.items()
        for reference in one.references
        if reference.kind in KINDS
        for hit in resolve(path, reference).hits
        if hit.path != path
    }


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


if __name__ == "__main__":
    python_edges(os.path.abspath(sys.argv[1]), sys.argv[2])
