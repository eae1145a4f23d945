"""What expressions say as text, as far as their own file tells: literals, its own names, what its functions return.

What is computed stays as the code has it: `"user:#{id}"` says `user:#{id}`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, walk
from ..changes import Side, Spans
from .calls import Code, code
from .expression_nodes import (
    ARGUMENTS,
    COMPUTED,
    CONTENT,
    FUNCTIONS,
    HOLDERS,
    LISTS,
    MEMBERS,
    NAMES,
    NODES,
    PAIRS,
    STRINGS,
    returned,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_DEPTH = 6
_MAX_ABOVE = 40
_MAX_TRIED = 4
_MAX_CALLEE = 160
_MAX_TEXT = 200
_LAST = re.compile(r"[.:>]")
_SPACE = re.compile(r"\s+")
_GENERIC = re.compile(r"(?:::)?<[^()]*>$")
_FORMATS = re.compile(r"(?:^|\.)(?:format|sprintf|Sprintf|String\.format|str|String|html_safe)$")
# Methods that leave text what it is, more or less.
_KEEPS = re.compile(
    r"\.(?:freeze|to_s|downcase|upcase|strip|chomp|toString|toLowerCase|trim|lower|upper|encode|decode|format|dup)$"
)
_AROUND = frozenset(
    {"parenthesized_expression", "as_expression", "non_null_expression", "argument", "await_expression",
     "satisfies_expression", "parenthesized_statements"}
)  # fmt: skip
_MAPS = frozenset({"map", "flat_map", "collect", "flatMap", "filter_map"})
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")


def expressions_of(side: Side) -> "Expressions | None":
    """What a file's expressions say; None if no grammar reads it."""
    parsed = None if side.data is None else code(side)
    return None if parsed is None else _expressions(parsed)


@lru_cache(maxsize=32)
def _expressions(parsed: Code) -> "Expressions":
    return Expressions(parsed.tree, parsed.spans)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call, or a decorator with arguments.

    Attributes:
        callee: what is called, without white space: `Rails.cache.fetch`; of `new X(…)` it is `X`.
        node: the call.
        arguments: what is passed without a name.
        keywords: what is passed with one, in Ruby's and Python's way.
        block: a Ruby block.
        line: from 1.
    """

    callee: str
    node: "Node" = field(repr=False)
    arguments: "Sequence[Node]" = field(repr=False)
    keywords: "Mapping[str, Node]" = field(repr=False)
    block: "Node | None" = field(default=None, repr=False)
    line: int

    @cached_property
    def method(self) -> str:
        """The last name of what is called."""
        return _LAST.split(self.callee)[-1]

    @cached_property
    def receiver(self) -> str:
        """What stands before that."""
        return self.callee[: -len(self.method)].rstrip(".:>-?&")


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A name that a file gives a value, or a function's return value.

    Attributes:
        name: its last part.
        node: what gives it.
        held: the expression, or the function that returns it.
        line: from 1.
        returned: whether it is what a function returns.
    """

    name: str
    node: "Node" = field(repr=False)
    held: "Node" = field(repr=False)
    line: int
    returned: bool = False


class Expressions:
    """The calls and definitions of a file.

    Args:
        tree: the file's.
        spans: the parts to look at; None for all of it.
    """

    def __init__(self, tree: Tree, spans: Spans | None = None) -> None:
        self.tree, self._spans = tree, spans

    @cached_property
    def calls(self) -> list[Call]:
        """Every call with arguments or a block, in the order of the text."""
        return [call for node in self._nodes(0) if (call := self._as_call(node)) is not None]

    @cached_property
    def definitions(self) -> list[Definition]:
        """Every name that is given a value, in the order of the text."""
        return [one for node in self._nodes(1) for one in self._defined(node)]

    def say(self, node: "Node | None", depth: int = 0) -> str | None:
        """What an expression says; None if nothing of it is text."""
        if node is None or depth > _MAX_DEPTH:
            return None
        kind = node.type
        if kind in STRINGS:
            return self._string(node, depth)
        if kind in ("simple_symbol", "atom"):
            return self.tree.text(node).lstrip(":")
        if kind in NAMES or kind in MEMBERS:
            return self._name(node, depth)
        if kind in LISTS:
            return self._list(node, depth)
        if kind in ("binary", "binary_operator", "binary_expression"):
            return self._binary(node, depth)
        if kind in _AROUND:
            return self.say(node.named_children[0] if node.named_children else None, depth + 1)
        if kind in ("call", "call_expression", "function_call_expression", "method_invocation"):
            return self._called(node, depth)
        return None

    def each(self, node: "Node | None") -> list[str]:
        """What the elements of a list say, or what an expression says that is none."""
        if node is not None and node.type in ("call", "call_expression"):
            call = self._as_call(node)
            inner = self._mapped(call) if call is not None and call.method in _MAPS else None
            node = inner if inner is not None else node
        if node is not None and node.type in LISTS:
            return [said for child in node.named_children if (said := self.say(child))]
        said = self.say(node)
        return [] if said is None else [said]

    def shown(self, node: "Node") -> str:
        """An expression as it is written, on one line, shortened."""
        return _SPACE.sub(" ", self.tree.text(node)).strip()[:_MAX_TEXT]

    def call(self, node: "Node") -> Call | None:
        """A node as a call; None if it is none."""
        return self._by_node.get(node.id)

    def keyword(self, call: Call, *names: str) -> "Node | None":
        """What is passed by one of some names, as a keyword or in an object among the arguments."""
        for name in names:
            if name in call.keywords:
                return call.keywords[name]
        for argument in call.arguments:
            if argument.type in ("object", "hash", "dictionary", "array"):
                for key, value in self.pairs(argument):
                    if key in names:
                        return value
        return None

    def pairs(self, node: "Node") -> "Iterator[tuple[str, Node]]":
        """Keys and values of an object, hash or dictionary."""
        for child in node.named_children:
            if child.type in ("pair", "keyed_element", "array_element_initializer", "property"):
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is None or value is None:
                    if len(child.named_children) != 2:
                        continue
                    key, value = child.named_children
                yield self.tree.text(key).strip("\"':`"), value

    def value(self, one: Definition) -> "Node | None":
        """The expression of a definition; None if it is a function that returns nothing."""
        return returned(one.held) if one.returned else one.held

    def inside(self, node: "Node") -> list[str]:
        """The names of what a node stands in, innermost first: keys of objects, functions, classes."""
        found = []
        above = node.parent
        for _ in range(_MAX_ABOVE):
            if above is None:
                break
            name = above.child_by_field_name("name") or above.child_by_field_name("key")
            if name is not None and above.type in HOLDERS:
                found.append(self.tree.text(name).strip("\"'"))
            above = above.parent
        return found

    # How the file is read.

    @cached_property
    def _by_node(self) -> dict[int, Call]:
        return {call.node.id: call for call in self.calls}

    @cached_property
    def _by_name(self) -> dict[str, list[Definition]]:
        found: dict[str, list[Definition]] = {}
        for one in self.definitions:
            found.setdefault(one.name, []).append(one)
        return found

    def _nodes(self, which: int) -> "list[Node]":
        return self._found[which]

    @cached_property
    def _found(self) -> "tuple[list[Node], list[Node]]":
        """What calls, and what defines: one walk for both."""
        calls, definitions = (frozenset(one.split()) for one in NODES.get(self.tree.grammar, ("", "")))
        found: tuple[list[Node], list[Node]] = ([], [])
        for node in walk(self.tree.root, self._spans):
            if node.type in calls:
                found[0].append(node)
            elif node.type in definitions:
                found[1].append(node)
        return found

    def _as_call(self, node: "Node") -> Call | None:
        held = node.child_by_field_name("arguments") or next(
            (child for child in node.children if child.type in ARGUMENTS), None
        )
        block = node.child_by_field_name("block")
        method = node.child_by_field_name("method")
        if held is None and block is None:
            return None
        end = method.end_byte if method is not None else held.start_byte if held is not None else node.end_byte
        start = node.start_byte
        if node.type in ("new_expression", "object_creation_expression"):
            made = node.child_by_field_name("constructor") or node.child_by_field_name("type")
            start = made.start_byte if made is not None else start
        arguments: list[Node] = []
        keywords: dict[str, Node] = {}
        for child in held.named_children if held is not None else ():
            key = child.child_by_field_name("key") or child.child_by_field_name("name")
            value = child.child_by_field_name("value")
            if child.type in PAIRS and key is not None and value is not None:
                keywords[self.tree.text(key).strip("\"':")] = value
            elif child.type in ("argument", "attribute_argument") and child.named_children:
                arguments.append(child.named_children[-1])
            elif child.type not in ("comment", "block_argument"):
                arguments.append(child)
        text = self.tree.data[max(start, end - _MAX_CALLEE) : end].decode("utf-8", "replace")
        callee = _GENERIC.sub("", _SPACE.sub("", text).rstrip("(").replace("&.", ".").replace("?.", ".").lstrip("@"))
        return Call(callee=callee, node=node, arguments=arguments, keywords=keywords, block=block, line=line(node))

    def _defined(self, node: "Node") -> Iterator[Definition]:
        kind = node.type
        left: Node | None
        value: Node | None
        if kind in FUNCTIONS:
            left, value = node.child_by_field_name("name"), node
        elif kind == "pair":
            left, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        else:
            left = node.child_by_field_name("left") or node.child_by_field_name("name")
            value = node.child_by_field_name("right") or node.child_by_field_name("value")
            named = node.named_children
            if (left is None or value is None) and len(named) > 1:
                left, value = named[0], named[-1]
        if left is None or value is None:
            return
        if value.type == "expression_list" and value.named_children:
            value = value.named_children[0]
        name = _LAST.split(self.tree.text(left).strip("\"':"))[-1].lstrip("@$#")
        yield Definition(name=name, node=node, held=value, line=line(node), returned=value.type in FUNCTIONS)

    # What is said.

    def _string(self, node: "Node", depth: int) -> str:
        if node.type in ("chained_string", "concatenated_string"):
            return "".join(self._string(child, depth) for child in node.named_children if child.type in STRINGS)
        out = []
        for child in node.children:
            if child.type in CONTENT:
                out.append(self.tree.text(child))
            elif child.type in COMPUTED:
                out.append(self._placed(child, depth))
        if not node.named_children:
            out.append(self.tree.text(node).strip("\"'`"))
        return "".join(out)

    def _placed(self, node: "Node", depth: int) -> str:
        """A placeholder as it is written; a constant of the file as what it says."""
        inner = node.child_by_field_name("expression") or (node.named_children[0] if node.named_children else None)
        if inner is not None and inner.type in (*NAMES, *MEMBERS):
            name = re.split(r"[.:]", self.tree.text(inner))[-1]
            if _CONSTANT.fullmatch(name) and name in self._by_name:
                return self.say(inner, depth + 1) or self.tree.text(node)
        return _SPACE.sub(" ", self.tree.text(node))

    def _name(self, node: "Node", depth: int) -> str | None:
        name = _LAST.split(self.tree.text(node))[-1].lstrip("@$#")
        known = self._by_name.get(name, ())
        before = [one for one in known if one.node.start_byte < node.start_byte]
        for one in [*reversed(before[-_MAX_TRIED:]), *known[:_MAX_TRIED]]:
            if not one.node.start_byte <= node.start_byte < one.node.end_byte:
                said = self.say(self.value(one), depth + 1)
                if said is not None:
                    return said
        # A constant of another file: its name has to do.
        return name if _CONSTANT.fullmatch(name) and len(name) > 3 else None

    def _list(self, node: "Node", depth: int) -> str | None:
        """Elements joined as Rails joins them; None if none of them is text."""
        said = [self.say(child, depth + 1) for child in node.named_children]
        if not any(said):
            return None
        return "/".join(
            one or f"{{{self.shown(child)}}}" for one, child in zip(said, node.named_children, strict=True)
        )

    def _binary(self, node: "Node", depth: int) -> str | None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        sign = self.tree.text(operator) if operator is not None else "+"
        if left is None or right is None:
            return None
        said = self.say(left, depth + 1)
        if sign == "%":
            return said
        if sign in ("||", "or", "??"):
            return said or self.say(right, depth + 1)
        if sign not in ("+", ".", "<>"):
            return None
        also = self.say(right, depth + 1)
        if said is None and also is None:
            return None
        return (said or f"{{{self.shown(left)}}}") + (also or f"{{{self.shown(right)}}}")

    def _called(self, node: "Node", depth: int) -> str | None:
        call = self._as_call(node)
        if call is None:
            # Ruby's `receiver.method` without arguments.
            method, receiver = node.child_by_field_name("method"), node.child_by_field_name("receiver")
            if receiver is not None and _KEEPS.search(f".{self.tree.text(method)}"):
                return self.say(receiver, depth + 1)
            return self._name(method, depth) if method is not None else None
        function = node.child_by_field_name("function")
        receiver = node.child_by_field_name("receiver") or (
            function.child_by_field_name("object") if function is not None else None
        )
        if receiver is not None and (_KEEPS.search(f".{call.method}") or call.method == "join"):
            said = self.say(receiver, depth + 1)
            if said is not None:
                return said
        if _FORMATS.search(call.callee) and call.arguments:
            return self.say(call.arguments[0], depth + 1)
        if call.method in _MAPS:
            return self.say(self._mapped(call), depth + 1)
        if re.search(r"[kK]ey$|_KEY$|[cC]acheKey\b", call.callee) and call.arguments:
            joined = self._joined(call, depth)
            if joined is not None:
                return joined
        for one in self._by_name.get(call.method, ()):
            if one.returned:
                return self.say(self.value(one), depth + 1)
        return None

    def _mapped(self, call: Call) -> "Node | None":
        """What a block or function makes of each element: `ids.map { |id| "user:#{id}" }`."""
        if call.block is not None:
            body = call.block.child_by_field_name("body")
            return body.named_children[-1] if body is not None and body.named_children else None
        return next((returned(one) for one in call.arguments if one.type in FUNCTIONS), None)

    def _joined(self, call: Call, depth: int) -> str | None:
        """What a function that makes keys is given, `makeCacheKey("env", id)`, if no function of the file is that."""
        if any(one.returned for one in self._by_name.get(call.method, ())):
            return None
        said = [self.say(argument, depth + 1) for argument in call.arguments]
        if not any(said):
            return call.callee
        return ":".join(one or f"{{{self.shown(node)}}}" for one, node in zip(said, call.arguments, strict=True))
