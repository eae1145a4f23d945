"""How well it is foretold which commits can be taken out alone, and how long that takes.

`python -m benchmarks.commit_dependence <repository>…` (or their paths in BENCH_REPOSITORIES, with `:` between
them; else a generated project): for each, the newest commits are read, foretold, tried as merges, and a sample of
them reverted by `git revert` in a clone that is thrown away. Nothing is written to the repositories.
"""

import argparse
import gc
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence

from safe_rollback.core.gate.environment import scrub_process
from safe_rollback.core.gate.repository import open_repository
from safe_rollback.core.ids import Oid, oid
from safe_rollback.impact.commits.dependence import closure
from safe_rollback.impact.commits.model import Step
from safe_rollback.impact.commits.ownership import Ownership, ownership
from safe_rollback.impact.commits.reading import read_line
from safe_rollback.impact.commits.scratch import Scratch, scratch
from safe_rollback.impact.commits.sets import minimum_revert_set
from safe_rollback.impact.commits.trials import Trial, try_each

from .project import given_or_project
from .repository import SEED, git

_COMMITS = 500
_FEW = 50
_SECONDS, _FEW_SECONDS = 1.5, 0.3
_RECALL, _PRECISION = 1.0, 0.98


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commit_dependence")
    parser.add_argument("repositories", nargs="*", default=os.environ.get("BENCH_REPOSITORIES", "").split(":"))
    parser.add_argument("--commits", type=int, default=_COMMITS)
    parser.add_argument("--sample", type=int, default=50, help="reverts by git revert")
    parser.add_argument("--sets", type=int, default=10, help="smallest sets to prove")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    scrub_process()
    gc.freeze()
    for path in given_or_project(options.repositories):
        print(f"{os.path.basename(path)}:", flush=True)
        with scratch(open_repository(path)) as place:
            _measure(place, options)


def _measure(place: Scratch, options: argparse.Namespace) -> None:
    tip = oid(place.repository.git.out("rev-parse", "HEAD"))
    steps = read_line(place, tip, limit=options.commits)
    _speed(place, tip, steps, options.rounds)
    owned = ownership(place, steps)
    begin = time.perf_counter()
    trials = try_each(place, steps, steps[-1].tree)
    took = time.perf_counter() - begin
    _quality(owned, trials)
    print(f"     (trials: {took / len(trials) * 1000:.1f} ms each; commits not read: {len(owned.unread)})")
    chance = random.Random(SEED)
    _crosscheck(place, chance.sample(sorted(trials), min(options.sample, len(trials))), trials)
    _sets(place, owned, chance.sample(list(steps), min(options.sets, len(steps))))


def _speed(place: Scratch, tip: Oid, steps: Sequence[Step], rounds: int) -> None:
    """The whole pass, against what git alone takes to print the same diffs."""
    few = steps[-_FEW:]
    for chosen, bar in ((few, _FEW_SECONDS), (steps, _SECONDS)):
        ours, alone = [], []
        for _ in range(rounds):
            alone.append(_seconds(lambda chosen=chosen: _log(place, tip, len(chosen))))
            ours.append(_seconds(lambda chosen=chosen: ownership(place, read_line(place, tip, limit=len(chosen)))))
        kept = "ok  " if min(ours) <= bar else "OVER"
        print(
            f"{kept} {len(chosen)} commits: {min(ours):.2f} s (bar {bar:g}), "
            f"{min(ours) / min(alone):.2f} × git log of the same diffs ({min(alone):.2f} s)",
            flush=True,
        )


def _log(place: Scratch, tip: Oid, count: int) -> None:
    words = ("log", "--first-parent", "-m", "-p", "-U0", "-M", "--diff-algorithm=histogram", f"-{count}", tip)
    place.git.run(*words, ok=(0, 128))


def _seconds(run: Callable[[], object]) -> float:
    gc.collect()
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _quality(owned: Ownership, trials: dict[Oid, Trial]) -> None:
    known = {commit: not trial.clean for commit, trial in trials.items() if trial.clean is not None}
    stuck = {commit for commit, conflicts in known.items() if conflicts}
    told = {commit for commit in owned.conflicts if commit in known}
    recall = len(told & stuck) / len(stuck) if stuck else 1.0
    precision = len(told & stuck) / len(told) if told else 1.0
    kept = "ok  " if recall >= _RECALL and precision >= _PRECISION else "OVER"
    print(
        f"{kept} {len(stuck)} of {len(known)} conflict: recall {recall:.4f} (bar {_RECALL:g}), "
        f"precision {precision:.4f} (bar {_PRECISION:g}); {len(owned.needs)} needs",
        flush=True,
    )
    for commit in sorted(told ^ stuck):
        print(f"     {commit[:10]} {'not foretold' if commit in stuck else 'foretold in vain'}")


def _crosscheck(place: Scratch, sample: Sequence[Oid], trials: dict[Oid, Trial]) -> None:
    """Trials against `git revert` itself."""
    same = asked = 0
    with tempfile.TemporaryDirectory() as folder:
        clone = _cloned(place.repository.root, folder)
        for commit in sample:
            if trials[commit].clean is not None:
                asked += 1
                same += _reverts(clone, commit) == trials[commit].clean
    print(f"{'ok  ' if same == asked else 'OVER'} git revert agrees with {same} of {asked} trials", flush=True)


def _cloned(root: str, folder: str) -> str:
    """A worktree of the newest commit, without the files whose content the repository does not have."""
    clone = os.path.join(folder, "clone")
    git(folder, "clone", "-q", "--shared", "--no-checkout", root, clone)
    rows = [row.split("\t", 1) for row in git(clone, "ls-tree", "-r", "-z", "HEAD").split("\0")[:-1]]
    names = "".join(f"{info.split(' ')[2]}\n" for info, _ in rows if " commit " not in info)
    asked = git(clone, "cat-file", "--batch-check", stdin=names.encode()).splitlines()
    missing = {line.split(" ")[0] for line in asked if line.endswith(" missing")}
    patterns = ["/*", *(f"!/{path}" for info, path in rows if info.split(" ")[2] in missing)]
    git(clone, "config", "core.sparseCheckout", "true")
    with open(os.path.join(clone, ".git", "info", "sparse-checkout"), "w", encoding="utf-8") as file:
        file.write("\n".join(patterns) + "\n")
    git(clone, "checkout", "-q", "--detach", "HEAD")
    return clone


def _reverts(clone: str, commit: Oid) -> bool:
    merge = len(git(clone, "rev-list", "--parents", "-1", commit).split()) > 2
    try:
        git(clone, "revert", "--no-commit", *(("-m", "1") if merge else ()), commit)
    except subprocess.CalledProcessError:
        return False
    finally:
        git(clone, "reset", "-q", "--hard")
    return True


def _sets(place: Scratch, owned: Ownership, targets: Sequence[Step]) -> None:
    """The smallest sets of a sample: how many are proven, how many could not be made smaller, how long it took."""
    proven = minimal = 0
    times, sizes, closures = [], [], []
    for step in targets:
        begin = time.perf_counter()
        found = minimum_revert_set(place, owned, [step.oid])
        times.append(time.perf_counter() - begin)
        proven, minimal = proven + found.proven, minimal + found.minimal
        sizes.append(len(found.commits))
        closures.append(len(closure(owned.needs, [step.oid])))
    print(
        f"{'ok  ' if proven == len(targets) else 'OVER'} sets: {proven} of {len(targets)} proven, {minimal} minimal; "
        f"{sum(sizes)} commits of {sum(closures)} in the closures; median {sorted(times)[len(times) // 2]:.2f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
