"""One item for what has to be built again, whichever and however many files of a target say so."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ..changes import Delta
from ..model import Change, Evidence


@dataclass
class Group:
    """The changes of one target that have the same thing built again.

    Attributes:
        deltas: oldest first.
    """

    deltas: list[Delta] = field(default_factory=list)

    @property
    def change(self) -> Change:
        """Whether its files are all new, all gone, or anything else."""
        if all(delta.old is None for delta in self.deltas):
            return "added"
        return "removed" if all(delta.new is None for delta in self.deltas) else "changed"

    @property
    def before(self) -> str:
        """What its files were, shortened; empty if there were none."""
        first: dict[str, str] = {}
        for delta in self.deltas:
            first.setdefault(delta.path, delta.old.entry.oid if delta.old else "")
        return _digest(first)

    @property
    def after(self) -> str:
        """What its files are, shortened; empty if there are none."""
        return _digest({delta.path: delta.new.entry.oid if delta.new else "" for delta in self.deltas})

    @property
    def evidence(self) -> Sequence[Evidence]:
        """Its files, newest change first."""
        seen = {(delta.path, delta.commit): None for delta in reversed(self.deltas)}
        return [Evidence(path=path, commit=commit) for path, commit in seen][:5]

    @property
    def base(self) -> str:
        """The commit before the first of its changes; the last commit where they are not committed."""
        first = self.deltas[0].commit
        return f"{first[:10]}^" if first else "HEAD"

    @property
    def files(self) -> int:
        """How many there are."""
        return len({delta.path for delta in self.deltas})

    @property
    def moved(self) -> bool:
        """Whether anything is another one than before."""
        return self.before != self.after


def _digest(oids: dict[str, str]) -> str:
    """The only file's object, or a digest over those of all; what is not there counts for nothing."""
    there = sorted(f"{path} {oid}" for path, oid in oids.items() if oid)
    if len(there) == 1:
        return there[0].rpartition(" ")[2][:10]
    return hashlib.sha256("\n".join(there).encode("utf-8", "surrogateescape")).hexdigest()[:10] if there else ""


def grouped(deltas: Iterable[Delta], key: Callable[[Delta], str | None]) -> dict[str, Group]:
    """The deltas that have a key, by it."""
    found: dict[str, Group] = {}
    for delta in deltas:
        if (name := key(delta)) is not None:
            found.setdefault(name, Group()).deltas.append(delta)
    return {name: group for name, group in found.items() if group.moved}
