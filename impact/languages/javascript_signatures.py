"""What callers rely on in a declaration, as one line of text, and the members it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .javascript_lexer import COMMENT, STRING

if TYPE_CHECKING:
    from tree_sitter import Node

_BLANK = re.compile(r"\s++")
_COMMENTED = re.compile(STRING + rb"|" + COMMENT, re.DOTALL)
# How a formatter breaks lines is not part of what callers rely on.
_OPENED = re.compile(r"(?<=[(\[<]) ")
_CLOSED = re.compile(r",? (?=[)\]>])|,(?=[)\]])")
_LONGEST = 2000
_LITERALS = {
    "string": "string",
    "template_string": "string",
    "number": "number",
    "true": "boolean",
    "false": "boolean",
}
FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function", "function"})
_MEMBERS = frozenset(
    {
        "method_definition",
        "public_field_definition",
        "field_definition",
        "abstract_method_signature",
        "method_signature",
        "property_signature",
    }
)
_HIDDEN = frozenset({"private_property_identifier", "computed_property_name"})


def text(node: Node | None) -> str:
    """A node's text on one line."""
    if node is None or node.text is None:
        return ""
    return _line(node.text)


def _line(raw: bytes) -> str:
    if b"//" in raw or b"/*" in raw:
        raw = _COMMENTED.sub(lambda one: b" " if one[0][:1] == b"/" else one[0], raw)
    line = _BLANK.sub(" ", raw.decode("utf-8", "replace")).strip()
    return _CLOSED.sub("", _OPENED.sub("", line)).strip()


def until(node: Node, body: Node | None) -> str:
    """A declaration without its body, and without what only says how it is exported."""
    raw = node.text or b""
    head = raw[: body.start_byte - node.start_byte] if body is not None else raw
    line = _line(head).rstrip(";=,").rstrip()
    return line.removesuffix("=>").rstrip()[:_LONGEST]


def function_signature(node: Node) -> str:
    """A function's name, parameters and result."""
    return until(node, node.child_by_field_name("body"))


def class_signature(node: Node) -> str:
    """A class's name, what it extends, and the parameters of its constructor."""
    head = until(node, node.child_by_field_name("body"))
    for decorator in node.children_by_field_name("decorator"):
        head = head.replace(text(decorator), "").strip()
    for member in _body(node):
        if member.type == "method_definition" and text(member.child_by_field_name("name")) == "constructor":
            head += f" constructor{text(member.child_by_field_name('parameters'))}"
    return head[:_LONGEST]


def value_signature(name: str, value: Node | None, annotation: Node | None) -> str:
    """A variable: its type if it is written, else what its value shows of it."""
    if annotation is not None:
        return f"{name}{text(annotation)}"[:_LONGEST]
    if value is None:
        return name
    if value.type in FUNCTIONS:
        return f"{name} = {function_signature(value)}"
    if value.type == "class":
        return f"{name} = {class_signature(value)}"
    if value.type in _LITERALS:
        return f"{name}: {_LITERALS[value.type]}"
    if value.type in ("call_expression", "new_expression"):
        callee = value.child_by_field_name("function") or value.child_by_field_name("constructor")
        new = "new " if value.type == "new_expression" else ""
        return f"{name} = {new}{text(callee)}{text(value.child_by_field_name('type_arguments'))}()"[:_LONGEST]
    if value.type in ("as_expression", "satisfies_expression") and value.named_child_count > 1:
        return f"{name} as {text(value.named_children[-1])}"[:_LONGEST]
    return name


def _body(node: Node) -> list[Node]:
    body = node.child_by_field_name("body")
    return body.named_children if body is not None else []


def unwrapped(value: Node | None) -> Node | None:
    """A value without `as const`, `satisfies X` and parentheses."""
    while value is not None and value.type in ("as_expression", "satisfies_expression", "parenthesized_expression"):
        value = value.named_children[0] if value.named_child_count else None
    return value


def members(node: Node | None) -> Iterator[tuple[str, Node, str]]:
    """Names that a class, interface, object type, enum or object literal has: name, node, signature."""
    if node is None:
        return
    body = node.child_by_field_name("body") or node
    for member in body.named_children:
        if member.type in _MEMBERS:
            yield from _class_member(member)
        elif member.type in ("enum_assignment", "property_identifier") and body.type == "enum_body":
            name = member.child_by_field_name("name") or member
            yield text(name), member, text(member)[:_LONGEST]
        elif member.type in ("pair", "shorthand_property_identifier") and body.type == "object":
            key = member.child_by_field_name("key") or member
            value = unwrapped(member.child_by_field_name("value"))
            if key.type in ("property_identifier", "shorthand_property_identifier"):
                yield text(key), member, value_signature(text(key), value, None)


def _class_member(member: Node) -> Iterator[tuple[str, Node, str]]:
    name = member.child_by_field_name("name") or member.child_by_field_name("property")
    modifier = next((one for one in member.children if one.type == "accessibility_modifier"), None)
    if name is None or name.type in _HIDDEN or text(modifier) == "private":
        return
    if text(name) == "constructor":
        yield from _parameter_members(member)
        return
    value = member.child_by_field_name("value")
    if value is not None and value.type in FUNCTIONS:
        yield text(name).strip("'\""), member, until(member, value.child_by_field_name("body"))
    else:
        yield text(name).strip("'\""), member, until(member, member.child_by_field_name("body") or value)


def _parameter_members(constructor: Node) -> Iterator[tuple[str, Node, str]]:
    """`constructor(public x: T)` makes `x` a member."""
    parameters = constructor.child_by_field_name("parameters")
    for one in parameters.named_children if parameters is not None else ():
        modifiers = [text(child) for child in one.children if child.type in ("accessibility_modifier", "readonly")]
        name = one.child_by_field_name("pattern")
        if modifiers and "private" not in modifiers and name is not None:
            yield text(name), one, until(one, one.child_by_field_name("value"))
