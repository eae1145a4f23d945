"""In which order migrations are taken back: what was built on another before it, the newest first."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .model import Migration


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A migration among those of a target.

    Attributes:
        tool: whose it is.
        scope: its tool and directory.
        migration: as its file says.
        position: of its commit; a later one is larger.
    """

    tool: str
    scope: str
    migration: Migration
    position: int


def ranks(migrations: Sequence[Ranked]) -> dict[tuple[str, str], int]:
    """The place of each, by scope and id, from 0: first what is taken back first."""
    newest: dict[tuple[str, str], Ranked] = {}
    for one in migrations:
        newest[one.scope, one.migration.id] = one
    waiting = _dependents(newest)
    heap = [_priority(newest, key) for key, left in waiting.items() if not left]
    heapq.heapify(heap)
    found: dict[tuple[str, str], int] = {}
    while len(found) < len(newest):
        if heap:
            key = heapq.heappop(heap)[-1]
        else:
            # Files that name each other as their predecessor: any order is as good.
            key = min(_priority(newest, one) for one in newest if one not in found)[-1]
        if key in found:
            continue
        found[key] = len(found)
        for other, left in waiting.items():
            if key in left:
                left.discard(key)
                if not left and other not in found:
                    heapq.heappush(heap, _priority(newest, other))
    return found


def _priority(newest: dict[tuple[str, str], Ranked], key: tuple[str, str]) -> tuple[int, list[str], tuple[str, str]]:
    one = newest[key]
    # Larger orders first: each part is turned into a text that sorts the other way.
    return (-one.position, [_turned(part) for part in one.migration.order], key)


def _turned(part: str | int) -> str:
    if isinstance(part, int):
        return f"{10**30 - part:031d}"
    return "".join(chr(0x10FFFF - ord(char)) for char in part) + "\U0010ffff"


def _dependents(newest: dict[tuple[str, str], Ranked]) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """For each migration those that have to go before it."""
    waiting: dict[tuple[str, str], set[tuple[str, str]]] = {key: set() for key in newest}
    by_id: dict[tuple[str, str], tuple[str, str]] = {(newest[key].tool, key[1]): key for key in newest}
    by_scope: dict[str, list[tuple[str, str]]] = {}
    for key, one in newest.items():
        after = (one.migration.names or {}).get("after")
        if after is None:
            by_scope.setdefault(one.scope, []).append(key)
            continue
        for name in after.split():
            needed = by_id.get((one.tool, name))
            if needed is not None and needed != key:
                waiting[needed].add(key)
    for keys in by_scope.values():
        line = sorted(keys, key=lambda key: _priority(newest, key)[1:])
        for newer, older in pairwise(line):
            waiting[older].add(newer)
    return waiting
