"""Works out beside the calls what a plan for the running session will need, so that nobody waits for it then."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..core.errors import InvalidInputError
from ..core.gate.trees import diff_trees
from ..core.history import changed_by
from ..core.ids import Oid
from ..core.leaks import leaks
from ..core.revert.grouping import commit_tree
from ..core.revert.targets import Selection, select
from ..core.workspace import Workspace
from ..impact.garbage import tidy
from ..impact.radius import radius
from .desk import Desk
from .inventories import inventory_of
from .reach import going_with, library_of
from .subject import of_selection

MOST_FILES = 20_000
"""Of a larger project nothing is read before somebody asks: it would keep the machine busy for too long."""

_TURN = 0.001


def read_ahead(workspace: Workspace, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Read what stands in HEAD and what the session committed; the answers are thrown away, what was read is kept.

    Args:
        workspace: the worktree.
        stopped: asked between steps whether nobody needs it any more.

    Returns:
        Whether all was read: a session runs, the project is not too large, and nobody stopped it.

    Raises:
        SafeRollbackError: if the repository cannot be read.
    """
    if workspace.interrupted:
        return False
    desk = Desk(workspace)
    head = desk.head.oid
    if desk.session is None or head is None:
        return False
    with _taking_turns():
        return all(not stopped() and step() for step in _Steps(desk, head).all)


class _Steps:
    """What is read, in order; each says whether to go on.

    Args:
        desk: a call's.
        head: HEAD's commit.
    """

    def __init__(self, desk: Desk, head: Oid) -> None:
        self._desk, self._workspace = desk, desk.workspace
        self._library, self._tree = library_of(desk.workspace), commit_tree(desk.workspace, head)
        self._selection = _committed(desk.workspace)
        self.all = (self._files, self._reach, self._inventory, self._secrets, self._garbage)

    def _files(self) -> bool:
        with self._library.helped():
            listing = self._library.listing(self._tree)
            if len(listing) > MOST_FILES:
                return False
            self._library.graph(self._tree)
            self._library.index(listing)
        return True

    def _reach(self) -> bool:
        if self._selection is None:
            return True
        git, oldest = self._workspace.repository.git, self._selection.stretches[-1].oldest
        changes = {one.path: one.new for one in diff_trees(git, self._tree, oldest)}
        with self._library.helped():
            graph = self._library.graph(self._tree)
            radius(self._library, graph, changes, words=True)
            going_with(self._workspace, self._library, graph, self._selection)
        return True

    def _inventory(self) -> bool:
        if self._selection is not None:
            inventory_of(self._desk, of_selection(self._desk, "session", self._selection), live=False)
        return True

    def _secrets(self) -> bool:
        if self._selection is not None:
            leaks(self._workspace, changed_by(self._workspace, self._selection.commits))
        return True

    def _garbage(self) -> bool:
        tidy()
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
