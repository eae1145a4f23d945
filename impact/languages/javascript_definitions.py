"""Names that other files can use of a JavaScript or TypeScript file, with what they rely on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..model import Definition
from .javascript_markup import only_scripts
from .javascript_signatures import (
    FUNCTIONS,
    class_signature,
    function_signature,
    members,
    text,
    until,
    unwrapped,
    value_signature,
)
from .javascript_tree import parse

if TYPE_CHECKING:
    from tree_sitter import Node

_CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})
_NAMED = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "function_signature": "function",
    "class_declaration": "class",
    "abstract_class_declaration": "class",
    "interface_declaration": "type",
    "type_alias_declaration": "type",
    "enum_declaration": "enum",
    "internal_module": "namespace",
    "module": "namespace",
}


def definitions(data: bytes) -> Sequence[Definition]:
    """Exported names; several declarations of one name are one definition."""
    scripts, markup = only_scripts(data)
    found = _Exports()
    for node in parse(scripts).named_children:
        found.statement(node)
    exported = list(found.exported())
    if markup and not any(one.name == "default" for one in exported):
        exported.append(Definition("default", 1, "component", "component"))
    merged: dict[str, Definition] = {}
    for one in exported:
        first = merged.get(one.name)
        if first is None:
            merged[one.name] = one
        elif one.signature not in first.signature:
            signature = f"{first.signature}; {one.signature}"
            merged[one.name] = Definition(first.name, first.line, signature, first.kind)
    return tuple(merged.values())


class _Exports:
    """What a file declares and which of it is exported, in the order it is read."""

    def __init__(self) -> None:
        self._local: dict[str, list[Definition]] = {}
        self._imported: set[str] = set()
        self._direct: list[Definition] = []
        self._passed: list[tuple[str, str, Node]] = []

    def statement(self, node: Node) -> None:
        """Reads a statement at the top of the file."""
        if node.type == "export_statement":
            self._export(node)
        elif node.type == "import_statement":
            self._imported.update(text(one) for one in _identifiers(node))
        elif node.type == "expression_statement" and node.named_child_count:
            inner = node.named_children[0]
            if inner.type == "assignment_expression":
                self._assignments(inner)
            else:
                self._keep(_declared(inner))
        else:
            self._keep(_declared(node))

    def exported(self) -> Iterator[Definition]:
        """Definitions in the order they are exported."""
        yield from self._direct
        for local, name, node in self._passed:
            line = node.start_point.row + 1
            if local not in self._local:
                kind = "reexport" if local in self._imported else "variable"
                yield Definition(name, line, f"export {{ {local} as {name} }}" if local != name else local, kind)
            for one in self._local.get(local, ()):
                member = one.name[len(local) :]
                yield Definition(name + member, one.line, one.signature, one.kind)

    def _keep(self, found: Iterator[Definition]) -> None:
        for one in found:
            self._local.setdefault(one.name.partition(".")[0], []).append(one)

    def _export(self, node: Node) -> None:
        source = node.child_by_field_name("source")
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        default = any(one.type == "default" for one in node.children)
        if source is not None:
            self._direct.extend(_reexports(node))
        elif default and (declaration or value) is not None:
            self._default(declaration or value)
        elif declaration is not None:
            found = list(_declared(declaration))
            self._direct.extend(found)
            self._keep(iter(found))
        elif any(one.type == "=" for one in node.children) and node.named_child_count:
            self._default(node.named_children[0])
        for clause in node.named_children if source is None else ():
            for one in clause.named_children if clause.type == "export_clause" else ():
                name = one.child_by_field_name("name")
                alias = one.child_by_field_name("alias") or name
                self._passed.append((text(name), text(alias).strip("'\""), one))

    def _default(self, node: Node | None) -> None:
        node = unwrapped(node)
        if node is None:
            return
        if node.type == "identifier":
            self._passed.append((text(node), "default", node))
            return
        self._direct.extend(_valued("default", node, None, node))

    def _assignments(self, node: Node) -> None:
        """`exports.a = exports.b = value` gives the value to each."""
        targets: list[Node] = []
        value: Node | None = node
        while value is not None and value.type == "assignment_expression":
            targets.append(value)
            value = unwrapped(value.child_by_field_name("right"))
        for one in targets:
            self._assigned(one, text(one.child_by_field_name("left")), value)

    def _assigned(self, node: Node, target: str, right: Node | None) -> None:
        if target in ("module.exports", "exports"):
            self._module(right)
        elif target.startswith(("module.exports.", "exports.")):
            name = target.rpartition("exports.")[2]
            if right is not None and right.type == "identifier" and text(right) in self._local:
                self._passed.append((text(right), name, node))
            elif "." not in name:
                self._direct.extend(_valued(name, right, None, node))
        elif ".prototype." in target:
            name = target.replace(".prototype.", ".")
            self._keep(iter([Definition(name, _line(node), value_signature(name, right, None), "method")]))

    def _module(self, value: Node | None) -> None:
        if value is None:
            return
        if value.type != "object":
            self._default(value)
            return
        for one in value.named_children:
            key, inner = one.child_by_field_name("key"), unwrapped(one.child_by_field_name("value"))
            if one.type == "shorthand_property_identifier":
                self._passed.append((text(one), text(one), one))
            elif (
                one.type == "pair" and inner is not None and inner.type == "identifier" and text(inner) in self._local
            ):
                self._passed.append((text(inner), text(key), one))
            elif one.type == "pair":
                self._direct.extend(_valued(text(key).strip("'\""), inner, None, one))
            elif one.type == "method_definition":
                name = text(one.child_by_field_name("name"))
                self._direct.append(Definition(name, _line(one), function_signature(one), "function"))


def _line(node: Node) -> int:
    return node.start_point.row + 1


def _identifiers(node: Node) -> Iterator[Node]:
    waiting = list(node.named_children)
    while waiting:
        one = waiting.pop()
        if one.type == "identifier":
            yield one
        waiting.extend(one.named_children)


def _reexports(node: Node) -> Iterator[Definition]:
    source = text(node.child_by_field_name("source"))
    for one in node.children:
        if one.type == "*":
            yield Definition("*", _line(one), f"export * from {source}", "reexport")
        elif one.type == "namespace_export":
            name = text(one.named_children[-1]) if one.named_child_count else "*"
            yield Definition(name, _line(one), f"export {text(one)} from {source}", "reexport")
        for inner in one.named_children if one.type == "export_clause" else ():
            alias = inner.child_by_field_name("alias") or inner.child_by_field_name("name")
            name = text(alias).strip("'\"")
            yield Definition(name, _line(inner), f"export {{ {text(inner)} }} from {source}", "reexport")


def _declared(node: Node, prefix: str = "") -> Iterator[Definition]:
    """What a declaration makes, with its members."""
    if node.type == "ambient_declaration":
        for one in node.named_children:
            yield from _declared(one, prefix)
    elif node.type in ("lexical_declaration", "variable_declaration"):
        for one in node.named_children:
            yield from _variable(one, prefix)
    elif node.type in _NAMED:
        yield from _named(node, prefix)


def _variable(node: Node, prefix: str) -> Iterator[Definition]:
    name = node.child_by_field_name("name")
    if name is None or node.type != "variable_declarator":
        return
    if name.type == "identifier":
        value = unwrapped(node.child_by_field_name("value"))
        raw = node.child_by_field_name("value")
        yield from _valued(prefix + text(name), value, node.child_by_field_name("type"), node, raw)
        return
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one.type in ("identifier", "shorthand_property_identifier_pattern"):
            yield Definition(prefix + text(one), _line(one), text(one), "variable")
        waiting.extend(reversed(one.named_children))


def _named(node: Node, prefix: str) -> Iterator[Definition]:
    name = text(node.child_by_field_name("name"))
    if not name or name[0] in "'\"":
        return
    full, kind, body = prefix + name, _NAMED[node.type], node.child_by_field_name("body")
    if kind == "namespace":
        yield Definition(full, _line(node), f"namespace {name}", kind)
        for one in body.named_children if body is not None and prefix.count(".") < 3 else ():
            if one.type == "export_statement":
                for declaration in one.children_by_field_name("declaration"):
                    yield from _declared(declaration, f"{full}.")
        return
    if node.type == "type_alias_declaration":
        value = node.child_by_field_name("value")
        shape = value if value is not None and value.type == "object_type" else None
        yield Definition(full, _line(node), until(node, shape), kind)
        yield from _members(full, shape)
        return
    signature = class_signature(node) if kind == "class" else until(node, body)
    yield Definition(full, _line(node), signature, kind)
    if kind != "function":
        yield from _members(full, node)


def _valued(
    name: str, value: Node | None, annotation: Node | None, place: Node, raw: Node | None = None
) -> Iterator[Definition]:
    """A name that is given a value: a function, a class, an object with members, anything."""
    if value is not None and value.type in _NAMED:
        signature = (
            class_signature(value) if value.type in _CLASSES else until(value, value.child_by_field_name("body"))
        )
        yield Definition(name, _line(place), signature, _NAMED[value.type])
        if value.type not in ("function_declaration", "generator_function_declaration", "function_signature"):
            yield from _members(name, value)
        return
    kind = "variable"
    if value is not None:
        kind = "function" if value.type in FUNCTIONS else "class" if value.type == "class" else kind
    shown = raw if raw is not None and raw.type != "parenthesized_expression" else value
    yield Definition(name, _line(place), value_signature(name, shown, annotation), kind)
    if value is not None and value.type in ("class", "object"):
        yield from _members(name, value)


def _members(name: str, node: Node | None) -> Iterator[Definition]:
    for member, place, signature in members(node):
        yield Definition(f"{name}.{member}", _line(place), signature, "member")
