"""Go: what stands at the top of a file, with fields and methods."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, parse, walk
from ..model import Definition
from .headers import blanks, defined, distinct, header, named

if TYPE_CHECKING:
    from tree_sitter import Node

_SPECS = {"const_spec": "constant", "var_spec": "variable"}


def definitions(data: bytes) -> list[Definition]:
    """Functions, methods, types with their fields, variables and constants; the package sees all of them."""
    tree = parse("go", data)
    if tree is None:
        return []
    found: list[Definition] = []
    for node in tree.root.named_children:
        if node.type == "function_declaration":
            found.append(defined(tree, node, named(tree, node), "function"))
        elif node.type == "method_declaration":
            found.append(defined(tree, node, f"{_receiver(tree, node)}.{named(tree, node)}", "method"))
        elif node.type == "type_declaration":
            for spec in node.named_children:
                found.extend(_type(tree, spec))
        elif node.type in {"const_declaration", "var_declaration"}:
            found.extend(_values(tree, node))
    return distinct(one for one in found if one.name not in {"init", "main", "_"})


def _receiver(tree: Tree, node: "Node") -> str:
    receiver = node.child_by_field_name("receiver")
    types = () if receiver is None else (one for one in walk(receiver) if one.type == "type_identifier")
    return next((tree.text(one) for one in types), "")


def _type(tree: Tree, spec: "Node") -> Iterator[Definition]:
    name, type_ = named(tree, spec), spec.child_by_field_name("type")
    if type_ is None:
        return
    members = [one for one in walk(type_) if one.type in {"field_declaration", "method_elem"}]
    if type_.type in {"struct_type", "interface_type"}:
        word = type_.type.removesuffix("_type")
        yield Definition(name, line(spec), f"type {header(tree, spec, type_)} {word}", "type")
    else:
        yield Definition(name, line(spec), f"type {blanks(tree.text(spec))}", "type")
    for member in members:
        kind = "field" if member.type == "field_declaration" else "method"
        for one in member.children_by_field_name("name"):
            signature = f"{tree.text(one)} {blanks(tree.text(member).removeprefix(tree.text(one)))}"
            if kind == "field":
                signature = f"{tree.text(one)} {blanks(tree.text(member.child_by_field_name('type')))}"
            yield Definition(f"{name}.{tree.text(one)}", line(one), signature, kind)


def _values(tree: Tree, node: "Node") -> Iterator[Definition]:
    for spec in walk(node):
        if spec.type in _SPECS:
            type_ = blanks(named(tree, spec, "type"))
            for one in spec.children_by_field_name("name"):
                if one.type == "identifier":
                    signature = f"{node.type.partition('_')[0]} {tree.text(one)} {type_}".rstrip()
                    yield Definition(tree.text(one), line(one), signature, _SPECS[spec.type])
