"""Writes a bundle of every checkpoint, reads all of it back, and only then puts it in its place."""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from ...core.errors import DamagedError, GitError, InvalidInputError, StateMovedError
from ...core.files import sync_directory
from ...core.gate.refs import Ref, read_head
from ...core.ledger.recovery_events import BackedUp
from ...core.text import clean, show_path
from ...core.workspace import Workspace
from .header import holds_checkpoints
from .travel import Travel, travel
from .unpack import LONG, unpacked


@dataclass(frozen=True, kw_only=True)
class Written:
    """A bundle that stands and was read back.

    Attributes:
        path: where, absolute.
        refs: how many it has.
        checkpoints: how many of them stand in it.
        bytes: its size.
        left_out: refs with captured ignored files that did not go along.
        notes: what its reader should know.
    """

    path: str
    refs: int
    checkpoints: int
    bytes: int
    left_out: int
    notes: Sequence[str]


def chosen(found: Travel, *, private: bool) -> list[Ref]:
    """The refs a bundle takes."""
    return [*found.ours, *(found.private if private else ()), *found.shared]


def check_target(workspace: Workspace, path: str, *, force: bool) -> str:
    """The absolute path of a bundle to be written.

    Raises:
        InvalidInputError: if its directory does not exist, it lies in the git directory, or a file stands there
            that is no bundle of ours.
    """
    folder = os.path.realpath(os.path.dirname(os.path.abspath(path)))
    target = os.path.join(folder, os.path.basename(path))
    if not os.path.isdir(folder) or os.path.basename(path) in ("", ".", ".."):
        raise InvalidInputError(f"{show_path(path)} is no file in a directory that exists.", hint="Name a file.")
    for inner in {workspace.repository.common_dir, workspace.repository.git_dir}:
        if os.path.commonpath([inner, target]) == inner:
            raise InvalidInputError(
                f"{show_path(path)} lies in the git directory, and would be lost with it.",
                hint="Name a file elsewhere, best on another disk.",
            )
    if os.path.isdir(target) and not os.path.islink(target):
        raise InvalidInputError(f"{show_path(path)} is a directory.", hint="Name a file in it.")
    if os.path.lexists(target) and not force and (os.path.islink(target) or not holds_checkpoints(target)):
        raise InvalidInputError(
            f"{show_path(path)} exists and is no bundle of safe-rollback's.",
            hint="Name another file, or replace it with --force.",
        )
    return target


def write_bundle(workspace: Workspace, path: str, *, private: bool = False, force: bool = False) -> Written:
    """Write every checkpoint, and the branches and tags, into a bundle that needs nothing else.

    It is unpacked into a repository of its own and every checkpoint in it is loaded before it gets its name.

    Args:
        workspace: the repository.
        path: the file; one that is a bundle of ours is replaced.
        private: whether captured ignored files go along, secrets among them.
        force: whether any file may be replaced.

    Raises:
        InvalidInputError: if the file must not be written, or the repository is only a part of one.
        DamagedError: if what was written does not read back whole.
    """
    target = check_target(workspace, path, force=force)
    if workspace.repository.shallow:
        raise InvalidInputError(
            "This is a shallow clone: its history is cut off, and a bundle of it would not stand alone.",
            hint="Run `git fetch --unshallow` first, or use --push.",
        )
    existed = os.path.lexists(target)
    found = travel(workspace)
    refs = chosen(found, private=private)
    folder = os.path.dirname(target)
    with tempfile.TemporaryDirectory(prefix=".safe-rollback-", dir=folder) as scratch:
        made = os.path.join(scratch, "bundle")
        _create(workspace, made, refs)
        with unpacked(made, scratch) as inside:
            missing = [ref.name for ref in refs if ref.name not in inside.refs]
            if missing:
                raise DamagedError(f"{show_path(missing[0])} is not in the bundle.", hint="Try again.")
            count, checkpoints = len(inside.refs), len(inside.checkpoints)
        size = os.path.getsize(made)
        _place(made, target, replace=existed or force)
    with workspace.repository_lock("backup"):
        shown = clean(workspace.redact(show_path(target)))
        workspace.ledger.append(BackedUp(to=shown, kind="bundle", refs=count, checkpoints=checkpoints))
    left = [] if private else [ref for ref in found.private if ref.name not in inside.refs]
    return Written(
        path=target, refs=count, checkpoints=checkpoints, bytes=size, left_out=len(left),
        notes=_notes(workspace, target, len(left)),
    )  # fmt: skip


def _create(workspace: Workspace, made: str, refs: Sequence[Ref]) -> None:
    repository = workspace.repository
    names = [*(["HEAD"] if read_head(repository).oid else []), *(ref.name for ref in refs)]
    listed = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    try:
        repository.git.run("bundle", "create", "--quiet", made, "--stdin", stdin=listed, limits=LONG)
    except GitError as error:
        if workspace.missing_ok:
            raise InvalidInputError(
                "This is a partial clone: a bundle needs objects that were never fetched.",
                hint="Run `git fetch --refetch --no-filter` first, or use --push.",
            ) from error
        raise
    os.chmod(made, 0o600)
    handle = os.open(made, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _place(made: str, target: str, *, replace: bool) -> None:
    """Give it its name; what came to stand there meanwhile is not overwritten."""
    if replace:
        os.rename(made, target)
    else:
        try:
            os.link(made, target)
        except FileExistsError as error:
            raise StateMovedError(f"{show_path(target)} was made meanwhile.", hint="Name another file.") from error
        except OSError:
            # A file system without links; between this look and the rename is only a moment.
            if os.path.lexists(target):
                raise StateMovedError(f"{show_path(target)} was made meanwhile.", hint="Name another file.") from None
            os.rename(made, target)
    sync_directory(os.path.dirname(target))


def _notes(workspace: Workspace, target: str, left: int) -> list[str]:
    said = []
    if left:
        said.append("Captured ignored files are not in it; --with-private takes them along.")
    if os.path.commonpath([workspace.root, target]) == workspace.root:
        said.append("It lies in the worktree, where later checkpoints capture it: keep it elsewhere.")
    with contextlib.suppress(OSError):
        if os.stat(target).st_dev == os.stat(workspace.repository.common_dir).st_dev:
            said.append("It lies on the same disk as the repository.")
    return said
