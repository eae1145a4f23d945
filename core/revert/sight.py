"""What two checkpoints really say about a path: some only came into sight, or went out of it."""

import os
from collections.abc import Iterable, Sequence

from ..gate.objects import MODE_GITLINK, MODE_TREE, Entry
from ..gate.reader import ObjectReader
from ..gate.trees import Difference
from ..ids import Oid, oid
from ..snapshot.chain import parents, tree_of
from ..snapshot.checkpoint import Checkpoint
from ..transition.differences import within
from ..transition.ignore import still_ignored
from ..workspace import Workspace


def really_changed(
    workspace: Workspace,
    before: Checkpoint,
    after: Checkpoint,
    rows: Sequence[Difference],
    asked: Sequence[Difference],
) -> list[Difference]:
    """Those of the differences that are changes of files, not of what a checkpoint takes.

    A file that was ignored, too large or in a nested repository seems to appear when it no longer is.

    Args:
        workspace: the worktree.
        before: the earlier state.
        after: the later one.
        rows: every difference between them.
        asked: the ones in question.
    """
    unseen = {one.path for one in (*before.skipped, *after.skipped)}
    nested = [one.path for one in (*before.nested, *after.nested)]
    if any(os.path.basename(row.path) == ".gitignore" for row in rows):
        came = [row.path for row in asked if row.old is None]
        went = [row.path for row in asked if row.new is None]
        unseen |= still_ignored(workspace, before.worktree, came) if came else set()
        unseen |= still_ignored(workspace, after.worktree, went) if went else set()
    return [
        row
        for row in asked
        if row.path not in unseen
        and not within(row.path, nested)
        and not any(entry is not None and entry.mode == MODE_GITLINK for entry in (row.old, row.new))
    ]


def entries_at(reader: ObjectReader, tree: Oid, paths: Iterable[str]) -> dict[str, Entry]:
    """What a tree has at paths; those where it has nothing, or a directory, are left out."""
    folders: dict[str, dict[str, Entry]] = {"": reader.tree(tree)}

    def listing(folder: str) -> dict[str, Entry]:
        if folder not in folders:
            above, _, name = folder.rpartition("/")
            entry = listing(above).get(name)
            folders[folder] = reader.tree(entry.oid) if entry is not None and entry.mode == MODE_TREE else {}
        return folders[folder]

    found = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        entry = listing(folder).get(name)
        if entry is not None and entry.mode != MODE_TREE:
            found[path] = entry
    return found


def stash_of(reader: ObjectReader, checkpoint: Checkpoint) -> Oid | None:
    """The newest stash at the time of a checkpoint."""
    for line in reader.read(checkpoint.refs).data.splitlines():
        if line.endswith(b" refs/stash"):
            return oid(line.split(b" ", 1)[0].decode("ascii"))
    return None


def unstashed(reader: ObjectReader, before: Checkpoint, after: Checkpoint, paths: Sequence[str]) -> dict[str, Entry]:
    """What was in the newest stash and left it: put into the worktree again, it is whoever's stash it was."""
    stash = None if before.refs == after.refs else stash_of(reader, before)
    if stash is None or stash == stash_of(reader, after):
        return {}
    found: dict[str, Entry] = {}
    # Its untracked files are the third parent, if there are any.
    for commit in (stash, *parents(reader, stash)[2:3]):
        found |= entries_at(reader, tree_of(reader, commit), paths)
    return found
