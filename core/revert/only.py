"""Takes out one agent's part, or one action's: its commits by revert, its uncommitted changes to the byte."""

from collections.abc import Sequence

from ..errors import GitError, InvalidInputError, NotFoundError
from ..gate.refs import RefUpdate
from ..gate.trees import Difference, diff_trees
from ..records import replace
from ..snapshot.capture import exclude_file, main_site
from ..snapshot.chain import tree_of
from ..snapshot.checkpoint import Checkpoint
from ..text import plural
from ..transition.draft import Draft, Note
from ..transition.heads import BranchGuard
from ..transition.requests import Compute, normal_path
from ..transition.world import World
from ..workspace import Workspace
from .build import Built, Order, build
from .chosen import Chosen, choose, since_checkpoint
from .grouping import grouped, within_paths
from .plan import Request, Rollback, aside, unfinished, used_elsewhere
from .runs import Collector, Own
from .takeout import take_out
from .targets import Selection
from .timeline import stretches


def _collect(workspace: Workspace, chosen: Chosen, current: World) -> Own:
    """Everything that is to go from worktree and index.

    Raises:
        NotFoundError: if retention dropped a checkpoint that tells.
    """
    made = {commit for act in chosen.acts if act.seq in chosen.picked for commit in act.commits}
    outside = [commit for commit in chosen.commits if commit not in made]
    collector = Collector(workspace, lambda act: act.seq in chosen.picked, made, outside, chosen.paths)
    head = chosen.base
    try:
        for number, stretch in enumerate(stretches(chosen.acts, chosen.known)):
            if number == 0 and outside:
                collector.committed(head, collector.checkpoint(stretch.before).head.oid)
            collector.stretch(stretch)
            if outside:
                head = collector.checkpoint(stretch.after).head.oid
        collector.committed(head, current.head.oid)
    except (GitError, NotFoundError) as error:
        raise NotFoundError(
            "A checkpoint around these actions is gone, so nothing says any more what they changed.",
            hint="Name a later checkpoint or an action, or plan_rollback without `only` for what is committed.",
        ) from error
    return collector.own


def plan_only(workspace: Workspace, request: Request, current: World) -> Rollback:
    """Plan to take out one agent's part, or one action, against a captured state.

    Raises:
        InvalidInputError: if nothing of it is left, or see `choose`.
    """
    assert request.only is not None
    main_site(workspace).prepare(workspace.configuration, exclude_file(workspace))
    chosen = choose(workspace, request.target, request.only)
    selection = _selection(workspace, chosen, current)
    head = current.head
    tree = workspace.writer.tree({}) if head.oid is None else tree_of(workspace.reader, head.oid)
    built = Built(tree=tree, commits=(), conflicts=())
    if head.oid is not None and selection.stretches:
        order = Order(
            granularity=request.granularity,
            reason=request.reason,
            operation=request.operation,
            seconds=request.seconds,
        )
        built = build(workspace, selection, head.oid, tree, order)
    committed = () if built.conflicts else diff_trees(workspace.repository.git, tree, built.tree)
    if built.commits and head.short is not None and request.guard(head.short) is not None:
        there = aside(workspace, request, selection, built, committed)
        note = "What is uncommitted stays too: restore_checkpoint with the same `only` takes it out."
        return replace(there, notes=[*there.notes, note])
    own = _collect(workspace, chosen, current)
    draft = take_out(workspace, current, own, committed, chosen.base, chosen.name, request.guard)
    draft = _with_commits(workspace, current, draft, built)
    if draft.empty and not draft.conflicts:
        raise InvalidInputError(
            "Nothing of it is left: it was taken out already, or changed nothing.",
            hint="session_report says what each action changed.",
        )
    known = {one.path for one in committed}
    more = [Difference(path=one.path, old=one.before, new=one.after) for one in draft.files if one.path not in known]
    return Rollback(
        selection=selection,
        built=built,
        changed=[*committed, *more],
        draft=draft,
        branch=head.short,
        notes=_notes(draft, selection),
    )


def _selection(workspace: Workspace, chosen: Chosen, current: World) -> Selection:
    groups = grouped(workspace, chosen.attributed)
    if chosen.paths:
        groups = within_paths(workspace, groups, chosen.paths)
    count = sum(len(one.commits) for one in groups)
    acts = sum(act.seq in chosen.picked for act in chosen.acts)
    why = f"What changed within {plural(acts, 'action')} goes, to the byte; what changed between them stays."
    if count:
        why += f" {plural(count, 'commit')} of the agent's get reverted."
    return Selection(
        kind=chosen.kind,
        title=chosen.title,
        head=current.head,
        stretches=groups,
        keeps=[] if chosen.kind == "action" else [one for one in chosen.attributed if not one.evidence],
        why=why,
        paths=chosen.paths,
    )


def _with_commits(workspace: Workspace, current: World, draft: Draft, built: Built) -> Draft:
    """The draft with the branch moved to the reverts."""
    head = current.head
    if built.conflicts:
        return replace(draft, conflicts=[*built.conflicts, *draft.conflicts])
    if not built.commits:
        return draft
    tip = built.commits[-1]
    return replace(
        draft,
        head=replace(head, branch=None, oid=tip) if head.branch is None else None,
        refs=[] if head.branch is None else [RefUpdate(name=head.branch, new=tip, old=head.oid)],
        blocked=[*draft.blocked, *unfinished(workspace), *used_elsewhere(workspace, head.branch)],
    )


def _notes(draft: Draft, selection: Selection) -> list[str]:
    notes = [f"{one.path}: {one.why}" for one in draft.keeps]
    if selection.keeps:
        notes.append("Where a commit that stays holds changes that go, the worktree loses them uncommitted.")
    return notes


def restoring_only(
    workspace: Workspace, checkpoint: Checkpoint, only: str, paths: Sequence[str], guard: BranchGuard
) -> Compute:
    """What an agent, or one action, changed since a checkpoint goes from the worktree and the index.

    Commits stay where they are.

    Raises:
        InvalidInputError: see `choose`.
    """
    wanted = [normal_path(path) for path in paths]
    if "" in wanted:
        wanted = []

    def compute(current: World) -> Draft:
        chosen = since_checkpoint(workspace, checkpoint, only, wanted)
        own = _collect(workspace, chosen, current)
        draft = take_out(workspace, current, own, (), chosen.base, chosen.name, guard)
        stays = "stays committed: plan_rollback with the same `only` reverts it"
        keeps = [Note(path=f"commit {one[:7]}", why=stays) for one in chosen.commits]
        return replace(draft, keeps=[*draft.keeps, *keeps])

    return compute
