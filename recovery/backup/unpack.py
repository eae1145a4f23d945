"""A bundle, unpacked into a repository that is thrown away, and all of it looked at.

The same is done with a bundle of ours right after it was written and with one that comes from anywhere: what was
verified is what a restore takes. Its pack goes through git's own strict check, which `git fetch` leaves out for
bundles before git 2.46; nothing in it is run.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...core.errors import DamagedError, GitError, InvalidInputError
from ...core.gate.process import Limits, execute
from ...core.gate.reader import ObjectReader
from ...core.gate.refs import RefUpdate, update_refs
from ...core.gate.repository import Repository
from ...core.ids import MaybeOid, Oid, checkpoint_id
from ...core.ledger.events import ProtocolAccepted, ProtocolTightened, SessionStarted
from ...core.ledger.store import Record
from ...core.retention import JOURNAL, TRASH
from ...core.snapshot.chain import tree_of
from ...core.snapshot.checkpoint import SESSIONS, Checkpoint
from ...core.text import one_line, show_path
from ...policies.protocol.model import from_data
from .fresh import bare_repository
from .header import Header, opened
from .sound import MAX_EVENTS, bounded, check_index, events_of, sound_chain
from .travel import SHARED, is_ours

_CHAIN = SESSIONS.removeprefix("refs")
LONG = Limits(seconds=3600)
# Flaws of commits and tags that old histories have and that harm nobody; of trees only an old way to write modes.
_HARMLESS = (
    "badDate", "badDateOverflow", "badEmail", "badName", "badTagName", "badTimezone", "missingEmail",
    "missingNameBeforeEmail", "missingSpaceBeforeDate", "missingSpaceBeforeEmail", "missingTaggerEntry",
    "multipleAuthors", "nulInCommit", "zeroPaddedFilemode", "zeroPaddedDate",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """What a bundle holds, checked.

    Attributes:
        repository: bare, with the bundle's refs that count.
        refs: those, by full name.
        head: where its HEAD was; None if it does not say.
        left_out: names that are neither ours nor branches nor tags.
        checkpoints: all that stand, newest first in each chain.
        records: the ledger's records sealed in it, sequence number to hash.
    """

    repository: Repository
    refs: Mapping[str, Oid]
    head: MaybeOid
    left_out: Sequence[str]
    checkpoints: Sequence[Checkpoint]
    records: Mapping[int, str]

    @property
    def packs(self) -> list[str]:
        """The pack and what belongs to it, in the order in which they have to be put in place."""
        folder = os.path.join(self.repository.objects_dir, "pack")
        order = {".pack": 0, ".rev": 1, ".idx": 2}
        names = [name for name in os.listdir(folder) if os.path.splitext(name)[1] in order]
        return [os.path.join(folder, name) for name in sorted(names, key=lambda one: order[os.path.splitext(one)[1]])]


@contextlib.contextmanager
def unpacked(path: str, folder: str, *, object_format: str | None = None) -> Iterator[Unpacked]:
    """Unpack a bundle and look at all of it.

    Args:
        path: the bundle.
        folder: where to unpack; what is made there is gone afterwards.
        object_format: what it must have; any if None.

    Raises:
        InvalidInputError: if it is no bundle that can be used.
        DamagedError: if anything in it is missing, broken or forged.
    """
    with opened(path) as (handle, header):
        if object_format not in (None, header.object_format):
            raise InvalidInputError(
                f"The bundle has {header.object_format} objects, this repository {object_format}.",
                hint="Import it into an empty directory: --into.",
            )
        scratch = tempfile.mkdtemp(prefix="bundle-", dir=folder)
        try:
            repository = bare_repository(os.path.join(scratch, "git"), header.object_format)
            _index(repository, handle, header)
            with contextlib.closing(ObjectReader(repository.git)) as reader:
                yield _looked_at(repository, reader, header, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _index(repository: Repository, handle: int, header: Header) -> None:
    """Take the pack in, through git's strict check."""
    os.lseek(handle, header.pack, os.SEEK_SET)
    strict = "--strict=" + ",".join(f"{name}=ignore" for name in _HARMLESS)
    git = repository.git
    done = execute(
        git.argv("index-pack", "--stdin", strict),
        cwd=git.cwd,
        env=git.environment(),
        stdin=handle,
        limits=LONG,
    )
    try:
        git.checked(done, (0,), LONG)
    except GitError as error:
        raise DamagedError(
            f"Git does not accept the bundle's objects: {one_line(error.stderr)}.", hint="Use another copy of it."
        ) from error


def _looked_at(repository: Repository, reader: ObjectReader, header: Header, scratch: str) -> Unpacked:
    refs = {name: tip for name, tip in header.refs.items() if is_ours(name) or name.startswith(SHARED)}
    head = header.refs.get("HEAD")
    try:
        update_refs(
            repository, [RefUpdate(name=name, new=tip, old=None) for name, tip in refs.items()], reason="bundle"
        )
        # Everything a ref leads to has to be there.
        repository.git.run("rev-list", "--objects", "--quiet", "--all", *([head] if head else []), limits=LONG)
    except GitError as error:
        raise DamagedError(
            f"The bundle is not whole: {one_line(error.stderr)}.", hint="Use another copy of it."
        ) from error
    # Those that retention put aside too: undoing it makes them stand again, and a rebuild reads their records.
    chains = {name: list(_chain(reader, name, tip)) for name, tip in refs.items() if _is_chain(name)}
    everything = [one for chain in chains.values() for one in chain]
    _check_indexes(repository, reader, everything, scratch)
    records: dict[int, str] = {}
    for one in everything:
        _read_records(events_of(reader, one), records)
    if JOURNAL in refs:
        for entry in reader.tree(tree_of(reader, refs[JOURNAL])).values():
            _read_records(bounded(reader, entry.oid, MAX_EVENTS), records)
    return Unpacked(
        repository=repository,
        refs=refs,
        head=head,
        left_out=[name for name in header.refs if name not in refs and name != "HEAD"],
        checkpoints=[one for name, tip in refs.items() if name.startswith(SESSIONS) for one in chains[name]],
        records=records,
    )


def _is_chain(name: str) -> bool:
    return name.startswith(SESSIONS) or (name.startswith(TRASH) and _CHAIN in name)


def _chain(reader: ObjectReader, name: str, tip: Oid) -> Iterator[Checkpoint]:
    chain = name.partition(_CHAIN)[2]
    try:
        checkpoint_id(f"{chain}.1")
    except InvalidInputError as error:
        raise DamagedError(
            f"{show_path(chain)[:100]} is no name of a session or a worktree.", hint="Use another copy of the bundle."
        ) from error
    yield from sound_chain(reader, chain, tip)


def _check_indexes(
    repository: Repository, reader: ObjectReader, checkpoints: Sequence[Checkpoint], scratch: str
) -> None:
    """Each index once: most checkpoints share theirs."""
    distinct = {(one.index_raw, *sorted(one.shared.items())): one for one in checkpoints if one.index_raw}
    for number, one in enumerate(distinct.values()):
        folder = os.path.join(scratch, f"index-{number}")
        os.mkdir(folder)
        check_index(repository.git, reader, one, folder)
        shutil.rmtree(folder)


def _read_records(data: bytes, records: dict[int, str]) -> None:
    """Whether records read as the events they are: one that does not would stop every later call."""
    for line in data.splitlines():
        record = Record.from_line(line)
        if record is None:
            continue  # left out by a rebuild too
        event = record.event
        if isinstance(event, SessionStarted | ProtocolTightened | ProtocolAccepted):
            try:
                from_data(event.protocol)
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                raise DamagedError(
                    f"Record {record.seq} of the bundle's ledger holds no protocol.", hint="Use another copy of it."
                ) from error
        records.setdefault(record.seq, record.hash)
