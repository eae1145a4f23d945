"""What a rollback reaches beyond the files it changes: shared by the tools that plan, do or look at one."""

from collections.abc import Sequence

from ..core.errors import GitError, Refusal
from ..core.gate.objects import Entry
from ..core.gate.trees import diff_trees
from ..core.ids import CheckpointId, Oid
from ..core.revert.grouping import commit_tree
from ..core.revert.plan import Rollback
from ..core.revert.preview import preview
from ..core.revert.targets import Selection
from ..core.session import Session
from ..core.snapshot.capture import capture
from ..core.snapshot.take import find
from ..core.text import clean, plural, show_path
from ..core.workspace import Workspace
from ..impact.breakage import Dependent
from ..impact.going import Going, going
from ..impact.graph import Graph, Library
from ..impact.radius import Radius, radius
from .desk import Desk
from .results import Part

# What takes out a part: beside it stands work that was made with it.
_SURGICAL = frozenset({"commit", "merge", "range", "paths", "action"})
_SHOWN = 10


class View:
    """The files of the worktree now, and their graph.

    Args:
        desk: the call.
    """

    def __init__(self, desk: Desk) -> None:
        workspace = desk.workspace
        with workspace.worktree_lock("look"):
            self.tree = capture(workspace, desk.policy).tree
        self._desk = desk
        self.library, self.today = _graph_of(workspace, self.tree)

    def within(self, paths: Sequence[str]) -> list[str]:
        """Files at and below paths."""
        return [path for path in self.today.listed if below(path, paths)]

    def without(self, selection: Selection) -> tuple[dict[str, Entry | None], Sequence[str]]:
        """What taking a selection out changes, and the paths in which later work overlaps with it."""
        if selection.branch is not None:
            return {}, ()
        workspace = self._desk.workspace
        assert selection.head.oid is not None
        head_tree = commit_tree(workspace, selection.head.oid)
        seen = preview(workspace, selection, head_tree)
        return dict(seen.changes), seen.conflicts

    def going(self, selection: Selection) -> Going | None:
        """What has to go with a selection's commits; None if it has none on this branch."""
        commits, tip = selection.commits, selection.head.oid
        if not commits or tip is None:
            return None
        repository = self._desk.workspace.repository
        parents = commits[-1].parents
        line = repository.git.out("rev-list", "--first-parent", tip, *([f"^{parents[0]}"] if parents else []))
        targets = {commit.oid for commit in commits}.intersection(line.split())
        return going(repository, self.today, tip, parents[0] if parents else None, targets)


_last: tuple[str, Oid, Library, Graph] | None = None


def _graph_of(workspace: Workspace, tree: Oid) -> tuple[Library, Graph]:
    """The graph of a tree; the last one is kept, for a session asks about the same state again and again."""
    global _last  # noqa: PLW0603
    known = _last
    if known is None or known[:2] != (workspace.state_dir, tree):
        library = Library(workspace.repository)
        known = (workspace.state_dir, tree, library, library.graph(library.listing(tree)))
        _last = known
    return known[2], known[3]


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
    """What a plan reaches; None where that cannot be worked out."""
    changes = {one.path: one.new for one in rollback.changed}
    try:
        view = View(desk)
        return radius(view.library, view.today, changes)
    except GitError:
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
    library, graph = _graph_of(workspace, before)
    # A file of the session itself is judged when it is done.
    return [one for one in left_broken(radius(library, graph, changes)) if not one.changes]


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


def surgical(rollback: Rollback) -> bool:
    """Whether a plan takes out a part of what was made together."""
    return rollback.selection.kind in _SURGICAL


def leaves_broken(rollback: Rollback, broken: Sequence[Dependent], digest: str) -> Refusal | None:
    """Why a plan is refused for what it leaves behind; None if it is not."""
    if not broken or not surgical(rollback):
        return None
    evidence = [f"{show_path(one.path)}:{one.via[0].line}: {clean(one.via[0].text, limit=150)}" for one in broken]
    return Refusal(
        rule="leaves-broken",
        why=f"The rollback would leave {plural(len(broken), 'file')} broken: what they use disappears.",
        evidence=evidence[:_SHOWN],
        instead="Call blast_radius with the same target: minimum_revert_set is what has to go together; or plan the "
        f"whole session. If the files are mended anyway, a human runs `safe-rollback grant --plan {digest}`.",
    )
