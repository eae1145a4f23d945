"""What a tree holds, name by name, and what about it a scratch worktree shows otherwise than the user's."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...core.gate.objects import MODE_GITLINK, MODE_TREE
from ...core.gate.runner import Git
from ...core.ids import Oid

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A tree.

    Attributes:
        folders: for each directory ("" is the root) its names, and whether each is a directory; a submodule is
            one with nothing in it.
        submodules: their paths.
        attributes: the `.gitattributes` files and their blobs.
    """

    folders: Mapping[str, Mapping[str, bool]]
    submodules: Sequence[str]
    attributes: Mapping[str, Oid]

    def has(self, path: str) -> bool:
        """Whether something stands at a path, or a file or a submodule where one of its parents would be."""
        folder = ""
        for name in path.split("/"):
            is_folder = self.folders.get(folder, {}).get(name)
            if not is_folder:
                return is_folder is not None
            folder = f"{folder}/{name}" if folder else name
            if folder in self.submodules:
                return True
        return True

    def collisions(self) -> list[tuple[str, str]]:
        """Paths that differ only in case, in pairs."""
        found = []
        for folder, names in self.folders.items():
            if len(names) == 1:
                continue
            seen: dict[str, str] = {}
            for name in names:
                other = seen.setdefault(name.casefold(), name)
                if other != name:
                    found.append((os.path.join(folder, other), os.path.join(folder, name)))
        return found


def list_tree(git: Git, treeish: Oid) -> Listing:
    """Every name of a tree or commit."""
    folders: dict[str, dict[str, bool]] = {"": {}}
    submodules, attributes = [], {}
    width = len(treeish)
    form = "--format=%(objectmode) %(objectname) %(path)"
    for line in git.fields("ls-tree", "-r", "-t", "-z", "--full-tree", form, treeish):
        mode, path = line[:6].lstrip("0"), line[8 + width :]
        folder, _, name = path.rpartition("/")
        is_folder = mode in (MODE_TREE, MODE_GITLINK)
        # A name with a slash has no directory of its own; git refuses to write such a tree.
        folders.setdefault(folder, {})[name] = is_folder
        if is_folder:
            folders.setdefault(path, {})
            if mode == MODE_GITLINK:
                submodules.append(path)
        elif name == ".gitattributes":
            attributes[path] = Oid(line[7 : 7 + width])
    return Listing(folders=folders, submodules=submodules, attributes=attributes)


def some(rows: Sequence[str]) -> str:
    """The first few of many, in words."""
    more = len(rows) - _SHOWN
    return ", ".join(rows[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
