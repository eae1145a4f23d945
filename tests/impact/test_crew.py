"""Other processes take a share of the work, and change nothing of what comes of it."""

import os
import signal
import subprocess
from collections.abc import Sequence

import pytest

from safe_rollback.core.gate.objects import Entry
from safe_rollback.core.ids import oid
from safe_rollback.core.workspace import Workspace
from safe_rollback.impact import crew, library, reading
from safe_rollback.impact.library import Library
from safe_rollback.impact.radius import Radius, radius
from safe_rollback.impact.store import Store
from safe_rollback.impact.work import keep
from tests.harness.repo import Repo
from tests.impact.conftest import Trees

BASE = "class Base:\n    def run(self, a):\n        return a\n\n\ndef make(b):\n    return Base()\n"
FILES = {
    "p/__init__.py": "",
    "p/base.py": BASE,
    **{f"p/m{number}.py": f"from p.base import Base, make\n\nmake({number}).run(Base)\n" for number in range(30)},
}

Started = list["subprocess.Popen[bytes]"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Help is worth it for the least of work; the processes that start."""
    found: Started = []
    spawn = crew.spawn

    def kept(argv: Sequence[str], **more: object) -> "subprocess.Popen[bytes]":
        found.append(spawn(argv, **more))  # type: ignore[arg-type]
        return found[-1]

    for module in (reading, library):
        for name in ("_WORTH", "_WORTH_RUNNING"):
            monkeypatch.setattr(module, name, 2)
    monkeypatch.setattr(crew, "_LEAST", 1)
    monkeypatch.setattr(crew.os, "cpu_count", lambda: 3)
    monkeypatch.setattr(crew, "spawn", kept)
    return found


def look(repo: Repo, library: Library) -> Radius:
    """What would break if `make` were called otherwise, and `run` took more."""
    changed = BASE.replace("make", "made").replace("self, a", "self, a, c")
    entry = Entry(mode="100644", oid=oid(repo.git("hash-object", "-w", "--stdin", stdin=changed.encode())))
    return radius(library, library.graph(repo.git("rev-parse", "HEAD^{tree}")), {"p/base.py": entry}, words=True)


def test_several_processes_say_what_one_says(repo: Repo, workspace: Workspace, started: Started) -> None:
    repo.commit("Files", FILES)
    alone = look(repo, Library(workspace.repository))
    assert started == []
    assert {one.path for one in alone.dependents if one.tier == "will_break"} == {f"p/m{n}.py" for n in range(30)}
    os.unlink(os.path.join(workspace.state_dir, "impact.db"))
    together = Library(workspace.repository)
    with together.helped():
        assert look(repo, together) == alone
        assert len(started) == 2 and all(one.poll() is None for one in started)
    assert all(one.poll() is not None for one in started)


def test_processes_that_end_are_made_up_for(repo: Repo, workspace: Workspace, started: Started) -> None:
    repo.commit("Files", FILES)
    alone = look(repo, Library(workspace.repository))
    os.unlink(os.path.join(workspace.state_dir, "impact.db"))
    together = Library(workspace.repository)
    with together.helped():
        together.graph(repo.git("rev-parse", "HEAD^{tree}"))
        for one in started:
            one.kill()
            one.wait()
        assert look(repo, together) == alone


def test_a_process_that_says_nothing_is_not_waited_for(
    repo: Repo, workspace: Workspace, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("Files", FILES)
    alone = look(repo, Library(workspace.repository))
    os.unlink(os.path.join(workspace.state_dir, "impact.db"))
    together = Library(workspace.repository)
    with together.helped():
        together.graph(repo.git("rev-parse", "HEAD^{tree}"))
        for one in started:
            one.send_signal(signal.SIGSTOP)
        monkeypatch.setattr(crew, "_PATIENCE", 0.2)
        assert look(repo, together) == alone


def test_what_only_this_process_knows_is_done_here(repo: Repo, trees: Trees, started: Started) -> None:
    """The toy language is none that others know."""
    repo.commit("Files", {f"f{number}.toy": f"need f{number + 1}.toy\n" for number in range(9)})
    with trees.library.helped():
        assert len(trees.graph().edges) == 8
    assert started


def test_what_was_read_is_kept_by_another_process(repo: Repo, workspace: Workspace, started: Started) -> None:
    repo.commit("Files", FILES)
    tree = repo.git("rev-parse", "HEAD^{tree}")
    together = Library(workspace.repository)
    with together.helped():
        graph = together.graph(tree)
        keys = [(one.language.name, one.blob) for one in graph.listed.values() if one.language is not None]
    assert len(started) == 2
    store = Store(workspace.state_dir)
    assert store.facts(keys).keys() == set(keys) and len(store.words(blob for _, blob in keys)) == len({*keys})


def test_one_that_ends_while_it_keeps_costs_nothing_but_time(
    repo: Repo, workspace: Workspace, started: Started
) -> None:
    repo.commit("Files", FILES)
    alone = look(repo, Library(workspace.repository))
    os.unlink(os.path.join(workspace.state_dir, "impact.db"))
    together = Library(workspace.repository)
    with together.helped():
        assert together._crew is not None
        together._crew.start()
        left = together._crew.leave(keep, [(workspace.state_dir, [])])
        started[0].kill()
        assert left and look(repo, together) == alone
    assert len(started) == 3
