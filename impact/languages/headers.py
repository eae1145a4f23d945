"""What the definitions of several languages share: declarations without their bodies."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line
from ..model import Definition

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX = 400


def header(tree: Tree, node: "Node", until: "Node | None" = None) -> str:
    """A declaration up to its body (or to `until`), with blanks normalised."""
    end = until or node.child_by_field_name("body")
    piece = tree.data[node.start_byte : end.start_byte if end is not None else node.end_byte]
    return blanks(piece.decode("utf-8", "replace")).rstrip("{:=; ")


def blanks(text: str) -> str:
    """A text with one blank for any, none beside brackets, and an end to its length."""
    text = " ".join(text.split())
    for wide, narrow in (("( ", "("), (" )", ")"), (", )", ")"), (",)", ")")):
        text = text.replace(wide, narrow)
    return text[:_MAX]


def named(tree: Tree, node: "Node", field: str = "name") -> str:
    """The text of a node's field; empty if it has none."""
    return tree.text(node.child_by_field_name(field))


def distinct(definitions: Iterable[Definition]) -> list[Definition]:
    """Each name and signature once, in order of lines; nameless ones (of broken texts) left out."""
    found = {(one.name, one.signature): one for one in reversed(list(definitions)) if one.name.strip(".")}
    return sorted(found.values(), key=lambda one: (one.line, one.name))


def defined(tree: Tree, node: "Node", name: str, kind: str, until: "Node | None" = None) -> Definition:
    """A definition whose signature is its node's header."""
    return Definition(name, line(node), header(tree, node, until), kind)
