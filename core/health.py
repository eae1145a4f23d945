"""Whether our own state is whole: git, ledger, checkpoints, interrupted operations, locks."""

import os
from collections.abc import Iterable
from typing import Literal

from .errors import DamagedError, GitError, SafeRollbackError
from .gate.refs import list_refs
from .gate.version import git_version, known_problems, show
from .ids import OURS
from .rebuild import rebuild
from .reconcile import recorded
from .records import dataclass
from .snapshot.chain import walk
from .snapshot.checkpoint import SESSIONS
from .text import plural
from .transition.intent import pending_intents
from .transition.recover import recover
from .workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: git, ledger, checkpoints, interrupted or index-lock.
        status: `warning` is for a person to judge, `problem` is damage.
        detail: what was found.
        instead: what to do; empty if nothing.
    """

    name: str
    status: Literal["ok", "warning", "problem"]
    detail: str
    instead: str = ""


def examine(workspace: Workspace) -> list[Finding]:
    """Look at everything; changes nothing."""
    return [*_git(), *_ledger(workspace), *_checkpoints(workspace), *_interrupted(workspace), *_lock(workspace)]


def repair(workspace: Workspace) -> list[str]:
    """Rebuild a damaged ledger and finish what was interrupted; one sentence for each deed.

    Raises:
        SafeRollbackError: if something resists; what was damaged is kept, never deleted.
    """
    said = []
    if any(one.status == "problem" for one in _ledger(workspace)):
        with workspace.worktree_lock("repair"):
            said.append(rebuild(workspace, "doctor --repair").text())
    with workspace.worktree_lock("repair"):
        said += recover(workspace)
    return said


def _git() -> Iterable[Finding]:
    version = git_version()
    problems = known_problems(version)
    yield Finding(name="git", status="ok", detail=f"git {show(version)}")
    for problem in problems:
        yield Finding(name="git", status="warning", detail=problem)


def _ledger(workspace: Workspace) -> Iterable[Finding]:
    repairing = "Run `safe-rollback doctor --repair`: the ledger is rebuilt from the checkpoints."
    if not os.path.isdir(workspace.state_dir) and not list_refs(workspace.repository, OURS):
        yield Finding(name="ledger", status="ok", detail="nothing recorded yet")
        return
    try:
        breaks = workspace.ledger.verify()
        known = recorded(workspace.ledger)
        count = len(workspace.ledger.records())
    except DamagedError as error:
        yield Finding(name="ledger", status="problem", detail=error.message, instead=repairing)
        return
    except SafeRollbackError as error:
        # Held by another process, or a full disk: a rebuild would mend nothing.
        yield Finding(name="ledger", status="warning", detail=error.message, instead=error.hint or "")
        return
    for text in breaks:
        yield Finding(name="ledger", status="problem", detail=text, instead=repairing)
    standing = (one for ref in list_refs(workspace.repository, SESSIONS) for one in walk(workspace.reader, ref.oid))
    if unknown := [one for one in standing if known.get(one.id) != one.commit]:
        detail = f"{plural(len(unknown), 'checkpoint')} stand in refs and not in the ledger"
        yield Finding(name="ledger", status="problem", detail=detail, instead=repairing)
    if not breaks and not unknown:
        yield Finding(name="ledger", status="ok", detail=f"{plural(count, 'record')}, unbroken")


def _checkpoints(workspace: Workspace) -> Iterable[Finding]:
    """Whether every object that only checkpoints reach is there."""
    refs = list_refs(workspace.repository, OURS)
    if not refs:
        yield Finding(name="checkpoints", status="ok", detail="none yet")
        return
    ours = (f"--glob={OURS}*", "--not", "--branches", "--remotes")
    partial = ("--exclude-promisor-objects",) if workspace.missing_ok else ()
    try:
        workspace.repository.git.run("rev-list", "--objects", "--quiet", *partial, *ours)
    except GitError as error:
        yield Finding(
            name="checkpoints",
            status="problem",
            detail=f"objects of checkpoints are missing: {error.message}",
            instead="Something deleted objects that refs reach. Restore .git/objects from a backup or a clone.",
        )
        return
    chains = [ref for ref in refs if ref.name.startswith(SESSIONS)]
    count = sum(1 for ref in chains for _ in walk(workspace.reader, ref.oid))
    detail = f"{plural(count, 'checkpoint')} in {plural(len(chains), 'chain')}, every object present"
    yield Finding(name="checkpoints", status="ok", detail=detail)


def _interrupted(workspace: Workspace) -> Iterable[Finding]:
    try:
        intents = pending_intents(workspace)
    except SafeRollbackError as error:
        yield Finding(name="interrupted", status="problem", detail=error.message, instead=error.hint or "")
        return
    for intent in intents:
        yield Finding(
            name="interrupted",
            status="warning",
            detail=f"{intent.kind} {intent.operation} was interrupted, or is running now",
            instead="The next tool call or command finishes it; so does `safe-rollback doctor --repair`.",
        )
    if not intents:
        yield Finding(name="interrupted", status="ok", detail="no operation is half done")


def _lock(workspace: Workspace) -> Iterable[Finding]:
    path = os.path.join(workspace.repository.git_dir, "index.lock")
    if os.path.exists(path):
        yield Finding(
            name="index-lock",
            status="warning",
            detail="another git process holds index.lock, or died holding it",
            instead="If no git is running, remove .git/index.lock yourself.",
        )
