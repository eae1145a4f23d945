"""Which variables of a Python file are evidently instances of a class, judged where the class is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.grammar import Tree
from .python_scopes import Meaning, class_of, is_attribute, scope_of, words

if TYPE_CHECKING:
    from tree_sitter import Node

_WRAPPERS = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Self", "type", "Type"})
_OWN = frozenset({"self", "cls"})


@dataclass(frozen=True)
class Receiver:
    """An expression that is an instance of a class, or the class.

    Attributes:
        name: how it is written: `x`, or `x` of `self.x`.
        scope: the function it is known in; None for the module.
        owner: the class whose `self` it belongs to; None if it stands alone.
    """

    name: str
    scope: "Node | None"
    owner: "Node | None" = None


def receivers(tree: Tree, named: "Node") -> Iterator[Receiver]:
    """What is an instance of a class because of one place that names it."""
    above = named.parent
    if above is None:
        return
    if above.type == "call" and above.child_by_field_name("function") == named:
        value = above.parent if above.parent is not None and above.parent.type == "await" else above
        yield from _given(tree, value)
        return
    kind = _annotation(tree, named)
    if kind is None or kind.parent is None:
        return
    holder = kind.parent
    if holder.type == "assignment":
        yield from _target(tree, holder.child_by_field_name("left"))
    elif holder.type == "typed_parameter":
        yield from _target(tree, holder.named_child(0))
    elif holder.type == "typed_default_parameter":
        yield from _target(tree, holder.child_by_field_name("name"))


def subclass(named: "Node") -> "Node | None":
    """The class that names another as its base in this place."""
    above = named.parent
    if above is not None and above.type == "subscript":
        above = above.parent
    if above is None or above.type != "argument_list":
        return None
    return above.parent if above.parent is not None and above.parent.type == "class_definition" else None


def accesses(tree: Tree, one: Receiver) -> Iterator["Node"]:
    """Every place where something is taken from a receiver: the attribute's node."""
    if one.owner is not None:
        for node in words(tree, one.name, one.owner):
            above = node.parent
            if is_attribute(node) and above is not None and _is_own(tree, above.child_by_field_name("object")):
                yield from _taken(above)
        return
    within = one.scope
    for node in Meaning(words(tree, one.name, within), within).reads():
        yield from _taken(node)


def own_accesses(tree: Tree, cls: "Node") -> Iterator["Node"]:
    """Every place where something is taken from `self`, `cls` or `super()` in a class."""
    for word in (*sorted(_OWN), "super"):
        for node in words(tree, word, cls):
            if class_of(node) != cls:
                continue
            above = node.parent
            if word == "super" and above is not None and above.type == "call":
                yield from _taken(above)
            elif word != "super":
                yield from _taken(node)


def own_names(cls: "Node") -> Iterator["Node"]:
    """The names that a class's body gives a meaning, except in blocks: methods and attributes."""
    body = cls.child_by_field_name("body")
    for one in body.named_children if body is not None else ():
        inner = one.child_by_field_name("definition") if one.type == "decorated_definition" else one
        name = None
        if inner is not None and inner.type in ("function_definition", "class_definition"):
            name = inner.child_by_field_name("name")
        elif inner is not None and inner.type == "expression_statement" and inner.named_children:
            name = inner.named_children[0].child_by_field_name("left")
        if name is not None and name.type == "identifier":
            yield name


def _given(tree: Tree, value: "Node") -> Iterator[Receiver]:
    """What a value is given to."""
    holder = value.parent
    if holder is None:
        return
    if holder.type == "assignment" and holder.child_by_field_name("right") == value:
        yield from _target(tree, holder.child_by_field_name("left"))
    elif holder.type == "named_expression":
        yield from _target(tree, holder.child_by_field_name("name"))
    elif holder.type == "as_pattern":
        alias = holder.child_by_field_name("alias")
        yield from _target(tree, alias.named_child(0) if alias is not None else None)


def _target(tree: Tree, node: "Node | None") -> Iterator[Receiver]:
    if node is None:
        return
    if node.type == "identifier":
        inside = scope_of(node)
        cls = class_of(node)
        if cls is not None and (inside is None or inside.start_byte < cls.start_byte):
            yield Receiver(tree.text(node), inside, cls)
        else:
            yield Receiver(tree.text(node), inside)
    elif node.type == "attribute" and _is_own(tree, node.child_by_field_name("object")):
        cls = class_of(node)
        if cls is not None:
            yield Receiver(tree.text(node.child_by_field_name("attribute")), None, cls)


def _annotation(tree: Tree, named: "Node") -> "Node | None":
    """The whole annotation of which a name is the type itself, optional or not; None if it is a part of another."""
    below, above = named, named.parent
    while above is not None:
        kind = above.type
        if kind == "type" and (above.parent is None or above.parent.type not in ("type_parameter", "union_type")):
            return above
        if kind == "generic_type" and above.named_child(0) != below and not _wraps(tree, above):
            return None
        if kind not in ("type", "binary_operator", "string", "generic_type", "type_parameter", "union_type"):
            return None
        below, above = above, above.parent
    return None


def _wraps(tree: Tree, generic: "Node") -> bool:
    return tree.text(generic.named_child(0)).rpartition(".")[2] in _WRAPPERS


def _is_own(tree: Tree, node: "Node | None") -> bool:
    return node is not None and node.type == "identifier" and tree.text(node) in _OWN


def _taken(node: "Node") -> Iterator["Node"]:
    """The attribute taken from an expression, if one is."""
    above = node.parent
    if above is not None and above.type == "attribute" and above.child_by_field_name("object") == node:
        attribute = above.child_by_field_name("attribute")
        if attribute is not None:
            yield attribute
