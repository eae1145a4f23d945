"""Checkpoints of a bundle, brought into a repository that has none that contradict them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...core.errors import ConflictError, InvalidInputError, NotFoundError
from ...core.files import make_private, sync_directory
from ...core.gate.refs import RefUpdate, list_refs, update_refs
from ...core.ids import OURS, Oid
from ...core.ledger.store import FILE
from ...core.rebuild import rebuild
from ...core.session import TAGS, active_session, chain
from ...core.snapshot.chain import walk
from ...core.snapshot.checkpoint import SESSIONS, Checkpoint
from ...core.snapshot.take import Label, take
from ...core.text import plural, show_path
from ...core.workspace import Workspace
from ...policies.protocol.force import in_force
from .travel import is_ours
from .unpack import Unpacked, unpacked

_SHOWN = 5
_APART = "Nothing was changed. Import it into an empty directory: add --into <directory>."


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What an import did.

    Attributes:
        refs: how many were made.
        checkpoints: all of the bundle's, newest first.
        without_ignored: how many of them captured ignored files that are not in the bundle.
        left_out: refs of the bundle that were not taken.
        ledger: what the rebuild of the ledger said.
        head: where the bundle's HEAD was; None if it does not say.
        shared: its branches and tags, which only a new directory gets.
    """

    refs: int
    checkpoints: Sequence[Checkpoint]
    without_ignored: int
    left_out: int
    ledger: str
    head: Oid | None
    shared: Mapping[str, Oid]


def bring_in(workspace: Workspace, path: str) -> Brought:
    """Take over a bundle's checkpoints and its ledger; worktree, index, HEAD and branches stay as they are.

    Everything is looked at in a place of its own first. A repository that already has checkpoints takes only what
    continues the same record; nothing it has is replaced.

    Args:
        workspace: the repository.
        path: the bundle.

    Raises:
        InvalidInputError: if it is no bundle, or has no checkpoints.
        DamagedError: if anything in it is missing, broken or forged.
        ConflictError: if this repository has something else; nothing was changed.
    """
    make_private(workspace.state_dir)
    with unpacked(path, workspace.state_dir, object_format=workspace.repository.object_format) as found:
        if not found.checkpoints:
            raise InvalidInputError(
                "The bundle has no checkpoints.", hint="`safe-rollback backup --bundle` writes one that has."
            )
        with workspace.worktree_lock("import"), workspace.repository_lock("import"):
            updates = _updates(workspace, found)
            _check_lineage(workspace, found)
            _move_packs(workspace, found)
            if updates:
                update_refs(workspace.repository, updates, reason="import of a bundle")
            said = rebuild(workspace, "import of a bundle").text()
        checkpoints = sorted(found.checkpoints, key=lambda one: (one.created, one.number), reverse=True)
    return Brought(
        refs=len(updates),
        checkpoints=checkpoints,
        without_ignored=sum(1 for one in checkpoints if lacks_ignored(workspace, one)),
        left_out=len(found.left_out),
        ledger=said,
        head=found.head,
        shared={name: tip for name, tip in found.refs.items() if not is_ours(name)},
    )


def lacks_ignored(workspace: Workspace, checkpoint: Checkpoint) -> bool:
    """Whether a checkpoint captured ignored files that stayed behind on another machine."""
    try:
        if checkpoint.private is not None:
            workspace.reader.read(checkpoint.private)
    except NotFoundError:
        return True
    return False


def _updates(workspace: Workspace, found: Unpacked) -> list[RefUpdate]:
    """The refs to make. Tags of sessions are ours too; one that stands already is left alone."""
    here = {ref.name: ref.oid for ref in list_refs(workspace.repository, OURS, TAGS.rpartition("/")[0])}
    wanted = {name: tip for name, tip in found.refs.items() if is_ours(name)}
    other = [name for name, tip in wanted.items() if here.get(name, tip) != tip]
    if other:
        named = ", ".join(show_path(name.removeprefix(OURS)) for name in other[:_SHOWN])
        raise ConflictError(
            f"This repository has something else under {plural(len(other), 'name')} of the bundle: {named}.",
            hint=_APART,
        )
    wanted |= {name: tip for name, tip in found.refs.items() if name.startswith(TAGS)}
    return [RefUpdate(name=name, new=tip, old=None) for name, tip in wanted.items() if name not in here]


def _check_lineage(workspace: Workspace, found: Unpacked) -> None:
    """A ledger is one chain: of two histories a later rebuild would keep one."""
    if not os.path.exists(os.path.join(workspace.state_dir, FILE)):
        return
    own = {record.seq: record.hash for record in workspace.ledger.records()}
    both = own.keys() & found.records.keys()
    if own and (not both or any(own[seq] != found.records[seq] for seq in both)):
        raise ConflictError("This repository has a record of its own, and the bundle another one.", hint=_APART)


def _move_packs(workspace: Workspace, found: Unpacked) -> None:
    """Put the bundle's pack beside the repository's; its index last, for that makes it count."""
    folder = os.path.join(workspace.repository.objects_dir, "pack")
    os.makedirs(folder, exist_ok=True)
    for source in found.packs:
        target = os.path.join(folder, os.path.basename(source))
        if not os.path.exists(target):
            os.rename(source, target)
    sync_directory(folder)


def settle(workspace: Workspace) -> None:
    """After an import, begin a chain that goes on here with a checkpoint that is complete here."""
    session = active_session(workspace)
    name = chain(workspace, session)
    for ref in list_refs(workspace.repository, SESSIONS + name):
        newest = next(iter(walk(workspace.reader, ref.oid)))
        if lacks_ignored(workspace, newest):
            take(workspace, name, in_force(workspace, session).protocol.capture, Label(reason="after an import"))
