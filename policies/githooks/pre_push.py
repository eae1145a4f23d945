"""pre-push: what is published stays, protected branches are a human's, and checkpoints stay here."""

from collections.abc import Iterator

from ...core.errors import GitError
from ...core.gate.refs import is_ancestor
from ...core.ids import OURS, Oid
from ..rules.branch_required import protected_by
from .call import Call, Objection

_HEADS = "refs/heads/"


class PrePush:
    """Looks at every ref a push would change."""

    name = "pre-push"

    def check(self, call: Call) -> Iterator[Objection]:
        """One objection for each ref and rule."""
        for line in call.lines():
            if len(line) == 4:
                local, new, remote, old = line
                yield from _own(local, remote)
                yield from _protected(call, remote)
                yield from _published(call, remote, new, old)


def _own(local: str, remote: str) -> Iterator[Objection]:
    if local.startswith(OURS) or remote.startswith(OURS):
        yield Objection(
            rule="own-refs",
            binds="everyone",
            why="Checkpoints hold uncommitted work and ignored files; they are never pushed.",
            evidence=[local if local.startswith(OURS) else remote],
            instead="Push branches and tags by name, not with --mirror or refs/*.",
        )


def _protected(call: Call, remote: str) -> Iterator[Objection]:
    branch = remote.removeprefix(_HEADS)
    pattern = protected_by(branch, call.protocol.branches) if remote.startswith(_HEADS) else None
    if pattern is not None:
        yield Objection(
            rule="protected-branches",
            binds="agents",
            why=f"{branch} is protected ([protect] branches has {pattern}).",
            evidence=[remote],
            instead="Push the session's branch, and ask a human to merge it.",
        )


def _published(call: Call, remote: str, new: str, old: str) -> Iterator[Objection]:
    if not old.strip("0") or new == old:
        return
    if not new.strip("0"):
        yield Objection(
            rule="published-history",
            binds="agents",
            why="This deletes what is published.",
            evidence=[remote],
            instead="Ask a human to delete it on the remote.",
        )
    elif not _contains(call, old, new):
        yield Objection(
            rule="published-history",
            binds="agents",
            why="This rewrites what is published: the remote has commits that would be lost.",
            evidence=[remote],
            instead="Fetch and merge, or push a new branch. To take commits back, push a revert (plan_rollback).",
        )


def _contains(call: Call, old: str, new: str) -> bool:
    """Whether the new commit has the old one; not, if the old one was never fetched."""
    try:
        return is_ancestor(call.workspace.repository, Oid(old), Oid(new))
    except GitError:
        return False
