"""Syntax trees by the name of their grammar: loaded late, with a limit on size and on patience."""

import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query

MAX_BYTES = 1_500_000
"""Larger texts are generated ones: they are not parsed."""

_SECONDS = 1.0
# Recovery from errors takes quadratic time; a text this short is quick all the same.
_SHORT = 4096
_CHUNK = 65_536

_GRAMMARS = {
    "bash": ("tree_sitter_bash", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "elixir": ("tree_sitter_elixir", "language"),
    "go": ("tree_sitter_go", "language"),
    "hcl": ("tree_sitter_hcl", "language"),
    "java": ("tree_sitter_java", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "python": ("tree_sitter_python", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
}


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed text.

    Attributes:
        grammar: the name of its grammar.
        data: the text.
        root: the topmost node; `root.has_error` if a part of the text did not parse.
    """

    grammar: str
    data: bytes
    root: "Node"

    def text(self, node: "Node | None") -> str:
        """What stands at a node; empty for none."""
        return "" if node is None else self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def captures(self, query: str, node: "Node | None" = None) -> dict[str, list["Node"]]:
        """The nodes that a query captures, by capture, in order; only those below `node` if one is given."""
        from tree_sitter import QueryCursor

        found = QueryCursor(_query(self.grammar, query)).captures(self.root if node is None else node)
        return {name: sorted(nodes, key=lambda one: one.start_byte) for name, nodes in found.items()}

    def matches(self, query: str, node: "Node | None" = None) -> list[dict[str, list["Node"]]]:
        """The captures of each place that a query matches."""
        from tree_sitter import QueryCursor

        found = QueryCursor(_query(self.grammar, query)).matches(self.root if node is None else node)
        return [captures for _, captures in found]


def parse(grammar: str, data: bytes) -> Tree | None:
    """The tree of a text; None if it is too large, or takes too long.

    Raises:
        KeyError: no such grammar.
    """
    if len(data) > MAX_BYTES:
        return None
    parser = _parser(grammar)
    if len(data) <= _SHORT:
        return Tree(grammar, data, parser.parse(data).root_node)
    end = time.monotonic() + _SECONDS

    def read(offset: int, _: object) -> bytes:
        return data[offset : offset + _CHUNK]

    def late(_: int, __: bool) -> bool:
        return time.monotonic() > end

    try:
        return Tree(grammar, data, parser.parse(read, progress_callback=late).root_node)
    except ValueError:
        return None


def walk(node: "Node", spans: Sequence[tuple[int, int]] | None = None) -> Iterator["Node"]:
    """A node and all below it in the order of the text; without recursion, however deep it is.

    Args:
        node: where to begin.
        spans: parts of the text in bytes, in order; nodes that touch none of them are passed over.
    """
    cursor = node.walk()
    while True:
        current = cursor.node
        if current is not None and (spans is None or touches(current, spans)):
            yield current
            if cursor.goto_first_child():
                continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def walk_with_parents(
    root: "Node", spans: Sequence[tuple[int, int]] | None = None
) -> "Iterator[tuple[Node, Sequence[Node], int]]":
    """Every named node below one with those above it, the topmost first, and its place among its named siblings.

    Nodes that touch none of some parts of the text are passed over.

    A query would take quadratic time on text that is nested deeply, and so would asking nodes for their parents.
    """
    cursor = root.walk()
    if not cursor.goto_first_child():
        return
    above, places, place = [root], [0], 0
    while True:
        node = cursor.node
        if node is not None and node.is_named:
            place += 1
            if spans is None or touches(node, spans):
                yield node, above, place - 1
                if cursor.goto_first_child():
                    above.append(node)
                    places.append(place)
                    place = 0
                    continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent() or len(above) == 1:
                return
            above.pop()
            place = places.pop()


def touches(node: "Node", spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a node has a part in one of some parts of the text, in bytes and in order."""
    start, end = node.start_byte, node.end_byte
    at = bisect_right(spans, start, key=_first)
    return (at > 0 and start < spans[at - 1][1]) or (at < len(spans) and spans[at][0] < end)


def _first(span: tuple[int, int]) -> int:
    return span[0]


def line(node: "Node") -> int:
    """Where a node begins, counted from 1."""
    return node.start_point[0] + 1


def _parser(grammar: str) -> "Parser":
    """A new one, which costs next to nothing: in one that two threads use, the process crashes."""
    from tree_sitter import Parser

    return Parser(_language(grammar))


@cache
def _query(grammar: str, query: str) -> "Query":
    from tree_sitter import Query

    return Query(_language(grammar), query)


@cache
def _language(grammar: str) -> "Language":
    from tree_sitter import Language

    package, function = _GRAMMARS[grammar]
    return Language(getattr(import_module(package), function)())
