"""HEAD and refs: where they go, and when they must not."""

from collections.abc import Collection
from typing import Protocol

from ..gate.refs import Head, RefUpdate, is_ancestor
from ..gate.repository import Repository
from ..ids import MaybeOid, Oid
from ..records import dataclass, field
from ..workspace import Workspace
from .draft import Note
from .merge import Conflict
from .moverefs import points
from .world import World


class BranchGuard(Protocol):
    """The protocol's protected branches."""

    def __call__(self, branch: str, *, ours: bool = False) -> str | None:
        """Why a branch must not be moved back, or None.

        Args:
            branch: short name.
            ours: nothing would leave it but commits that the operation to be undone put there.
        """


_IN_PROGRESS = ("refs/bisect/", "refs/rewritten/")  # of a bisect or a rebase, and of one worktree
_USERS = ("refs/heads/", "refs/tags/", "refs/stash", *_IN_PROGRESS)


@dataclass(kw_only=True)
class HeadPlan:
    """The part of a draft about HEAD and refs."""

    head: Head | None = None
    refs: list[RefUpdate] = field(default_factory=list)
    keeps: list[Note] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    blocked: list[Note] = field(default_factory=list)


def plan_head(
    workspace: Workspace,
    base: World,
    current: World,
    target: World,
    guard: BranchGuard,
    added: Collection[str] = (),
) -> HeadPlan:
    """Move HEAD and refs to where the target has them.

    A restore (`base` is `current`) moves HEAD, its branch and the refs of an operation in
    progress, and names other branches that are gone. An undo moves every ref its operation moved.

    Args:
        workspace: the worktree.
        base: the state the target is a change of.
        current: the state now.
        target: the state wanted.
        guard: which branches must not be moved back.
        added: commits that the operation to be undone put on branches.
    """
    plan = HeadPlan()
    if target.head != base.head or base is current:
        if current.head not in (base.head, target.head):
            why = "commits were made or branches switched since; plan_rollback takes out single commits"
            plan.conflicts.append(Conflict(path="HEAD", why=why, hunks=()))
            return plan
        if not points(current.head, target.head):
            plan.head = target.head
    for name in _names(base, current, target):
        now, wanted, was = current.refs.get(name), target.refs.get(name), base.refs.get(name)
        if now == wanted:
            continue
        if now != was:
            plan.conflicts.append(Conflict(path=name, why="was moved since", hunks=()))
            continue
        plan.refs.append(RefUpdate(name=name, new=wanted, old=now))
        if now is not None and name.startswith("refs/heads/"):
            _check_move(workspace.repository, plan, name, now, wanted, guard, added)
        if name == current.head.branch != base.head.branch:
            # Its files were not here when the operation ran, so no part of the undo is about them.
            why = "is checked out here since; switch to another branch first"
            plan.blocked.append(Note(path=name, why=why))
    if base is current:
        plan.keeps += _gone(current, target)
    return plan


def _names(base: World, current: World, target: World) -> list[str]:
    if base is current:
        branch = target.head.branch
        moved = [branch] if branch is not None and branch in target.refs else []
        return moved + sorted(name for name in {*current.refs, *target.refs} if name.startswith(_IN_PROGRESS))
    names = {*base.refs, *target.refs}
    return sorted(name for name in names if base.refs.get(name) != target.refs.get(name) and name.startswith(_USERS))


def _gone(current: World, target: World) -> list[Note]:
    notes = []
    for name, oid in target.refs.items():
        if name in current.refs or name == target.head.branch:
            continue
        for kind, command in (("refs/heads/", "branch"), ("refs/tags/", "tag")):
            if name.startswith(kind):
                back = f"git {command} {name.removeprefix(kind)} {oid}"
                notes.append(Note(path=name, why=f"was deleted since; bring it back with: {back}"))
    return notes


def _check_move(
    repository: Repository,
    plan: HeadPlan,
    branch: str,
    now: Oid,
    wanted: MaybeOid,
    guard: BranchGuard,
    added: Collection[str],
) -> None:
    """A move that takes commits off a branch must not touch what is protected, published or in use."""
    if wanted is not None and is_ancestor(repository, now, wanted):
        return
    reason = guard(branch.removeprefix("refs/heads/"), ours=_only(repository, now, wanted, added))
    if reason is not None:
        plan.blocked.append(Note(path=branch, why=f"{reason}; use plan_rollback, which adds a revert"))
    elif published(repository, branch, now, wanted):
        why = "published commits would leave it; use plan_rollback, which adds a revert"
        plan.blocked.append(Note(path=branch, why=why))
    other = checked_out_elsewhere(repository, branch)
    if other is not None:
        plan.blocked.append(Note(path=branch, why=f"is checked out in {other}"))


def _only(repository: Repository, now: Oid, wanted: MaybeOid, added: Collection[str]) -> bool:
    """Whether a branch goes straight back, and nothing but `added` leaves it."""
    if wanted is None or not is_ancestor(repository, wanted, now):
        return False
    return {*repository.git.out("rev-list", now, f"^{wanted}").split()} <= {*added}


def published(repository: Repository, branch: str, now: Oid, wanted: MaybeOid) -> bool:
    """Whether a commit that would leave a branch is reachable from a remote-tracking branch.

    From a branch that is deleted, what leaves is what no other branch has.
    """
    others = ("--not", f"--exclude={branch.removeprefix('refs/heads/')}", "--branches", "--not")
    leaving = (now, f"^{wanted}") if wanted else (now, *others)
    count = repository.git.out("rev-list", "--count", *leaving)
    return repository.git.out("rev-list", "--count", *leaving, "--not", "--remotes") != count


def checked_out_elsewhere(repository: Repository, branch: str) -> str | None:
    """The other worktree that has a branch checked out, or None."""
    worktree = None
    for line in repository.git.fields("worktree", "list", "--porcelain", "-z"):
        if line.startswith("worktree "):
            worktree = line.removeprefix("worktree ")
        elif line == f"branch {branch}" and worktree is not None and worktree != repository.root:
            return worktree
    return None
