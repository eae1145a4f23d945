"""The search itself: from verdicts to the first bad commit, without a process or a clock.

A commit is taken to be bad if a parent of it is. What a verdict says about others follows from that alone, so
merges need no special case: a bad commit leaves its ancestors, a good one takes its own out. Where verdicts
contradict each other, good ones win: the question is what broke the bad end, so it is the last break that counts.

The ends are claims. One is probed as soon as the answer would rest on it: while every verdict was bad nothing but
the claim says that it ever worked. So a wrong end shows after two rounds, and a right one costs a round only if
the commit is near it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...core.ids import MaybeOid, Oid
from .graph import Graph, members
from .splits import Question, best_splits, divides
from .votes import Verdict, Votes


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the search came to.

    Attributes:
        first_bad: the commit; None if it could not be told.
        candidates: the commits it may be, oldest first; only `first_bad` if that is known.
        skipped: commits that could not be tested.
        untried: how many candidates were not tried, because too many others in a row could not be tested.
        flaky: commits whose probes disagreed, with the votes and what they were taken for.
        repaired: bad commits that a good one contains: it was broken before, and worked in between.
        others: bad commits that do not come from a candidate: it was broken more than once.
    """

    first_bad: MaybeOid
    candidates: Sequence[Oid]
    skipped: Sequence[Oid] = ()
    untried: int = 0
    flaky: Mapping[Oid, tuple[Counter[Verdict], Verdict]] = field(default_factory=dict)
    repaired: Sequence[Oid] = ()
    others: Sequence[Oid] = ()


@dataclass(frozen=True, kw_only=True)
class WrongEnd:
    """An end that is not what it was claimed to be.

    Attributes:
        commit: which.
        verdict: what it is instead.
    """

    commit: Oid
    verdict: Verdict


class Search:
    """What is known, and what to ask next.

    Args:
        graph: the commits.
        workers: how many probes run at once.
        confirm: how often the verdicts that the answer rests on are asked for again.
        skips: after so many untestable commits in a row the rest of the candidates is left alone.
    """

    def __init__(self, graph: Graph, *, workers: int, confirm: int = 1, skips: int = 24) -> None:
        self.graph = graph
        self.votes = Votes()
        self._workers = workers
        self._confirm = confirm
        self._skips, self._in_a_row, self._tired = skips, 0, False

    def record(self, commit: Oid, verdict: Verdict) -> None:
        """Take a probe's verdict into account."""
        self.votes.cast(commit, verdict)
        self._in_a_row = self._in_a_row + 1 if verdict == "skip" else 0
        self._tired = self._tired or self._in_a_row >= self._skips

    @property
    def left(self) -> int:
        """How many candidates are left."""
        return self._candidates().bit_count()

    def _candidates(self) -> int:
        left, bits = self.graph.everything, self.graph.number
        for commit in self.votes.settled("good"):
            if commit in bits:
                left &= ~self.graph.ancestors[bits[commit]]
        for commit in self.votes.settled("bad"):
            if commit in bits and (part := left & self.graph.ancestors[bits[commit]]):
                left = part
        return left

    def choose(self, free: int, running: Sequence[Oid]) -> list[Oid]:
        """The commits to probe next, the most important first; one may be there twice.

        Args:
            free: at most so many.
            running: what is being probed.
        """
        chosen: list[Oid] = []
        under_way = Counter(running)

        def take(wanted: Mapping[Oid, int]) -> None:
            for commit, number in wanted.items():
                more = min(number - under_way[commit], free - len(chosen))
                chosen.extend([commit] * more)
                under_way[commit] += max(more, 0)

        left = self._candidates()
        take(self._urgent())
        take(self._ends())
        if len(chosen) < free:
            splits = best_splits(self._question(left, under_way), free - len(chosen))
            take(dict.fromkeys((self.graph.commits[one] for one in splits), 1))
        if len(chosen) < free:
            take(self._boundary(left))
        return chosen

    def useless(self, running: Sequence[Oid]) -> list[Oid]:
        """Those of the running probes whose verdicts nobody waits for any more."""
        left, bits = self._candidates(), self.graph.number
        wanted = Counter(self._boundary(left)) | Counter(self._urgent()) | Counter(self._ends())
        splitting = set(self._splitting(left))
        for commit in running:
            if commit in bits and bits[commit] in splitting:
                wanted[commit] = max(wanted[commit], 1)
        return list((Counter(running) - wanted).elements())

    def wrong_end(self) -> WrongEnd | None:
        """An end that is not what was claimed, or cannot be tested although the answer rests on it."""
        for commit, claim, verdict in self._false_ends():
            if verdict == "skip":
                rests = not any(one in self.graph.number for one in self.votes.settled(claim))
                some = self.votes.settled("good") or self.votes.settled("bad")
                if rests and not (some and self._splitting(self._candidates())):
                    return WrongEnd(commit=commit, verdict=verdict)
            elif self.votes.number(commit) > self._confirm:
                return WrongEnd(commit=commit, verdict=verdict)
        return None

    def found(self) -> Found | None:
        """The answer, once nothing more can be found out and the verdicts it rests on were confirmed."""
        left = self._candidates()
        if self._urgent() or self._splitting(left) or self._boundary(left):
            return None
        names, votes = self.graph.names(left), self.votes
        known = names[0] if len(names) == 1 and votes.verdict(names[0]) == "bad" else None
        good = self._contained(votes.settled("good"))
        bad = [one for one in votes.settled("bad") if one not in names]
        repaired = [one for one in bad if one not in self.graph.number or good >> self.graph.number[one] & 1]
        return Found(
            first_bad=known,
            candidates=names,
            skipped=votes.settled("skip"),
            untried=sum(not votes.number(one) for one in names),
            flaky={one: (votes.of(one), verdict) for one in votes.disagreeing() if (verdict := votes.verdict(one))},
            repaired=repaired,
            others=[one for one in bad if one not in repaired and not left & self._contained([one])],
        )

    def _contained(self, commits: Sequence[Oid]) -> int:
        found = 0
        for commit in commits:
            if commit in self.graph.number:
                found |= self.graph.ancestors[self.graph.number[commit]]
        return found

    def _splitting(self, left: int) -> list[int]:
        """What can still be asked, to some use: candidates, or, where none can be tested, those beside them."""
        if left.bit_count() == 1 or self._tired:
            return []
        for among in (left, self.graph.everything & ~left):
            fresh = (one for one in members(among) if not self.votes.number(self.graph.commits[one]))
            if found := [one for one in fresh if divides(self.graph, left, one)]:
                return found
        return []

    def _question(self, left: int, under_way: Counter[Oid]) -> Question:
        bits, votes = self.graph.number, self.votes
        running = [bits[one] for one, number in under_way.items() if number > 0 and one in bits]
        skipped = sum(1 << bits[one] for one in votes.settled("skip") if one in bits)
        more = (self._workers + 1) / self._workers
        return Question(
            graph=self.graph,
            candidates=left,
            eligible=self._splitting(left),
            running=[one for one in running if divides(self.graph, left, one)],
            skipped=skipped,
            below=more if any(not under_way[one] for one in self._unproven(self.graph.good, "good")) else 1.0,
            above=more if any(not under_way[one] for one in self._unproven([self.graph.bad], "bad")) else 1.0,
        )

    def _false_ends(self) -> list[tuple[Oid, Verdict, Verdict]]:
        """Ends whose verdict is not what is claimed: the commit, the claim, the verdict."""
        claims: list[tuple[Oid, Verdict]] = [(one, "good") for one in self.graph.good]
        claims.append((self.graph.bad, "bad"))
        verdicts = [(commit, claim, self.votes.verdict(commit)) for commit, claim in claims]
        return [(commit, claim, verdict) for commit, claim, verdict in verdicts if verdict and verdict != claim]

    def _urgent(self) -> dict[Oid, int]:
        """What is to be asked before anything else: where probes disagree, and ends that seem to be wrong."""
        found = {commit: self.votes.missing(commit) for commit in self.votes.open()}
        for commit, _, verdict in self._false_ends():
            if verdict != "skip" and self.votes.number(commit) <= self._confirm:
                found[commit] = 1
        return found

    def _unproven(self, ends: Sequence[Oid], verdict: Verdict) -> list[Oid]:
        """The ends that only a claim stands for, if no verdict among the candidates does."""
        if any(one in self.graph.number for one in self.votes.settled(verdict)):
            return []
        return [one for one in ends if not self.votes.number(one)]

    def _ends(self) -> dict[Oid, int]:
        """The ends that the answer would rest on, as far as is known."""
        if not any(self.votes.settled(one) for one in ("good", "bad", "skip")):
            return {}
        return dict.fromkeys([*self._unproven(self.graph.good, "good"), *self._unproven([self.graph.bad], "bad")], 1)

    def _boundary(self, left: int) -> dict[Oid, int]:
        """The commits that the answer rests on, or may, and how many more verdicts each needs; likely ones first."""
        count = left.bit_count()
        if self._splitting(left):
            if count > 4 * self._workers:
                return {}
            chosen = members(left)
        elif count == 1:
            chosen = members(left)
        else:
            return {one: more for one in self._edges(left) if (more := self._lacking(one)) > 0}
        likely: Counter[Oid] = Counter()
        for one in chosen:
            likely.update([self.graph.commits[one], *self.graph.parents[one]])
        doubted = (good for one in list(likely) for good in self._against(one))
        wanted = [*(one for one, _ in likely.most_common()), *doubted]
        return {one: more for one in wanted if (more := self._lacking(one)) > 0}

    def _against(self, commit: Oid) -> list[Oid]:
        """Good commits that say that a parent of a candidate is good, while its own verdict is that it is bad."""
        bits = self.graph.number
        if self.votes.verdict(commit) != "bad" or not self._implied(commit):
            return []
        if commit not in bits:
            return list(self.graph.good)
        good = (one for one in self.votes.settled("good") if one in bits)
        return [one for one in good if self.graph.ancestors[bits[one]] >> bits[commit] & 1]

    def _edges(self, left: int) -> list[Oid]:
        """What bounds candidates that cannot be tested: the lowest bad commits above, probed good ones below."""
        bits, ancestors = self.graph.number, self.graph.ancestors
        bad = {bits[one] for one in (*self.votes.settled("bad"), self.graph.bad) if one in bits}
        bad = {one for one in bad if not left & ~ancestors[one]}
        tops = [one for one in bad if not any(other != one and ancestors[one] >> other & 1 for other in bad)]
        below = {parent for one in members(left) for parent in self.graph.parents[one]}
        direct = {one for one in below if one in self.graph.good or self.votes.verdict(one) == "good"}
        return [*(self.graph.commits[one] for one in sorted(tops)), *sorted(direct)]

    def _lacking(self, commit: Oid) -> int:
        """How many more verdicts of a commit are needed before an answer may rest on it."""
        verdict = self.votes.verdict(commit)
        if self.votes.disputed(commit):
            return self.votes.missing(commit)
        if verdict == "skip":
            return 0
        claimed = commit in self.graph.good or commit == self.graph.bad
        # What others say of it counts as one verdict, unless its own says otherwise.
        implied = claimed or (verdict != "bad" and self._implied(commit))
        least = 1 if claimed or not implied else 0
        return max(1 + self._confirm - implied, least) - self.votes.number(commit)

    def _implied(self, commit: Oid) -> bool:
        """Whether a commit has to be good because one that contains it is."""
        bits = self.graph.number
        above = [one for one in self.votes.settled("good") if one != commit]
        return commit not in bits or bool(self._contained(above) >> bits[commit] & 1)
