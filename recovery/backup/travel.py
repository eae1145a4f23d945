"""Which refs leave the machine with a backup."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.gate.refs import ARCHIVE, Ref, list_refs
from ...core.retention import JOURNAL, TRASH
from ...core.snapshot.checkpoint import PRIVATE, SESSIONS
from ...core.workspace import Workspace

SHARED = ("refs/heads/", "refs/tags/")
"""Branches and tags: people's own, which a bundle takes along so that it needs nothing else."""

_OURS = (SESSIONS, ARCHIVE, TRASH)
# What retention or a hook put aside keeps its old name as the end of the new one.
_PRIVATE = PRIVATE.removeprefix("refs")


@dataclass(frozen=True, kw_only=True)
class Travel:
    """The refs of a repository, by whether a backup takes them.

    Attributes:
        ours: checkpoints, what they kept of moved branches, the ledger's records.
        private: captured ignored files, secrets among them.
        shared: branches and tags.
    """

    ours: Sequence[Ref]
    private: Sequence[Ref]
    shared: Sequence[Ref]


def is_private(name: str) -> bool:
    """Whether a ref leads to captured ignored files, wherever it was put aside."""
    return _PRIVATE in name


def is_ours(name: str) -> bool:
    """Whether a ref is one of those a backup of checkpoints is about."""
    return name == JOURNAL or name.startswith((*_OURS, PRIVATE))


def travel(workspace: Workspace) -> Travel:
    """What stands now."""
    refs = list_refs(workspace.repository)
    ours = [ref for ref in refs if is_ours(ref.name)]
    return Travel(
        ours=[ref for ref in ours if not is_private(ref.name)],
        private=[ref for ref in ours if is_private(ref.name)],
        shared=[ref for ref in refs if ref.name.startswith(SHARED)],
    )
