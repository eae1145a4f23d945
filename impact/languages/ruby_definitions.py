"""Ruby: modules, classes, constants and methods, those that declarations of Rails make included."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, parse
from ..model import Definition
from .headers import blanks, distinct, named

if TYPE_CHECKING:
    from tree_sitter import Node

_MAKERS_WORDS = """
    alias_method attr_accessor attr_reader attr_writer attribute belongs_to cattr_accessor class_attribute
    define_method delegate enum has_and_belongs_to_many has_many has_one mattr_accessor scope
"""
_MAKERS = frozenset(_MAKERS_WORDS.split())
_SIGHT = frozenset({"private", "protected", "public", "private_constant"})


def definitions(data: bytes) -> list[Definition]:
    """Everything but what stands below `private`."""
    tree = parse("ruby", data)
    return [] if tree is None else distinct(_in(tree))


def _in(tree: Tree) -> Iterator[Definition]:
    todo: list[tuple[Node, str]] = [(tree.root, "")]
    while todo:
        parent, owner = todo.pop()
        private = False
        for node in parent.named_children:
            if node.type in {"identifier", "call"} and _sight(tree, node):
                private = _sight(tree, node) == "private" and node.type == "identifier"
            elif node.type in {"class", "module"}:
                name = "::".join(part for part in (owner, named(tree, node)) if part)
                head = f"{node.type} {named(tree, node)} {named(tree, node, 'superclass')}".rstrip()
                yield Definition(name, line(node), blanks(head), node.type)
                todo.extend((one, name) for one in node.named_children if one.type == "body_statement")
            elif node.type == "singleton_class":
                todo.extend((one, owner) for one in node.named_children if one.type == "body_statement")
            elif node.type in {"method", "singleton_method"} and not private:
                yield _method(tree, node, owner)
            elif node.type == "assignment":
                left = node.child_by_field_name("left")
                if left is not None and left.type == "constant":
                    name = "::".join(part for part in (owner, tree.text(left)) if part)
                    yield Definition(name, line(left), name.rpartition("::")[2], "constant")
            elif node.type == "call" and not private and named(tree, node, "method") in _MAKERS:
                yield from _made(tree, node, owner)


def _sight(tree: Tree, node: "Node") -> str:
    """`private` and the like; empty for other words."""
    word = tree.text(node) if node.type == "identifier" else named(tree, node, "method")
    return word if word in _SIGHT else ""


def _method(tree: Tree, node: "Node", owner: str) -> Definition:
    name = named(tree, node)
    parameters = blanks(named(tree, node, "parameters")).removeprefix("(").removesuffix(")")
    holder = "self." if node.type == "singleton_method" else ""
    signature = f"def {holder}{name}({parameters})"
    return Definition(f"{owner}.{name}" if owner else name, line(node), signature, "method")


def _made(tree: Tree, node: "Node", owner: str) -> Iterator[Definition]:
    maker = named(tree, node, "method")
    arguments = node.child_by_field_name("arguments")
    symbols = [one for one in (arguments.named_children if arguments else ()) if one.type == "simple_symbol"]
    # Only accessors take any number of names; the others say more about their first.
    several = maker.startswith("attr_") or maker.endswith("_accessor") or maker == "delegate"
    for one in symbols if several else symbols[:1]:
        name = tree.text(one).lstrip(":")
        yield Definition(f"{owner}.{name}" if owner else name, line(one), f"{maker} :{name}", "method")
