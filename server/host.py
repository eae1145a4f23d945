"""The worktree a server works on: opened late, so that a server in the wrong place can say so."""

import logging
import threading

from ..core.errors import SafeRollbackError
from ..core.session import active_session
from ..core.snapshot.take import Label, take_if_changed
from ..core.transition.recover import recover
from ..core.workspace import Workspace, open_workspace
from ..policies.protocol.force import in_force
from ..policies.protocol.model import Protocol

logger = logging.getLogger("safe_rollback")


class Host:
    """Holds the workspace of a server.

    Args:
        root: a directory in the worktree.

    Attributes:
        changed: set after each call and hook that may have changed something.
    """

    def __init__(self, root: str) -> None:
        self.changed = threading.Event()
        self._root = root
        self._workspace: Workspace | None = None
        self._guard = threading.Lock()

    def workspace(self) -> Workspace:
        """The workspace, opened at first use.

        Raises:
            SafeRollbackError: if there is no usable repository; the next call tries again.
        """
        with self._guard:
            if self._workspace is None:
                self._workspace = open_workspace(self._root)
            return self._workspace

    def begin(self) -> None:
        """Finish what a crash interrupted; said in the log and with the next answer."""
        try:
            workspace = self.workspace()
            with workspace.worktree_lock("start"):
                for notice in recover(workspace):
                    logger.warning("%s", notice)
        except SafeRollbackError as error:
            logger.warning("%s", error)

    def interval(self) -> float:
        """Seconds between automatic checkpoints."""
        try:
            workspace = self.workspace()
            return float(in_force(workspace, active_session(workspace)).protocol.checkpoint_every)
        except SafeRollbackError:
            return float(Protocol().checkpoint_every)

    def automatic_checkpoint(self) -> str | None:
        """Take a checkpoint if a session runs and something changed; its id, or None."""
        try:
            workspace = self.workspace()
            session = active_session(workspace)
            if session is None:
                return None
            policy = in_force(workspace, session).protocol.capture
            taken = take_if_changed(workspace, session.id, policy, Label(reason="automatic"))
            from ..tools.desk import Desk  # late: hooks are answered before tools are needed
            from ..tools.triggered import respond

            respond(Desk(workspace))
        except SafeRollbackError as error:
            logger.warning("automatic checkpoint: %s", error)
            return None
        return None if taken is None else taken.id
