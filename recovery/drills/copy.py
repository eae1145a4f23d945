"""A repository and its worktree as they are now, copied to be thrown away.

Objects are read where they are; everything else is the copy's own: refs, index, ledger, state, and no hook, no remote
and no program of the repository's configuration, but filters that a human trusted. The repository itself is only
read: even what a capture writes goes into the copy.
"""

import contextlib
import dataclasses
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from ...core.errors import GitError
from ...core.files import make_private, write_atomically
from ...core.gate.refs import Head, RefUpdate, list_refs, read_head, set_head, update_refs
from ...core.gate.repository import STATE_DIR, Repository
from ...core.gate.runner import Git
from ...core.ids import Oid
from ...core.ledger.store import Ledger
from ...core.session import chain
from ...core.snapshot.capture import exclude_file
from ...core.snapshot.checkpoint import PRIVATE, Checkpoint, load_sidecar
from ...core.snapshot.head import state_files
from ...core.snapshot.policy import CapturePolicy
from ...core.snapshot.take import Label, take
from ...core.workspace import Workspace, open_workspace
from ...policies.human import trust, trusted
from ...policies.userstate import folder as user_folder
from ..backup.fresh import fresh
from ..scratch.sweep import remove

# What says how files are to be read and written, and runs nothing.
_CARRIED = (
    "core.autocrlf", "core.eol", "core.fileMode", "core.ignoreCase", "core.precomposeUnicode", "core.symlinks",
    "core.sparseCheckout", "core.sparseCheckoutCone", "index.sparse", "sparse.expectFilesOutsideOfPatterns",
    "user.name", "user.email",
)  # fmt: skip
_RAW = b"* -text -eol -crlf -filter -ident -working-tree-encoding\n"
_INFO = ("attributes", "sparse-checkout")
# Caches of ours that make the copy answer as fast as the repository would; safe to be without.
_CACHES = ("impact.db", "salt")


@dataclass(frozen=True, kw_only=True)
class Copy:
    """The copy.

    Attributes:
        workspace: opened.
        checkpoint: the state it shows at first.
        git: writes its files, as bytes: nothing converts them.
    """

    workspace: Workspace
    checkpoint: Checkpoint
    git: Git

    def show(self, commit: Oid) -> None:
        """Make the worktree equal to a commit, and HEAD point to it; other files that came along since stay."""
        set_head(self.workspace.repository, Head(branch=None, oid=commit), reason="drill")
        _tree(self.git, commit, self.workspace.root, 0)


@contextlib.contextmanager
def disposable(workspace: Workspace, policy: CapturePolicy) -> Iterator[Copy]:
    """Copy a worktree as it is now, uncommitted edits and index included; the copy is deleted at the end.

    Captured ignored files, secrets among them, are not in it.

    Args:
        workspace: the worktree; its checkpoints, its record and its rules hold in the copy too.
        policy: what a checkpoint takes.

    Raises:
        CaptureError: if the state cannot be copied whole.
    """
    folder = os.path.realpath(tempfile.mkdtemp(prefix="safe-rollback-drill-"))
    made: Workspace | None = None
    try:
        root = os.path.join(folder, os.path.basename(workspace.root))
        git_dir = _git_dir(workspace, folder, root)
        with workspace.worktree_lock("drill"):
            _fill(workspace, git_dir)
            checkpoint = _look(workspace, git_dir, policy)
        made = open_workspace(root, workspace.clock)
        left_out = _left_out(workspace, made)
        git = _checkout_git(made, os.path.join(folder, "checkout"))
        _write(made, checkpoint, git)
        for path in left_out:
            _take_out(made.root, path)
        if texts := trusted(workspace):
            trust(made, texts)
        yield Copy(workspace=made, checkpoint=checkpoint, git=git)
    finally:
        if made is not None:
            made.close()
            remove(user_folder(made))  # the copy's own: the repository's trust and grants are elsewhere
        remove(folder)


def _git_dir(workspace: Workspace, folder: str, root: str) -> str:
    """A git directory of the same kind: a session knows its linked worktree by its name."""
    repository = workspace.repository
    os.mkdir(root)
    if repository.worktree_id == "main":
        fresh(os.path.join(root, ".git"), repository.object_format, bare=False)
        return os.path.join(root, ".git")
    main = os.path.join(folder, "main-worktree")
    os.mkdir(main)
    common = os.path.join(main, ".git")
    fresh(common, repository.object_format, bare=False)
    git_dir = os.path.join(common, "worktrees", os.path.basename(repository.git_dir))
    os.makedirs(git_dir)
    lines = {os.path.join(git_dir, "commondir"): "../..", os.path.join(git_dir, "gitdir"): f"{root}/.git"}
    lines |= {os.path.join(git_dir, "HEAD"): "ref: refs/heads/none", os.path.join(root, ".git"): f"gitdir: {git_dir}"}
    for path, line in lines.items():
        write_atomically(path, os.fsencode(line) + b"\n", mode=0o644, durable=False)
    return git_dir


def _common(git_dir: str) -> str:
    above = os.path.dirname(git_dir)
    return os.path.dirname(above) if os.path.basename(above) == "worktrees" else git_dir


def _fill(workspace: Workspace, git_dir: str) -> None:
    """Objects, settings, refs, HEAD, index, an operation in progress, our record."""
    source, common = workspace.repository, _common(git_dir)
    target = Repository(
        root=workspace.root, git_dir=git_dir, common_dir=common,
        object_format=source.object_format, shallow=source.shallow,
    )  # fmt: skip
    put = _Putting(target)
    put.bytes("objects/info/alternates", os.fsencode(source.objects_dir) + b"\n")
    put.file("shallow", os.path.join(source.common_dir, "shallow"))
    put.file("info/exclude", exclude_file(workspace))
    for name in _INFO:
        put.file(f"info/{name}", os.path.join(source.common_dir, "info", name))
        put.file(f"info/{name}", os.path.join(source.git_dir, "info", name), own=True)
    _settings(workspace, target.git)
    refs = [ref for ref in list_refs(source) if not ref.name.startswith(PRIVATE)]
    update_refs(target, [RefUpdate(name=ref.name, new=ref.oid, old=None) for ref in refs], reason="drill")
    set_head(target, read_head(source), reason="drill")
    for name in os.listdir(source.git_dir):
        if name == "index" or name.startswith("sharedindex."):
            put.file(name, os.path.join(source.git_dir, name), own=True)
    for path, data in state_files(source).items():
        put.bytes(path, data, own=True)
    _record(workspace, os.path.join(common, STATE_DIR))


@dataclass(frozen=True)
class _Putting:
    """Writes files of the copy's git directory."""

    target: Repository

    def file(self, name: str, source: str, *, own: bool = False) -> None:
        """Copy a file with its times, if it is there and is one."""
        path = self._path(name, own)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if stat.S_ISREG(os.lstat(source).st_mode):
                shutil.copy2(source, path)

    def bytes(self, name: str, data: bytes, *, own: bool = False) -> None:
        """Write a file."""
        write_atomically(self._path(name, own), data, mode=0o644, durable=False)

    def _path(self, name: str, own: bool) -> str:
        path = os.path.join(self.target.git_dir if own else self.target.common_dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path


def _settings(workspace: Workspace, git: Git) -> None:
    configuration, allowed = workspace.configuration, trusted(workspace)
    names = {name.lower() for name in _CARRIED}
    rows = [
        (one.key, one.value)
        for one in configuration.from_repository()
        if one.key.lower() in names or (one.key.startswith("filter.") and f"{one.key}={one.value}" in allowed)
    ]
    if workspace.missing_ok:
        rows.append(("remote.origin.promisor", "true"))
    for key, value in rows:
        with contextlib.suppress(GitError):  # a name that only a file can hold
            git.run("config", "--local", "--add", "--", key, value)


def _record(workspace: Workspace, state: str) -> None:
    """The ledger up to now: sessions, plans, what was closed, and the protocol that is pinned."""
    make_private(state)
    for name in _CACHES:
        with contextlib.suppress(OSError):
            shutil.copy2(os.path.join(workspace.state_dir, name), os.path.join(state, name))
    with contextlib.closing(Ledger(state, workspace.clock)) as ledger:
        ledger.restore(workspace.ledger.records())
        ledger.mark_sealed(workspace.ledger.sealed())


def _look(workspace: Workspace, git_dir: str, policy: CapturePolicy) -> Checkpoint:
    """A checkpoint of the user's worktree, in the copy's refs and record."""
    repository = dataclasses.replace(workspace.repository, git_dir=git_dir, common_dir=_common(git_dir))
    with contextlib.closing(Workspace(repository, workspace.clock)) as looking:
        taken = take(looking, chain(looking), dataclasses.replace(policy, ignored=()), Label(reason="drill"))
        # What it remembers is of the files there; those of the copy are others.
        shutil.rmtree(os.path.join(looking.worktree_dir, "private"))
    return taken


def _checkout_git(copy: Workspace, folder: str) -> Git:
    git = fresh(folder, copy.repository.object_format, bare=True)
    os.mkdir(os.path.join(folder, "info"))
    write_atomically(os.path.join(folder, "info", "attributes"), _RAW, mode=0o644, durable=False)
    return git.using(
        env={"GIT_OBJECT_DIRECTORY": copy.repository.objects_dir},
        settings=("core.bare=false", "core.fsync=none", "core.protectNTFS=false", "checkout.workers=0"),
    )


def _write(copy: Workspace, checkpoint: Checkpoint, git: Git) -> None:
    _tree(git, checkpoint.worktree, copy.root, 0)
    for number, inner in enumerate(checkpoint.nested, start=1):
        place = os.path.join(copy.root, inner.path)
        os.makedirs(place, exist_ok=True)
        fresh(os.path.join(place, ".git"), copy.repository.object_format, bare=False)
        _tree(git, inner.tree, place, number)
    sidecar = load_sidecar(copy.reader, checkpoint)
    for path in sidecar.empty:
        os.makedirs(os.path.join(copy.root, path), exist_ok=True)
    for path, mode in sidecar.modes.items():
        with contextlib.suppress(OSError):
            if not os.path.islink(full := os.path.join(copy.root, path)):
                os.chmod(full, mode)


def _left_out(workspace: Workspace, copy: Workspace) -> list[str]:
    """What a sparse checkout leaves out, and does not stand in the worktree all the same.

    Asked while the copy has no files: git forgets that of a file which stands.
    """
    if not workspace.repository.sparse:
        return []
    marked = [line[2:] for line in copy.repository.git.fields("ls-files", "-t", "-z") if line.startswith("S ")]
    return [path for path in marked if not os.path.lexists(os.path.join(workspace.root, path))]


def _take_out(root: str, path: str) -> None:
    place = os.path.join(root, path)
    with contextlib.suppress(OSError):
        os.unlink(place)
        while (place := os.path.dirname(place)) != root:
            os.rmdir(place)


def _tree(git: Git, treeish: Oid, root: str, number: int) -> None:
    there = git.using(env={"GIT_INDEX_FILE": os.path.join(git.git_dir, f"index-{number}")}, work_tree=root)
    dataclasses.replace(there, cwd=root).run("read-tree", "--reset", "-u", treeish)
