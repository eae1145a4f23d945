"""What class the value before a `.member` is of, where the file says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .javascript_signatures import text, unwrapped

if TYPE_CHECKING:
    from tree_sitter import Node

_TYPED = frozenset(
    {
        "required_parameter",
        "optional_parameter",
        "variable_declarator",
        "public_field_definition",
        "property_signature",
    }
)
_WRAPPERS = frozenset({"union_type", "parenthesized_type", "readonly_type", "type_annotation"})
_CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})


class Receivers:
    """Which names of a file are annotated as, or made with `new` of, which class."""

    def __init__(self, root: Node) -> None:
        self._types: dict[str, set[str]] = {}
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node.type in _TYPED or node.type == "field_definition":
                self._note(node)
            waiting.extend(node.named_children)

    def _note(self, node: Node) -> None:
        name = node.child_by_field_name("pattern") or node.child_by_field_name("name")
        name = name or node.child_by_field_name("property")
        annotation, value = node.child_by_field_name("type"), unwrapped(node.child_by_field_name("value"))
        known = self._types.setdefault(text(name), set())
        if annotation is not None:
            known.update(_named_types(annotation))
        elif value is not None and value.type == "new_expression":
            known.add(text(value.child_by_field_name("constructor")))

    def is_of(self, member: Node, owners: set[str]) -> bool:
        """Whether a member is taken from one of these classes, or from an instance of one."""
        parent = member.parent
        if parent is None:
            return False
        if parent.type in ("nested_type_identifier", "nested_identifier"):
            return text(parent.named_children[0]) in owners
        if parent.type != "member_expression":
            return False
        value = unwrapped(parent.child_by_field_name("object"))
        while value is not None and value.type == "non_null_expression":
            value = value.named_children[0]
        if value is None:
            return False
        if value.type == "new_expression":
            return text(value.child_by_field_name("constructor")) in owners
        if value.type == "this":
            return bool(_extended(value) & owners)
        if text(value) in owners:
            return True
        name = value.child_by_field_name("property") if value.type == "member_expression" else value
        return name is not None and bool(self._types.get(text(name), set()) & owners)


def _named_types(annotation: Node) -> set[str]:
    """The classes a value may be of; not what it only holds (`C[]`, `Map<C>`)."""
    found: set[str] = set()
    waiting = [annotation]
    while waiting:
        node = waiting.pop()
        if node.type in _WRAPPERS:
            waiting.extend(node.named_children)
        elif node.type == "generic_type":
            found.add(text(node.child_by_field_name("name") or node.named_children[0]))
        elif node.type in ("type_identifier", "nested_type_identifier"):
            found.add(text(node))
    return found


def _extended(node: Node) -> set[str]:
    """What the class around `this` extends."""
    above = node.parent
    while above is not None and above.type not in _CLASSES:
        above = above.parent
    if above is None:
        return set()
    found: set[str] = set()
    for heritage in above.named_children:
        for clause in heritage.named_children if heritage.type == "class_heritage" else ():
            value = clause.child_by_field_name("value") if clause.type == "extends_clause" else clause
            found.add(text(value))
    return found
