"""Where a word of a Python file is a name, and whether something nearer gives the name another meaning."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...core.grammar import Tree

if TYPE_CHECKING:
    from tree_sitter import Node

SCOPES = frozenset(
    {
        "function_definition",
        "lambda",
        "list_comprehension",
        "set_comprehension",
        "dictionary_comprehension",
        "generator_expression",
    }
)
_PARAMETERS = frozenset({"parameters", "lambda_parameters"})
_IMPORTS = frozenset({"import_statement", "import_from_statement"})
_PATTERNS = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "as_pattern_target"})
_LEFT = frozenset({"assignment", "augmented_assignment", "for_statement", "for_in_clause"})
_MOST = 5_000
"""Occurrences of one word that are looked at."""


def words(tree: Tree, word: str, within: "Node | None" = None) -> Iterator["Node"]:
    """Every identifier that is this word, and every string that is just this word where a type is expected."""
    start, end = (within.start_byte, within.end_byte) if within is not None else (0, len(tree.data))
    raw = word.encode()
    pattern = re.compile(rb"(?<![\w\x80-\xff])" + re.escape(raw) + rb"(?![\w\x80-\xff])")
    for count, match in enumerate(pattern.finditer(tree.data, start, end)):
        if count >= _MOST:
            return
        node = tree.root.descendant_for_byte_range(match.start(), match.end())
        if node is not None and (node.type == "identifier" or (node.type == "string_content" and is_type(node))):
            yield node


def is_type(node: "Node") -> bool:
    """Whether a part of a string stands where a type does."""
    above: Node | None = node
    for _ in range(6):
        above = above.parent if above is not None else None
        if above is None:
            return False
        if above.type == "type":
            return True
    return False


def is_attribute(node: "Node") -> bool:
    """Whether an identifier is what is taken from an object, not a name."""
    above = node.parent
    return above is not None and above.type == "attribute" and above.child_by_field_name("attribute") == node


def is_keyword(node: "Node") -> bool:
    """Whether an identifier is the name of an argument."""
    above = node.parent
    return above is not None and above.type == "keyword_argument" and above.child_by_field_name("name") == node


def scope_of(node: "Node") -> "Node | None":
    """The function, lambda or comprehension a node stands in; None for the module."""
    below, above = node, node.parent
    while above is not None:
        if above.type in SCOPES and not _belongs_outside(node, below, above):
            return above
        below, above = above, above.parent
    return None


def class_of(node: "Node") -> "Node | None":
    """The class a node stands in, at whatever depth."""
    above = node.parent
    while above is not None and above.type != "class_definition":
        above = above.parent
    return above


def _belongs_outside(node: "Node", below: "Node", scope: "Node") -> bool:
    """Whether a node of a function is read where the function stands: its name, its defaults and its types."""
    if below.type in _PARAMETERS:
        return not is_parameter(node)
    return scope.type == "function_definition" and below.type != "block"


def binds(node: "Node") -> bool:
    """Whether an identifier gives its name a meaning here."""
    below, above = node, node.parent
    while above is not None and above.type in _PATTERNS:
        below, above = above, above.parent
    if above is None:
        return False
    kind = above.type
    if kind in _LEFT:
        return above.child_by_field_name("left") == below
    if kind == "named_expression":
        return above.child_by_field_name("name") == below
    if kind in ("function_definition", "class_definition"):
        return above.child_by_field_name("name") == below
    if kind == "as_pattern":
        return below.type == "as_pattern_target"
    return is_parameter(node) or in_import(node)


def is_parameter(node: "Node") -> bool:
    """Whether an identifier is a parameter's name."""
    above = node.parent
    if above is None:
        return False
    if above.type in ("list_splat_pattern", "dictionary_splat_pattern"):
        node, above = above, above.parent
    if above is None:
        return False
    if above.type in _PARAMETERS:
        return True
    if above.type == "typed_parameter":
        return above.named_child(0) == node
    if above.type in ("default_parameter", "typed_default_parameter"):
        return above.child_by_field_name("name") == node
    return False


def in_import(node: "Node") -> bool:
    """Whether an identifier stands in an import."""
    above = node.parent
    while above is not None and above.type in ("dotted_name", "aliased_import"):
        above = above.parent
    return above is not None and above.type in _IMPORTS


class Meaning:
    """What a word means in each place of a file, when a scope of the file gives it one meaning that matters.

    Args:
        nodes: the identifiers that are the word.
        scope: whose meaning matters; None for the module's.
    """

    def __init__(self, nodes: Iterable["Node"], scope: "Node | None") -> None:
        self._scope = scope
        self._nodes = [one for one in nodes if not is_attribute(one) and not is_keyword(one)]
        self._bound = {_id(scope_of(one)) for one in self._nodes if binds(one)} - {_id(scope), 0}

    def reads(self) -> Iterator["Node"]:
        """Where the word has that meaning and is read."""
        for node in self._nodes:
            if not binds(node) and self._holds(node):
                yield node

    def _holds(self, node: "Node") -> bool:
        inside = scope_of(node)
        while inside is not None and inside != self._scope:
            if inside.id in self._bound:
                return False
            inside = scope_of(inside)
        return inside == self._scope


def _id(scope: "Node | None") -> int:
    return 0 if scope is None else scope.id
