"""How two states differ in files: tracked and untracked ones, captured ignored ones, nested repositories."""

from collections.abc import Sequence

from ..gate.objects import MODE_GITLINK, MODE_TREE, Entry
from ..gate.trees import diff_trees, list_files
from ..ids import Oid
from ..workspace import Workspace
from .draft import PRIVATE_HOME, FileChange
from .world import World


def differences(workspace: Workspace, old: World, new: World, paths: Sequence[str] = ()) -> list[FileChange]:
    """Every file in which two states differ.

    Args:
        workspace: the worktree.
        old: one state.
        new: the other. A nested repository it does not have is left out: none is ever deleted.
        paths: only these paths and what is below them.
    """
    git = workspace.repository.git
    rows: dict[str, FileChange] = {}
    for one in diff_trees(git, old.tree, new.tree):
        rows[one.path] = FileChange(path=one.path, before=one.old, after=one.new)
    for path in {*old.private, *new.private}:
        known = rows.pop(path, None)
        before = old.private.get(path) or (known.before if known else None)
        after = new.private.get(path) or (known.after if known else None)
        rows[path] = FileChange(path=path, before=before, after=after, home=PRIVATE_HOME)
    empty = workspace.repository.empty_tree
    for folder, nested in new.nested.items():
        was = old.nested.get(folder)
        for one in diff_trees(git, was.tree if was else empty, nested.tree):
            path = f"{folder}/{one.path}"
            # Without its .git, what is left of a repository stands in the outer tree.
            known = rows.get(path)
            before = known.before if known is not None and was is None else one.old
            home = folder if was else ""
            rows[path] = FileChange(path=path, before=before, after=one.new, home=home)
    return [
        row
        for row in rows.values()
        if row.before != row.after
        and not (_is_link(row.before) or _is_link(row.after))
        and (not paths or within(row.path, paths))
    ]


def _is_link(entry: Entry | None) -> bool:
    return entry is not None and entry.mode == MODE_GITLINK


def within(path: str, paths: Sequence[str]) -> bool:
    """Whether a path is one of `paths` or below one."""
    return any(path == one or path.startswith(f"{one}/") for one in paths)


def entry_at(workspace: Workspace, world: World, path: str) -> Entry | None:
    """What a state has at a path; None for nothing or a directory."""
    if path in world.private:
        return world.private[path]
    tree: Oid = world.tree
    *folders, name = path.split("/")
    for folder in folders:
        below = workspace.reader.tree(tree).get(folder)
        if below is None or below.mode != MODE_TREE:
            return None
        tree = below.oid
    entry = workspace.reader.tree(tree).get(name)
    return None if entry is None or entry.mode in (MODE_TREE, MODE_GITLINK) else entry


def holds(workspace: Workspace, world: World, path: str) -> bool:
    """Whether a state has a file, link or directory at a path, or inside a nested repository there."""
    if any(within(one, [path]) for one in (*world.private, *world.nested, *world.empty)):
        return True
    for folder, nested in world.nested.items():
        if path.startswith(f"{folder}/"):
            return bool(list_files(workspace.repository.git, nested.tree, [path.removeprefix(f"{folder}/")]))
    return bool(list_files(workspace.repository.git, world.tree, [path]))
