"""Takes chosen changes out of the state now, and keeps everything that came between and after."""

import difflib
import os
from collections.abc import Mapping, Sequence

from ..errors import NotFoundError
from ..gate.objects import MODE_TREE, Entry
from ..gate.trees import Difference, diff_trees
from ..ids import MaybeOid, Oid
from ..records import replace
from ..snapshot.chain import tree_of
from ..snapshot.graft import graft
from ..text import clean
from ..transition.draft import Draft, IndexChange, Note
from ..transition.heads import BranchGuard
from ..transition.merge import Conflict, Labels, merge_files
from ..transition.plan import Wish, plan
from ..transition.world import World
from ..workspace import Workspace
from .runs import Change, Own
from .sight import entries_at

_MAX_LINES = 40
_MAX_HUNK = 1200


def take_out(
    workspace: Workspace,
    current: World,
    own: Own,
    reverted: Sequence[Difference],
    base: MaybeOid,
    name: str,
    guard: BranchGuard,
) -> Draft:
    """Plan the worktree and the index without some changes.

    Args:
        workspace: the worktree.
        current: the state now.
        own: what is to go.
        reverted: how HEAD's tree changes at the same time.
        base: the commit where HEAD was at the beginning.
        name: what the state without them is called, for reasons.
        guard: which branches must not be moved.

    Returns:
        A draft of files, empty directories and index entries; HEAD and refs stay.
    """
    wanted, conflicts = _reversed(workspace, current.tree, own.files.runs, Labels(ours="now", theirs=name))
    wanted, keeps = _in_sight(workspace, current, wanted)
    tree = graft(workspace.reader, workspace.writer, current.tree, wanted)
    target = replace(current, tree=tree, modes=_modes(own, current), empty=_empty(workspace, own, current, tree))
    wish = Wish(base=current, current=current, target=target, name=name, guard=guard)
    draft = plan(workspace, wish)
    index, staged = _index(workspace, current, own, reverted, base, Labels(ours="staged", theirs=name))
    keeps += [
        Note(path=path, why="changed while others worked too: nothing says whose it is") for path in own.unclear
    ]
    return replace(
        draft,
        index=index,
        keeps=sorted({*draft.keeps, *keeps}, key=lambda one: (one.path, one.why)),
        conflicts=[*conflicts, *staged],
    )


def _reversed(
    workspace: Workspace, tree: Oid, runs: Sequence[Mapping[str, Change]], labels: Labels
) -> tuple[dict[str, Entry | None], Sequence[Conflict]]:
    """Take runs out of a tree, the newest first: each is a change backwards, merged with what stands now.

    Returns:
        What each path becomes, where that differs; and conflicts, with which the rest means nothing.
    """
    paths = {path for run in runs for path in run}
    now = entries_at(workspace.reader, tree, paths)
    state: dict[str, Entry | None] = {path: now.get(path) for path in paths}
    for run in reversed(runs):
        changes = {path: one for path, one in run.items() if one.before != one.after}
        if all(state[path] in (one.after, one.before) for path, one in changes.items()):
            state.update({path: one.before for path, one in changes.items()})
            continue
        merged, conflicts = merge_files(
            workspace,
            {path: one.after for path, one in changes.items() if one.after},
            {path: entry for path in changes if (entry := state[path])},
            {path: one.before for path, one in changes.items() if one.before},
            labels,
        )
        conflicts = [_explained(workspace, one, changes, state) for one in conflicts]
        conflicts += [
            Conflict(path=path, why="a renamed directory leads here, where something stands", hunks=())
            for path in entries_at(workspace.reader, tree, merged.keys() - state.keys())
        ]
        if conflicts:
            return {}, conflicts
        state.update(merged)
    return {path: entry for path, entry in state.items() if entry != now.get(path)}, ()


def _explained(
    workspace: Workspace, conflict: Conflict, changes: Mapping[str, Change], state: Mapping[str, Entry | None]
) -> Conflict:
    """A conflict without marked places shows what somebody else did to the file since."""
    change = changes.get(conflict.path)
    if conflict.hunks or change is None:
        return conflict
    sides = []
    for entry in (change.after, state.get(conflict.path)):
        data = b"" if entry is None else workspace.reader.read(entry.oid).data
        if b"\0" in data:
            return conflict
        sides.append(data.decode("utf-8", "replace").splitlines())
    lines = list(difflib.unified_diff(sides[0], sides[1], "as the agent left it", "now", lineterm=""))[:_MAX_LINES]
    return replace(conflict, hunks=[clean("\n".join(lines), limit=_MAX_HUNK)] if lines else ())


def _in_sight(
    workspace: Workspace, current: World, wanted: Mapping[str, Entry | None]
) -> tuple[dict[str, Entry | None], list[Note]]:
    """Without files that would come back where one stands that is not captured: ignored, too large."""
    found, keeps = dict(wanted), []
    standing = entries_at(workspace.reader, current.tree, wanted)
    for path, entry in wanted.items():
        place = os.path.join(workspace.root, path)
        if entry is None or path in standing or not os.path.lexists(place):
            continue
        if os.path.islink(place) or not os.path.isdir(place):
            del found[path]
            keeps.append(Note(path=path, why="is ignored or not captured now: left as it stands"))
    return found, keeps


def _modes(own: Own, current: World) -> dict[str, int]:
    modes: dict[str, int | None] = dict(current.modes)
    for path, before, after in reversed(own.modes):
        if modes.get(path) == after:
            modes[path] = before
    return {path: mode for path, mode in modes.items() if mode is not None}


def _empty(workspace: Workspace, own: Own, current: World, tree: Oid) -> frozenset[str]:
    back = {path for path in own.unmade - current.empty if not _is_directory(workspace, tree, path)}
    back = {path for path in back if not any(one.startswith(f"{path}/") for one in current.private)}
    return frozenset((current.empty - own.made) | back)


def _is_directory(workspace: Workspace, tree: Oid, path: str) -> bool:
    for name in path.split("/"):
        try:
            entry = workspace.reader.tree(tree).get(name)
        except NotFoundError:
            return False
        if entry is None or entry.mode != MODE_TREE:
            return False
        tree = entry.oid
    return True


def _index(
    workspace: Workspace,
    current: World,
    own: Own,
    reverted: Sequence[Difference],
    base: MaybeOid,
    labels: Labels,
) -> tuple[IndexChange | None, list[Conflict]]:
    """What was committed since and is not staged follows HEAD; everything else loses the chosen changes."""
    git, reader = workspace.repository.git, workspace.reader
    nothing = workspace.writer.tree({})
    head = nothing if current.head.oid is None else tree_of(reader, current.head.oid)
    begun = nothing if base is None else tree_of(reader, base)
    staged = {row.path for row in diff_trees(git, head, current.index_tree)}
    committed = {row.path for row in (*diff_trees(git, begun, head), *reverted)} - staged
    runs = [{path: one for path, one in run.items() if path not in committed} for run in own.index.runs]
    known = {path for run in runs for path in run}
    rest = {
        row.path: Change(before=row.new, after=row.old)
        for row in reverted
        if row.path in staged and row.path not in known
    }
    wanted, conflicts = _reversed(workspace, current.index_tree, [*runs, rest], labels)
    edits = {**{row.path: row.new for row in reverted if row.path in committed}, **wanted}
    said = [Conflict(path=one.path, why=f"staged: {one.why}", hunks=one.hunks) for one in conflicts]
    if current.stages and (edits or said):
        why = "the index has conflicts; finish or abort the merge first"
        return None, [Conflict(path=".git/index", why=why, hunks=())]
    return (IndexChange(edits=edits) if edits and not said else None), said
