"""What a transition would do: every change with its reason, what stays, what stands in the way."""

import hashlib
from collections.abc import Mapping, Sequence

from ..files import canonical_json
from ..gate.objects import Entry
from ..gate.refs import Head, RefUpdate
from ..ids import MaybeOid, Oid
from ..records import asdict, dataclass, field
from .merge import Conflict

PRIVATE_HOME = ".git"  # no worktree path can be called so


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """One file.

    Attributes:
        path: relative to the worktree root.
        before: what stands there now; None if nothing does.
        after: what will; None deletes it.
        mode: permission bits it gets; None for the default or, replacing a file, that file's.
        why: reason for a reader.
        home: which captured tree the path belongs to: "" the worktree's, `PRIVATE_HOME` the
            ignored files', otherwise the nested repository's directory.
    """

    path: str
    before: Entry | None
    after: Entry | None
    mode: int | None = None
    why: str = ""
    home: str = ""

    @property
    def action(self) -> str:
        """create, replace, delete or chmod."""
        if self.after is None:
            return "delete"
        if self.before is None:
            return "create"
        return "chmod" if self.before == self.after else "replace"


@dataclass(frozen=True, kw_only=True)
class Note:
    """A path and something said about it."""

    path: str
    why: str


@dataclass(frozen=True, kw_only=True)
class IndexChange:
    """The index before and after.

    Attributes:
        raw: blob of the file it becomes; None removes it, unless there are `edits`.
        tree: what it will stage.
        stages: its conflict stages.
        shared: base files to put back first.
        edits: the entries it changes, where only some change: the rest of the index, and so
            its bytes, is decided when the draft is applied.
    """

    raw: MaybeOid = None
    tree: MaybeOid = None
    stages: Mapping[str, Oid] = field(default_factory=dict)
    shared: Mapping[str, Oid] = field(default_factory=dict)
    edits: Mapping[str, Entry | None] | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A transition that has not happened.

    Attributes:
        files: changes in the worktree.
        make: empty directories to create.
        remove: empty directories to remove.
        state: in-progress files: blob, or None to delete.
        index: the new index; None leaves it.
        head: where HEAD goes; None leaves it.
        head_before: where HEAD is.
        refs: ref changes, made in one transaction.
        keeps: what stays although the target does not have it.
        conflicts: what both sides changed; with any, nothing can be applied.
        blocked: what stands in the way; with any, nothing can be applied.
        seen: what else the plan rests on, for the digest.
    """

    files: Sequence[FileChange] = ()
    make: Sequence[str] = ()
    remove: Sequence[str] = ()
    state: Mapping[str, MaybeOid] = field(default_factory=dict)
    index: IndexChange | None = None
    head: Head | None = None
    head_before: Head
    refs: Sequence[RefUpdate] = ()
    keeps: Sequence[Note] = ()
    conflicts: Sequence[Conflict] = ()
    blocked: Sequence[Note] = ()
    seen: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether it changes nothing."""
        return not (self.files or self.make or self.remove or self.state or self.index or self.head or self.refs)

    @property
    def applicable(self) -> bool:
        """Whether nothing stands in the way."""
        return not (self.conflicts or self.blocked)

    def digest(self) -> str:
        """Names exactly this transition from exactly this state: SHA-256, first 32 digits.

        The raw index is left out, for `git status` rewrites its cached file times; what it
        stages is in.
        """
        data = asdict(self)
        if self.index is not None and self.index.edits is None:
            data["index"] = [self.index.tree, dict(self.index.stages)]
        return hashlib.sha256(canonical_json(data).encode()).hexdigest()[:32]
