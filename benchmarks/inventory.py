"""What taking an inventory of 50 commits costs, against `git log -p` of the same commits.

`python -m benchmarks.inventory <clone> …`: clones of real projects; the commits are the newest 50 in a row that
change about 500 files together.
"""

import dataclasses
import statistics
import sys
import tempfile

from safe_rollback.core.remembered import forget_all
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.inventory.inventory import take
from safe_rollback.inventory.quiet import Quiet
from safe_rollback.inventory.target import Stretch, read_changes

from .repository import git
from .timing import Pair, seconds

_COMMITS, _FILES, _LOOK = 50, 500, 600
_ROUNDS = 5


def inventory(place: str) -> None:
    """Print the ratio and the time for one clone."""
    commits = _chosen(place)
    stretches = [Stretch(before=f"{commit}^1", after=commit, commit=commit) for commit in commits]
    workspace = open_workspace(place)
    items = files = 0

    def taken(quiet: Quiet | None = None) -> None:
        nonlocal items, files
        fresh = Workspace(workspace.repository)
        changes = read_changes(fresh.repository.git, fresh.reader, stretches, lambda value: f"({len(value)})")
        changes = dataclasses.replace(changes, quiet=quiet)
        items, files = len(take(changes).items), len(changes.deltas)
        fresh.close()

    def ours() -> None:
        forget_all()
        taken()

    def reference() -> None:
        git(place, "log", "-p", "--first-parent", "-m", f"{commits[0]}^1..{commits[-1]}")

    ours()
    pairs = [(seconds(ours), seconds(reference)) for _ in range(_ROUNDS)]
    measured = Pair(*(statistics.median(side) for side in zip(*pairs, strict=True)))
    kept = "ok  " if measured.ratio <= 3 and measured.ours <= 1.5 else "OVER"
    print(
        f"{kept} inventory of {len(commits)} commits, {files} files, {items} items: {measured.ours * 1000:.0f} ms "
        f"(bar 1500), {measured.ratio:.2f} × git log -p (bar 3)"
    )
    with tempfile.TemporaryDirectory() as state:
        taken(Quiet(state))
        later = []
        for _ in range(_ROUNDS):
            forget_all()
            later.append(seconds(lambda: taken(Quiet(state))))
        again = seconds(taken)
    print(
        f"     (another process later {statistics.median(later) * 1000:.0f} ms; in a server that read ahead "
        f"{again * 1000:.0f} ms, {again / measured.reference:.2f} × git log -p)"
    )
    workspace.close()


def _chosen(place: str) -> list[str]:
    """Fifty commits in a row, oldest first, whose changed files are nearest to 500."""
    text = git(place, "log", "--first-parent", "-m", f"-{_LOOK}", "--format=%x01%H", "--name-only")
    rows = [
        (block.split("\n")[0], len([row for row in block.split("\n")[1:] if row])) for block in text.split("\x01")[1:]
    ]
    windows = range(max(len(rows) - _COMMITS - 1, 1))
    best = min(windows, key=lambda start: abs(sum(count for _, count in rows[start : start + _COMMITS]) - _FILES))
    return [name for name, _ in reversed(rows[best : best + _COMMITS])]


if __name__ == "__main__":
    for clone in sys.argv[1:]:
        inventory(clone)
