"""The names that other Python files can take from a file, with their declarations."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line
from ..model import Definition
from . import python_headers as headers
from .python_outline import parse_outline

if TYPE_CHECKING:
    from tree_sitter import Node

_FIELDED = ("dataclass", "define", "attr.s", "attrs", "frozen", "mutable", "strawberry.type", "strawberry.input")
_FIELDED_BASES = ("BaseModel", "NamedTuple", "BaseSettings", "SQLModel", "Struct")
_DYNAMIC = (b"globals()", b"sys.modules[__name__]")
# What a function's body can add to the names of its class or module.
_BINDS = re.compile(rb"self\.\w+[ \t]*(?::|=(?!=)|,[^()\n]*=(?!=))|global ")


def definitions(data: bytes) -> Sequence[Definition]:
    """Every name of a module in order of lines; `*` stands for names that only running it tells."""
    tree = parse_outline(data, lambda start, end: _BINDS.search(data, start, end) is None)
    if tree is None:
        return ()
    query = "(assignment left: [(attribute) (pattern_list)]) @one"
    given = tree.captures(query).get("one", []) if b"self." in data else []
    found = _Names(tree, "", given)
    found.read(tree.root)
    if any(word in data for word in _DYNAMIC) or "__getattr__" in found.seen:
        found.add("*", tree.root, "", "variable")
    return sorted(found.definitions, key=lambda one: one.line)


class _Names:
    """The names of one module or one class body."""

    def __init__(self, tree: Tree, owner: str, given: Sequence["Node"]) -> None:
        """`given` are the assignments of a whole module in which something could be given to `self`."""
        self._tree = tree
        self._given = given
        self._owner = owner
        self.definitions: list[Definition] = []
        self.seen: set[str] = set()

    def add(self, name: str, node: "Node", signature: str, kind: str) -> None:
        """Note a name, which is not yet its owner's."""
        self.seen.add(name)
        full = f"{self._owner}.{name}" if self._owner else name
        self.definitions.append(Definition(full, line(node), signature, kind))

    def read(self, body: "Node") -> None:
        """Read statements, and those in blocks below them that make no scope of their own."""
        waiting = list(reversed(body.named_children))
        while waiting:
            node = waiting.pop()
            kind = node.type
            if kind == "decorated_definition":
                inner = node.child_by_field_name("definition")
                if inner is not None:
                    self._declared(inner, headers.decorators_of(self._tree, node))
            elif kind in ("function_definition", "class_definition"):
                self._declared(node, [])
            elif kind == "expression_statement":
                self._expression(node)
            elif kind == "type_alias_statement":
                self._alias(node)
            elif kind in ("import_statement", "import_from_statement"):
                self._imported(node)
            else:
                if kind in ("for_statement", "as_pattern"):
                    self._targets(node.child_by_field_name("left" if kind == "for_statement" else "alias"))
                elif kind == "named_expression":
                    self._targets(node.child_by_field_name("name"))
                waiting += reversed(node.named_children)

    def _declared(self, node: "Node", decorators: list[str]) -> None:
        name = self._tree.text(node.child_by_field_name("name"))
        if node.type == "function_definition":
            self.add(name, node, headers.function(self._tree, node, decorators), "function")
            self._globals(node)
            return
        self.add(name, node, headers.class_(self._tree, node, decorators), "class")
        if not self._owner:
            members = _Members(self._tree, name, self._given)
            members.read_class(node, decorators)
            self.definitions += members.definitions

    def _expression(self, node: "Node") -> None:
        for one in node.named_children:
            if one.type == "assignment":
                self._assigned(one)
            elif one.type == "augmented_assignment" and self._tree.text(one.child_by_field_name("left")) == "__all__":
                self._exports(one)
            elif one.type == "named_expression":
                self._targets(one.child_by_field_name("name"))

    def _assigned(self, node: "Node") -> None:
        value = node.child_by_field_name("right")
        annotation = node.child_by_field_name("type")
        while value is not None and value.type == "assignment":
            self._targets(value.child_by_field_name("left"))
            value = value.child_by_field_name("right")
        left = node.child_by_field_name("left")
        if left is None:
            return
        name = self._tree.text(left)
        if left.type != "identifier":
            self._targets(left)
        elif name == "__all__" and not self._owner:
            self._exports(node)
        else:
            self.add(name, node, headers.variable(self._tree, name, annotation, value), "variable")

    def _exports(self, node: "Node") -> None:
        listed = node.child_by_field_name("right")
        names = [self._tree.text(one).strip("\"'") for one in (listed.named_children if listed else ())]
        self.add("__all__", node, " ".join(sorted(names)), "variable")

    def _targets(self, node: "Node | None") -> None:
        """Names that are bound without a value of their own: in patterns, loops and `with`."""
        waiting = [node] if node is not None else []
        while waiting:
            one = waiting.pop()
            if one.type == "identifier":
                self.add(self._tree.text(one), one, f"{self._tree.text(one)} = …", "variable")
            elif one.type not in ("attribute", "subscript", "call"):
                waiting += one.named_children

    def _alias(self, node: "Node") -> None:
        left = node.child_by_field_name("left")
        name = self._tree.text(left).partition("[")[0].strip()
        if name:
            self.add(name, node, headers.flat(self._tree, node), "type")

    def _imported(self, node: "Node") -> None:
        module = node.child_by_field_name("module_name")
        source = self._tree.text(module)
        if any(one.type == "wildcard_import" for one in node.named_children):
            self.add("*", node, f"from {source} import *", "reexport")
        for one in node.children_by_field_name("name"):
            alias = one.child_by_field_name("alias")
            taken = self._tree.text(one.child_by_field_name("name") if alias is not None else one)
            local = self._tree.text(alias) if alias is not None else taken if module else taken.partition(".")[0]
            said = f"from {source} import {taken}" if module else f"import {taken}"
            self.add(local, one, said + (f" as {local}" if alias is not None else ""), "reexport")

    def _globals(self, function: "Node") -> None:
        """Names that a function binds in its module."""
        if self._owner or b"global " not in self._tree.data[function.start_byte : function.end_byte]:
            return
        for statement in self._tree.captures("(global_statement) @one", function).get("one", ()):
            for one in statement.named_children:
                if self._tree.text(one) not in self.seen:
                    self._targets(one)


class _Members(_Names):
    """What a class has: methods, attributes of its body, and those its methods give to `self`."""

    def read_class(self, node: "Node", decorators: list[str]) -> None:
        """Read a class."""
        body = node.child_by_field_name("body")
        if body is None:
            return
        self.read(body)
        if self._makes_fields(node, decorators) and "__init__" not in self.seen:
            fields = [one for one in self.definitions if ": " in one.signature and one.kind == "variable"]
            self.add("__init__", node, f"({', '.join(one.signature for one in fields)})", "function")
        own: dict[str, Node] = {}
        for assignment in self._own_assignments(body):
            left = assignment.child_by_field_name("left")
            for target in self._own_targets(left):
                if target not in self.seen and target not in own:
                    own[target] = assignment
        for name, assignment in own.items():
            annotation = assignment.child_by_field_name("type")
            value = assignment.child_by_field_name("right")
            self.add(name, assignment, headers.variable(self._tree, name, annotation, value), "variable")

    def _makes_fields(self, node: "Node", decorators: list[str]) -> bool:
        bases = headers.flat(self._tree, node.child_by_field_name("superclasses"))
        return any(one.partition("(")[0].endswith(_FIELDED) for one in decorators) or any(
            one in bases for one in _FIELDED_BASES
        )

    def _own_assignments(self, body: "Node") -> Sequence["Node"]:
        first = bisect_left(self._given, body.start_byte, key=_start)
        return self._given[first : bisect_left(self._given, body.end_byte, key=_start)]

    def _own_targets(self, left: "Node | None") -> Iterator[str]:
        for one in [left] if left is not None and left.type == "attribute" else left.named_children if left else ():
            if one.type == "attribute" and self._tree.text(one.child_by_field_name("object")) == "self":
                yield self._tree.text(one.child_by_field_name("attribute"))


def _start(node: "Node") -> int:
    return node.start_byte
