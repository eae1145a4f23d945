"""Changes what the user's index stages for some paths, and keeps everything else in it."""

import os
import tempfile
from collections.abc import Mapping, Sequence

from ..gate.objects import Entry
from ..gate.runner import nul
from ..gate.trees import Difference
from ..snapshot.graft import graft
from ..workspace import Workspace
from .draft import IndexChange
from .merge import Conflict, Labels, merge_files
from .world import World


def merge_index(
    workspace: Workspace, wanted: Sequence[Difference], ours: Mapping[str, Entry], labels: Labels
) -> tuple[IndexChange | None, Sequence[Conflict]]:
    """Bring a change into the index.

    Args:
        workspace: the worktree.
        wanted: the change, path by path.
        ours: what the index stages at these paths; it has no conflicts.
        labels: names of the sides in conflict hunks.

    Returns:
        The edits, None if nothing changes; and conflicts with what is staged.
    """
    changes, conflicts = merge_files(
        workspace,
        {one.path: one.old for one in wanted if one.old},
        ours,
        {one.path: one.new for one in wanted if one.new},
        labels,
    )
    if conflicts:
        return None, [Conflict(path=one.path, why=f"staged: {one.why}", hunks=one.hunks) for one in conflicts]
    return (IndexChange(edits=changes) if changes else None), ()


def edit_index(workspace: Workspace, current: World, changes: Mapping[str, Entry | None]) -> IndexChange:
    """The index with some entries changed; flags and all other entries stay."""
    repository = workspace.repository
    with tempfile.TemporaryDirectory(dir=workspace.worktree_dir) as folder:
        file = os.path.join(folder, "index")
        if current.index_raw is not None:
            with open(file, "wb") as index:
                index.write(workspace.reader.read(current.index_raw).data)
        git = repository.git.using(
            env={"GIT_INDEX_FILE": file, "GIT_LITERAL_PATHSPECS": "1"},
            # git 2.39 adds a file next to the sparse directory that holds it: both stand in the index then.
            settings=("core.splitIndex=false", "index.sparse=false"),
        )
        absent = _skip_worktree(workspace, file, list(changes)) if repository.sparse else []
        lines = [
            f"0 {repository.null_oid}\t{path}" if entry is None else f"{entry.mode} {entry.oid}\t{path}"
            # Removals first: a directory may become a file.
            for path, entry in sorted(changes.items(), key=lambda change: change[1] is not None)
        ]
        git.run("update-index", "--replace", "-z", "--index-info", stdin=nul(lines))
        still = [path for path in absent if changes[path] is not None]
        if still:
            git.run("update-index", "--skip-worktree", "-z", "--stdin", stdin=nul(still))
        with open(file, "rb") as index:
            data = index.read()
    tree = graft(workspace.reader, workspace.writer, current.index_tree, changes)
    return IndexChange(raw=workspace.writer.blob(data), tree=tree, stages=current.stages)


def _skip_worktree(workspace: Workspace, index: str, paths: Sequence[str]) -> list[str]:
    git = workspace.repository.git.using(env={"GIT_INDEX_FILE": index, "GIT_LITERAL_PATHSPECS": "1"})
    return [line[2:] for line in git.fields("ls-files", "-t", "-z", "--", *paths) if line.startswith("S ")]
