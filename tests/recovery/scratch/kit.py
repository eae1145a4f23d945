"""What tests of scratch worktrees share."""

import os
import stat

from safe_rollback.core.ids import Oid
from safe_rollback.core.recovery import VerifySettings
from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.scratch.scratch import open_scratch
from tests.harness.repo import Repo

PLAIN = VerifySettings(link=())


def shown(workspace: Workspace, treeish: str, *, link: tuple[str, ...] = ()) -> str:
    """The directory after one set-up."""
    with open_scratch(workspace, VerifySettings(link=link)) as scratch:
        return scratch.show(Oid(treeish))


def content(directory: str) -> dict[str, tuple[str, bytes]]:
    """Everything in a directory but its `.git`, empty directories too: kind and bytes by path."""
    found: dict[str, tuple[str, bytes]] = {}
    for folder, folders, names in os.walk(directory):
        if folder == directory and ".git" in folders:
            folders.remove(".git")
        for name in [*names, *folders]:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            relative = os.path.relpath(path, directory)
            if stat.S_ISLNK(mode):
                found[relative] = ("link", os.fsencode(os.readlink(path)))
            elif stat.S_ISREG(mode):
                with open(path, "rb") as file:
                    found[relative] = ("program" if mode & 0o100 else "file", file.read())
            elif not stat.S_ISDIR(mode):
                found[relative] = ("special", b"")
            elif not os.listdir(path):
                found[relative] = ("empty directory", b"")
    return found


def of_tree(repo: Repo, treeish: str) -> dict[str, tuple[str, bytes]]:
    """The same as git says a tree is."""
    kinds = {"100644": "file", "100755": "program", "120000": "link", "160000": "empty directory"}
    found = {}
    for line in repo.git("ls-tree", "-r", "-z", treeish).split("\0")[:-1]:
        info, path = line.split("\t", 1)
        mode, kind, name = info.split(" ")
        data = b"" if kind == "commit" else os.fsencode(repo.git("cat-file", "blob", name))
        found[path] = (kinds[mode], data)
    return {path: (kind, data.rstrip(b"\n")) for path, (kind, data) in found.items()}


def stripped(directory: str) -> dict[str, tuple[str, bytes]]:
    """`content`, comparable with `of_tree`, whose git output lost its last line end."""
    return {path: (kind, data.rstrip(b"\n")) for path, (kind, data) in content(directory).items()}
