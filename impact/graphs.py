"""Graphs as mappings from a node to what it points to; plain loops, so depth costs nothing but memory."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TypeVar

N = TypeVar("N")
Graph = Mapping[N, Iterable[N]]
"""A node to the nodes it points to; one that is no key points nowhere."""


def reachable(graph: Graph[N], starts: Iterable[N]) -> dict[N, int]:
    """Every node that can be reached, nearest first, with its distance; the starts have 0."""
    distance = dict.fromkeys(starts, 0)
    queue = deque(distance)
    while queue:
        node = queue.popleft()
        for following in graph.get(node, ()):
            if following not in distance:
                distance[following] = distance[node] + 1
                queue.append(following)
    return distance


def turned(graph: Graph[N]) -> dict[N, list[N]]:
    """The graph with every arrow the other way round."""
    found: dict[N, list[N]] = {}
    for node, others in graph.items():
        for other in others:
            found.setdefault(other, []).append(node)
    return found


def components(graph: Graph[N]) -> list[list[N]]:
    """The strongly connected components, each before those that point to it.

    Tarjan's algorithm, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1 (1972).
    """
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    stack: list[N] = []
    standing: set[N] = set()
    found: list[list[N]] = []
    for root in graph:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        standing.add(root)
        work = [(root, iter(graph.get(root, ())))]
        while work:
            node, following = work[-1]
            for other in following:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    standing.add(other)
                    work.append((other, iter(graph.get(other, ()))))
                    break
                if other in standing:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    found.append(_taken(stack, standing, node))
    return found


def _taken(stack: list[N], standing: set[N], root: N) -> list[N]:
    """The component that begins at a node, off the stack."""
    component: list[N] = []
    while True:
        node = stack.pop()
        standing.discard(node)
        component.append(node)
        if node == root:
            return component[::-1]


def leaf_first(graph: Graph[N]) -> list[list[N]]:
    """An order in which nothing goes before what needs it: what nothing needs comes first.

    Args:
        graph: a node to what it needs.

    Returns:
        Groups; the members of one need each other, and go together.
    """
    return components(graph)[::-1]
