"""What a scratch worktree costs: its first set-up and every later one, against `git worktree add`."""

import argparse
import os
import shutil
import tempfile

from safe_rollback.core.gate.environment import scrub_process
from safe_rollback.core.ids import Oid
from safe_rollback.core.recovery import VerifySettings
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.recovery.scratch.scratch import open_scratch
from safe_rollback.recovery.scratch.slots import drop

from .repository import HOME, copy, generate, git
from .timing import Pair, pair, report, seconds

BACK = 20


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scratch")
    parser.add_argument("--files", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    scrub_process()
    os.makedirs(HOME, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME, prefix="home-") as home:  # on the same disk
        os.environ["HOME"] = home  # where scratch worktrees are kept
        os.environ.pop("XDG_CACHE_HOME", None)
        scratch(generate(options.files, options.files * 470 // 30_000), options.rounds)


def scratch(root: str, rounds: int) -> None:
    """Set up the newest commit and one `BACK` before it in turn, with a build's output left behind each time."""
    place = copy(root, "scratch")
    workspace = open_workspace(place)
    commits = [Oid(git(place, "rev-parse", name).strip()) for name in ("HEAD", f"HEAD~{BACK}")]
    other, turn = f"{place}-added", iter(range(10_000))

    def add() -> None:
        git(place, "worktree", "add", "-q", "--detach", other, commits[next(turn) % 2])

    def show() -> None:
        _show(workspace, commits[next(turn) % 2])

    def between() -> None:
        shutil.rmtree(other, ignore_errors=True)
        git(place, "worktree", "prune")
        os.sync()

    first = Pair(seconds(show), seconds(add))
    between()
    left = os.path.join(_show(workspace, commits[0]), "build")
    os.makedirs(left)
    for number in range(500):
        with open(os.path.join(left, f"{number}.o"), "wb") as file:
            file.write(b"x" * 4000)
    report(
        "scratch worktree, a later set-up", "git worktree add", pair(show, add, rounds=rounds, between=between), 0.5
    )
    print(f"     (the first one: {first.ratio:.2f} ×, {first.ours * 1000:.0f} ms)")
    drop(workspace)
    workspace.close()


def _show(workspace: Workspace, commit: Oid) -> str:
    with open_scratch(workspace, VerifySettings()) as place:
        return place.show(commit)


if __name__ == "__main__":
    main()
