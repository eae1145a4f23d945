"""Answers hook processes from the running server, where everything is loaded already."""

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator

from ..core.errors import SafeRollbackError
from ..core.files import make_private
from ..core.workspace import Workspace
from .hookanswer import Said, answer
from .hookdecision import open_around
from .hooksocket import NAME, pack, socket_path, unpack
from .host import Host

logger = logging.getLogger("safe_rollback")
_SECONDS = 50.0
_LAST_SECONDS = 5.0


class HookServer:
    """Listens in the worktree's state directory while the server runs.

    Args:
        host: the worktree.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._path = ""
        self._socket: socket.socket | None = None
        self._unfinished: list[threading.Event] = []

    def start(self) -> bool:
        """Listen, unless another server of this worktree does already."""
        try:
            workspace = self._host.workspace()
        except SafeRollbackError:
            return False
        path = os.path.join(workspace.worktree_dir, NAME)
        if socket_path(workspace.root) != path or _answers(path):
            return False
        make_private(workspace.worktree_dir)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self._path, self._socket = path, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(path)
        os.chmod(path, 0o600)
        self._socket.listen(32)
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True, name="hooks").start()
        return True

    def stop(self) -> None:
        """Stop listening; what was answered early is finished first."""
        self._wait(_LAST_SECONDS)
        if self._socket is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)
            self._socket.close()
            self._socket = None

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for rest in list(self._unfinished):
            rest.wait(max(until - time.monotonic(), 0))

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return  # stopped
            threading.Thread(target=self._serve, args=(connection,), daemon=True, name="hook").start()

    def _serve(self, connection: socket.socket) -> None:
        # A process that hears nothing answers by itself, and refuses if it cannot.
        with connection, contextlib.suppress(OSError):
            connection.settimeout(_SECONDS)
            try:
                self._answer(connection, unpack(connection.recv))
            except Exception:
                logger.exception("a hook")

    def _answer(self, connection: socket.socket, fields: list[bytes]) -> None:
        cwd, data, count, *words = fields
        text = [word.decode(errors="surrogateescape") for word in words]
        argv, environment = text[: int(count)], text[int(count) :]
        environ = {name: value for name, _, value in (one.partition("=") for one in environment)}
        rest, told = threading.Event(), list[Said]()

        def early(said: Said) -> None:
            # The agent need not wait for the checkpoint after its command; what it does next has to.
            told.append(said)
            self._unfinished.append(rest)
            connection.sendall(_packed(said))

        try:
            said = answer(argv, data, cwd.decode(errors="surrogateescape"), environ, self._opened, early)
        finally:
            rest.set()
            if told:
                self._unfinished.remove(rest)
            self._host.changed.set()
        if not told:
            connection.sendall(_packed(said))
        elif said != told[0]:
            # Nobody listens any more; what the agent does next fails for the same reason, or needs it no more.
            logger.error("after a command: %s", " ".join(said[:2]).strip())

    @contextlib.contextmanager
    def _opened(self, cwd: str) -> Iterator[Workspace | None]:
        """Ours, unless the event is about another worktree: a repository inside, say."""
        self._wait(_SECONDS)
        if socket_path(cwd) == self._path:
            yield self._host.workspace()
            return
        other = open_around(cwd)
        try:
            yield other
        finally:
            if other is not None:
                other.close()


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        try:
            connection.connect(path)
        except OSError:
            return False
        return True


def _packed(said: Said) -> bytes:
    out, err, code = said
    return pack([out.encode(errors="surrogateescape"), err.encode(errors="surrogateescape"), b"%d" % code])
