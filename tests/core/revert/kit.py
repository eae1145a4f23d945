"""What the tests of reverts share: an agent and a human who take turns, and the two calls of a rollback."""

import os
from collections.abc import Mapping
from typing import Any

from safe_rollback.core.revert.plan import Request, Rollback, plan_revert
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.plan_rollback import PlanRollback, plan_rollback
from safe_rollback.tools.rollbacks import request_of
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.safe_revert import SafeRevert, safe_revert
from safe_rollback.tools.start_session import StartSession, start_session
from safe_rollback.tools.transitions import Transition
from safe_rollback.tools.undo import undo
from tests.harness.repo import Repo


def begin(workspace: Workspace, task: str = "try something", **more: Any) -> StartSession:
    """Open a session; on `main` that makes a branch."""
    return start_session(Desk(workspace), task, **more)


def agent_git(workspace: Workspace, *args: str) -> list[str]:
    """Git as the agent runs it; the commits it made."""
    done = run_git(Desk(workspace), list(args))
    assert done.exit_code == 0, done.stderr
    return done.commits


def agent_commit(
    workspace: Workspace, repo: Repo, message: str, files: Mapping[str, str | bytes | None] | None = None
) -> str:
    """A commit of the agent, made with run_git; None deletes a file. Leaves what is staged elsewhere alone."""
    for name, content in (files or {}).items():
        if content is None:
            repo.git("rm", "-q", "--", name)
        else:
            repo.write(name, content)
            repo.git("add", "--", name)
    if files:
        agent_git(workspace, "commit", "-q", "-m", message, "--", *files)
    else:
        agent_git(workspace, "commit", "-q", "--allow-empty", "-m", message)
    return repo.head()


def made_up(workspace: Workspace, target: str | list[str], commits: str = "one") -> Rollback:
    """A plan that nobody records."""
    data = {"target": target, "reason": "test", "granularity": commits, "seconds": 1_772_614_800}
    request: Request = request_of(Desk(workspace), f"plan-{workspace.clock.token()}", data)
    return plan_revert(workspace, request)


def plan(
    workspace: Workspace, target: str | list[str], commits: str = "one", reason: str = "it went wrong"
) -> PlanRollback:
    """plan_rollback."""
    return plan_rollback(Desk(workspace), target, reason, commits)


def execute(workspace: Workspace, planned: PlanRollback) -> SafeRevert:
    """safe_revert of a plan."""
    return safe_revert(Desk(workspace), planned.plan_id, planned.digest)


def roll_back(workspace: Workspace, target: str | list[str], commits: str = "one") -> SafeRevert:
    """Plan and do it; everything has to read back as planned."""
    planned = plan(workspace, target, commits)
    assert planned.prediction.clean, planned.prediction
    done = execute(workspace, planned)
    assert done.verification.as_planned, done.verification
    return done


def take_back(workspace: Workspace, operation: str | None = None) -> Transition:
    """Undo an operation, by default the newest."""
    planned = undo(Desk(workspace), operation)
    assert planned.plan is not None
    assert not planned.plan.conflicts and not planned.plan.blocked, planned.plan
    done = undo(Desk(workspace), operation, planned.plan.digest)
    assert done.verified
    return done


def tree(repo: Repo, revision: str = "HEAD") -> str:
    """The tree of a commit."""
    return repo.git("rev-parse", f"{revision}^{{tree}}")


def clone(repo: Repo, path: str, revision: str = "HEAD") -> Repo:
    """A second repository with the same objects, at a commit, for git itself to work in."""
    commit = repo.git("rev-parse", revision)
    repo.git("clone", "-q", "--shared", "--no-checkout", ".", path)
    other = Repo(path)
    other.git("checkout", "-q", "--detach", commit)
    return other


def reverted_by_git(repo: Repo, path: str, *args: str) -> str | None:
    """The tree `git revert --no-commit <args>` comes to on a clone; None where git conflicts."""
    other = clone(repo, path)
    words = [repo.git("rev-parse", one) if not one.startswith("-") and ".." not in one else one for one in args]
    other.git("-c", "merge.renames=true", "revert", "--no-commit", *words, ok=(0, 1))
    if other.git("ls-files", "--unmerged"):
        return None
    return other.git("write-tree")


def git_dir_listing(repo: Repo) -> dict[str, bytes]:
    """Every file of the git directory except objects and our own directory."""
    top, found = repo.git_dir(), {}
    for folder, folders, names in os.walk(top):
        if folder == top:
            folders[:] = [one for one in folders if one not in ("objects", "safe-rollback")]
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, top)] = file.read()
    return found


def numbered(count: int, changed: Mapping[int, str] | None = None, ending: str = "\n") -> str:
    """`line 1` … `line <count>`, some of them replaced."""
    given = changed or {}
    return "".join(given.get(number, f"line {number}") + ending for number in range(1, count + 1))
