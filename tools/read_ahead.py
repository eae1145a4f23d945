"""Works out beside the calls what a plan for the running session will need, so that nobody waits for it then."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..core.errors import InvalidInputError
from ..core.gate.trees import diff_trees
from ..core.history import changed_by
from ..core.leaks import leaks
from ..core.revert.grouping import commit_tree
from ..core.revert.targets import Selection, select
from ..core.workspace import Workspace
from ..impact.radius import radius
from .desk import Desk
from .inventories import inventory_of
from .reach import going_with, library_of
from .subject import of_selection

MOST_FILES = 20_000
"""Of a larger project nothing is read before somebody asks: it would keep the machine busy for too long."""

_TURN = 0.001


def read_ahead(workspace: Workspace) -> bool:
    """Read what stands in HEAD and what the session committed; the answers are thrown away, what was read is kept.

    Returns:
        Whether there was anything to read: a session runs, and the project is not too large.

    Raises:
        SafeRollbackError: if the repository cannot be read.
    """
    if workspace.interrupted:
        return False
    desk = Desk(workspace)
    head = desk.head.oid
    if desk.session is None or head is None:
        return False
    library, tree = library_of(workspace), commit_tree(workspace, head)
    with _taking_turns(), library.helped():
        listing = library.listing(tree)
        if len(listing) > MOST_FILES:
            return False
        graph = library.graph(tree)
        library.index(listing)
        selection = _committed(workspace)
        if selection is not None:
            oldest = selection.stretches[-1].oldest
            changes = {one.path: one.new for one in diff_trees(workspace.repository.git, tree, oldest)}
            radius(library, graph, changes, words=True)
            going_with(workspace, library, graph, selection)
    if selection is not None:
        inventory_of(desk, of_selection(desk, "session", selection), live=False)
        leaks(workspace, changed_by(workspace, selection.commits))
    return True


def _committed(workspace: Workspace) -> Selection | None:
    try:
        return select(workspace, "session")
    except InvalidInputError:
        return None  # nothing yet


@contextmanager
def _taking_turns() -> Iterator[None]:
    """While this lasts, threads change places often: a call or a hook that comes now hardly waits."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
