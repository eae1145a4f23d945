"""Which commit uses what an earlier one introduced: dependence that no line shows.

A name counts as introduced by the first commit of a stretch that writes it, if it stands there as what is
declared, assigned or a key, and nothing wrote it before. A later commit that writes it too needs that one,
where the file graph leads from its file to the other's, or where the name is so distinctive that chance is
no explanation: `customer_region`, not `run`.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ..core.ids import Oid
from .commits.model import Diff, Needs, Reason, Step
from .commits.scratch import Scratch
from .declared import declared_words, is_distinctive
from .graph import Graph
from .library import Library

MAX_COMMITS = 200
"""More commits than these are compared by their lines alone."""

_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{1,127}")
_MAX_WORDS = 40
_MAX_REASONS = 5


@dataclass(frozen=True)
class Written:
    """What one commit wrote.

    Attributes:
        words: those it adds to a file that it did not take from it: word, path, line.
        declared: those that stand where something is declared.
    """

    words: Sequence[tuple[bytes, str, int]]
    declared: Collection[bytes]


def written(diff: Diff) -> Written:
    """What a commit wrote."""
    words: list[tuple[bytes, str, int]] = []
    declared: set[bytes] = set()
    for change in diff.changes:
        if change.new is None or not change.hunks:
            continue
        seen = {word for hunk in change.hunks for word in _WORD.findall(b"\n".join(hunk.old))}
        for hunk in change.hunks:
            for offset, line in enumerate(hunk.new):
                for word in _WORD.findall(line):
                    if word not in seen:
                        seen.add(word)
                        words.append((word, change.new, hunk.start + offset + 1))
            declared.update(declared_words(b"\n".join(hunk.new)))
    return Written(words, declared)


def _shared(place: Scratch, steps: Sequence[Step], library: Library) -> dict[str, list[tuple[int, str, int]]]:
    """Words that several commits wrote, of which the first declares it: position, path, line, oldest first."""
    by: dict[bytes, list[tuple[int, str, int]]] = {}
    declared: set[bytes] = set()
    positions = {step.oid: position for position, step in enumerate(steps)}
    for diff in library.kept.of(place, steps):
        position, one = positions[diff.oid], library.kept.made(diff, written)
        for word, path, line in one.words:
            by.setdefault(word, []).append((position, path, line))
        declared.update(word for word in one.declared if word in by and by[word][0][0] == position)
    found = {word: by[word] for word in declared}
    return {word.decode("ascii"): rows for word, rows in found.items() if rows[-1][0] != rows[0][0]}


def introduced(place: Scratch, steps: Sequence[Step], library: Library, graph: Graph) -> list[Needs]:
    """Who uses what an earlier commit of a stretch introduced.

    Args:
        place: where the commits are read.
        steps: the commits, oldest first; of more than MAX_COMMITS the newest.
        library: reads trees.
        graph: the newest state's.
    """
    steps = steps[-MAX_COMMITS:]
    shared = _shared(place, steps, library)
    base = next((step.before for step in steps if step.before is not None), None)
    links = _Links(graph)
    likely = {word: rows for word, rows in shared.items() if is_distinctive(word) or links.lead(word, rows)}
    # What most commits write ties most together.
    order = sorted(likely, key=lambda word: (-len(likely[word]), word))[:_MAX_WORDS]
    fresh = set(order) - (_standing(library, base, order) if base is not None else set())
    found: dict[tuple[int, int], dict[Reason, None]] = {}
    for word in sorted(fresh):
        rows = likely[word]
        first, origin, _ = rows[0]
        for number, (position, path, line) in enumerate(rows[1:], 1):
            needed = {first} if is_distinctive(word) or links.between(path, origin, word) else set()
            # What it reads from passed the name on.
            asked = "" if is_distinctive(word) else word
            needed |= {at for at, other, _ in rows[1:number] if links.between(path, other, asked)}
            for earlier in needed - {position}:
                reasons = found.setdefault((position, earlier), {})
                if len(reasons) < _MAX_REASONS:
                    reasons[Reason("symbol", path, line, line, word)] = None
    return [
        Needs(steps[later].oid, steps[earlier].oid, tuple(reasons))
        for (later, earlier), reasons in sorted(found.items())
    ]


class _Links:
    """The names that files take from one another."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def lead(self, word: str, rows: Sequence[tuple[int, str, int]]) -> bool:
        """Whether a later writer of a word takes it from the first one's file."""
        return any(self.between(path, rows[0][1], word) for _, path, _ in rows[1:])

    def between(self, source: str, target: str, word: str = "") -> bool:
        """Whether a file takes a name from another, or the other as a whole; without a name, anything."""
        return any(
            edge.target == target and (not word or not edge.names or any(name.name == word for name in edge.names))
            for edge in self._graph.edges.get(source, ())
        )


def _standing(library: Library, base: Oid, words: Iterable[str]) -> set[str]:
    """Those of some words that stand in a tree already."""
    listing = library.listing(base)
    index, blobs = library.index(listing), {one.blob for one in listing.values()}
    return {word for word in words if not index.holding(word).isdisjoint(blobs)}
