"""Which side of a draft the user's index is on, told by what it stages."""

import os
import tempfile
from typing import Literal

from ..errors import GitError
from ..files import write_atomically
from ..ids import MaybeOid, Oid
from ..snapshot.index import capture_index, copy_index
from ..workspace import Workspace
from .draft import IndexChange
from .world import World

Side = Literal["before", "after"]


def index_side(workspace: Workspace, change: IndexChange, seen: World) -> Side | None:
    """Where the index stands; None if somebody else staged something.

    Args:
        workspace: the worktree.
        change: what the draft makes of it.
        seen: the state the draft was made for.
    """
    repository = workspace.repository
    raw = _raw(workspace)
    if raw in (seen.index_raw, change.raw):
        return "before" if raw == seen.index_raw else "after"
    with tempfile.TemporaryDirectory(dir=workspace.worktree_dir) as scratch:
        now = capture_index(
            repository, workspace.writer, copy_index(repository, scratch), missing_ok=workspace.missing_ok
        )
    # `git status` rewrites cached file times, so equal bytes would be too much to ask.
    meaning = (now.tree, dict(now.stages))
    if (now.raw is None) == (change.raw is None) and meaning == (change.tree, dict(change.stages)):
        return "after"
    if (now.raw is None) == (seen.index_raw is None) and meaning == (seen.index_tree, dict(seen.stages)):
        return "before"
    return None


def same_entries(workspace: Workspace, one: MaybeOid, other: MaybeOid) -> bool:
    """Whether two index files say the same: entries with their flags, not the cached file times."""
    if one is None or other is None or one == other:
        return one == other
    try:
        return _entries(workspace, one) == _entries(workspace, other)
    except GitError:
        return False  # the base file of a split index is gone


def _entries(workspace: Workspace, raw: Oid) -> bytes:
    with tempfile.TemporaryDirectory(dir=workspace.worktree_dir) as folder:
        file = os.path.join(folder, "index")
        write_atomically(file, workspace.reader.read(raw).data)
        git = workspace.repository.git.using(env={"GIT_INDEX_FILE": file})
        return git.run("ls-files", "--stage", "-v", "-z").stdout


def _raw(workspace: Workspace) -> str | None:
    try:
        with open(os.path.join(workspace.repository.git_dir, "index"), "rb") as file:
            return workspace.writer.name("blob", file.read())
    except FileNotFoundError:
        return None


def put_shared(workspace: Workspace, index: IndexChange) -> None:
    """Put back the base files of a split index."""
    for name, blob in index.shared.items():
        path = os.path.join(workspace.repository.git_dir, name)
        if not os.path.exists(path):
            write_atomically(path, workspace.reader.read(blob).data, mode=0o644)
