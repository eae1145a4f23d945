"""How long an agent waits for blast_radius over a session of forty commits.

`python -m benchmarks.blast_radius <repository>…` (or their paths in BENCH_REPOSITORIES, with `:` between them; else
a generated project), in a clone that is thrown away; nothing is written to the repositories. Two sessions: one whose
commits each change a few lines of three files, as agents work, and one that makes the repository's own newest
commits again.
"""

import argparse
import dataclasses
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from safe_rollback.core.gate.environment import scrub_process
from safe_rollback.core.workspace import open_workspace
from safe_rollback.impact.store import FILE
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.start_session import start_session

from .project import given_or_project
from .repository import SEED, git

COMMITS = 40
_COLD, _WARM = 2.0, 0.3
_AGENT = "Co-Authored-By: Claude <noreply@anthropic.com>"


@dataclasses.dataclass(frozen=True)
class Spent:
    """What one answer took, in seconds, and how many files the session changed."""

    wall: float
    cpu: float
    changed: int


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blast_radius")
    parser.add_argument("repositories", nargs="*", default=os.environ.get("BENCH_REPOSITORIES", "").split(":"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    scrub_process()
    for path in given_or_project(options.repositories):
        sessions(path, options.rounds)


def sessions(root: str, rounds: int) -> None:
    """Both sessions, in clones of a repository."""
    for what, begin in (("small commits", _small), ("its own newest commits", _again)):
        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, "clone")
            git(folder, "clone", "-q", "--shared", "--no-checkout", root, place)
            git(place, "config", "gc.auto", "0")
            more = begin(place)
            print(f"{os.path.basename(root)}, a session of {COMMITS} commits, {what}:", flush=True)
            _measure(place, more, rounds)


def _measure(place: str, more: Callable[[], None], rounds: int) -> None:
    """The first question of a server that knows nothing, the same again, after one more commit, by a new server."""
    database = os.path.join(open_workspace(place).state_dir, FILE)
    first, again, committed, reborn = [], [], [], []
    for _ in range(rounds):
        with _server(place) as ask:
            for end in ("", "-wal", "-shm", "-journal"):
                if os.path.exists(database + end):
                    os.unlink(database + end)
            first.append(ask())
            again.append(ask())
            more()
            committed.append(ask())
            git(place, "reset", "-q", "--hard", "HEAD~1")
        with _server(place) as ask:
            reborn.append(ask())
    print(f"     ({first[0].changed} files changed)")
    _report("the first question", first, _COLD)
    _report("the same again", again, _WARM)
    _report("after one more commit", committed, _WARM)
    fresh = min(one.wall for one in reborn)
    print(f"     (by a new server, from what is kept: {fresh:.2f} s)", flush=True)


def _small(place: str) -> Callable[[], None]:
    """A session whose commits add a function to one file, and its use and a changed line to two others."""
    _begin(place, "HEAD")
    chance = random.Random(SEED)
    files = [path for path in git(place, "ls-files", "-z", "*.py").split("\0") if path and "test" not in path]
    turn = iter(range(10_000))

    def commit() -> None:
        number = next(turn)
        for path in chance.sample(files, 3):
            with open(os.path.join(place, path), "a", encoding="utf-8") as file:
                file.write(f"\n\ndef added_by_agent_{number}(value, *, option_{number}=None):\n    return value\n")
            if number % 2:
                _renamed(os.path.join(place, path))
        git(place, "commit", "-q", "-a", "-m", f"Work {number}\n\n{_AGENT}")

    for _ in range(COMMITS):
        commit()
    return commit


def _renamed(path: str) -> None:
    """Give the first function of a file one more parameter."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("):\n", ", added=None):\n", 1) if "(self):\n" not in text else text)


def _again(place: str) -> Callable[[], None]:
    """A session that makes the newest commits but one again; the last one is what comes after."""
    rows = git(place, "log", "--first-parent", f"-{COMMITS + 2}", "--reverse", "--format=%H %T").split()
    _begin(place, rows[0])
    *trees, last = rows[3::2]
    for tree in trees:
        _commit(place, tree)
    return lambda: _commit(place, last)


def _begin(place: str, base: str) -> None:
    git(place, "checkout", "-q", "-B", "work", base)
    workspace = open_workspace(place)
    start_session(Desk(workspace), "What is measured", branch="feature/measured")
    workspace.close()


def _commit(place: str, tree: str) -> None:
    made = git(place, "commit-tree", tree, "-p", "HEAD", "-m", f"Work\n\n{_AGENT}").strip()
    git(place, "reset", "-q", "--hard", made)


@contextmanager
def _server(place: str) -> Iterator["_Ask"]:
    argv = [sys.executable, "-m", "benchmarks.blast_radius_server", place]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield _Ask(process)
    finally:
        process.communicate(timeout=60)


class _Ask:
    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._line()  # it is ready

    def __call__(self) -> Spent:
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        return Spent(**json.loads(self._line()))

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def _report(what: str, spent: Sequence[Spent], bar: float) -> None:
    wall, cpu = min(one.wall for one in spent), min(one.cpu for one in spent)
    print(f"{'ok  ' if wall <= bar else 'OVER'} {what}: {wall:.2f} s (bar {bar:g}), {cpu:.2f} s of CPU", flush=True)


if __name__ == "__main__":
    main()
