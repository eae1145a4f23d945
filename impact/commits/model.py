"""The words of commit dependence: a commit on the line of first parents, what it changed, what it needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...core.ids import MaybeOid, Oid

Kind = Literal["lines", "gap", "path", "created", "deleted", "renamed", "mode", "symbol"]
"""Why one commit needs another.

`lines`: it overwrites lines of it, or touches them. `gap`: it changes the place where lines were deleted.
`path`: it changes a file that git merges only as a whole, or takes a path that was freed. `created`: it
changes a file the other created. `deleted`: it deletes a file the other changed. `renamed`,
`mode`: both changed the file's name or mode. `symbol`: it uses what the other introduced (from outside).
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A commit of the line of first parents.

    Attributes:
        oid: its name.
        tree: its tree.
        parent: its first parent; None for a root, and where a shallow clone ends.
        before: its first parent's tree, the empty tree for a root; None where a shallow clone ends.
    """

    oid: Oid
    tree: Oid
    parent: MaybeOid
    before: Oid | None


@dataclass(frozen=True, slots=True)
class Hunk:
    """A place a commit changed in a file, without context.

    Attributes:
        start: index of its first line after the change, from 0; of the line that follows if it has none.
        old: the lines it took away, without line ends.
        new: the lines it put there; a last line without line end differs from the same one with it.
    """

    start: int
    old: Sequence[bytes]
    new: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit did to a file.

    Attributes:
        old: path before, None for a created file.
        new: path after, None for a deleted one.
        old_mode: git's mode before, `000000` for a created file.
        new_mode: and after.
        old_blob: name of the content before.
        new_blob: and after.
        hunks: the places, ascending; None if git shows none (binary files, submodules, links, unread ones).
    """

    old: str | None
    new: str | None
    old_mode: str
    new_mode: str
    old_blob: str
    new_blob: str
    hunks: Sequence[Hunk] | None


@dataclass(frozen=True, slots=True)
class Diff:
    """What a commit did.

    Attributes:
        oid: the commit.
        changes: its files.
        read: whether the lines could be read; if not, every file counts as a whole.
    """

    oid: Oid
    changes: Sequence[Change]
    read: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a commit needs another.

    Attributes:
        kind: see `Kind`.
        path: the file, as the later commit calls it.
        first: first line of the later commit's file that is about it, from 1; 0 if it is no matter of lines.
        last: the last such line.
        detail: more, for a person: the name that is used, for one.
    """

    kind: Kind
    path: str
    first: int = 0
    last: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """A commit that cannot stay as it is when an earlier one goes.

    Attributes:
        commit: the later commit.
        needs: the earlier one.
        reasons: why; at least one.
    """

    commit: Oid
    needs: Oid
    reasons: tuple[Reason, ...]
