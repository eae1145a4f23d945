"""What a checkpoint records, and how it is written into a commit and read back."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import DamagedError, GitError
from ..files import canonical_json
from ..gate.objects import MODE_FILE, MODE_TREE, Entry, ObjectWriter
from ..gate.reader import ObjectReader
from ..gate.refs import Head
from ..gate.repository import Repository
from ..gate.trees import list_files
from ..ids import OURS, ChainId, CheckpointId, MaybeOid, Oid
from ..records import asdict, dataclass, field
from .policy import Skipped

SESSIONS = OURS + "sessions/"
PRIVATE = OURS + "private/"
_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Captured:
    """How many files a checkpoint holds, by how git sees them."""

    tracked: int
    untracked: int
    ignored: int


@dataclass(frozen=True, kw_only=True)
class Nested:
    """A repository inside the worktree: its files as a tree, and where its HEAD stood.

    Its own history and index are not captured; `safe-rollback` never touches them.
    """

    path: str
    tree: Oid
    head: MaybeOid
    branch: str | None


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The whole state of a worktree at one moment.

    Attributes:
        id: `<chain>.<number>`.
        chain: the session, or the worktree outside of sessions.
        commit: the commit that holds it.
        name: what the caller called it, or empty.
        note: what the caller said about it, or empty.
        reason: why it was taken: `asked`, `automatic`, `session start`, `before <op>`, …
        created: RFC 3339, UTC.
        pinned: whether retention must keep it.
        worktree_id: which worktree.
        head: branch and commit.
        in_progress: merge, rebase, … or None.
        worktree: tree of the files, raw bytes.
        index_raw: blob of the index file, None if there was none.
        index_tree: tree of what was staged.
        stages: trees of the conflict stages.
        shared: blobs of a split index's base files.
        state: blobs of the in-progress files.
        sidecar: blob with empty directories and permission bits.
        refs: blob with every ref as `<oid> <name>` lines.
        nested: repositories inside the worktree.
        private: commit with the captured ignored files, None if there are none.
        captured: counts.
        skipped: what was left out.
        journal_head: the ledger's head when it was taken.
        fingerprints: by live source, its things and their states or salted hashes; never a value.
    """

    id: CheckpointId
    chain: ChainId
    commit: Oid
    name: str
    note: str
    reason: str
    created: str
    pinned: bool
    worktree_id: str
    head: Head
    in_progress: str | None
    worktree: Oid
    index_raw: MaybeOid
    index_tree: Oid
    stages: Mapping[str, Oid]
    shared: Mapping[str, Oid]
    state: Mapping[str, Oid]
    sidecar: Oid
    refs: Oid
    nested: Sequence[Nested]
    private: MaybeOid
    captured: Captured
    skipped: Sequence[Skipped]
    journal_head: str
    fingerprints: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Position in its chain, from 1."""
        return int(self.id.rpartition(".")[2])

    @property
    def ref(self) -> str:
        """The ref that keeps it."""
        return SESSIONS + self.chain


@dataclass(frozen=True, kw_only=True)
class Sidecar:
    """What trees cannot say.

    Attributes:
        empty: empty directories.
        modes: permission bits of files where they are not the default.
    """

    empty: Sequence[str]
    modes: Mapping[str, int]

    def encode(self) -> bytes:
        """Canonical JSON."""
        return canonical_json({"empty": sorted(self.empty), "modes": self.modes}).encode()


def frame(
    writer: ObjectWriter, checkpoint: Checkpoint, events: bytes, kept: Sequence[Oid], kinds: Sequence[str]
) -> Oid:
    """Write the tree of a checkpoint's commit.

    Args:
        writer: takes the objects.
        checkpoint: what to record; its `commit` is not known yet.
        events: the ledger's records since the last checkpoint, one JSON line each.
        kept: trees and blobs the in-progress files name.
        kinds: their kinds, in the same order.
    """
    meta: dict[str, Entry] = {
        "checkpoint.json": _file(writer.blob(encode(checkpoint))),
        "events.jsonl": _file(writer.blob(events)),
        "sidecar.json": _file(checkpoint.sidecar),
        "refs": _file(checkpoint.refs),
    }
    if checkpoint.index_raw:
        meta["index"] = _file(checkpoint.index_raw)
    for name, blob in checkpoint.shared.items():
        meta[name] = _file(blob)
    for path, blob in checkpoint.state.items():
        meta[f"state/{path}"] = _file(blob)
    top = {
        "worktree": _tree(checkpoint.worktree),
        "index": _tree(checkpoint.index_tree),
        "meta": _tree(writer.tree_of(meta)),
    }
    if checkpoint.stages:
        top["stages"] = _tree(writer.tree({stage: _tree(t) for stage, t in checkpoint.stages.items()}))
    if checkpoint.nested:
        trees = {str(n): _tree(one.tree) for n, one in enumerate(checkpoint.nested)}
        top["nested"] = _tree(writer.tree(trees))
    if kept:
        named: dict[str, Entry] = {
            name: Entry(mode=MODE_TREE if kind == "tree" else MODE_FILE, oid=name)
            for name, kind in zip(kept, kinds, strict=True)
        }
        top["kept"] = _tree(writer.tree(named))
    return writer.tree(top)


def _file(name: Oid) -> Entry:
    return Entry(mode=MODE_FILE, oid=name)


def _tree(name: Oid) -> Entry:
    return Entry(mode=MODE_TREE, oid=name)


def encode(checkpoint: Checkpoint) -> bytes:
    """`checkpoint.json`: every field but the commit it will stand in."""
    data = asdict(checkpoint)
    del data["commit"]
    return canonical_json({"format": _FORMAT, **data}).encode()


def decode(data: bytes, commit: Oid) -> Checkpoint:
    """The checkpoint behind `encode`.

    Raises:
        DamagedError: if it does not read as one.
    """
    try:
        values: dict[str, Any] = json.loads(data)
        if values.pop("format") != _FORMAT:
            raise ValueError("unknown format")
        values["head"] = Head(**values["head"])
        values["captured"] = Captured(**values["captured"])
        values["nested"] = tuple(Nested(**one) for one in values["nested"])
        values["skipped"] = tuple(Skipped(**one) for one in values["skipped"])
        return Checkpoint(commit=commit, **values)
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedError(
            f"The checkpoint in commit {commit} does not read: {error}.", hint="Run `safe-rollback doctor`."
        ) from error


def load(repository: Repository, commit: Oid) -> Checkpoint:
    """The checkpoint a commit holds.

    Raises:
        DamagedError: if the commit is missing or not one of ours.
    """
    try:
        data = repository.git.run("cat-file", "blob", f"{commit}:meta/checkpoint.json").stdout
    except GitError as error:
        raise DamagedError(f"Commit {commit} holds no checkpoint.", hint="Run `safe-rollback doctor`.") from error
    return decode(data, commit)


def load_sidecar(reader: ObjectReader, checkpoint: Checkpoint) -> Sidecar:
    """Empty directories and permission bits of a checkpoint."""
    data = json.loads(reader.read(checkpoint.sidecar).data)
    return Sidecar(empty=data["empty"], modes=data["modes"])


def private_files(repository: Repository, commit: MaybeOid) -> dict[str, Entry] | None:
    """The captured ignored files of a checkpoint; None if they stayed behind on another machine."""
    if commit is None:
        return {}
    if repository.git.run("cat-file", "-e", commit, ok=(0, 1, 128)).exit_code != 0:
        return None
    return list_files(repository.git, f"{commit}^{{tree}}")
