"""Strings, objects and lists in JavaScript, as far as the code itself tells them."""

import hashlib
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from .embedded import COMPUTED
from .javascript import Module, chain_of, members, plain

if TYPE_CHECKING:
    from tree_sitter import Node

Env = Mapping[str, "Node"]

_MAX_DEPTH = 8
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "", "\n": ""}
# What stands before a text and leaves it as it is.
_PASSED_ON = frozenset({"raw", "literal", "ref", "trim", "id", "table", "sql", "dedent", "func", "stripIndent"})
_FILES = frozenset({"readFileSync", "readFile"})
_SPACE = re.compile(r"\s+")
_IGNORED = frozenset({"comment", "type_annotation", "type_arguments", "type_parameters", "accessibility_modifier"})
# Differ between styles that say the same.
_NO_MEANING = frozenset({";", ",", "(", ")", "async", "await", "return", "const", "let", "var", "'", '"', "`"})


class Values:
    """The values of one module.

    Args:
        module: whose.
        beside: reads a file by its path from the module's directory; None if it is not there.
    """

    def __init__(self, module: Module, beside: Callable[[str], str | None]) -> None:
        self.module = module
        self.tree = module.tree
        self._beside = beside

    def resolved(self, node: "Node | None", env: Env) -> "Node | None":
        """What a name stands for; other expressions as they are."""
        for _ in range(_MAX_DEPTH):
            if node is None:
                return None
            node = plain(node)
            if node.type == "member_expression":
                found = self._member(node, env)
            elif node.type in ("identifier", "shorthand_property_identifier"):
                name = self.tree.text(node)
                found = env.get(name) or self.module.values.get(name)
            else:
                return node
            if found is None or found.id == node.id:
                return node
            node = found
        return node

    def _member(self, node: "Node", env: Env) -> "Node | None":
        """`TABLES.users` where `TABLES` is an object of the module."""
        holder = node.child_by_field_name("object")
        if holder is None or holder.type != "identifier":
            return None
        name = self.tree.text(holder)
        known = env.get(name) or self.module.values.get(name)
        if known is None:
            return None
        return members(self.tree, plain(known)).get(self.tree.text(node.child_by_field_name("property")))

    def text(self, node: "Node | None", env: Env, depth: int = 0) -> str | None:
        """The string that an expression is, with `COMPUTED` for what only running it tells; None if it is none."""
        node = self.resolved(node, env)
        if node is None or depth > _MAX_DEPTH:
            return None
        if node.type in ("string", "template_string"):
            return "".join(self._part(one, env, depth) for one in node.named_children)
        if node.type == "binary_expression":
            sides = [self.text(node.child_by_field_name(name), env, depth + 1) for name in ("left", "right")]
            return None if sides == [None, None] else "".join(COMPUTED if one is None else one for one in sides)
        if node.type == "call_expression":
            return self._called(node, env, depth)
        return None

    def _part(self, node: "Node", env: Env, depth: int) -> str:
        if node.type == "template_substitution":
            inner = node.named_children[0] if node.named_children else None
            text = self.text(inner, env, depth + 1)
            return COMPUTED if text is None else text
        text = self.tree.text(node)
        if node.type == "escape_sequence":
            return _ESCAPES.get(text[1:], text[1:] if len(text) == 2 else "?")
        return text

    def _called(self, node: "Node", env: Env, depth: int) -> str | None:
        chain = chain_of(self.tree, node, env)
        last = chain.links[-1]
        if last.name == "join":
            holder = node.child_by_field_name("function")
            over = self.resolved(holder.child_by_field_name("object") if holder else None, env)
            between = self.text(last.args[0], env, depth + 1) if last.args else ","
            parts = [self.text(one, env, depth + 1) for one in self.elements(over, env)]
            return (between or "").join(COMPUTED if one is None else one for one in parts) if parts else None
        if (last.name or chain.root) in _FILES and last.args:
            path = self.path(last.args[0], env)
            return self._beside(path) if path else None
        if last.name in ("trim", "toString"):
            holder = node.child_by_field_name("function")
            return self.text(holder.child_by_field_name("object") if holder else None, env, depth + 1)
        if last.args and (last.name in _PASSED_ON or (not last.name and chain.root in _PASSED_ON)):
            return self.text(last.args[0], env, depth + 1)
        return None

    def path(self, node: "Node | None", env: Env) -> str | None:
        """The path, from the module's directory, that an expression is; None if it is none that can be told."""
        node = self.resolved(node, env)
        if node is None or node.type != "call_expression":
            text = self.text(node, env)
            return None if text is None or COMPUTED in text else text
        chain = chain_of(self.tree, node, env)
        last = chain.links[-1]
        if (last.name or chain.root) not in ("join", "resolve"):
            return None
        parts = ["." if self.tree.text(one) == "__dirname" else self.text(one, env) for one in last.args or ()]
        known = [one for one in parts if one is not None and COMPUTED not in one]
        return posixpath.normpath("/".join(known)) if parts and len(known) == len(parts) else None

    def file(self, path: str) -> str | None:
        """The text of a file, by its path from the module's directory."""
        return self._beside(path)

    def members(self, node: "Node | None", env: Env) -> dict[str, "Node"]:
        """The members of an object; nothing for what is none."""
        node = self.resolved(node, env)
        return {} if node is None else members(self.tree, node)

    def elements(self, node: "Node | None", env: Env) -> Sequence["Node"]:
        """The elements of an array; nothing for what is none."""
        node = self.resolved(node, env)
        if node is None or node.type != "array":
            return ()
        return [plain(one) for one in node.named_children if one.type != "comment"]

    def texts(self, node: "Node | None", env: Env) -> list[str]:
        """The strings of an array, or the one string."""
        listed = [self.text(one, env) for one in self.elements(node, env)]
        single = [] if listed else [self.text(node, env)]
        return [one for one in (*listed, *single) if one is not None]

    def name(self, node: "Node | None", env: Env) -> str:
        """The name of a table or of what else has one: a string, or an object with a schema and a name."""
        text = self.text(node, env)
        if text is not None:
            return text or COMPUTED
        given = self.members(node, env)
        for key in ("tableName", "name", "table"):
            if key in given:
                schema = self.text(given.get("schema"), env)
                called = self.text(given[key], env) or COMPUTED
                return f"{schema}.{called}" if schema else called
        return COMPUTED

    def is_constant(self, node: "Node | None", env: Env, constant: str) -> bool:
        """Whether an expression is `true`, `false`, `null` or another constant that is written like this."""
        node = self.resolved(node, env)
        return node is not None and self.tree.text(node) == constant


def digest(module: Module, nodes: Sequence["Node"]) -> str:
    """Of what code does: the same if only layout, comments, types or how it is exported differ.

    Args:
        module: whose code.
        nodes: the functions.
    """
    words: list[str] = []
    own = [one for one in (*module.functions.values(), *module.values.values()) if one.type != "call_expression"]
    bodies = {one.id: one for one in (*nodes, *own)}
    for node in bodies.values():
        words.append("\n")
        words += _words(module, node.child_by_field_name("body") or node)
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()


def _words(module: Module, node: "Node") -> list[str]:
    found: list[str] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type in _IGNORED:
            continue
        if one.children and one.type != "string_fragment":
            waiting += reversed(one.children)
        elif one.type not in _NO_MEANING:
            text = _SPACE.sub(" ", module.tree.text(one)).strip()
            found += [text] if text else []
    return found
