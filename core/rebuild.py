"""Rebuilds the ledger from the refs, which hold the truth."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing

from .clock import stamp
from .errors import SafeRollbackError
from .files import sync_directory
from .gate.refs import list_refs
from .ids import Oid
from .ledger.events import LedgerRebuilt
from .ledger.salvage import gaps_of, one_chain, readable
from .ledger.store import FILE, Ledger, Record
from .reconcile import reconcile
from .records import dataclass, field
from .retention import JOURNAL, TRASH
from .snapshot.chain import meta_file, tree_of, walk
from .snapshot.checkpoint import SESSIONS, Checkpoint
from .text import plural
from .workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What a rebuild found.

    Attributes:
        records: how many records stand again.
        gaps: ranges of records that are lost, first and last.
        unreadable: refs whose checkpoints could not all be read.
        quarantined: where the old database went; None if there was none.
    """

    records: int
    gaps: list[tuple[int, int]]
    unreadable: list[str]
    quarantined: str | None

    def text(self) -> str:
        """For a reader."""
        said = f"The ledger was rebuilt: {plural(self.records, 'record')}."
        if self.gaps:
            lost = ", ".join(f"{first}–{last}" for first, last in self.gaps)
            said += f" Lost: {lost}; they stood in no checkpoint yet and could not be read from the old database."
        if self.unreadable:
            said += f" Not all checkpoints of {', '.join(self.unreadable)} could be read: run `git fsck`."
        if self.quarantined:
            said += f" The old database is kept as {os.path.basename(self.quarantined)}."
        return said


@dataclass(kw_only=True)
class _Found:
    """What the refs hold."""

    checkpoints: list[Checkpoint] = field(default_factory=list)
    sealed: list[Record] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def rebuild(workspace: Workspace, reason: str) -> Rebuilt:
    """Make the ledger anew from what checkpoints sealed and what of the old database verifies.

    The old database is renamed, never deleted. The new one is complete before it takes the
    place: after a crash there is none, which is noticed, and never a part of one.
    """
    with workspace.repository_lock("rebuild"):
        workspace.reopen_ledger()
        path = os.path.join(workspace.state_dir, FILE)
        scratch = os.path.join(workspace.state_dir, "rebuild")
        shutil.rmtree(scratch, ignore_errors=True)
        os.mkdir(scratch, mode=0o700)
        found = _gather(workspace)
        records = one_chain(found.sealed, readable(path, scratch))
        gaps = gaps_of(records)
        with closing(Ledger(scratch, workspace.clock)) as ledger:
            ledger.restore(records)
            ledger.append(LedgerRebuilt(reason=reason, records=len(records), gaps=gaps))
            reconcile(workspace, ledger, found.checkpoints)
        quarantined = _quarantine(workspace, path)
        os.rename(os.path.join(scratch, FILE), path)
        sync_directory(workspace.state_dir)
        shutil.rmtree(scratch, ignore_errors=True)
    return Rebuilt(records=len(records), gaps=gaps, unreadable=found.unreadable, quarantined=quarantined)


def _gather(workspace: Workspace) -> _Found:
    """Every checkpoint that stands and every record sealed in one; a damaged chain costs only its own."""
    found = _Found()
    for ref in list_refs(workspace.repository, SESSIONS, TRASH):
        stands = ref.name.startswith(SESSIONS)
        if not stands and f"/{SESSIONS.removeprefix('refs/')}" not in ref.name:
            continue
        try:
            for one in walk(workspace.reader, ref.oid):
                if stands:
                    found.checkpoints.append(one)
                found.sealed += _records(meta_file(workspace.reader, one.commit, "events.jsonl"))
        except SafeRollbackError:
            found.unreadable.append(ref.name)
    for ref in list_refs(workspace.repository, JOURNAL):
        found.sealed += _journal(workspace, ref.oid, found.unreadable)
    return found


def _journal(workspace: Workspace, commit: Oid, unreadable: list[str]) -> Iterator[Record]:
    try:
        for entry in workspace.reader.tree(tree_of(workspace.reader, commit)).values():
            yield from _records(workspace.reader.read(entry.oid).data)
    except SafeRollbackError:
        unreadable.append(JOURNAL)


def _records(data: bytes) -> Iterator[Record]:
    return (record for line in data.splitlines() if (record := Record.from_line(line)))


def _quarantine(workspace: Workspace, path: str) -> str | None:
    if not os.path.exists(path):
        return None
    mark = stamp(workspace.clock.now()).replace(":", "").replace(".", "")
    target = f"{path}.damaged-{mark}-{workspace.clock.token()}"
    for suffix in ("", "-journal"):
        if os.path.exists(path + suffix):
            os.rename(path + suffix, target + suffix)
    return target
