"""Reach, components and order of small and deep graphs."""

from safe_rollback.impact.graphs import components, leaf_first, reachable, turned


def test_distance_is_the_shortest() -> None:
    assert reachable({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["a"], "x": ["a"]}, ["a"]) == {
        "a": 0,
        "b": 1,
        "c": 1,
        "d": 2,
    }


def test_arrows_turn() -> None:
    assert turned({"a": ["b", "c"], "b": ["c"]}) == {"b": ["a"], "c": ["a", "b"]}


def test_nodes_that_reach_each_other_are_one_component() -> None:
    graph = {"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": ["e"], "e": ["d"], "f": ["f"]}
    assert [set(group) for group in components(graph)] == [{"d", "e"}, {"a", "b", "c"}, {"f"}]


def test_what_nothing_needs_comes_first() -> None:
    graph = {"gold": ["silver"], "silver": ["job"], "job": ["config", "connector"], "config": ["connector"]}
    assert leaf_first(graph) == [["gold"], ["silver"], ["job"], ["config"], ["connector"]]


def test_files_that_need_each_other_go_together() -> None:
    groups = leaf_first({"a": ["b"], "b": ["a", "base"], "top": ["a"]})
    assert [set(group) for group in groups] == [{"top"}, {"a", "b"}, {"base"}]


def test_depth_is_no_limit() -> None:
    chain = {number: [number + 1] for number in range(50_000)}
    assert leaf_first(chain)[0] == [0]
    assert reachable(chain, [0])[50_000] == 50_000
