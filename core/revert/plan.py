"""The plan of a revert: result, prediction, and the draft that gets there."""

from collections.abc import Collection, Sequence

from ..errors import GitError, InvalidInputError, StateMovedError
from ..gate.objects import MODE_GITLINK, MODE_SYMLINK, Entry
from ..gate.refs import ARCHIVE, Head, RefUpdate, list_refs
from ..gate.trees import Difference, diff_trees
from ..ids import Oid, OperationId
from ..records import dataclass, replace
from ..snapshot.capture import exclude_file, main_site
from ..snapshot.hashing import store_file
from ..snapshot.head import in_progress, state_files
from ..snapshot.index import staged
from ..transition.draft import Draft, FileChange, IndexChange, Note
from ..transition.filesystem import Filesystem, MovedError
from ..transition.heads import BranchGuard, checked_out_elsewhere
from ..transition.indexmerge import merge_index
from ..transition.merge import Conflict, Labels, merge_files
from ..transition.obstacles import left_out, obstacles
from ..workspace import Workspace
from .build import Built, Granularity, Order, build
from .convert import Converter, converter_after
from .targets import Selection, select

_UNUSED = "plan"  # nothing is written under it


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked for; from it the plan is computed again before anything changes.

    Attributes:
        target: see `select`.
        reason: why.
        granularity: one commit, or one for each.
        operation: the operation it will be.
        seconds: date of the commits.
        only: whose changes go, uncommitted ones too; see `core.revert.only`. None for whole commits.
        guard: which branches are protected: a revert of the current one goes to a branch of its
            own, and none is archived.
        trusted: filter commands a human trusted.
    """

    target: str | Sequence[str]
    reason: str
    granularity: Granularity
    operation: OperationId
    seconds: int
    only: str | None = None
    guard: BranchGuard
    trusted: Collection[str] = ()


@dataclass(frozen=True, kw_only=True)
class Rollback:
    """A plan.

    Attributes:
        selection: what goes and what stays.
        built: the result.
        changed: how HEAD's tree and the result differ.
        draft: what applying it does here.
        branch: the branch that gets the commits, short; None when detached or for an archived branch.
        notes: what a person should know.
    """

    selection: Selection
    built: Built
    changed: Sequence[Difference]
    draft: Draft
    branch: str | None
    notes: Sequence[str]


def plan_revert(workspace: Workspace, request: Request) -> Rollback:
    """Plan a revert against the state now. Writes objects, changes nothing.

    Raises:
        InvalidInputError: if the target means nothing here, or nothing of it is left.
    """
    main_site(workspace).prepare(workspace.configuration, exclude_file(workspace))
    selection = select(workspace, request.target)
    if selection.branch is not None:
        return _archive(workspace, request, selection, selection.branch)
    head = selection.head
    assert head.oid is not None
    head_tree = Oid(workspace.repository.git.out("rev-parse", f"{head.oid}^{{tree}}"))
    order = Order(
        granularity=request.granularity,
        reason=request.reason,
        operation=request.operation,
        seconds=request.seconds,
    )
    built = build(workspace, selection, head.oid, head_tree, order)
    if not built.conflicts and not built.commits:
        raise InvalidInputError(
            "Nothing of the target is left in HEAD: it was reverted already, or changed nothing.",
            hint="`git log` shows a revert, `git show --stat` what a commit changed.",
        )
    changed = () if built.conflicts else diff_trees(workspace.repository.git, head_tree, built.tree)
    if head.short is not None and request.guard(head.short) is not None:
        return aside(workspace, request, selection, built, changed)
    draft, notes = _draft(workspace, request, head, built, changed)
    return Rollback(selection=selection, built=built, changed=changed, draft=draft, branch=head.short, notes=notes)


def _archive(workspace: Workspace, request: Request, selection: Selection, branch: tuple[str, Oid]) -> Rollback:
    name, tip = branch
    short = name.removeprefix("refs/heads/")
    archived = f"{ARCHIVE}{request.operation}/{short}"
    reason = request.guard(short)
    blocked = ([Note(path=name, why=reason)] if reason else []) + used_elsewhere(workspace, name)
    draft = Draft(
        head_before=selection.head,
        refs=[RefUpdate(name=archived, new=tip, old=None), RefUpdate(name=name, new=None, old=tip)],
        blocked=blocked,
    )
    built = Built(tree=workspace.repository.empty_tree, commits=(), conflicts=())
    notes = [f"Bring it back with: git branch {short} {archived}"]
    return Rollback(selection=selection, built=built, changed=(), draft=draft, branch=None, notes=notes)


def aside(
    workspace: Workspace, request: Request, selection: Selection, built: Built, changed: Sequence[Difference]
) -> Rollback:
    """The revert of a protected branch: a branch of its own, nothing else moves."""
    # A branch called `revert` leaves no room for one below it.
    taken = any(ref.name == "refs/heads/revert" for ref in list_refs(workspace.repository, "refs/heads/revert"))
    branch = f"revert-{request.operation}" if taken else f"revert/{request.operation}"
    refs = [RefUpdate(name=f"refs/heads/{branch}", new=built.commits[-1], old=None)] if built.commits else []
    draft = Draft(head_before=selection.head, refs=refs, conflicts=built.conflicts)
    note = (
        f"{selection.head.short} is protected: the revert goes to the branch {branch}; your worktree stays as it is."
    )
    return Rollback(selection=selection, built=built, changed=changed, draft=draft, branch=branch, notes=[note])


def _draft(
    workspace: Workspace, request: Request, head: Head, built: Built, changed: Sequence[Difference]
) -> tuple[Draft, list[str]]:
    if built.conflicts:
        return Draft(head_before=head, conflicts=built.conflicts), []
    tip = built.commits[-1]
    files = [one for one in changed if not _links(one)]
    changes, conflicts, blocked = _worktree(workspace, request, files)
    index, index_conflicts = _index(workspace, changed)
    blocked += obstacles(workspace, changes) + unfinished(workspace) + used_elsewhere(workspace, head.branch)
    refs = [] if head.branch is None else [RefUpdate(name=head.branch, new=tip, old=head.oid)]
    draft = Draft(
        files=sorted(changes, key=lambda one: one.path),
        index=index,
        head=Head(branch=None, oid=tip) if head.branch is None else None,
        head_before=head,
        refs=refs,
        conflicts=[*conflicts, *index_conflicts],
        blocked=blocked,
    )
    notes = [
        f"The submodule {one.path} goes back to another commit: run `git submodule update {one.path}`."
        for one in changed
        if _links(one)
    ]
    return draft, notes


def _links(one: Difference) -> bool:
    return any(entry is not None and entry.mode == MODE_GITLINK for entry in (one.old, one.new))


def unfinished(workspace: Workspace) -> list[Note]:
    """A merge, rebase, … in progress, which a moving branch would confuse."""
    kind = in_progress(state_files(workspace.repository))
    if kind is None:
        return []
    return [Note(path=".git", why=f"a {kind} is in progress: finish or abort it first, or use restore_checkpoint")]


def used_elsewhere(workspace: Workspace, branch: str | None) -> list[Note]:
    """A branch that another worktree has too would leave that one with changes nobody made."""
    other = None if branch is None else checked_out_elsewhere(workspace.repository, branch)
    return [] if branch is None or other is None else [Note(path=branch, why=f"is checked out in {other}")]


def _index(workspace: Workspace, changed: Sequence[Difference]) -> tuple[IndexChange | None, Sequence[Conflict]]:
    paths = [one.path for one in changed]
    git = workspace.repository.git.using(env={"GIT_LITERAL_PATHSPECS": "1"})
    entries = staged(git, paths) if paths else []
    if any(stage != "0" for _, _, stage, _ in entries):
        why = "the index has a conflict here; resolve it first"
        unmerged = sorted({path for _, _, stage, path in entries if stage != "0"})
        return None, [Conflict(path=path, why=why, hunks=()) for path in unmerged]
    ours = {path: Entry(mode=mode, oid=name) for mode, name, _, path in entries}
    return merge_index(workspace, changed, ours, Labels(ours="staged", theirs="the revert"))


def _worktree(
    workspace: Workspace, request: Request, files: Sequence[Difference]
) -> tuple[list[FileChange], Sequence[Conflict], list[Note]]:
    """Three-way merge of the files on disk: what is uncommitted stays."""
    absent = left_out(workspace, [one.path for one in files])
    files = [one for one in files if one.path not in absent]
    paths = [one.path for one in files]
    if not paths:
        return [], (), []
    disk = _on_disk(workspace, files)
    now = Converter(workspace, request.trusted)
    converted = now.affected([path for path in paths if path not in disk or disk[path].mode != MODE_SYMLINK])
    blocked = _untrusted(now, converted)
    if blocked:
        return [], (), blocked
    try:
        ours = {
            path: replace(entry, oid=now.normalized(path)) if path in converted else entry
            for path, entry in disk.items()
        }
        merged, conflicts = merge_files(
            workspace,
            {one.path: one.old for one in files if one.old},
            ours,
            {one.path: one.new for one in files if one.new},
            Labels(ours="uncommitted", theirs="the revert"),
        )
        with converter_after(workspace, request.trusted, now, merged) as after:
            written = [path for path, entry in merged.items() if entry is not None and entry.mode != MODE_SYMLINK]
            converted = after.affected(written)
            blocked = _untrusted(after, converted)
            if blocked:
                return [], (), blocked
            changes = [
                FileChange(
                    path=path,
                    before=disk.get(path),
                    after=_checked_out(after, path, entry) if path in converted else entry,
                    why="the revert deletes it" if entry is None else "the revert changes it",
                )
                for path, entry in merged.items()
            ]
    except GitError as error:
        return [], (), [Note(path=paths[0], why=f"a filter failed: {error.stderr.strip()}")]
    return [one for one in changes if one.before != one.after], conflicts, []


def _untrusted(converter: Converter, paths: Collection[str]) -> list[Note]:
    return [
        Note(
            path=path,
            why=f"passes through the filter {name}, which this repository's configuration defines: "
            "a human has to allow it with `safe-rollback trust`",
        )
        for path in sorted(paths)
        if (name := converter.refused_filter(path))
    ]


def _checked_out(converter: Converter, path: str, entry: Entry | None) -> Entry | None:
    if entry is None:
        return None
    return replace(entry, oid=converter.checked_out(path, entry.oid))


def _on_disk(workspace: Workspace, files: Sequence[Difference]) -> dict[str, Entry]:
    """What stands at the paths; uncommitted content is stored, so that it can be merged."""
    site = main_site(workspace)
    filesystem = Filesystem(workspace.root, workspace.repository.object_format, _UNUSED)
    found: dict[str, Entry] = {}
    for one in files:
        try:
            entry = filesystem.observe(one.path)
        except MovedError as error:
            raise StateMovedError(error.message, hint="Move it away and plan again.") from error
        if entry is not None and entry != one.old:
            entry = store_file(site, one.path)
        if entry is not None:
            found[one.path] = entry
    return found
