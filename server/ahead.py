"""Reads ahead while the server has nothing else to do: once some quiet follows what may have changed something."""

import logging
import threading

from ..core.errors import SafeRollbackError
from .host import Host

QUIET = 2.0
"""Seconds without a call or a hook before it begins."""
_LAST_SECONDS = 1.0

logger = logging.getLogger("safe_rollback")


class Ahead:
    """A thread of its own: the server ends without waiting for it to finish.

    Args:
        host: the worktree.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="ahead")

    def start(self) -> None:
        """Begin to wait for the first change."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more; what is under way may end with the step it is at, if that does not take long."""
        self._stopped = True
        self._host.changed.set()
        self._thread.join(_LAST_SECONDS)

    def _run(self) -> None:
        changed = self._host.changed
        while True:
            changed.wait()
            while not self._stopped and changed.is_set():
                changed.clear()
                changed.wait(QUIET)
            if self._stopped:
                return
            self._read()

    def _read(self) -> None:
        from ..tools.read_ahead import read_ahead  # late: the first answer does not wait for what this needs

        try:
            read_ahead(self._host.workspace(), lambda: self._stopped)
        except SafeRollbackError as error:
            logger.info("reading ahead: %s", error)  # whoever asks hears why
        except Exception:
            logger.exception("reading ahead")
