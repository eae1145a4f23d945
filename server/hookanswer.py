"""Answers one hook event. What a command that only reads needs stands here; the rest is loaded when it is needed."""

import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import TYPE_CHECKING

from ..core.errors import SafeRollbackError
from ..policies.hook import HookAnswer, HookEvent
from .clients import NAMES, client_named
from .clients.client import Client
from .hooksocket import SECONDS, socket_path, worktree_around

if TYPE_CHECKING:
    from .hookdecision import Opener

Said = tuple[str, str, int]
"""Standard output, standard error, exit code."""

_REFUSED = 2
_RULES = ("CLAUDE.md", "AGENTS.md")
# Between the first ring and the next lies what is needed to say no.
_AGAIN = 5.0


class TooSlowError(SafeRollbackError):
    """The client would soon give up, and let the command run."""

    def __init__(self) -> None:
        super().__init__(f"it did not finish within {SECONDS:.0f} s.", hint="Something keeps the repository busy.")


def answer(
    argv: Sequence[str],
    data: bytes,
    cwd: str,
    environ: Mapping[str, str],
    opened: "Opener | None" = None,
    early: Callable[[Said], None] | None = None,
) -> Said:
    """Answer the event in `data`.

    Args:
        argv: the client's name; or `git`, the hook's name and its arguments.
        data: what stood on standard input.
        cwd: where the hook runs.
        environ: its environment.
        opened: lends the workspace of a directory; by default it is opened here.
        early: takes the answer where it stands before the work is done; see `guard.answer`.
    """
    if argv[0] == "git":
        return _git(argv[1:], data, cwd, environ)
    found = _understood(argv[0], data)
    if isinstance(found, str):
        return "", found, _REFUSED
    client, event = found
    if _nothing_to_do(event):
        return _said(client, event, HookAnswer())
    from .hookdecision import decided

    def settled() -> None:
        if early is not None:
            early(_said(client, event, HookAnswer()))

    return _said(client, event, decided(event, opened, settled))


def refused(argv: Sequence[str], data: bytes, why: str) -> Said:
    """The answer where nothing can be decided: a no to what would change something, in the client's words."""
    found = "" if argv[0] == "git" else _understood(argv[0], data)
    if isinstance(found, str):
        return "", found or f"safe-rollback: {why}\n", _REFUSED
    from .hookdecision import failed

    client, event = found
    return _said(client, event, failed(event, why))


def _said(client: Client, event: HookEvent, answered: HookAnswer) -> Said:
    said = client.render(event, answered)
    if event.moment == "after" and answered.reason and not said.stderr:
        # No client takes a no here; its log, or ours, keeps why there is no checkpoint.
        return said.stdout, answered.reason + "\n", said.exit_code
    return said.stdout, said.stderr, said.exit_code


def _understood(name: str, data: bytes) -> tuple[Client, HookEvent] | str:
    """The client and its event; or what is wrong with them."""
    client = client_named(name)
    if client is None:
        return f"safe-rollback: there is no client {name[:100]!r}; name one of {', '.join(NAMES)}.\n"
    try:
        return client, client.parse(json.loads(data))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return f"safe-rollback: this event does not read, so nothing runs: {str(error)[:500]!r}\n"


def _nothing_to_do(event: HookEvent) -> bool:
    """Whether the event needs no repository: a command that only reads, or the end of one."""
    if event.kind == "read":
        return True
    path, root = socket_path(event.cwd), worktree_around(event.cwd)
    if path is None or root is None:
        return False
    folder = os.path.dirname(path)
    if event.moment == "after":
        # What began and has to be recorded stands there.
        return not os.path.isdir(os.path.join(folder, "pending")) or not os.listdir(os.path.join(folder, "pending"))
    if event.moment != "before" or event.kind != "shell":
        return False
    from ..policies.shell.analysis import analyse

    # Nothing of the repository turns one of these into something else: git's own names are no aliases.
    reads = all(effect.effect == "state.read" for effect in analyse(event.command))
    return reads and not _judges_reading(root)


def _judges_reading(root: str) -> bool:
    """Whether the project may have a rule about commands that only read."""
    for name in _RULES:
        with contextlib.suppress(OSError), open(os.path.join(root, name), "rb") as file:
            if b"state.read" in file.read():
                return True
    return False


def _git(argv: Sequence[str], data: bytes, cwd: str, environ: Mapping[str, str]) -> Said:
    if not argv:
        return "", "usage: safe-rollback-hook git <hook> [arguments]\n", _REFUSED
    from ..policies import githooks

    said = githooks.run(argv[0], argv[1:], data, cwd, environ)
    return "", said.stderr, said.exit_code


@contextlib.contextmanager
def in_time(seconds: float = SECONDS) -> Iterator[None]:
    """Raises inside when the time a client gives a hook is nearly over; in a process's main thread only."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
