"""Prints every figure the project promises, each as a ratio against a reference of the same run."""

import argparse
import gc
import json
import os
import shutil
import tempfile

from safe_rollback.core.gate.environment import scrub_process
from safe_rollback.core.snapshot.policy import CapturePolicy
from safe_rollback.core.snapshot.take import Label, take
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import plan_rollback
from safe_rollback.tools.restore_checkpoint import restore_checkpoint

from .guard import guard
from .repository import RANGE, copy, generate, git
from .startup import BARE, OURS, tools_list
from .timing import Pair, pair, report, seconds

STATUS = ("status", "--porcelain", "-uall")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--files", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    scrub_process()
    gc.freeze()  # as the server does once it has started
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        root = generate(options.files, options.files * 470 // 30_000)
        small = generate(300, 5)
        checkpoints(root, options.rounds)
        restore(root, options.rounds)
        plan(root, small, options.rounds)
        startup(small, options.rounds)
        guard(options.rounds)


def checkpoints(root: str, rounds: int) -> None:
    """First and warm checkpoints, with a handful of edits, against git status and git stash create."""
    place = copy(root, "checkpoints")
    _edit(place, 5)
    status = seconds(lambda: git(place, *STATUS))
    first, reference = [], []
    for number in range(rounds):
        _forget(place)
        _edit(place, 5, number)
        git(place, *STATUS)
        reference.append(seconds(lambda: git(place, *STATUS)))
        workspace = open_workspace(place)
        first.append(seconds(lambda workspace=workspace: _take(workspace)))
        workspace.close()
    report("first checkpoint", "git status", Pair(min(first), min(reference)), 3)
    workspace = open_workspace(place)
    _take(workspace)
    turn = iter(range(10, 10_000))

    def change() -> None:
        _edit(place, 5, next(turn))

    warm = pair(lambda: _take(workspace), lambda: git(place, *STATUS), rounds=rounds, between=change)
    report("warm checkpoint", "git status", warm, 1.5)
    stash = pair(lambda: _take(workspace), lambda: git(place, "stash", "create"), rounds=rounds, between=change)
    report("warm checkpoint", "git stash create", stash, 1)
    print(f"     (git status once, cold: {status * 1000:.0f} ms)")
    workspace.close()


def restore(root: str, rounds: int) -> None:
    """Planned restores of five changed files; the measured part is the call that applies the plan."""
    place = copy(root, "restore")
    workspace = open_workspace(place)
    checkpoint = _take(workspace)
    turn = iter(range(10_000))
    digest = ""

    def wreck() -> None:
        nonlocal digest
        _edit(place, 5, next(turn))
        plan = restore_checkpoint(Desk(workspace), checkpoint).plan
        assert plan is not None
        assert plan.changes_total == 5, plan
        digest = plan.digest

    def apply() -> None:
        done = restore_checkpoint(Desk(workspace), checkpoint, digest=digest)
        assert done.applied
        assert done.verified

    wreck()
    measured = pair(apply, lambda: git(place, *STATUS), rounds=rounds, between=wreck)
    report("restore of 5 files", "git status", measured, 2)
    workspace.close()


def plan(root: str, small: str, rounds: int) -> None:
    """Planning the revert of fifty commits against git revert on a copy; then the same on 300 files."""
    target = f"HEAD~{RANGE}..HEAD"
    times = []
    for source, name in ((root, "large repository"), (small, "300 files")):
        place, reference = copy(source, "plan"), copy(source, "plan-reference")
        workspace = open_workspace(place)
        plan_rollback(Desk(workspace), target, "warm up")
        turn = iter(range(10_000))
        measured = pair(
            lambda workspace=workspace, turn=turn: plan_rollback(Desk(workspace), target, f"bench {next(turn)}"),
            lambda reference=reference: git(reference, "revert", "--no-commit", target),
            rounds=rounds,
            between=lambda reference=reference: git(reference, "reset", "-q", "--hard"),
        )
        report(f"plan_rollback of {RANGE} commits, {name}", "git revert --no-commit", measured, 0.5)
        times.append(measured.ours)
        workspace.close()
    print(f"     (large over small repository: {times[0] / times[1]:.2f})")


def startup(root: str, rounds: int) -> None:
    """Spawn → initialize → tools/list against a server with one tool, and the answer's size."""
    for argv in (OURS, BARE):
        tools_list(argv, root)
    measured = pair(lambda: tools_list(OURS, root), lambda: tools_list(BARE, root), rounds=rounds)
    report("spawn → tools/list", "bare MCPServer", measured, 1.3)
    size = len(json.dumps(json.loads(tools_list(OURS, root))["result"], separators=(",", ":")).encode())
    print(f"{'ok  ' if size < 24_000 else 'OVER'} tools/list: {size} bytes (bar 24000)")


def _forget(root: str) -> None:
    """Take our state out of a repository, so that the next checkpoint is the first."""
    shutil.rmtree(os.path.join(root, ".git", "safe-rollback"), ignore_errors=True)
    for name in git(root, "for-each-ref", "--format=%(refname)", "refs/safe-rollback").split():
        git(root, "update-ref", "-d", name)


def _take(workspace: Workspace) -> str:
    with workspace.worktree_lock("bench"):
        return take(workspace, Desk(workspace).chain, CapturePolicy(), Label(reason="bench")).id


def _edit(root: str, count: int, salt: int = 0) -> None:
    """Change a line in each of the same few files."""
    for number in range(count):
        path = os.path.join(root, f"p{number:02}/m00/file_{number}.py")
        with open(path, encoding="ascii") as file:
            lines = file.readlines()
        lines[1] = f"edited = {salt}\n"
        with open(path, "w", encoding="ascii") as file:
            file.writelines(lines)


if __name__ == "__main__":
    main()
