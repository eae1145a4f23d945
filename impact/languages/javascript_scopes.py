"""Where a name means something else: a parameter or a variable of the same name hides an import."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_PATTERNS = frozenset(
    {
        "object_pattern",
        "array_pattern",
        "pair_pattern",
        "assignment_pattern",
        "rest_pattern",
        "object_assignment_pattern",
    }
)
_PARAMETERS = frozenset({"required_parameter", "optional_parameter", "formal_parameters"})
_DECLARING = _PARAMETERS | {
    "arrow_function",
    "catch_clause",
    "for_in_statement",
    "variable_declarator",
    "function_declaration",
    "class_declaration",
}
_FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_declaration",
        "function_expression",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
    }
)
_BLOCKS = frozenset({"statement_block", "for_statement", "for_in_statement", "program", "class_body", "catch_clause"})


def hidden(places: Iterable[Node], binding_line: int) -> list[tuple[int, int]]:
    """Ranges of bytes where one of these identifiers is declared anew; not where the binding's own line does."""
    ranges = []
    for node in places:
        scope = _scope(node, binding_line)
        if scope is not None and scope.type != "program":
            ranges.append((scope.start_byte, scope.end_byte))
    return ranges


def _scope(node: Node, binding_line: int) -> Node | None:
    """The scope that an identifier is declared for; None if it is only used."""
    at, above = node, node.parent
    while above is not None and above.type in _PATTERNS:
        if _field(above, at) in ("right", "key"):
            return None
        at, above = above, above.parent
    if above is None or above.type not in _DECLARING:
        return None
    field = _field(above, at)
    if above.type in _PARAMETERS and (above.type == "formal_parameters" or field == "pattern"):
        return _enclosing(above, _FUNCTIONS)
    if above.type == "arrow_function" and field == "parameter":
        return above
    if above.type == "catch_clause" and field == "parameter":
        return above
    if above.type == "for_in_statement" and field == "left" and above.child_by_field_name("kind") is not None:
        return above
    if above.type == "variable_declarator" and field == "name":
        if above.start_point.row < binding_line <= above.end_point.row + 1:
            return None
        return _enclosing(above, _BLOCKS)
    if above.type in ("function_declaration", "class_declaration") and field == "name":
        return _enclosing(above, _BLOCKS)
    return None


def _field(parent: Node, child: Node) -> str:
    for index, one in enumerate(parent.children):
        if one.id == child.id:
            return parent.field_name_for_child(index) or ""
    return ""


def _enclosing(node: Node, types: frozenset[str]) -> Node | None:
    above = node.parent
    while above is not None and above.type not in types:
        above = above.parent
    return above
