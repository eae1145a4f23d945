"""Dependency folders of the user's worktree, put into a scratch worktree as links."""

import glob
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...core.gate.runner import nul
from ...core.globs import matches
from ...core.snapshot.capture import exclude_file, main_site
from ...core.workspace import Workspace
from .listing import Listing

_WILD = frozenset("*?[\\")
_SMALL = 1 << 20
# Composer's own: its code finds the project from where its file is.
_COPIED = frozenset({"composer"})
# What bundlers and test runners keep from run to run.
_CACHES = frozenset({".cache", ".vite", ".vite-temp", ".vitest"})
_SITES = "lib/python*/site-packages"


def link_folders(workspace: Workspace, patterns: Sequence[str], listing: Listing, directory: str) -> list[str]:
    """Make dependency folders stand in a scratch worktree as they do in the user's.

    Those are linked that exist in the user's worktree, are ignored by git there, and of whose name the tree has
    nothing. Each becomes a real directory whose entries are links, so that what a check adds or deletes at its top
    stays here, and git still ignores it; a link of a workspace (npm's, say) that leads to a package in the worktree
    leads to the package here. Files are copied.

    The risk: a check that writes deeper, as `pip install` does, writes into the user's folder; `standing` before and
    after it tells. A project whose checks do that names no such folder in `[verify] link`.

    Args:
        workspace: the user's worktree.
        patterns: paths from the root; with a wildcard, for folders whose parent is in the tree.
        listing: the tree.
        directory: the scratch worktree.

    Returns:
        The paths that are linked.
    """
    found = [path for path in dict.fromkeys(_found(workspace.root, patterns, listing)) if path]
    linked = _ignored(workspace, found) if found else []
    place = _Place(root=workspace.root, directory=directory, linked=tuple(linked))
    for path in linked:
        os.makedirs(os.path.dirname(os.path.join(directory, path)), exist_ok=True)
        place.put(path)
    return linked


def standing(root: str, linked: Sequence[str]) -> dict[str, dict[str, int]]:
    """What stands in dependency folders of the user's: for each, its packages and their inodes.

    Whoever installs, updates or removes one changes that; whoever only uses it does not.
    """
    return {path: _packages(os.path.join(root, path)) for path in linked}


def _packages(folder: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for place in (folder, *glob.glob(os.path.join(glob.escape(folder), _SITES))):
        if not os.path.isdir(place):
            continue
        with os.scandir(place) as entries:
            rows = [(entry.path, entry.inode()) for entry in entries if entry.name not in (*_CACHES, "__pycache__")]
        found.update(rows)
        for path, _ in rows:
            if os.path.basename(path).startswith("@"):
                found.update(_packages(path))
    return found


def _found(root: str, patterns: Sequence[str], listing: Listing) -> Iterator[str]:
    for pattern in patterns:
        wild = _WILD.intersection(pattern)
        for path in _named(root, pattern.rstrip("/"), listing) if wild else [pattern]:
            absolute = os.path.join(root, path)
            plain = os.path.realpath(absolute) == absolute and (os.path.isdir(absolute) or os.path.isfile(absolute))
            if plain and not listing.has(path):
                yield path


def _named(root: str, pattern: str, listing: Listing) -> Iterator[str]:
    """What a pattern with wildcards may stand for: names in directories that the tree has."""
    last = pattern.rpartition("/")[2]
    for folder in listing.folders:
        try:
            names = os.listdir(os.path.join(root, folder)) if _WILD.intersection(last) else [last]
        except OSError:
            continue
        for name in names:
            path = f"{folder}/{name}" if folder else name
            if name != ".git" and matches(path, pattern):
                yield path


def _ignored(workspace: Workspace, paths: Sequence[str]) -> list[str]:
    """Those that git ignores, asked under our own configuration: the repository's runs nothing."""
    site = main_site(workspace)
    with workspace.worktree_lock("look for dependencies"):
        site.prepare(workspace.configuration, exclude_file(workspace))
        said = set(site.git.fields("check-ignore", "-z", "--stdin", stdin=nul(paths), ok=(0, 1)))
    return [path for path in paths if path in said]


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where links come from and go to."""

    root: str
    directory: str
    linked: Sequence[str]

    def put(self, path: str) -> None:
        source, target = os.path.join(self.root, path), os.path.join(self.directory, path)
        if not os.path.isdir(source):
            shutil.copy2(source, target, follow_symlinks=False)
            return
        os.mkdir(target)
        with os.scandir(source) as entries:
            for entry in entries:
                below = f"{path}/{entry.name}"
                if entry.is_symlink():
                    os.symlink(self._leads(entry.path), os.path.join(self.directory, below))
                elif entry.is_dir():
                    self._put_folder(below, entry)
                elif entry.is_file() and entry.stat().st_size <= _SMALL:
                    shutil.copy2(entry.path, os.path.join(self.directory, below), follow_symlinks=False)
                else:
                    os.symlink(entry.path, os.path.join(self.directory, below))

    def _put_folder(self, path: str, entry: "os.DirEntry[str]") -> None:
        target = os.path.join(self.directory, path)
        if entry.name.startswith("@"):
            self.put(path)  # the packages of a scope
        elif entry.name in _CACHES:
            return
        elif entry.name in _COPIED:
            shutil.copytree(entry.path, target, symlinks=True)
        else:
            os.symlink(entry.path, target)

    def _leads(self, link: str) -> str:
        """Where a link of the user's leads, seen from here."""
        real = os.path.realpath(link)
        path = os.path.relpath(real, self.root)
        inside = real.startswith(f"{self.root}/") and not any(
            path == one or path.startswith(f"{one}/") for one in self.linked
        )
        return os.path.join(self.directory, path) if inside else real
