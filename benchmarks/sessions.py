"""Sessions of an agent, made in clones of a repository that are thrown away."""

import os
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from safe_rollback.core.workspace import open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.start_session import start_session

from .repository import SEED, git

_AGENT = "Co-Authored-By: Claude <noreply@anthropic.com>"
# Neither do agents change old migrations, nor is much to be seen of a change to tests.
_LEFT = re.compile("test|migration|migrate/")
# By ending: a function to add, and what a function without parameters looks like before and after it gets one.
_WRITTEN = {
    ".py": ("def added_{0}(value, *, option_{0}=None):\n    return value\n", "():\n", "(added=None):\n"),
    ".ts": (
        "export function added{0}(value: number): number {{\n    return value;\n}}\n",
        "() {",
        "(added?: number) {",
    ),
    ".rb": ("# Added.\nADDED_{0} = {0}\n", "def to_s\n", "def to_s(_added = nil)\n"),
}


@contextmanager
def cloned(root: str) -> Iterator[str]:
    """A clone with nothing checked out, for as long as it lasts."""
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "clone")
        git(folder, "clone", "-q", "--shared", "--no-checkout", root, place)
        git(place, "config", "gc.auto", "0")
        yield place


def small(place: str, commits: int) -> Callable[[], None]:
    """A session whose commits change three files: each gets a function, and every other time a parameter.

    Returns:
        What makes one more commit.
    """
    _begin(place, "HEAD")
    chance = random.Random(SEED)
    listed = git(place, "ls-files", "-z").split("\0")
    files = [path for path in listed if os.path.splitext(path)[1] in _WRITTEN and not _LEFT.search(path)]
    turn = iter(range(10_000))

    def commit() -> None:
        number = next(turn)
        for path in chance.sample(files, 3):
            _write(os.path.join(place, path), number)
        git(place, "commit", "-q", "-a", "-m", f"Work {number}\n\n{_AGENT}")

    for _ in range(commits):
        commit()
    return commit


def _write(path: str, number: int) -> None:
    added, before, after = _WRITTEN[os.path.splitext(path)[1]]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if number % 2:
        text = text.replace(before, after, 1)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{text}\n\n{added.format(number)}")


def again(place: str, commits: int) -> Callable[[], None]:
    """A session that makes the newest commits but one again.

    Returns:
        What makes the last one.
    """
    rows = git(place, "log", "--first-parent", f"-{commits + 2}", "--reverse", "--format=%H %T").split()
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


KINDS = {"small commits": small, "its own newest commits": again}
"""The sessions, by what they are called."""
