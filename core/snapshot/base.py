"""The tree of our index: what a capture describes the worktree as a change of."""

import contextlib
import os
from collections.abc import Iterator

from ..files import canonical_json, read_json, write_atomically, write_if_changed
from ..ids import MaybeOid, Oid
from ..records import dataclass, field
from .site import Site
from .status import write_tree


@dataclass
class Base:
    """The tree of our index, remembered so that reading it costs no process.

    Attributes:
        site: whose index.
        tree: its tree; None if nobody knows, because there is no index or its last change was cut short.
    """

    site: Site
    tree: MaybeOid = field(init=False)

    def __post_init__(self) -> None:
        data = read_json(self._file)
        self.tree = Oid(data) if isinstance(data, str) else None

    @property
    def _file(self) -> str:
        return os.path.join(self.site.private, "base.json")

    def set(self, tree: Oid) -> None:
        """Remember it, and give our HEAD this tree: the next `status` then has nothing to compare there."""
        commit = self.site.writer.commit(tree, [], "capture", seconds=0)
        self._point_head(commit)
        self._remember(tree)

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Our index changes inside.

        The tree is forgotten first: an index that changed behind a remembered tree would hide
        the change from every capture after a crash in between.
        """
        self._remember(None)
        yield
        self.set(write_tree(self.site))

    def forget(self) -> None:
        """Drop our index, and HEAD with it: the objects they name may have been pruned."""
        if os.path.exists(self._file):
            self._remember(None)
        self._point_head("ref: refs/heads/none")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.site.index)

    def _remember(self, tree: MaybeOid) -> None:
        self.tree = tree
        write_atomically(self._file, canonical_json(tree).encode())

    def _point_head(self, line: str) -> None:
        # Whole at every moment: the walk's git reads it meanwhile, and without it nothing is a repository.
        write_if_changed(os.path.join(self.site.private, "HEAD"), f"{line}\n".encode())
