"""Scratch worktrees: a commit or a tree as a directory of its own, beside the user's."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence

from ...core.errors import GitError, SafeRollbackError
from ...core.gate.process import Limits
from ...core.ids import MaybeOid, Oid
from ...core.recovery import VerifySettings
from ...core.text import show_path
from ...core.workspace import Workspace
from .conversion import converted
from .gitdir import checkout_git, commit_of, lay, layout, show_git
from .links import link_folders, standing
from .listing import Listing, list_tree, some
from .slots import slot, unwritable
from .surroundings import surroundings
from .sweep import remove, sweep

_LIMITS = Limits(seconds=1800)
_BOOT = "/proc/sys/kernel/random/boot_id"


class Scratch:
    """A directory that is made equal to one state after another; see `open_scratch`.

    What stands in it afterwards is exactly the tree, as git stores it, and the dependency folders. No filter, hook
    or setting of the repository is used. A process that an earlier check left running may still write there.

    Args:
        workspace: whose objects are shown.
        settings: which folders are linked in.
        folder: the slot it is kept in.

    Attributes:
        directory: where; the same for every state.
        notes: what a reader of a check's result has to know about the state shown.
        environment: variables a check needs so that it works in this directory, not in the user's; for
            `recovery.checks.run.run_checks`.
    """

    def __init__(self, workspace: Workspace, settings: VerifySettings, folder: str) -> None:
        self._workspace, self._settings = workspace, settings
        self._ours, self._inside = os.path.join(folder, "git"), os.path.join(folder, "in")
        # Tools name things after the directory: the same name, and Python finds the same top package.
        self.directory = os.path.join(self._inside, os.path.basename(workspace.root))
        self._git = checkout_git(self._ours, self.directory)
        self._layout = layout(workspace)
        self._prepare()
        self.notes: Sequence[str] = ()
        self.environment: Mapping[str, str] = {}
        self._stood: dict[str, dict[str, int]] = {}

    def show(self, treeish: Oid, *, head: MaybeOid = None) -> str:
        """Make the directory equal to a commit or a tree: what an earlier check left is gone.

        Args:
            treeish: the commit or tree.
            head: the commit that git says HEAD is there; the commit itself by default, for a tree the
                worktree's HEAD.

        Returns:
            The directory.

        Raises:
            SafeRollbackError: if it cannot be written, or objects are missing.
        """
        try:
            listing = list_tree(self._git, treeish)
            remove(os.path.join(self.directory, ".git"))
            sweep(self.directory, listing.folders)
            self._write(treeish, listing)
            at = head or commit_of(self._workspace, treeish) or self._layout.head
            show_git(self.directory, self._ours, self._layout, at)
            linked = link_folders(self._workspace, self._settings.link, listing, self.directory)
            self.environment = surroundings(self._workspace.root, self.directory, linked)
            self._stood = standing(self._workspace.root, linked)
        except OSError as error:
            raise unwritable(error) from error
        self.notes = self._noted(listing)
        return self.directory

    def written_through(self) -> list[str]:
        """Dependency folders of the user's whose packages changed since the last `show`.

        A check wrote through a link, or somebody installed something meanwhile.
        """
        now = standing(self._workspace.root, list(self._stood))
        return [path for path, packages in self._stood.items() if now[path] != packages]

    def _prepare(self) -> None:
        """Keep what stands, if it is surely what our index says."""
        names = os.listdir(self._inside) if os.path.isdir(self._inside) else []
        if _booted() != _booted_then(self._ours):
            self._forget()
        for name in names[1:]:
            remove(os.path.join(self._inside, name))
        os.makedirs(self._inside, mode=0o700, exist_ok=True)
        if names and names[0] != os.path.basename(self.directory):
            os.rename(os.path.join(self._inside, names[0]), self.directory)
        if not os.path.isdir(self.directory) or os.path.islink(self.directory):
            remove(self.directory)
            os.mkdir(self.directory)
        lay(self._ours, self._layout)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self._ours, "index.lock"))  # of a git that was killed: the slot is ours alone

    def _forget(self) -> None:
        """Have every file written anew."""
        remove(self._ours)
        os.makedirs(self._ours, mode=0o700)
        with open(os.path.join(self._ours, "boot"), "wb") as file:
            file.write(_booted())

    def _write(self, treeish: Oid, listing: Listing) -> None:
        words = ("read-tree", "--reset", "-u", treeish)
        try:
            self._git.run(*words, limits=_LIMITS)
        except GitError:
            # A damaged index, perhaps: without one every file is written.
            self._forget()
            lay(self._ours, self._layout)
            sweep(self.directory, listing.folders)
            try:
                self._git.run(*words, limits=_LIMITS)
            except GitError as error:
                raise SafeRollbackError(
                    f"{treeish[:7]} cannot be written to a scratch worktree: {error.stderr.strip()[:500]}",
                    hint="If objects are missing, this clone is partial: `git fetch` them first.",
                ) from error

    def _noted(self, listing: Listing) -> list[str]:
        notes = converted(self._workspace, listing)
        if listing.submodules:
            paths = some([show_path(path) for path in listing.submodules])
            notes.append(f"Submodules are empty directories here: {paths}.")
        for one, other in listing.collisions()[:1]:
            pair = f"{show_path(one)} and {show_path(other)}"
            notes.append(f"{pair} differ only in case: a file system that ignores case holds one of them.")
        return notes


@contextlib.contextmanager
def open_scratch(workspace: Workspace, settings: VerifySettings, *, seconds: float = 60.0) -> Iterator[Scratch]:
    """Take a scratch worktree for as long as the context lasts; it is kept on disk for the next one.

    Several can be open at once, in one thread too. Nothing of the user's is written: neither worktree nor index,
    refs or objects.

    Args:
        workspace: whose objects are shown and whose dependency folders are linked in.
        settings: which folders these are.
        seconds: how long to wait if all are taken.

    Raises:
        BusyError: if all are taken then.
        SafeRollbackError: if the cache directory cannot be written.
    """
    with slot(workspace, seconds=seconds) as folder:
        try:
            made = Scratch(workspace, settings, folder)
        except OSError as error:
            raise unwritable(error) from error
        yield made


def _booted() -> bytes:
    """Which start of the machine this is: files that were not synced are what they were only until the next."""
    try:
        with open(_BOOT, "rb") as file:
            return file.read(64)
    except OSError:
        return b"unknown"


def _booted_then(ours: str) -> bytes:
    try:
        with open(os.path.join(ours, "boot"), "rb") as file:
            return file.read(64)
    except OSError:
        return b""
