"""A bundle becomes a repository in an empty directory: all of it, or nothing."""

import contextlib
import itertools
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...core.errors import GitError, InvalidInputError, NotFoundError
from ...core.files import sync_directory
from ...core.gate.refs import ARCHIVE, ARCHIVE_MOMENT, Head, RefUpdate, list_refs, set_head, update_refs
from ...core.ids import CheckpointId, Oid, oid
from ...core.session import TAGS
from ...core.snapshot.checkpoint import Checkpoint
from ...core.text import show_path
from ...core.workspace import Workspace, open_workspace
from .bring import Brought, bring_in, settle
from .fresh import fresh
from .header import opened

_HEADS = "refs/heads/"
_PEOPLES = (_HEADS, "refs/tags/", "refs/remotes/", "refs/notes/", "refs/stash")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new repository.

    Attributes:
        root: where.
        branch: the branch HEAD is on, short; None if it is detached.
        brought: what came with the bundle.
        checkpoint: the one whose branches and tags it has; None if those of the bundle.
    """

    root: str
    branch: str | None
    brought: Brought
    checkpoint: Checkpoint | None


def make_from(path: str, target: str, checkpoint: CheckpointId | None = None) -> Made:
    """Make a repository from a bundle. Its worktree is empty until a checkpoint is restored.

    Args:
        path: the bundle.
        target: a directory that is empty or does not exist.
        checkpoint: HEAD, branches and tags are to be as they stood then; what else the bundle has of them goes to
            our archive. By default they are as the bundle has them.

    Raises:
        InvalidInputError: if the target is not empty, or it is no bundle that can be used.
        NotFoundError: if the bundle does not have the checkpoint.
        DamagedError: if anything in it is missing, broken or forged.
    """
    root = _target(target)
    with opened(path) as (_, header):
        form = header.object_format
    scratch = tempfile.mkdtemp(prefix=".safe-rollback-", dir=os.path.dirname(root))
    try:
        place = os.path.join(scratch, "worktree")
        os.mkdir(place)
        fresh(os.path.join(place, ".git"), form, bare=False)
        with contextlib.closing(open_workspace(place)) as workspace:
            brought = bring_in(workspace, path)
            wanted = None if checkpoint is None else _find(brought, checkpoint)
            head = _as_bundle(workspace, brought) if wanted is None else _as_then(workspace, brought, wanted)
            settle(workspace)
        if os.path.isdir(root):
            os.chmod(place, stat.S_IMODE(os.stat(root).st_mode))
        os.rename(place, root)
        sync_directory(os.path.dirname(root))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Made(root=root, branch=head.short, brought=brought, checkpoint=wanted)


def _target(target: str) -> str:
    root = os.path.realpath(target)
    if not os.path.isdir(os.path.dirname(root)):
        raise InvalidInputError(f"{show_path(target)} is in no directory that exists.", hint="Make that first.")
    if os.path.lexists(root) and (not os.path.isdir(root) or os.listdir(root)):
        raise InvalidInputError(
            f"{show_path(target)} is not an empty directory.",
            hint="Name one that is, or run it in a clone without --into.",
        )
    return root


def _find(brought: Brought, wanted: CheckpointId) -> Checkpoint:
    for one in brought.checkpoints:
        if one.id == wanted:
            return one
    raise NotFoundError(
        f"The bundle has no checkpoint {wanted}.", hint="Leave the checkpoint out: then all of them are listed."
    )


def _as_bundle(workspace: Workspace, brought: Brought) -> Head:
    """Branches and tags as the bundle has them, and HEAD on the branch it was most likely on."""
    here = {ref.name for ref in list_refs(workspace.repository)}
    update_refs(
        workspace.repository,
        [RefUpdate(name=name, new=tip, old=None) for name, tip in brought.shared.items() if name not in here],
        reason="import of a bundle",
    )
    newest = brought.checkpoints[0].head.branch
    at_head = [name for name, tip in brought.shared.items() if name.startswith(_HEADS) and tip == brought.head]
    branch = newest if newest in at_head or brought.head is None else next(iter(at_head), None)
    head = Head(branch=branch, oid=brought.head)
    set_head(workspace.repository, head, reason="import of a bundle")
    return head


def _as_then(workspace: Workspace, brought: Brought, checkpoint: Checkpoint) -> Head:
    """HEAD, branches, tags and what was known of remotes as they stood at a checkpoint."""
    repository = workspace.repository
    here = {ref.name: ref.oid for ref in list_refs(repository)}
    wanted = dict(_present(workspace, _refs_then(workspace, checkpoint)))
    moved = {name: tip for name, tip in brought.shared.items() if wanted.get(name) != tip and name not in here}
    updates = [RefUpdate(name=name, new=tip, old=here.get(name)) for name, tip in wanted.items()]
    updates += [RefUpdate(name=name, new=tip, old=None) for name, tip in _put_aside(workspace, here, moved)]
    try:
        update_refs(repository, updates, reason=f"as at checkpoint {checkpoint.id}")
        set_head(repository, checkpoint.head, reason=f"as at checkpoint {checkpoint.id}")
    except GitError as error:
        raise InvalidInputError(
            f"The branches of checkpoint {checkpoint.id} cannot be made again: {error.stderr.strip()}.",
            hint="Leave the checkpoint out, and restore it afterwards.",
        ) from error
    return checkpoint.head


def _refs_then(workspace: Workspace, checkpoint: Checkpoint) -> Iterator[tuple[str, Oid]]:
    text = os.fsdecode(workspace.reader.read(checkpoint.refs).data)
    for line in filter(None, text.split("\n")):
        name, _, ref = line.partition(" ")
        # Tags of sessions are in the bundle whatever came later.
        if ref.startswith(_PEOPLES) and not ref.startswith(TAGS):
            with contextlib.suppress(ValueError):
                yield ref, oid(name)


def _present(workspace: Workspace, refs: Iterator[tuple[str, Oid]]) -> Iterator[tuple[str, Oid]]:
    """Those whose objects are here: of very many remote branches a checkpoint keeps the names alone."""
    listed = list(refs)
    asked = "".join(f"{tip}\n" for _, tip in listed).encode()
    git = workspace.repository.git
    lines = git.out("cat-file", "--batch-check=%(objecttype)", stdin=asked).split("\n") if listed else []
    return (pair for pair, line in zip(listed, lines, strict=True) if not line.endswith("missing"))


def _put_aside(workspace: Workspace, here: Mapping[str, Oid], moved: Mapping[str, Oid]) -> Iterator[tuple[str, Oid]]:
    """Where later values of branches and tags stay reachable."""
    moment = workspace.clock.now().strftime(ARCHIVE_MOMENT)
    free = (f"{ARCHIVE}{moment}-{number}/" for number in itertools.count(1))
    folder = next(one for one in free if not any(name.startswith(one) for name in here))
    return ((folder + name, tip) for name, tip in moved.items())
