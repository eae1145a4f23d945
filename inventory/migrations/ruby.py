"""Reads Ruby as far as migrations need it: calls, their arguments, and what can be told of values without running."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line, parse, walk
from ..changes import Side
from .embedded import COMPUTED

if TYPE_CHECKING:
    from tree_sitter import Node

Env = Mapping[str, "Node"]
"""What local names and constants stand for."""

_LAYOUT = frozenset({"comment", ",", "(", ")", '"', "'", "\n", ";", "then"})
_DEEP = 20


@dataclass(frozen=True, eq=False)
class Call:
    """A call.

    Attributes:
        name: of the method.
        receiver: as it is written; empty if there is none.
        args: without the options.
        options: by name.
        block: its body; None without a block.
        parameters: the names that the block is given.
        node: the call.
    """

    name: str
    receiver: str
    args: Sequence["Node"]
    options: Mapping[str, "Node"]
    block: "Node | None"
    parameters: Sequence[str]
    node: "Node"

    @property
    def line(self) -> int:
        """Where it begins."""
        return line(self.node)


@dataclass(frozen=True, eq=False)
class Class:
    """A class with methods.

    Attributes:
        parent: its superclass, as it is written.
        methods: the instance's and the class's own, by name.
        constants: what its constants stand for, and those of the file.
        body: what stands in it.
    """

    parent: str
    methods: Mapping[str, "Node"]
    constants: Env
    body: "Node | None"


@dataclass(eq=False)
class Source:
    """A file in Ruby.

    Args:
        tree: its tree.
    """

    tree: Tree
    _heredocs: dict[int, "Node"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        opened: list[Node] = []
        for node in walk(self.tree.root):
            if node.type == "heredoc_beginning":
                opened.append(node)
            elif node.type == "heredoc_body" and opened:
                self._heredocs[opened.pop(0).id] = node

    def classes(self) -> Iterator[Class]:
        """The classes of the file, outermost first."""
        top = self.tree.root
        shared = dict(self._constants(top))
        for node in walk(top):
            if node.type != "class":
                continue
            body = node.child_by_field_name("body")
            parent = self.tree.text(node.child_by_field_name("superclass")).lstrip("< \t")
            methods = {} if body is None else dict(self._methods(body))
            constants = {} if body is None else dict(self._constants(body))
            yield Class(parent, methods, {**shared, **constants}, body)

    def _methods(self, body: "Node") -> Iterator[tuple[str, "Node"]]:
        for node in body.named_children:
            if node.type in ("method", "singleton_method"):
                yield self.tree.text(node.child_by_field_name("name")), node
            elif node.type == "singleton_class" and (inner := node.child_by_field_name("body")) is not None:
                yield from self._methods(inner)

    def _constants(self, body: "Node") -> Iterator[tuple[str, "Node"]]:
        for node in body.named_children:
            if node.type in ("assignment", "operator_assignment"):
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                if left is not None and right is not None and left.type == "constant":
                    yield self.tree.text(left), right

    def call(self, node: "Node", env: Env) -> Call | None:
        """The call at a node; None if there is none."""
        if node.type == "identifier":
            return Call(self.tree.text(node), "", (), {}, None, (), node)
        if node.type != "call":
            return None
        args, options = list["Node"](), dict[str, "Node"]()
        given = node.child_by_field_name("arguments")
        for one in given.named_children if given is not None else ():
            if one.type == "pair":
                options |= self._pair(one)
            elif one.type == "hash" and one.next_named_sibling is None:
                for pair in one.named_children:
                    options |= self._pair(pair) if pair.type == "pair" else {}
            elif one.type == "hash_splat_argument":
                found = self.resolved(one.named_children[0], env) if one.named_children else None
                for pair in found.named_children if found is not None and found.type == "hash" else ():
                    options = (self._pair(pair) if pair.type == "pair" else {}) | options
            elif one.type == "splat_argument":
                args += self.items(one.named_children[0], env) or [one] if one.named_children else [one]
            elif one.type not in ("block_argument", "comment"):
                args.append(one)
        block = node.child_by_field_name("block")
        parameters = block.child_by_field_name("parameters") if block is not None else None
        return Call(
            name=self.tree.text(node.child_by_field_name("method")),
            receiver=self.tree.text(node.child_by_field_name("receiver")),
            args=args,
            options=options,
            block=block.child_by_field_name("body") if block is not None else None,
            parameters=[self.tree.text(one) for one in parameters.named_children] if parameters is not None else (),
            node=node,
        )

    def _pair(self, node: "Node") -> dict[str, "Node"]:
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        if key is None:
            return {}
        # `name:` alone stands for `name: name`.
        return {self.tree.text(key).strip(":\"'"): value if value is not None else key}

    def resolved(self, node: "Node | None", env: Env) -> "Node | None":
        """What a name stands for, as far as it can be told; the node itself if it is no name."""
        for _ in range(_DEEP):
            if node is None:
                return None
            if node.type == "call" and self.tree.text(node.child_by_field_name("method")) in _SAME:
                node = node.child_by_field_name("receiver")
            elif node.type in ("identifier", "constant", "hash_key_symbol") and self.tree.text(node) in env:
                node = env[self.tree.text(node)]
            elif node.type == "parenthesized_statements" and node.named_child_count == 1:
                node = node.named_children[0]
            else:
                return node
        return node

    def text(self, node: "Node | None", env: Env, depth: int = 0) -> str | None:
        """The text of a symbol or string, with `COMPUTED` for what only running it tells; None if it is none."""
        node = self.resolved(node, env)
        if node is None or depth > _DEEP:
            return None
        if node.type in ("simple_symbol", "hash_key_symbol"):
            return self.tree.text(node).removeprefix(":")
        if node.type in ("string", "delimited_symbol", "bare_string", "bare_symbol", "string_array"):
            return self._content(node, env, depth)
        if node.type == "heredoc_beginning":
            body = self._heredocs.get(node.id)
            # Its first line follows a line end that is none of the text's.
            return None if body is None else self._content(body, env, depth).lstrip("\n")
        if node.type == "chained_string":
            return "".join(self.text(one, env, depth + 1) or "" for one in node.named_children)
        if node.type == "binary":
            sides = [self.text(node.child_by_field_name(name), env, depth + 1) for name in ("left", "right")]
            return "".join(one or COMPUTED for one in sides) if any(sides) else None
        if node.type in ("integer", "float"):
            return self.tree.text(node)
        return None

    def _content(self, node: "Node", env: Env, depth: int) -> str:
        out: list[str] = []
        for part in node.named_children:
            if part.type == "interpolation":
                inside = part.named_children[0] if part.named_child_count == 1 else None
                out.append(self.text(inside, env, depth + 1) or COMPUTED)
            elif part.type == "escape_sequence":
                out.append(_ESCAPES.get(self.tree.text(part), self.tree.text(part)[1:]))
            elif part.type != "heredoc_end":
                out.append(self.tree.text(part))
        return "".join(out)

    def items(self, node: "Node | None", env: Env) -> list["Node"]:
        """The items of a list or the pairs of a hash; none if they are not written out."""
        node = self.resolved(node, env)
        if node is None or node.type not in ("array", "symbol_array", "string_array", "hash"):
            return []
        return [one for one in node.named_children if one.type != "comment"]

    def texts(self, node: "Node | None", env: Env) -> list[str]:
        """The texts of a list, or the one of a text."""
        found = [self.text(one, env) for one in self.items(node, env)] or [self.text(node, env)]
        return [one for one in found if one is not None]

    def word(self, node: "Node | None", env: Env) -> str:
        """What stands at a node, after names: `false`, `nil`; empty for none."""
        return self.tree.text(self.resolved(node, env))

    def digest(self, nodes: Sequence["Node"]) -> str:
        """The same for code that differs in comments, quotes and layout only."""
        found = hashlib.sha256()
        for node in nodes:
            for one in walk(node):
                if one.child_count == 0 and one.type not in _LAYOUT:
                    found.update(one.type.encode() + b"\0" + b" ".join((one.text or b"").split()) + b"\0")
        return found.hexdigest()


_SAME = frozenset(
    {"squish", "strip", "strip_heredoc", "freeze", "chomp", "to_sym", "to_s", "dup", "html_safe", "squish!"}
)
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\"": '"', r"\'": "'", "\\\\": "\\", r"\#": "#", "\\\n": ""}


def read_source(side: Side) -> Source | None:
    """A file in Ruby; None if it is too large or takes too long."""
    tree = parse("ruby", side.text.encode())
    return None if tree is None else Source(tree)
