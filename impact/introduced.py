"""Which commit uses what an earlier one introduced: dependence that no line shows.

A name counts as introduced by the first commit of a stretch that writes it, if it stands there as what is
declared, assigned or a key, and nothing wrote it before. A later commit that writes it too needs that one,
where the file graph leads from its file to the other's, or where the name is so distinctive that chance is
no explanation: `customer_region`, not `run`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..core.gate.runner import Git
from ..core.ids import Oid
from .commits.model import Diff, Needs, Reason, Step
from .commits.reading import read_diffs
from .commits.scratch import Scratch
from .graph import Graph
from .mentions import declared, is_distinctive

MAX_COMMITS = 200
"""More commits than these are compared by their lines alone."""

_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{1,63}")
# git takes 10 ms for each in 4,000 files, and much more beyond these.
_MAX_WORDS = 40
_MAX_REASONS = 5


@dataclass
class _Written:
    """What the commits wrote.

    Attributes:
        by: word to the commits that wrote it and where, oldest first: position, path, line.
        declared: words that their first writer declares.
    """

    by: dict[str, list[tuple[int, str, int]]] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)

    def take(self, position: int, diff: Diff) -> None:
        """Note the words a commit adds to a file that it did not take from it."""
        for change in diff.changes:
            if change.new is None or not change.hunks:
                continue
            removed = {word for hunk in change.hunks for line in hunk.old for word in _WORD.findall(line)}
            seen: set[bytes] = set()
            for hunk in change.hunks:
                for offset, line in enumerate(hunk.new):
                    for word in _WORD.findall(line):
                        if word not in removed and word not in seen:
                            seen.add(word)
                            rows = self.by.setdefault(word.decode("ascii"), [])
                            rows.append((position, change.new, hunk.start + offset + 1))
                    self._declared(position, line)

    def _declared(self, position: int, line: bytes) -> None:
        for word in declared(line):
            rows = self.by.get(word)
            if rows is not None and rows[0][0] == position:
                self.declared.add(word)


def introduced(place: Scratch, steps: Sequence[Step], graph: Graph) -> list[Needs]:
    """Who uses what an earlier commit of a stretch introduced.

    Args:
        place: where the commits are read.
        steps: the commits, oldest first; of more than MAX_COMMITS the newest.
        graph: the newest state's.
    """
    steps = steps[-MAX_COMMITS:]
    positions = {step.oid: position for position, step in enumerate(steps)}
    written = _Written()
    for diff in read_diffs(place, steps):
        written.take(positions[diff.oid], diff)
    shared = {word: written.by[word] for word in written.declared if len({at for at, _, _ in written.by[word]}) > 1}
    base = next((step.before for step in steps if step.before is not None), None)
    links = _Links(graph)
    likely = {word: rows for word, rows in shared.items() if is_distinctive(word) or links.lead(word, rows)}
    # What most commits write ties most together.
    order = sorted(likely, key=lambda word: (-len(likely[word]), word))[:_MAX_WORDS]
    fresh = set(order) - (_standing(place.git, base, order) if base is not None else set())
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


def _standing(git: Git, tree: Oid, words: Iterable[str]) -> set[str]:
    """Those of some words that stand in a tree already."""
    wanted = list(words)
    if not wanted:
        return set()
    asked = "".join(f"{word}\n" for word in wanted).encode()
    said = git.run("grep", "-h", "-o", "-w", "-F", "-I", "-f", "-", tree, "--", stdin=asked, ok=(0, 1)).stdout
    return {line.decode("ascii", "replace") for line in set(said.splitlines())}
