"""What a rollback reaches beyond the files it changes: shared by the tools that plan, do or look at one."""

import threading
from collections.abc import Sequence

from ..core.errors import GitError, NotFoundError, Refusal
from ..core.gate.objects import MODE_GITLINK, Entry
from ..core.gate.trees import diff_trees
from ..core.ids import CheckpointId
from ..core.revert.grouping import commit_tree
from ..core.revert.plan import Rollback
from ..core.revert.preview import preview
from ..core.revert.targets import Selection
from ..core.session import Session
from ..core.snapshot.capture import capture
from ..core.snapshot.seed import sizes_here
from ..core.snapshot.take import find
from ..core.text import clean, plural, show_path
from ..core.workspace import Workspace
from ..impact.commits.sets import SECONDS
from ..impact.dependents import Dependent
from ..impact.going import Going, going
from ..impact.graph import Graph
from ..impact.library import Library
from ..impact.radius import Radius, radius
from .desk import Desk
from .results import Part

# What takes out a part: beside it stands work that was made with it.
_SURGICAL = frozenset({"commit", "commits", "merge", "range", "paths", "action"})
_SHOWN = 10


class View:
    """The files of the worktree now, and their graph.

    Args:
        desk: the call.
        library: of its repository.
    """

    def __init__(self, desk: Desk, library: Library) -> None:
        workspace = desk.workspace
        library.prepare()
        with workspace.worktree_lock("look"):
            self.tree = capture(workspace, desk.policy).tree
        self._desk = desk
        self.library = library
        self.today = self.library.graph(self.tree)

    def within(self, paths: Sequence[str]) -> list[str]:
        """Files at and below paths."""
        return [path for path in self.today.listed if below(path, paths)]

    def without(self, selection: Selection) -> tuple[dict[str, Entry | None], Sequence[str]]:
        """What taking a selection out changes, and the paths in which later work overlaps with it."""
        workspace = self._desk.workspace
        assert selection.head.oid is not None
        head_tree = commit_tree(workspace, selection.head.oid)
        try:
            seen = preview(workspace, selection, head_tree)
        except GitError:
            changes = self._as_before(selection)
            if changes is None:
                raise
            return changes, ()
        return dict(seen.changes), seen.conflicts

    def _as_before(self, selection: Selection) -> dict[str, Entry | None] | None:
        """A selection's files as they were before it, if a merge needs what a partial clone lacks; else None."""
        git = self._desk.workspace.repository.git
        rows = [row for one in selection.stretches for row in diff_trees(git, one.newest, one.oldest)]
        blobs = {side.oid for row in rows for side in (row.old, row.new) if side and side.mode != MODE_GITLINK}
        lacking = len(sizes_here(git, blobs)) < len(blobs)
        return {row.path: row.new for row in rows} if lacking else None

    def going(self, selection: Selection) -> Going | None:
        """See `going_with`."""
        return going_with(self._desk.workspace, self.library, self.today, selection)


def going_with(
    workspace: Workspace, library: Library, graph: Graph, selection: Selection, seconds: float = SECONDS
) -> Going | None:
    """What has to go with a selection's commits; None if it has none on this branch.

    Args:
        workspace: the worktree.
        library: of its repository.
        graph: of HEAD, or of the worktree.
        selection: the commits.
        seconds: for making the set smaller.
    """
    commits, tip = selection.commits, selection.head.oid
    if not commits or tip is None:
        return None
    parents = commits[-1].parents
    line = workspace.repository.git.out("rev-list", "--first-parent", tip, *([f"^{parents[0]}"] if parents else []))
    targets = {commit.oid for commit in commits}
    if not targets.intersection(line.split()):
        return None
    return going(library, graph, tip, parents[0] if parents else None, targets, seconds=seconds)


_last: tuple[str, Library] | None = None
_guard = threading.Lock()


def library_of(workspace: Workspace) -> Library:
    """What is known of a repository; kept, for a session asks about nearly the same state again and again."""
    global _last  # noqa: PLW0603
    with _guard:
        known = _last
        if known is None or known[0] != workspace.state_dir:
            known = _last = (workspace.state_dir, Library(workspace.repository))
        return known[1]


def below(path: str, roots: Sequence[str]) -> bool:
    """Whether a path is one of these, or below one."""
    return any(root == "" or path == root or path.startswith(f"{root}/") for root in roots)


class Broken(Part):
    """A file that a rollback would leave broken, and the line that shows it."""

    path: str
    line: int
    names: list[str]
    text: str


class Impact(Part):
    """What a rollback reaches beyond the files it changes; blast_radius says more."""

    estimate: str
    will_break: list[Broken]
    will_break_total: int
    likely: int
    coverage: str


def reach_of(desk: Desk, rollback: Rollback) -> Radius | None:
    """What a plan reaches among what is committed; None where that cannot be worked out.

    Looking at the worktree too would cost as much as a checkpoint; blast_radius does.
    """
    changes = {one.path: one.new for one in rollback.changed}
    head = rollback.selection.head.oid
    if not changes or head is None:
        return None
    try:
        library = library_of(desk.workspace)
        with library.helped():
            return radius(library, library.graph(commit_tree(desk.workspace, head)), changes)
    except (GitError, NotFoundError):
        # A partial clone may lack what would have to be read.
        return None


def broken_since(desk: Desk, session: Session) -> list[Dependent]:
    """Files that break by what changed since a session began, committed or not; none where it has no beginning."""
    if session.checkpoint is None:
        return []
    workspace = desk.workspace
    before = find(workspace, CheckpointId(session.checkpoint)).worktree
    with workspace.worktree_lock("look"):
        now = capture(workspace, desk.policy).tree
    changes = {one.path: one.new for one in diff_trees(workspace.repository.git, before, now)}
    if not changes:
        return []
    library = library_of(workspace)
    with library.helped():
        found = radius(library, library.graph(before), changes)
    # A file of the session itself is judged when it is done.
    return [one for one in left_broken(found) if not one.changes]


def left_broken(found: Radius | None) -> list[Dependent]:
    """Files that will break."""
    return [] if found is None else [one for one in found.dependents if one.tier == "will_break"]


def show_impact(found: Radius | None) -> Impact:
    """A reach in short."""
    if found is None:
        return Impact(estimate="Not known.", will_break=[], will_break_total=0, likely=0, coverage="unresolved")
    broken = left_broken(found)
    return Impact(
        estimate=found.estimate,
        will_break=[
            Broken(
                path=show_path(one.path),
                line=one.via[0].line,
                names=[clean(name, limit=100) for name in one.via[0].names[:5]],
                text=clean(one.via[0].text, limit=200),
            )
            for one in broken[:_SHOWN]
        ],
        will_break_total=len(broken),
        likely=found.count("likely"),
        coverage=found.coverage.level,
    )


def humans_in(desk: Desk, rollback: Rollback) -> list[str]:
    """Files from which a session's rollback takes lines that a human had left uncommitted when it began."""
    if rollback.selection.kind != "session" or desk.session is None or desk.session.checkpoint is None:
        return []
    git, base = desk.workspace.repository.git, desk.session.base_commit
    before = find(desk.workspace, CheckpointId(desk.session.checkpoint)).worktree
    start = desk.workspace.repository.empty_tree if base is None else f"{base}^{{tree}}"
    theirs = {one.path: one for one in diff_trees(git, start, before)}

    def lines(entry: Entry | None) -> set[bytes]:
        return set() if entry is None else set(desk.workspace.reader.read(entry.oid).data.splitlines())

    return [
        one.path
        for one in rollback.changed
        if (human := theirs.get(one.path)) is not None
        and (lines(human.new) - lines(human.old)) & (lines(one.old) - lines(one.new))
    ]


def takes_humans(paths: Sequence[str], digest: str) -> Refusal:
    """Why a session's rollback is refused for what of a human's its commits hold."""
    return Refusal(
        rule="humans-work",
        why=f"The session committed what the human had left uncommitted in {plural(len(paths), 'file')}; "
        "the rollback would take it out of the worktree.",
        evidence=[show_path(path) for path in paths[:_SHOWN]],
        instead='Plan again with only="agent": that leaves the human\'s bytes. '
        f"Or a human allows it as it is: `safe-rollback grant --plan {digest}`.",
    )


def surgical(rollback: Rollback) -> bool:
    """Whether a plan takes out a part of what was made together."""
    return rollback.selection.kind in _SURGICAL


def leaves_broken(rollback: Rollback, broken: Sequence[Dependent], digest: str, way: str = "") -> Refusal | None:
    """Why a plan is refused for what it leaves behind; None if it is not.

    Args:
        rollback: the plan.
        broken: files it leaves broken.
        digest: the plan's.
        way: the sentence that says what to plan instead; empty where that is not known.
    """
    if not broken or not surgical(rollback):
        return None
    evidence = [f"{show_path(one.path)}:{one.via[0].line}: {clean(one.via[0].text, limit=150)}" for one in broken]
    return Refusal(
        rule="leaves-broken",
        why=f"The rollback would leave {plural(len(broken), 'file')} broken: what they use disappears.",
        evidence=evidence[:_SHOWN],
        instead=f"{_way_on(rollback, way)} A human may allow it as it is: `safe-rollback grant --plan {digest}`.",
    )


def _way_on(rollback: Rollback, way: str) -> str:
    mend = "Mend those files so that they do without it and plan again"
    if rollback.selection.kind == "action":
        return f"{mend}, or plan the whole session."
    if way:
        return f"{way} Or mend those files so that they do without it."
    along = "blast_radius names those commits (minimum_revert_set)"
    return f"{mend}; or take what uses it along: {along}; or plan the whole session."
