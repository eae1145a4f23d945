"""Which commits to probe next, so that few are left whatever the probes say.

Probes that run at the same time cut the candidates into cells: commits of one cell would give the same verdicts.
If each candidate is as likely as any other, the expected number left is the sum of the cells' squares over their
number. On a line, k probes are best where they cut it into k + 1 equal parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .graph import Graph

# So many of them, evenly spread, are compared; more cost time and win nothing.
_SAMPLE = 256
_PASSES = 8


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be decided.

    Attributes:
        graph: the commits.
        candidates: those that may be the one.
        eligible: the commits that may be probed; a verdict about each leaves fewer.
        running: what is being probed already.
        skipped: commits that could not be tested: their neighbours may not be either.
        below: what all-bad verdicts cost on top, as a factor, because a claimed end is then to be probed.
        above: the same for all-good ones.
    """

    graph: Graph
    candidates: int
    eligible: Sequence[int]
    running: Sequence[int] = ()
    skipped: int = 0
    below: float = 1.0
    above: float = 1.0


def divides(graph: Graph, candidates: int, number: int) -> bool:
    """Whether a verdict about a commit would leave fewer candidates, whatever it is."""
    inside = graph.ancestors[number] & candidates
    return inside != 0 and inside != candidates


def best_splits(question: Question, count: int) -> list[int]:
    """At most `count` further commits to probe together; fewer if no more of them tell anything."""
    graph, whole = question.graph, question.candidates
    able = sorted(question.eligible, key=lambda one: (graph.ancestors[one] & whole).bit_count())
    if len(able) > _SAMPLE:
        able = [able[at * len(able) // _SAMPLE] for at in range(_SAMPLE)]
    able = [one for one in able if one not in question.running]
    if not able:
        return []
    chance = {one: _chance(one, question.skipped & whole) for one in able}
    chosen = _spread(able, min(count, len(able)))
    for _ in range(_PASSES):
        before = list(chosen)
        for place in range(len(chosen)):
            others = chosen[:place] + chosen[place + 1 :]
            chosen[place] = _best(question, others, able, chance)
        if chosen == before:
            break
    return [one for place, one in enumerate(chosen) if one not in chosen[:place]]


def _spread(able: Sequence[int], count: int) -> list[int]:
    """A first choice: at equal distances, by the number of ancestors."""
    return [able[(place + 1) * len(able) // (count + 1)] for place in range(count)]


def _best(question: Question, others: Sequence[int], able: Sequence[int], chance: dict[int, float]) -> int:
    """The commit that cuts best what the others leave together; one that nobody has taken."""
    ancestors = question.graph.ancestors
    cells = [_Cell(question.candidates, below=True, above=True)]
    for one in (*question.running, *others):
        cells = [part for cell in cells for part in cell.cut(ancestors[one]) if part.members]

    def cost(cell: _Cell) -> float:
        weight = (question.below if cell.below else 1.0) * (question.above if cell.above else 1.0)
        return weight * cell.members.bit_count() ** 2

    costs = [(cell, cost(cell)) for cell in cells]

    def gain(one: int) -> float:
        won = sum(before - sum(map(cost, cell.cut(ancestors[one]))) for cell, before in costs)
        return won * chance[one]

    taken = set(others)
    return max((one for one in able if one not in taken), key=gain)


class _Cell(NamedTuple):
    """Candidates that give the same verdicts; `below` if all of these are bad, `above` if all are good."""

    members: int
    below: bool
    above: bool

    def cut(self, ancestors: int) -> "tuple[_Cell, _Cell]":
        """What is left if one more is bad, and if it is good."""
        return (
            _Cell(self.members & ancestors, self.below, above=False),
            _Cell(self.members & ~ancestors, below=False, above=self.above),
        )


def _chance(number: int, skipped: int) -> float:
    """How likely a commit can be tested: the more skips there were, the farther away from them it has to be.

    Between two of them it is less likely than beside both.
    """
    count, found = skipped.bit_count(), 1.0
    under, over = skipped & ((1 << number) - 1), skipped >> number
    distances = [number - under.bit_length() + 1] if under else []
    distances += [(over & -over).bit_length() - 1] if over else []
    for distance in distances:
        found *= distance / (distance + count)
    return found
