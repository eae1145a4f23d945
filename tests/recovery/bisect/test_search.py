"""The search against brute force, on histories of any form: no processes, any order of verdicts."""

import math
import random
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safe_rollback.core.ids import Oid
from safe_rollback.recovery.bisect.graph import Graph
from safe_rollback.recovery.bisect.search import Found, Search, WrongEnd
from safe_rollback.recovery.bisect.votes import MOST, Verdict
from tests.harness.sample import examples

GOOD = Oid("f" * 40)
OLDER = Oid("e" * 40)


def name(number: int) -> Oid:
    return Oid(f"{number:040x}")


def line(length: int) -> Graph:
    return Graph(
        commits=[name(one) for one in range(length)],
        parents=[[name(one - 1)] if one else [GOOD] for one in range(length)],
        good=[GOOD],
    )


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Histories whose last commit contains all others; some begin at the good end, some at an older commit."""
    count = draw(st.integers(1, 28))
    parents: list[list[Oid]] = []
    for number in range(count):
        among = st.lists(st.integers(max(0, number - 6), number - 1), min_size=1, max_size=3, unique=True)
        chosen = [name(one) for one in draw(among)] if number else []
        if not chosen or draw(st.integers(0, 9)) == 0:
            chosen.append(draw(st.sampled_from([GOOD, OLDER])))
        parents.append(chosen)
    inner = {one for row in parents for one in row}
    tips = [name(one) for one in range(count - 1) if name(one) not in inner]
    parents[-1] = [*parents[-1], *(one for one in tips if one not in parents[-1])]
    return Graph(commits=[name(one) for one in range(count)], parents=parents, good=[GOOD])


class Simulated:
    """Probes that end in any order, some of them stopped when nobody needs them."""

    def __init__(self, search: Search, verdict: Callable[[Oid], Verdict], workers: int, seed: int) -> None:
        self._search, self._verdict, self._workers = search, verdict, workers
        self._chance = random.Random(seed)
        self.probed: list[Oid] = []

    def run(self) -> Found | WrongEnd:
        running: list[Oid] = []
        while True:
            answer = self._search.wrong_end() or self._search.found()
            if answer is not None:
                return answer
            for one in self._search.useless(running):
                running.remove(one)
            running += self._search.choose(self._workers - len(running), running)
            assert 0 < len(running) <= self._workers, "the search is not done, and asks for nothing"
            done = running.pop(self._chance.randrange(len(running)))
            self.probed.append(done)
            self._search.record(done, self._verdict(done))


def run(
    graph: Graph, verdict: Callable[[Oid], Verdict], workers: int, seed: int = 0, confirm: int = 1, skips: int = 99
) -> tuple[Found | WrongEnd, list[Oid]]:
    simulated = Simulated(Search(graph, workers=workers, confirm=confirm, skips=skips), verdict, workers, seed)
    return simulated.run(), simulated.probed


def brute_force(graph: Graph, verdicts: Mapping[Oid, Verdict]) -> set[Oid]:
    """What every verdict together leaves."""
    left = set(graph.commits)
    for number, one in enumerate(graph.commits):
        ancestors = set(graph.names(graph.ancestors[number]))
        if verdicts[one] == "bad":
            left &= ancestors
        elif verdicts[one] == "good":
            left -= ancestors
    return left


@examples(40)
@given(st.data(), graphs(), st.integers(1, 5), st.integers(0, 99), st.integers(0, 2))
def test_it_leaves_what_all_verdicts_together_would_leave(
    data: st.DataObject, graph: Graph, workers: int, seed: int, confirm: int
) -> None:
    culprit = data.draw(st.sampled_from(range(len(graph.commits))))
    untestable = data.draw(st.sets(st.sampled_from(graph.commits))) - {graph.bad}
    verdicts: dict[Oid, Verdict] = {
        one: "bad" if graph.ancestors[number] >> culprit & 1 else "good" for number, one in enumerate(graph.commits)
    }
    verdicts |= dict.fromkeys(untestable, "skip")
    found, probed = run(graph, lambda one: verdicts.get(one, "good"), workers, seed, confirm)
    assert isinstance(found, Found)
    assert set(found.candidates) == brute_force(graph, verdicts)
    single = found.candidates[0] if len(found.candidates) == 1 else None
    assert found.first_bad == (None if single in untestable else single)
    assert name(culprit) in found.candidates
    assert not found.flaky and not found.repaired and not found.others
    if found.first_bad is not None:
        parents = graph.parents[culprit]
        assert probed.count(found.first_bad) >= max(1, confirm + (found.first_bad != graph.bad))
        assert all(one in probed for one in parents if one == GOOD)
        assert all(probed.count(one) >= confirm for one in parents if verdicts.get(one) != "skip")


@examples(40)
@given(st.data(), graphs(), st.integers(1, 5), st.integers(0, 99))
def test_whatever_the_verdicts_it_ends_and_answers_a_break_that_is_there(
    data: st.DataObject, graph: Graph, workers: int, seed: int
) -> None:
    """Broken and repaired any number of times, untestable here and there."""
    kinds = st.lists(
        st.sampled_from(["good", "bad", "skip"]), min_size=len(graph.commits), max_size=len(graph.commits)
    )
    verdicts: dict[Oid, Verdict] = dict(zip(graph.commits, data.draw(kinds), strict=True))
    verdicts[graph.bad] = "bad"
    found, probed = run(graph, lambda one: verdicts.get(one, "good"), workers, seed)
    assert isinstance(found, Found) and not found.flaky
    assert all(probed.count(one) <= MOST for one in probed)
    if found.first_bad is not None:
        assert verdicts[found.first_bad] == "bad"
        broken = [one for one in graph.parents[graph.number[found.first_bad]] if verdicts.get(one) == "bad"]
        assert set(broken) <= set(found.repaired)
    assert set(found.skipped) <= {one for one, verdict in verdicts.items() if verdict == "skip"}


@examples(40)
@given(st.data(), graphs(), st.integers(1, 4), st.integers(0, 99))
def test_a_false_verdict_is_found_out_at_the_boundary(
    data: st.DataObject, graph: Graph, workers: int, seed: int
) -> None:
    """One commit lies the first time it is probed: the answer is the truth all the same."""
    culprit = data.draw(st.sampled_from(range(len(graph.commits))))
    liar = data.draw(st.sampled_from([*graph.commits, GOOD]))
    asked: list[Oid] = []

    def verdict(one: Oid) -> Verdict:
        bad = one in graph.number and bool(graph.ancestors[graph.number[one]] >> culprit & 1)
        asked.append(one)
        return "bad" if bad != (one == liar and asked.count(one) == 1) else "good"

    found, _ = run(graph, verdict, workers, seed)
    assert isinstance(found, Found)
    if liar in found.flaky:
        votes, taken = found.flaky[liar]
        assert 4 <= votes.total() <= MOST and votes[taken] == 3
    assert found.first_bad == name(culprit)


def in_rounds(search: Search, verdict: Callable[[Oid], Verdict], workers: int) -> tuple[Found | WrongEnd, int]:
    """The answer, and how many rounds it took; all probes of a round end together."""
    rounds = 0
    while (answer := search.wrong_end() or search.found()) is None:
        for one in search.choose(workers, []):
            search.record(one, verdict(one))
        rounds += 1
    return answer, rounds


def broken_from(culprit: int) -> Callable[[Oid], Verdict]:
    return lambda one: "bad" if one != GOOD and int(one, 16) >= culprit else "good"


@pytest.mark.parametrize(("workers", "rounds"), [(1, 7), (2, 5), (3, 4), (4, 3), (8, 2)])
def test_k_workers_need_about_the_logarithm_to_base_k_plus_one(workers: int, rounds: int) -> None:
    """Sixty-three candidates, each in turn; each verdict is believed."""
    graph = line(63)
    needed = []
    for culprit in range(63):
        found, count = in_rounds(Search(graph, workers=workers, confirm=0), broken_from(culprit), workers)
        assert isinstance(found, Found) and found.first_bad == name(culprit)
        needed.append(count)
    assert max(needed) <= rounds
    assert sum(needed) / len(needed) <= math.log(63, workers + 1) + 1.02


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("verdict", ["good", "bad"])
def test_a_wrong_end_shows_early(workers: int, verdict: Verdict) -> None:
    """Every commit says the same: one of the claims is false, and that is known long before the search would end."""
    wrong, rounds = in_rounds(Search(line(5_000), workers=workers), lambda _: verdict, workers)
    assert wrong == WrongEnd(commit=GOOD if verdict == "bad" else name(4_999), verdict=verdict)
    assert rounds <= 3


def test_a_verdict_that_settles_it_makes_running_probes_useless() -> None:
    search = Search(line(40), workers=3)
    running = search.choose(3, [])
    assert len(set(running)) == 3 and search.useless(running) == []
    search.record(min(running), "bad")
    assert sorted(search.useless(sorted(running)[1:])) == sorted(running)[1:]


def test_neighbours_of_what_cannot_be_tested_are_passed_over() -> None:
    """Commits 20 to 44 of 64 do not build; the search jumps out of the stretch instead of walking through it."""
    for culprit in (*range(1, 20), *range(46, 64)):
        verdict = broken_from(culprit)
        found, _ = run(line(64), lambda one, told=verdict: "skip" if 20 <= int(one, 16) <= 44 else told(one), 1)
        assert isinstance(found, Found) and found.first_bad == name(culprit)
        assert len(found.skipped) <= 13


def test_a_long_stretch_that_cannot_be_tested_is_not_tried_to_its_end() -> None:
    def verdict(one: Oid) -> Verdict:
        return "skip" if one != GOOD and 80 <= int(one, 16) <= 320 else broken_from(200)(one)

    found, probed = run(line(400), verdict, 2, skips=24)
    assert isinstance(found, Found) and found.first_bad is None
    assert {name(one) for one in range(80, 321)} <= set(found.candidates)
    assert found.untried > 100 and len(probed) < 120


def test_broken_twice_and_repaired_between_is_said() -> None:
    """Two probes ran at once, and the later commit was good: what counts is the break after it."""
    search = Search(line(9), workers=2)
    search.record(name(2), "bad")
    search.record(name(5), "good")
    found, _ = in_rounds(search, lambda one: "bad" if one in map(name, (2, 3, 7, 8)) else "good", 2)
    assert isinstance(found, Found)
    assert (found.first_bad, found.repaired, found.flaky) == (name(7), [name(2)], {})


def test_two_culprits_on_two_branches_are_not_taken_for_one() -> None:
    parents = [[GOOD], [name(0)], [name(1)], [name(0)], [name(3)], [name(2), name(4)]]
    graph = Graph(commits=[name(one) for one in range(6)], parents=parents, good=[GOOD])
    search = Search(graph, workers=2)
    search.record(name(2), "bad")
    search.record(name(4), "bad")
    found, _ = in_rounds(search, lambda one: "good" if one in (GOOD, name(0), name(1), name(3)) else "bad", 2)
    assert isinstance(found, Found)
    assert (found.first_bad, found.others) == (name(2), [name(4)])
