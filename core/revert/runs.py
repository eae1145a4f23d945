"""What chosen actions changed, path by path, in runs that can be taken out one by one."""

from collections.abc import Callable, Collection, Mapping, Sequence

from ..gate.objects import Entry
from ..gate.refs import is_ancestor
from ..gate.trees import Difference, diff_trees
from ..ids import MaybeOid, Oid
from ..records import dataclass, field
from ..snapshot.chain import load_through, parents, tree_of
from ..snapshot.checkpoint import Checkpoint, load_sidecar
from ..transition.differences import within
from ..workspace import Workspace
from .sight import really_changed, unstashed
from .timeline import Act, Moment, Stretch, owns


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one path: its entry before and after, None where nothing stood."""

    before: Entry | None
    after: Entry | None


class Runs:
    """Changes in time order. Within a run each path changed from one content to another, with nothing between."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Change]] = []

    def add(self, rows: Sequence[Difference]) -> None:
        """Changes that happened together, later than all before."""
        if not rows:
            return
        last = self.runs[-1] if self.runs else {}
        if not self.runs or any(row.path in last and last[row.path].after != row.old for row in rows):
            # Somebody changed it in between. All begin anew: a renamed file's two paths stay together.
            self.runs.append(last := {})
        for row in rows:
            known = last.get(row.path)
            last[row.path] = Change(before=row.old if known is None else known.before, after=row.new)


@dataclass(kw_only=True)
class Own:
    """Everything chosen actions changed.

    Attributes:
        files: in the worktree.
        index: in what is staged.
        modes: permission bits: path, before, after, in time order.
        made: directories left empty.
        unmade: empty directories that are none any more.
        unclear: paths that changed while others worked too, and nothing says whose they are.
    """

    files: Runs = field(default_factory=Runs)
    index: Runs = field(default_factory=Runs)
    modes: list[tuple[str, int | None, int | None]] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    unmade: set[str] = field(default_factory=set)
    unclear: set[str] = field(default_factory=set)


class Collector:
    """Gathers what chosen actions and commits changed.

    Args:
        workspace: the worktree.
        chosen: whether an action is to be taken out.
        made: the commits those actions made.
        outside: other commits that are to be taken out.
        paths: only these and what is below them; empty means all.
    """

    def __init__(
        self,
        workspace: Workspace,
        chosen: Callable[[Act], bool],
        made: Collection[str],
        outside: Collection[str],
        paths: Sequence[str],
    ) -> None:
        self._workspace = workspace
        self._chosen = chosen
        self._made = frozenset(made)
        self._outside = {*outside}
        self._paths = paths
        self._loaded: dict[str, Checkpoint] = {}
        self.own = Own()

    def stretch(self, stretch: Stretch) -> None:
        """Take up what happened between two moments."""
        mine = [act for act in stretch.acts if self._chosen(act)]
        if mine:
            others = [act for act in stretch.acts if not self._chosen(act)]
            self._acted(self.checkpoint(stretch.before), self.checkpoint(stretch.after), mine, others)
        elif self._outside and not stretch.acts:
            self.committed(self.checkpoint(stretch.before).head.oid, self.checkpoint(stretch.after).head.oid)

    def checkpoint(self, moment: Moment) -> Checkpoint:
        """The checkpoint of a moment.

        Raises:
            NotFoundError: if retention dropped it.
        """
        if moment.id not in self._loaded:
            self._loaded[moment.id] = load_through(self._workspace.reader, moment.commit)
        return self._loaded[moment.id]

    def committed(self, old: MaybeOid, new: MaybeOid) -> None:
        """Take up chosen commits that were made outside of recorded actions.

        Args:
            old: where HEAD was.
            new: where it went.
        """
        if new is None or old == new or not self._outside:
            return
        git = self._workspace.repository.git
        line = git.out("rev-list", "--first-parent", "--reverse", new, *([] if old is None else [f"^{old}"]))
        for name in map(Oid, line.splitlines()):
            if name in self._outside:
                self._outside.discard(name)
                above = parents(self._workspace.reader, name)
                rows = diff_trees(git, self._tree(above[0] if above else None), self._tree(name))
                rows = [row for row in rows if not self._paths or within(row.path, self._paths)]
                self.own.files.add(rows)
                self.own.index.add(rows)

    def _acted(self, before: Checkpoint, after: Checkpoint, mine: Sequence[Act], others: Sequence[Act]) -> None:
        git = self._workspace.repository.git
        brought = self._brought(before.head.oid, after.head.oid)
        rows = diff_trees(git, before.worktree, after.worktree)
        asked = [row for row in rows if self._asked(row.path, mine, others)]
        asked = really_changed(self._workspace, before, after, rows, asked) if asked else []
        back = unstashed(self._workspace.reader, before, after, [row.path for row in asked])
        asked = [row for row in asked if row.new is None or row.new != back.get(row.path)]
        self.own.files.add(_without(asked, brought))
        if all(act.paths for act in (*mine, *others)):
            return
        if not (before.stages or after.stages or others):
            staged = diff_trees(git, before.index_tree, after.index_tree)
            staged = [row for row in staged if not self._paths or within(row.path, self._paths)]
            self.own.index.add(_without(staged, brought))
        self._beside_content(before, after, mine, others)

    def _asked(self, path: str, mine: Sequence[Act], others: Sequence[Act]) -> bool:
        if self._paths and not within(path, self._paths):
            return False
        if owns(path, mine, others):
            return True
        named = any(act.paths and within(path, act.paths) for act in others)
        if others and not named and any(not act.paths for act in mine):
            self.own.unclear.add(path)
        return False

    def _beside_content(
        self, before: Checkpoint, after: Checkpoint, mine: Sequence[Act], others: Sequence[Act]
    ) -> None:
        """Permission bits and empty directories, which no tree holds."""
        if before.sidecar == after.sidecar or others:
            return
        old, new = load_sidecar(self._workspace.reader, before), load_sidecar(self._workspace.reader, after)
        for path in sorted({*old.modes, *new.modes}):
            was, became = old.modes.get(path), new.modes.get(path)
            if was != became and self._asked(path, mine, others):
                self.own.modes.append((path, was, became))
        came = {path for path in {*new.empty} - {*old.empty} if not self._paths or within(path, self._paths)}
        went = {path for path in {*old.empty} - {*new.empty} if not self._paths or within(path, self._paths)}
        self.own.made = (self.own.made - went) | (came - self.own.unmade)
        self.own.unmade = (self.own.unmade - came) | went

    def _brought(self, old: MaybeOid, new: MaybeOid) -> dict[str, Change]:
        """What an action's move of HEAD brought in of others' commits: a switch, a merge, a pull."""
        base = new
        while base is not None and base != old and (base in self._made or base in self._outside):
            self._outside.discard(base)
            above = parents(self._workspace.reader, base)
            base = above[0] if above else None
        if base == old or (
            old is not None and base is not None and is_ancestor(self._workspace.repository, base, old)
        ):
            return {}
        rows = diff_trees(self._workspace.repository.git, self._tree(old), self._tree(base))
        return {row.path: Change(before=row.old, after=row.new) for row in rows}

    def _tree(self, commit: MaybeOid) -> Oid:
        if commit is None:
            return self._workspace.writer.tree({})
        return tree_of(self._workspace.reader, commit)


def _without(rows: Sequence[Difference], brought: Mapping[str, Change]) -> list[Difference]:
    """The differences without what came from others' commits.

    Where uncommitted content stood in the way of such a commit, nothing says who mixed them: left out.
    """
    found = []
    for row in rows:
        change = brought.get(row.path)
        if change is None:
            found.append(row)
        elif change.before == row.old and change.after != row.new:
            found.append(Difference(path=row.path, old=change.after, new=row.new))
    return found
