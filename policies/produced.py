"""Which files that no checkpoint holds an agent's own recorded actions wrote, and nobody since."""

import os
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from ..core.clock import parse_stamp
from ..core.late import late
from ..core.ledger.events import ActionRecorded, CheckpointTaken, SessionEnded
from ..core.session import Session
from ..core.workspace import Workspace
from .effects import Effect
from .gitcontext import context_of
from .hook import WHOLE_FILE_TOOLS
from .shell.analysis import analyse
from .shell.context import Context

# What is moved or linked to a name may be a human's all the same.
_CARRIED = late(r"(?:\S*/)?(?:g?mv|ln)\s|.*\s-\w*[ls]|.*\s--(?:symbolic-)?link")
# Stamps end at the millisecond, file times do not.
_STAMP = 1_000_000


class _Written(NamedTuple):
    """An action: its tool, its command, the files it named, and when it can have changed any, in nanoseconds."""

    tool: str
    command: str
    paths: tuple[str, ...]
    after: int
    until: int


class Produced:
    """What a session's actions wrote, as far as the ledger and the files' times prove it.

    A checkpoint cannot tell whose an ignored file is. The guard lets no action replace one that is a human's, so one
    that a recorded action replaced is the agent's, if nothing has touched it since that action ended.

    Args:
        workspace: the worktree.
        session: whose actions count; with None those outside of sessions since the last one ended.
    """

    def __init__(self, workspace: Workspace, session: Session | None) -> None:
        self._workspace = workspace
        self._session = None if session is None else session.id

    def wrote(self, path: str) -> bool:
        """Whether a file, from the root, is what one of the actions left there."""
        try:
            changed = os.lstat(os.path.join(self._workspace.root, path)).st_ctime_ns
        except OSError:
            return False
        name = os.path.basename(path)
        for one in self._actions:
            if not one.after <= changed <= one.until:
                continue
            if path in one.paths and one.tool.lower() in WHOLE_FILE_TOOLS:
                return True
            if name in one.command and any(_replaces(effect, path) for effect in analyse(one.command, self._context)):
                return True
        return False

    @cached_property
    def _context(self) -> Context:
        # Where an action ran is not recorded: from elsewhere its names would not be these, nor its times fit.
        return context_of(self._workspace)

    @cached_property
    def _actions(self) -> list[_Written]:
        return list(self._recorded())

    def _recorded(self) -> Iterator[_Written]:
        ledger, worktree = self._workspace.ledger, self._workspace.repository.worktree_id
        taken: dict[str, str] = {}
        last, begins = "", 0
        if self._session is None:
            ended = ledger.records(SessionEnded, newest_first=True, limit=1)
            begins = ended[0].seq if ended else 0
        for record in ledger.records(CheckpointTaken, ActionRecorded):
            event = record.event
            if isinstance(event, CheckpointTaken):
                taken[event.checkpoint] = record.at
            elif isinstance(event, ActionRecorded) and event.worktree == worktree:
                since, last = max(taken.get(event.before, record.at), last), record.at
                if event.session == self._session and record.seq > begins:
                    until = _nanoseconds(last) + _STAMP
                    yield _Written(event.tool, event.command, tuple(event.paths), _nanoseconds(since), until)


def _replaces(effect: Effect, path: str) -> bool:
    if effect.stake is None or path not in effect.stake.paths:
        return False
    if effect.effect == "file.write":
        return effect.stake.unheld
    return effect.effect == "worktree.discard" and not _CARRIED.match(effect.span)


def _nanoseconds(stamp: str) -> int:
    return round(parse_stamp(stamp).timestamp() * 1000) * 1_000_000
