"""Plans the way from the state now to a target: exactly for a restore, by three-way merge for an undo."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from ..gate.objects import MODE_EXECUTABLE, Entry
from ..gate.trees import diff_trees, list_files
from ..ids import MaybeOid
from ..records import dataclass, replace
from ..snapshot.modes import default_mode
from ..workspace import Workspace
from .differences import differences, entry_at, within
from .draft import Draft, FileChange, IndexChange, Note
from .heads import BranchGuard, plan_head
from .ignore import still_ignored
from .indexmerge import merge_index
from .indexside import same_entries
from .merge import Conflict, Labels, merge_files
from .obstacles import obstacles, outside_sparse
from .world import World


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for.

    Attributes:
        base: the state the target is a change of. A restore takes the state now: then every
            difference goes. An undo takes the state its operation left: later edits stay.
        current: the state now.
        target: the state wanted.
        name: what the target is called, for reasons.
        paths: only these paths and what is below them; empty means everything with index and HEAD.
        guard: which branches must not be moved back.
        added: commits that the operation to be undone put on branches.
    """

    base: World
    current: World
    target: World
    name: str
    paths: Sequence[str] = ()
    guard: BranchGuard
    added: Collection[str] = ()

    @property
    def exact(self) -> bool:
        """Whether nothing since is to be kept."""
        return self.base is self.current


def plan(workspace: Workspace, wish: Wish) -> Draft:
    """What has to change, what stays, and what stands in the way."""
    changes, conflicts = _file_changes(workspace, wish)
    changes, keeps = _keep_ignored(workspace, wish, outside_sparse(workspace, changes))
    files = [_described(change, wish) for change in changes]
    files += _mode_changes(workspace, wish, {change.path for change in files})
    blocked = obstacles(workspace, files)
    draft = Draft(
        files=sorted(files, key=lambda one: one.path),
        keeps=_by_path(keeps),
        conflicts=conflicts,
        blocked=blocked,
        head_before=wish.current.head,
    )
    if wish.paths:
        return draft
    index, index_conflicts = _index_change(workspace, wish)
    state, state_conflicts = _state_change(wish)
    seen = {"index": repr(wish.current.index_meaning)} if index is not None and index.edits is None else {}
    head = plan_head(workspace, wish.base, wish.current, wish.target, wish.guard, wish.added)
    uncaptured = [Note(path=path, why="was never captured") for path in wish.current.skipped]
    return replace(
        draft,
        make=sorted(wish.target.empty - wish.current.empty - (set() if wish.exact else wish.base.empty)),
        remove=sorted(_empty_to_remove(workspace, wish, changes)),
        state=state,
        index=index,
        seen=seen,
        head=head.head,
        refs=head.refs,
        keeps=_by_path([*keeps, *head.keeps, *uncaptured]),
        conflicts=[*conflicts, *index_conflicts, *state_conflicts, *head.conflicts],
        blocked=[*blocked, *head.blocked],
    )


def _by_path(notes: Iterable[Note]) -> list[Note]:
    return sorted(set(notes), key=lambda one: (one.path, one.why))


def _file_changes(workspace: Workspace, wish: Wish) -> tuple[list[FileChange], Sequence[Conflict]]:
    wanted = differences(workspace, wish.base, wish.target, wish.paths)
    if wish.exact:
        return wanted, ()
    since = {one.path: one.after for one in differences(workspace, wish.base, wish.current, wish.paths)}
    changes = [one for one in wanted if one.path not in since]
    disputed = [one for one in wanted if one.path in since and since[one.path] != one.after]
    if not disputed:
        return changes, ()
    ours = {one.path: since[one.path] for one in disputed}
    merged, conflicts = merge_files(
        workspace,
        _present({one.path: one.before for one in disputed}),
        _present(ours),
        _present({one.path: one.after for one in disputed}),
        Labels(ours="now", theirs=wish.name),
    )
    changes += [FileChange(path=path, before=ours.get(path), after=entry) for path, entry in merged.items()]
    return changes, conflicts


def _present(side: Mapping[str, Entry | None]) -> dict[str, Entry]:
    return {path: entry for path, entry in side.items() if entry is not None}


def _keep_ignored(workspace: Workspace, wish: Wish, changes: list[FileChange]) -> tuple[list[FileChange], list[Note]]:
    """In a restore, deletions of files that the target ignores are dropped: it never had them to lose."""
    if not wish.exact:
        return changes, []
    deletions = [one.path for one in changes if one.after is None]
    ignored = {path for path in deletions if path in wish.current.private}
    asked = [path for path in deletions if path not in ignored]
    if asked and _rules_change(changes):
        ignored |= still_ignored(workspace, wish.target.tree, asked)
    kept = [one for one in changes if one.after is not None or one.path not in ignored]
    return kept, [Note(path=path, why="the target ignores it") for path in sorted(ignored)]


def _empty_to_remove(workspace: Workspace, wish: Wish, changes: Sequence[FileChange]) -> set[str]:
    """Empty directories the target does not have, nor leaves out as ignored."""
    gone = set(wish.current.empty - wish.target.empty)
    if not wish.exact:
        return gone & wish.base.empty
    if gone and _rules_change(changes):
        gone -= {path.rstrip("/") for path in still_ignored(workspace, wish.target.tree, [f"{one}/" for one in gone])}
    return gone


def _rules_change(changes: Sequence[FileChange]) -> bool:
    return any(one.path.rpartition("/")[2] == ".gitignore" for one in changes)


def _described(change: FileChange, wish: Wish) -> FileChange:
    if change.after is None:
        return replace(change, why=f"did not exist in {wish.name}")
    why = f"exists in {wish.name}, not now" if change.before is None else f"differs from {wish.name}"
    mode = wish.target.modes.get(change.path)
    if mode is None and change.path in wish.current.modes:
        mode = default_mode(change.after.mode == MODE_EXECUTABLE)
    return replace(change, why=why, mode=mode)


def _mode_changes(workspace: Workspace, wish: Wish, changed: set[str]) -> list[FileChange]:
    """Files whose content stays and whose permission bits do not."""
    rows = []
    for path in sorted({*wish.target.modes, *wish.current.modes} - changed):
        now, target, was = (one.modes.get(path) for one in (wish.current, wish.target, wish.base))
        if now == target or (not wish.exact and (target == was or now != was)):
            continue
        if wish.paths and not within(path, wish.paths):
            continue
        entry = entry_at(workspace, wish.current, path)
        if entry is None or entry != entry_at(workspace, wish.target, path):
            continue
        mode = default_mode(entry.mode == MODE_EXECUTABLE) if target is None else target
        why = f"had mode {mode:04o} in {wish.name}"
        rows.append(FileChange(path=path, before=entry, after=entry, mode=mode, why=why))
    return rows


def _index_change(workspace: Workspace, wish: Wish) -> tuple[IndexChange | None, Sequence[Conflict]]:
    base, current, target = wish.base, wish.current, wish.target
    if base.index_meaning == target.index_meaning and same_entries(workspace, base.index_raw, target.index_raw):
        return None, ()
    if target.index_raw == current.index_raw:
        return None, ()
    if current.index_meaning in (base.index_meaning, target.index_meaning):
        change = IndexChange(raw=target.index_raw, tree=target.index_tree, stages=target.stages, shared=target.shared)
        return change, ()
    if current.stages or base.stages or target.stages:
        why = "the index has conflicts; finish or abort the merge first"
        return None, [Conflict(path=".git/index", why=why, hunks=())]
    git = workspace.repository.git
    wanted = diff_trees(git, base.index_tree, target.index_tree)
    ours = list_files(git, current.index_tree, [one.path for one in wanted]) if wanted else {}
    return merge_index(workspace, wanted, ours, Labels(ours="now", theirs=wish.name))


def _state_change(wish: Wish) -> tuple[dict[str, MaybeOid], list[Conflict]]:
    changes: dict[str, MaybeOid] = {}
    conflicts = []
    for path in sorted({*wish.current.state, *wish.target.state}):
        now, wanted, was = (one.state.get(path) for one in (wish.current, wish.target, wish.base))
        if now == wanted or (wanted == was and not wish.exact):
            continue
        if now != was:
            why = "an operation began or went on since"
            conflicts.append(Conflict(path=f".git/{path}", why=why, hunks=()))
        changes[path] = wanted
    return changes, conflicts
