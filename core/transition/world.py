"""The state of a worktree in one shape, whether it was captured now or stands in a checkpoint."""

from collections.abc import Mapping, Sequence

from ..gate.objects import Entry
from ..gate.refs import Head
from ..ids import MaybeOid, Oid
from ..records import dataclass
from ..snapshot.capture import Snapshot
from ..snapshot.checkpoint import Checkpoint, Nested, load_sidecar, private_files
from ..workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything a transition can change.

    Attributes:
        tree: the files.
        private: captured ignored files.
        nested: repositories inside.
        empty: empty directories.
        modes: permission bits that are not the default.
        index_raw: blob of the index file.
        index_tree: what it stages.
        stages: trees of its conflict stages.
        shared: base files of a split index.
        state: files of an operation in progress.
        head: branch and commit.
        refs: every ref, by name, as it stood.
        skipped: paths that were not captured.
    """

    tree: Oid
    private: Mapping[str, Entry]
    nested: Mapping[str, Nested]
    empty: frozenset[str]
    modes: Mapping[str, int]
    index_raw: MaybeOid
    index_tree: Oid
    stages: Mapping[str, Oid]
    shared: Mapping[str, Oid]
    state: Mapping[str, Oid]
    head: Head
    refs: Mapping[str, Oid]
    skipped: Sequence[str]

    @property
    def index_meaning(self) -> tuple[Oid, tuple[tuple[str, Oid], ...]]:
        """What the index says, whatever its cached file times: `git status` rewrites those."""
        return self.index_tree, tuple(sorted(self.stages.items()))


def world_of_snapshot(snapshot: Snapshot) -> World:
    """The state just captured."""
    return World(
        tree=snapshot.tree,
        private=snapshot.private,
        nested={one.path: one for one in snapshot.nested},
        empty=frozenset(snapshot.sidecar.empty),
        modes=snapshot.sidecar.modes,
        index_raw=snapshot.index.raw,
        index_tree=snapshot.index.tree,
        stages=snapshot.index.stages,
        shared=snapshot.index.shared,
        state=snapshot.head.state,
        head=snapshot.head.head,
        refs={ref.name: ref.oid for ref in snapshot.head.refs},
        skipped=[one.path for one in snapshot.skipped],
    )


def world_of_checkpoint(workspace: Workspace, checkpoint: Checkpoint) -> World:
    """The state a checkpoint holds."""
    sidecar = load_sidecar(workspace.reader, checkpoint)
    private = private_files(workspace.repository, checkpoint.private)
    if private is None:
        workspace.notice(
            f"Checkpoint {checkpoint.id} came without its ignored files: those that stand here stay as they are."
        )
    lines = workspace.reader.read(checkpoint.refs).data.decode("utf-8", "surrogateescape").split("\n")
    return World(
        tree=checkpoint.worktree,
        private=private or {},
        nested={one.path: one for one in checkpoint.nested},
        empty=frozenset(sidecar.empty),
        modes=sidecar.modes,
        index_raw=checkpoint.index_raw,
        index_tree=checkpoint.index_tree,
        stages=checkpoint.stages,
        shared=checkpoint.shared,
        state=checkpoint.state,
        head=checkpoint.head,
        refs={name: Oid(oid) for oid, _, name in (line.partition(" ") for line in lines if line)},
        skipped=[one.path for one in checkpoint.skipped],
    )
