"""What one capture learnt and the next may reuse; only a cache."""

import os
from collections.abc import Sequence
from typing import Any

from ..files import canonical_json, read_json, write_atomically
from ..gate.refs import Ref
from ..ids import MaybeOid, Oid
from ..records import asdict
from .index import IndexState


class Memory:
    """The last capture of a worktree.

    It is believed only while the ref of the checkpoint it went into still has that commit:
    otherwise the objects it names may have been pruned.

    Args:
        private: our private git directory.
        ours: our refs as they stand.
    """

    # pair: what the user's index says, and the tree of our base; untracked: paths only our base has;
    # absent: paths only the user's index has.
    def __init__(self, private: str, ours: Sequence[Ref]) -> None:
        self._file = os.path.join(private, "memory.json")
        self.index: IndexState | None = None
        self.pair: tuple[str, Oid] | None = None
        self.untracked: set[str] = set()
        self.absent: set[str] = set()
        self.keeper: tuple[str, MaybeOid] | None = None
        self.witness: list[str] | None = None
        self.number = 0
        data = read_json(self._file)
        if isinstance(data, dict) and data.get("witness") in [[ref.name, ref.oid] for ref in ours]:
            self._take(data)

    def _take(self, data: dict[str, Any]) -> None:
        self.witness, self.number = data["witness"], data["number"]
        self.index = IndexState(**data["index"])
        self.pair = (data["pair"][0], Oid(data["pair"][1]))
        self.untracked, self.absent = set(data["untracked"]), set(data["absent"])
        self.keeper = (data["keeper"][0], data["keeper"][1])

    def save(self, witness: list[str], number: int) -> None:
        """Write it down.

        Args:
            witness: name and commit of the ref that now keeps what it names.
            number: the checkpoint's number in its chain.
        """
        if self.index is None or self.pair is None or self.keeper is None:
            return
        data = {
            "witness": witness,
            "number": number,
            "index": asdict(self.index),
            "pair": self.pair,
            "untracked": sorted(self.untracked),
            "absent": sorted(self.absent),
            "keeper": self.keeper,
        }
        write_atomically(self._file, canonical_json(data).encode())
