"""Which uncommitted content is wholly the agent's own: a fold over the recorded actions.

Taking too little for the agent's costs a refusal; taking a human's bytes for it would cost the
bytes. So whatever is not known to be the agent's is not.
"""

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence

from ..errors import GitError, NotFoundError
from ..files import canonical_json, read_json, write_atomically
from ..gate.objects import Entry
from ..gate.trees import Difference, diff_trees
from ..ids import Oid, oid
from ..ledger.events import ActionRecorded, SessionEnded, SessionStarted
from ..session import Session
from ..snapshot.chain import load_through, tree_of
from ..snapshot.checkpoint import Checkpoint
from ..workspace import Workspace
from .sight import entries_at, really_changed, stash_of
from .timeline import Act, Moment, Stretch, actions, moments, owns, stretches

_FORMAT = 1
_CACHE = "owned.json"


def agent_content(workspace: Workspace, session: Session | None) -> dict[str, Entry | None]:
    """The paths that are wholly the agent's own, with the content its last action left there.

    A path is the agent's if, each time one of its actions changed it, nothing stood there before,
    or what HEAD had, or what was the agent's already; and if nobody changed it between actions.
    Bytes that were seen as a human's uncommitted ones stay the human's wherever they are moved.

    Args:
        workspace: the worktree.
        session: whose actions count; with None those outside of sessions since the last session
            here ended.

    Returns:
        Path to mode and blob, None for one that the agent deleted. What stands there now counts
        as the agent's only if it is exactly this.
    """
    name = None if session is None else session.id
    fold = _Fold(workspace, name, _beginning(workspace, name))
    fold.run()
    return fold.owned


def _beginning(workspace: Workspace, session: str | None) -> int:
    """The record after which actions count: the session's start, or the end of the last session here."""
    worktree, here, last = workspace.repository.worktree_id, set[str](), 0
    for record in workspace.ledger.records(SessionStarted, SessionEnded):
        event = record.event
        if isinstance(event, SessionStarted) and event.worktree == worktree:
            if event.session == session:
                return record.seq
            here.add(event.session)
        elif isinstance(event, SessionEnded) and event.session in here:
            last = record.seq
    return last


class _Fold:
    """The state of the fold, and the file that remembers it."""

    def __init__(self, workspace: Workspace, session: str | None, first: int) -> None:
        self._workspace = workspace
        self._session = session
        self._first = first
        self._empty = workspace.writer.name("blob", b"")
        self._heads: dict[str, Checkpoint] = {}
        self.owned: dict[str, Entry | None] = {}
        self._humans: set[Oid] = set()
        self._point: str | None = None

    def run(self) -> None:
        """Fold everything up to now, from where the file left off."""
        folded = self._remembered()
        new = actions(self._workspace, after=folded)
        if not new:
            return
        known = moments(self._workspace)
        start = None if self._point is None else known.get(self._point)
        if folded > self._first and (start is None or self._reaches_back(new, known, start)):
            self.owned, self._humans, start = {}, set(), None
            new = actions(self._workspace, after=self._first)
        if start is None and not any(map(self._mine, new)):
            return
        for stretch in stretches(new, known, () if start is None else (start,)):
            self._step(stretch)
            self._point = stretch.after.id
        if self._point is not None:
            self._remember(new[-1].seq)

    @staticmethod
    def _reaches_back(new: Sequence[Act], known: Mapping[str, Moment], start: Moment) -> bool:
        """Whether one began before what is folded already ended: then that was folded without it."""
        return any(act.before in known and known[act.before].seq < start.seq for act in new)

    def _mine(self, act: Act) -> bool:
        return act.session == self._session and act.seq > self._first

    def _step(self, stretch: Stretch) -> None:
        if stretch.before.tree == stretch.after.tree:
            return
        mine = [act for act in stretch.acts if self._mine(act)]
        others = [act for act in stretch.acts if not self._mine(act)]
        try:
            rows = diff_trees(self._workspace.repository.git, stretch.before.tree, stretch.after.tree)
            ours = [row for row in rows if mine and owns(row.path, mine, others)]
            if ours:
                ours = self._really_changed(stretch, rows, ours)
            ids = {row.path for row in ours}
            self._given_up([row for row in rows if row.path not in ids], stretch.after)
            self._taken(ours, stretch)
        except (GitError, NotFoundError):
            # Retention dropped a checkpoint: nobody can say any more what was whose.
            self.owned.clear()

    def _given_up(self, rows: Sequence[Difference], after: Moment) -> None:
        """What changed without the agent is the human's; what equals HEAD is nobody's."""
        if not rows:
            return
        committed = self._committed(after, [row.path for row in rows])
        for row in rows:
            self.owned.pop(row.path, None)
            if row.new is not None and row.new != committed.get(row.path):
                self._humans.add(row.new.oid)

    def _taken(self, rows: Sequence[Difference], stretch: Stretch) -> None:
        if not rows:
            return
        committed = self._committed(stretch.before, [row.path for row in rows if row.old is not None])
        free = set()
        for row in rows:
            if row.old in (None, committed.get(row.path)) or self.owned.get(row.path) == row.old:
                free.add(row.path)
            elif row.old is not None:
                self._humans.add(row.old.oid)
        unstashed = self._stashed(stretch.before) != self._stashed(stretch.after)
        written = {entry for entry in self.owned.values() if entry is not None}
        for row in rows:
            moved = row.new is not None and row.new.oid in self._humans and row.new.oid != self._empty
            if row.path not in free or moved or (unstashed and row.new is not None and row.new not in written):
                self.owned.pop(row.path, None)
            else:
                self.owned[row.path] = row.new

    def _really_changed(
        self, stretch: Stretch, rows: Sequence[Difference], ours: Sequence[Difference]
    ) -> list[Difference]:
        before, after = self._checkpoint(stretch.before), self._checkpoint(stretch.after)
        return really_changed(self._workspace, before, after, rows, ours)

    def _checkpoint(self, moment: Moment) -> Checkpoint:
        if moment.id not in self._heads:
            self._heads[moment.id] = load_through(self._workspace.reader, moment.commit)
        return self._heads[moment.id]

    def _stashed(self, moment: Moment) -> Oid | None:
        return stash_of(self._workspace.reader, self._checkpoint(moment))

    def _committed(self, moment: Moment, paths: Iterable[str]) -> dict[str, Entry]:
        head = self._checkpoint(moment).head.oid
        if head is None:
            return {}
        reader = self._workspace.reader
        return entries_at(reader, tree_of(reader, head), paths)

    def _remembered(self) -> int:
        """Take up what the file holds, if it fits the ledger; the last record folded."""
        nothing = self._first
        data = read_json(self._file)
        try:
            if [data["format"], data["session"], data["first"]] != [_FORMAT, self._session, self._first]:
                return nothing
            records = self._workspace.ledger.records(ActionRecorded, after=data["seq"] - 1, limit=1)
            if not records or [records[0].seq, records[0].hash] != [data["seq"], data["hash"]]:
                return nothing
            owned = {
                str(path): None if entry is None else Entry(mode=str(entry[0]), oid=oid(entry[1]))
                for path, entry in data["owned"].items()
            }
            humans, point = {oid(name) for name in data["humans"]}, str(data["point"])
        except (TypeError, KeyError, ValueError, AttributeError, IndexError):
            return nothing
        self.owned, self._humans, self._point = owned, humans, point
        return records[0].seq

    def _remember(self, seq: int) -> None:
        record = self._workspace.ledger.records(ActionRecorded, after=seq - 1, limit=1)[0]
        data = {
            "format": _FORMAT,
            "session": self._session,
            "first": self._first,
            "seq": seq,
            "hash": record.hash,
            "point": self._point,
            "owned": {path: None if one is None else [one.mode, one.oid] for path, one in self.owned.items()},
            "humans": sorted(self._humans),
        }
        with contextlib.suppress(OSError):
            # It is only remembered: what cannot be written is folded again.
            write_atomically(self._file, canonical_json(data).encode())

    @property
    def _file(self) -> str:
        return os.path.join(self._workspace.worktree_dir, _CACHE)
