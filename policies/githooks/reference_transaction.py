"""reference-transaction: protected refs lose nothing, and what any other loses is kept.

Git has written the worktree by then: this protects refs, not files.
"""

import os
from collections.abc import Iterator, Sequence

from ...core.errors import GitError
from ...core.gate.refs import ARCHIVE, ARCHIVE_MOMENT, RefUpdate, is_ancestor, list_refs, update_refs
from ...core.gate.repository import Repository
from ...core.ids import OURS, Oid
from ...core.records import dataclass
from ..rules.branch_required import protected_by
from .call import Call, Objection

_HEADS = "refs/heads/"
_TAGS = "refs/tags/"
_CHECKPOINTS = _TAGS + "checkpoint/"
_WATCHED = (_HEADS, _TAGS, OURS)
_MAX_NAMES = 200


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A ref that would no longer have what it has.

    Attributes:
        name: the ref, in full.
        old: what it has.
        deleted: whether it would be gone.
    """

    name: str
    old: Oid
    deleted: bool


class ReferenceTransaction:
    """Refuses an agent's loss of a protected ref; keeps any other under `refs/safe-rollback/archive/`."""

    name = "reference-transaction"

    def check(self, call: Call) -> Iterator[Objection]:
        """One objection for each protected ref; only the state `prepared` can still be refused."""
        if list(call.args[:1]) != ["prepared"]:
            return
        losses = _losses(call)
        found = [objection for loss in losses for objection in _protected(call, loss)]
        if not found or not call.agent:
            _keep(call, losses)
        yield from found


def _losses(call: Call) -> list[Loss]:
    lines = [line for line in call.lines() if len(line) == 3 and line[2].startswith(_WATCHED)]
    # git 2.46 and later say `ref:<target>` for symbolic refs, which have no commits of their own.
    lines = [line for line in lines if not line[0].startswith("ref:") and not line[1].startswith("ref:")]
    if not lines:
        return []
    repository = call.workspace.repository
    names = [line[2] for line in lines] if len(lines) <= _MAX_NAMES else _WATCHED
    # Not the old value git names: that is zero where a ref is moved by force.
    standing = {ref.name: ref.oid for ref in list_refs(repository, *names)}
    losses = []
    for _, new, name in lines:
        old = standing.get(name)
        if old is None or new == old:
            continue
        deleted = not new.strip("0")
        if not (_pruned(repository, name, old) if deleted else _forwarded(repository, name, old, Oid(new))):
            losses.append(Loss(name=name, old=old, deleted=deleted))
    return losses


def _pruned(repository: Repository, name: str, old: Oid) -> bool:
    """Whether only the loose file of a packed ref goes, as after `git pack-refs`.

    Git says the same then as for a deletion, but a deletion holds the lock of the packed refs.
    """
    packed = os.path.join(repository.common_dir, "packed-refs")
    if os.path.lexists(f"{packed}.lock"):
        return False
    try:
        with open(packed, "rb") as file:
            return b"\n" + os.fsencode(f"{old} {name}\n") in b"\n" + file.read()
    except FileNotFoundError:
        return False


def _forwarded(repository: Repository, name: str, old: Oid, new: Oid) -> bool:
    if name.startswith(_TAGS):
        return False
    try:
        return is_ancestor(repository, old, new)
    except GitError:
        return False  # not commits


def _protected(call: Call, loss: Loss) -> Iterator[Objection]:
    what = "deletes" if loss.deleted else "rewrites"
    if loss.name.startswith((OURS, _CHECKPOINTS)):
        yield Objection(
            rule="own-refs",
            binds="everyone" if loss.name.startswith(OURS) else "grants",
            why=f"This {what} what safe-rollback keeps for going back.",
            evidence=[loss.name],
            instead="Leave it; a human drops old checkpoints with `safe-rollback prune`.",
            human="`safe-rollback prune` drops old checkpoints.",
        )
    elif loss.name.startswith(_HEADS):
        branch = loss.name.removeprefix(_HEADS)
        pattern = protected_by(branch, call.protocol.branches)
        if pattern is not None:
            yield Objection(
                rule="protected-branches",
                binds="agents",
                why=f"This {what} {branch}, which is protected ([protect] branches has {pattern}).",
                evidence=[loss.name],
                instead="Use plan_rollback and safe_revert: they add a revert and rewrite nothing. "
                "If files were changed already, restore_checkpoint brings them back.",
            )


def _keep(call: Call, losses: Sequence[Loss]) -> None:
    """Name what refs lose, in our own namespace; our git runs no hook, so this does not come here again."""
    if not losses:
        return
    repository = call.workspace.repository
    # Git asks more than once about one deletion.
    archived = [(ref.name.removeprefix(ARCHIVE).partition("/"), ref.oid) for ref in list_refs(repository, ARCHIVE)]
    kept = {(name, value) for (_, _, name), value in archived}
    folders = {folder for (folder, _, _), _ in archived}
    moment = call.workspace.clock.now().strftime(ARCHIVE_MOMENT)
    number = next(n for n in range(1, len(folders) + 2) if f"{moment}-{n}" not in folders)
    updates = [
        RefUpdate(name=f"{ARCHIVE}{moment}-{number}/{loss.name}", new=loss.old, old=None)
        for loss in losses
        if (loss.name, loss.old) not in kept
    ]
    if updates:
        update_refs(repository, updates, reason="keep what a ref loses")
