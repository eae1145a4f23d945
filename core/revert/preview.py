"""What taking a selection out would leave in the files, conflicts or not: to look at, never to apply."""

from collections.abc import Mapping, Sequence

from ..gate.objects import Entry
from ..gate.trees import diff_trees
from ..ids import Oid
from ..records import dataclass
from ..workspace import Workspace
from .build import without
from .sight import entries_at
from .targets import Selection


@dataclass(frozen=True, kw_only=True)
class Preview:
    """HEAD's files without a selection.

    Attributes:
        changes: by path the entry that would stand there, None where none would.
        conflicts: paths that later changes overlap with; they are taken to be as they were before the selection.
    """

    changes: Mapping[str, Entry | None]
    conflicts: Sequence[str]


def preview(workspace: Workspace, selection: Selection, head_tree: Oid) -> Preview:
    """Take a selection out of HEAD's tree, without commits and whatever comes of it."""
    tree = head_tree
    forced: dict[str, Entry | None] = {}
    for stretch in selection.stretches:
        merged = without(workspace, stretch, selection.paths, tree)
        tree = merged.tree
        paths = [one.path for one in merged.conflicts]
        older = entries_at(workspace.reader, stretch.oldest, paths)
        forced |= {path: older.get(path) for path in paths}
    changes = {one.path: one.new for one in diff_trees(workspace.repository.git, head_tree, tree)}
    return Preview(changes={**changes, **forced}, conflicts=sorted(forced))
