"""Variables that shell scripts take from their environment, or hand on: entry points of images, deploy scripts."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, parse, walk
from .facts import Fact, is_shouted

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMED = re.compile(r"\.(?:sh|bash)$")
_PLACED = re.compile(r"(?:^|/)(?:s?bin|scripts?|docker|entrypoints?|deploy)/(?:[^/]+/)*[\w-]+$")
_SHEBANG = re.compile(r"#!.*\b(?:ba|da|k|z)?sh\b")
_EXPANDS = frozenset(("simple_expansion", "expansion"))
_OPERATORS = re.compile(r"^\$\{\w+(?::?[-=?+])")
_MAX_VALUE = 200


def claims(path: str) -> bool:
    """Whether a file may be a shell script."""
    return _NAMED.search(path) is not None or _PLACED.search(path) is not None


def facts(path: str, text: str) -> list[Fact] | None:
    """The variables of a script; None if it is too large to parse."""
    if not _NAMED.search(path) and not _SHEBANG.match(text):
        return []
    tree = parse("bash", text.encode("utf-8", "replace"))
    if tree is None:
        return None
    given = set(_given(tree))
    return [*_taken(tree, given), *_exported(tree)]


def _given(tree: Tree) -> Iterator[str]:
    """The names that a script gives a value itself."""
    for node in walk(tree.root):
        if node.type == "variable_assignment":
            yield tree.text(node.child_by_field_name("name"))
        elif node.type == "for_statement":
            yield tree.text(node.child_by_field_name("variable"))
        elif node.type == "command" and tree.text(node.child_by_field_name("name")) in ("read", "getopts", "mapfile"):
            yield from (tree.text(one) for one in node.children_by_field_name("argument"))


def _taken(tree: Tree, given: set[str]) -> Iterator[Fact]:
    for node in walk(tree.root):
        if node.type not in _EXPANDS:
            continue
        named = next((child for child in node.named_children if child.type == "variable_name"), None)
        name = tree.text(named)
        # What has a default is taken from outside if there is something, though the script sets it, too.
        if is_shouted(name) and (name not in given or _OPERATORS.match(tree.text(node))):
            yield Fact(name=name, role="read", line=line(node), how="shell")


def _exported(tree: Tree) -> Iterator[Fact]:
    for node in walk(tree.root):
        if node.type != "declaration_command" or not tree.text(node).startswith("export"):
            continue
        for child in node.named_children:
            if child.type != "variable_assignment":
                continue
            name, value = (_text(tree, child.child_by_field_name(field)) for field in ("name", "value"))
            if is_shouted(name):
                computed = "$" in value or "`" in value or len(value) > _MAX_VALUE
                yield Fact(name=name, role="sets", line=line(child), value=None if computed else value, how="export")


def _text(tree: Tree, node: "Node | None") -> str:
    return tree.text(node).strip("\"'")
