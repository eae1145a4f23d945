"""How long an agent waits for a tool's answer about its session: the first time, again, and after a commit."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from safe_rollback.core.workspace import open_workspace
from safe_rollback.impact.store import FILE as IMPACT
from safe_rollback.inventory.quiet import FILE as INVENTORY

from .repository import git


@dataclasses.dataclass(frozen=True)
class Spent:
    """What one answer took, in seconds, and how many files the session changed."""

    wall: float
    cpu: float
    changed: int


@dataclasses.dataclass(frozen=True)
class Waited:
    """The best of some rounds.

    Attributes:
        first: by a server where nothing is kept.
        again: the same again.
        committed: after one more commit.
        reborn: by another server, from what is kept.
        ahead: by a server that read ahead before anybody asked.
    """

    first: Spent
    again: Spent
    committed: Spent
    reborn: Spent
    ahead: Spent


def waited(place: str, tool: str, more: Callable[[], None], rounds: int) -> Waited:
    """Ask in a clone with a running session.

    Args:
        place: the clone.
        tool: one of `tool_server.QUESTIONS`, about the session.
        more: makes one more commit, which is taken back.
        rounds: how often.
    """
    workspace = open_workspace(place)
    kept = workspace.state_dir
    workspace.close()
    first, again, committed, reborn, ahead = [], [], [], [], []
    for _ in range(rounds):
        with _server(place) as ask:
            for name in (INVENTORY, *(f"{IMPACT}{end}" for end in ("", "-wal", "-shm", "-journal"))):
                if os.path.exists(os.path.join(kept, name)):
                    os.unlink(os.path.join(kept, name))
            first.append(ask(tool))
            again.append(ask(tool))
            more()
            committed.append(ask(tool))
            git(place, "reset", "-q", "--hard", "HEAD~1")
        with _server(place) as ask:
            reborn.append(ask(tool))
        with _server(place) as ask:
            ask("read_ahead")
            ahead.append(ask(tool))
    return Waited(*(_best(one) for one in (first, again, committed, reborn, ahead)))


def report(what: str, spent: Spent, bar: float) -> None:
    """Print it."""
    kept = "ok  " if spent.wall <= bar else "OVER"
    print(f"{kept} {what}: {spent.wall:.2f} s (bar {bar:g}), {spent.cpu:.2f} s of CPU", flush=True)


def _best(spent: Sequence[Spent]) -> Spent:
    return min(spent, key=lambda one: one.wall)


@contextmanager
def _server(place: str) -> Iterator["_Ask"]:
    argv = [sys.executable, "-m", "benchmarks.tool_server", place]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield _Ask(process)
    finally:
        process.communicate(timeout=60)


class _Ask:
    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._line()  # it is ready

    def __call__(self, tool: str) -> Spent:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{tool}\n".encode())
        self._process.stdin.flush()
        return Spent(**json.loads(self._line()))

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline()
