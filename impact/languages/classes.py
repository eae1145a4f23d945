"""Definitions of languages whose files hold classes with members: a table of node types says all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, walk
from ..model import Definition
from .headers import blanks

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What is a declaration in a language's tree.

    Attributes:
        types: node types of declarations that have members, each with its kind.
        members: node types of the others.
        through: node types to look into.
        many: node types of the names within a declaration of several (`int a, b`).
        marks: node types that callers do not care for: annotations, attributes.
        ends: fields at which a header ends.
        hidden: whether a declaration cannot be used from another file.
    """

    types: Mapping[str, str]
    members: Mapping[str, str]
    through: frozenset[str]
    many: frozenset[str]
    marks: frozenset[str]
    hidden: Callable[[Tree, "Node"], bool]
    ends: tuple[str, ...] = ("body",)


def declared(tree: Tree, shape: Shape) -> Iterator[Definition]:
    """Every declaration of a text that is not hidden, members as `Class.member`."""
    todo = [(tree.root, "")]
    while todo:
        parent, owner = todo.pop()
        for node in parent.named_children:
            kind = shape.types.get(node.type) or shape.members.get(node.type)
            if kind is None:
                if node.type in shape.through:
                    todo.append((node, owner))
                continue
            if shape.hidden(tree, node):
                continue
            for name, definition in _declarations(tree, shape, node, owner, kind):
                yield definition
                if node.type in shape.types:
                    todo.append((node, name))


def _declarations(tree: Tree, shape: Shape, node: "Node", owner: str, kind: str) -> Iterator[tuple[str, Definition]]:
    before = f"{owner}." if owner else ""
    name = node.child_by_field_name("name")
    if name is not None:
        end = next((end for field in shape.ends if (end := node.child_by_field_name(field)) is not None), None)
        signature = _from(tree, shape, node, node.end_byte if end is None else end.start_byte)
        yield before + tree.text(name), Definition(before + tree.text(name), line(name), signature, kind)
        return
    several = [one for one in walk(node) if one.type in shape.many]
    for one in several:
        own = one.child_by_field_name("name") or one.named_children[0] if one.named_children else one
        word = tree.text(own)
        signature = f"{_from(tree, shape, node, several[0].start_byte)} {word}"
        yield before + word, Definition(before + word, line(own), signature, kind)


def _from(tree: Tree, shape: Shape, node: "Node", end: int) -> str:
    """A declaration without the marks before it, up to a place."""
    start = node.start_byte
    pieces = [piece for one in node.children for piece in (one.children if one.type == "modifiers" else (one,))]
    for piece in pieces:
        if piece.type not in shape.marks:
            start = piece.start_byte
            break
    return blanks(tree.data[start:end].decode("utf-8", "replace")).rstrip("{:=;, ")
