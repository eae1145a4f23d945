"""Syntax trees of JavaScript and TypeScript, for what a scan cannot be sure of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser

_TEXTS = frozenset(
    {
        "string",
        "string_fragment",
        "template_string",
        "comment",
        "jsx_text",
        "regex",
        "regex_pattern",
        "escape_sequence",
    }
)


@cache
def _language(markup: bool) -> Language:
    import tree_sitter
    import tree_sitter_typescript

    pointer = tree_sitter_typescript.language_tsx() if markup else tree_sitter_typescript.language_typescript()
    return tree_sitter.Language(pointer)


def _parser(markup: bool) -> Parser:
    """A new one: in one that two threads use, the process crashes."""
    import tree_sitter

    return tree_sitter.Parser(_language(markup))


def parse(data: bytes) -> Node:
    """The root of a file's tree. Nothing says which dialect it is, so the one that reads it is right."""
    first = _parser(b"</" in data or b"/>" in data).parse(data).root_node
    if not first.has_error:
        return first
    second = _parser(not (b"</" in data or b"/>" in data)).parse(data).root_node
    return first if second.has_error else second


def leaf(root: Node, start: int, end: int) -> Node | None:
    """The smallest node that holds these bytes."""
    return root.descendant_for_byte_range(start, end)


def is_text(node: Node | None) -> bool:
    """Whether a node is text for a reader: a string, a comment, a sentence between tags."""
    return node is None or node.type in _TEXTS


def code_places(data: bytes, wanted: Iterable[int]) -> dict[int, bool]:
    """Which places are code."""
    root = parse(data)
    return {place: not is_text(leaf(root, place, place + 1)) for place in wanted}
