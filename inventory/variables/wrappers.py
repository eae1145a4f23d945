"""Helpers that read the environment under a name they are given, as the file itself defines them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..reading.calls import Code

if TYPE_CHECKING:
    from tree_sitter import Node

_FUNCTIONS = frozenset(
    ("function_definition", "function_declaration", "method", "singleton_method", "method_definition", "func_literal")
)
_VALUES = frozenset(("arrow_function", "function_expression"))
_READ = re.compile(
    r"(?:environb?(?:\.get|\.pop)?|getenv|ENV(?:\.fetch|\.key\?)?|process\.env|import\.meta\.env|Deno\.env\.get|Getenv|"
    r"LookupEnv)\s*[\[(]\s*([A-Za-z_]\w*)\s*[\]),]"
)
_READ_BYTES = re.compile(_READ.pattern.encode())
_PARAMETER = re.compile(r"^[*&.]*([A-Za-z_]\w*)")
_MAX_DEPTH = 200
_SKIPPED = frozenset(("self", "cls"))


def has_wrappers(text: str) -> bool:
    """Whether a text reads the environment under a name that is no literal."""
    return _READ.search(text) is not None


def wrappers(source: Code) -> frozenset[tuple[str, int]]:
    """Names of functions with the position of the argument that names a variable."""
    found = set[tuple[str, int]]()
    known: dict[int, dict[str, int]] = {}
    for match in _READ_BYTES.finditer(source.tree.data):
        taken = match[1].decode("ascii")
        for node in _around(source.tree.root, match.start()):
            name, function = _function(source, node)
            if not name or function is None:
                continue
            if node.id not in known:
                known[node.id] = {parameter: place for place, parameter in enumerate(_parameters(source, function))}
            if taken in known[node.id]:
                found.add((name, known[node.id][taken]))
    return frozenset(found)


def _around(root: "Node", at: int) -> "Iterator[Node]":
    """The nodes that a byte stands in, the topmost first."""
    cursor = root.walk()
    for _ in range(_MAX_DEPTH):
        node = cursor.node if cursor.goto_first_child_for_byte(at) is not None else None
        if node is None or not node.start_byte <= at < node.end_byte:
            return
        yield node


def _function(source: Code, node: "Node") -> "tuple[str, Node | None]":
    """A function's name and node, if a node defines one; `const f = () => …` too."""
    if node.type in _FUNCTIONS:
        return source.tree.text(node.child_by_field_name("name")), node
    if node.type == "variable_declarator":
        value = node.child_by_field_name("value")
        if value is not None and value.type in _VALUES:
            return source.tree.text(node.child_by_field_name("name")), value
    return "", None


def _parameters(source: Code, function: "Node") -> list[str]:
    held = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
    if held is None:
        return []
    children = held.named_children or [held]
    names = [match[1] for child in children if (match := _PARAMETER.match(source.tree.text(child)))]
    return [name for name in names if name not in _SKIPPED]
