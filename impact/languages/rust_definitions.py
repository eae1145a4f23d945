"""Rust: what stands in a file's modules, with fields, variants and methods."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, parse
from ..model import Definition
from .headers import blanks, distinct, header, named
from .rust_paths import imported

if TYPE_CHECKING:
    from tree_sitter import Node

_KINDS = {
    "function_item": "function",
    "function_signature_item": "function",
    "struct_item": "type",
    "enum_item": "type",
    "union_item": "type",
    "trait_item": "type",
    "type_item": "type",
    "associated_type": "type",
    "const_item": "constant",
    "static_item": "variable",
    "macro_definition": "macro",
}


def definitions(data: bytes) -> list[Definition]:
    """Items that other modules can use, public or not: a module's children see all it has."""
    tree = parse("rust", data)
    return [] if tree is None else distinct(_items(tree, tree.root))


def _items(tree: Tree, top: "Node") -> Iterator[Definition]:
    todo = [(top, "")]
    while todo:
        parent, owner = todo.pop()
        for node in parent.named_children:
            body = node.child_by_field_name("body")
            name = f"{owner}.{named(tree, node)}" if owner else named(tree, node)
            if node.type in _KINDS:
                kind = "method" if owner and "function" in node.type else _KINDS[node.type]
                yield Definition(name, line(node), _signature(tree, node), kind)
                yield from _members(tree, node, name)
            if body is not None and node.type in {"impl_item", "trait_item"}:
                owner_ = named(tree, node, "type").partition("<")[0].rpartition("::")[2]
                todo.append((body, owner_ if node.type == "impl_item" else name))
            elif body is not None and node.type == "mod_item":
                todo.append((body, owner))
            elif node.type == "use_declaration" and _public(node):
                yield from _exports(tree, node)


def _public(node: "Node") -> bool:
    return any(one.type == "visibility_modifier" for one in node.named_children)


def _signature(tree: Tree, node: "Node") -> str:
    if node.type == "macro_definition":
        return f"macro_rules! {named(tree, node)}"
    # The value of a constant is no one's business.
    return header(tree, node, node.child_by_field_name("value") or node.child_by_field_name("body"))


def _members(tree: Tree, node: "Node", name: str) -> Iterator[Definition]:
    body = node.child_by_field_name("body")
    for one in body.named_children if body is not None else ():
        if one.type in {"field_declaration", "enum_variant"}:
            kind = "field" if one.type == "field_declaration" else "variant"
            yield Definition(f"{name}.{named(tree, one)}", line(one), blanks(tree.text(one)), kind)


def _exports(tree: Tree, node: "Node") -> Iterator[Definition]:
    for _, local in imported(named(tree, node, "argument")):
        if local:
            yield Definition(local, line(node), f"pub use {local}", "reexport")
