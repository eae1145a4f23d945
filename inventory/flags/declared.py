"""Lists of flags in code: constants, types, enumerations and classes that are named for flags."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ...core.grammar import line, walk_with_parents
from ..reading.calls import Code
from .facts import FILE, Flag, is_singular, lists_flags

if TYPE_CHECKING:
    from tree_sitter import Node

_LISTS = (b"flag", b"toggle", b"experiment", b"switch", b"gate")
# In lower case: to fold letters while searching takes far longer.
_DECLARES = re.compile(
    rb"\b(?:const|let|var|type|interface|enum|class)\s+\w*(?:flag|toggle|experiments|switch|gate)|"
    rb"^[ \t]*\w*(?:flag|toggle|experiments)\w*\s*[=:]|\bexperimental['\"]?\s*[?]?:",
    re.MULTILINE,
)
_VARIABLE = re.compile(
    r"process\.env\.([A-Z_][A-Z0-9_]*)|(?:environ(?:\.get)?|ENV(?:\.fetch)?|getenv|\benv\w*)\s*[\[(]\s*['\"](\w+)['\"]"
)
_DEFAULT_KEYS = (
    "default",
    "defaultValue",
    "enabled",
    "defaultEnabled",
    "default_enabled",
    "fallback",
    "value",
    "initial",
)
_VARIANTS = frozenset(("payload", "variants", "variant"))
_PLAIN = re.compile(r"!?[\w.-]+|['\"][^'\"]{0,60}['\"]")
_LAST_ARGUMENT = re.compile(r",\s*([\w.'\"-]+)\s*,?\s*\)$")
_LIKE_KEY = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*|[a-z][a-zA-Z0-9]+")
_FLAG_CONSTANT = re.compile(r"(?:^|_)(?:FEATURE_FLAG|FLAG_KEY|FEATURE_FLAG_KEY)(?:_|$)")
_SWITCH_TYPE = re.compile(
    r"(?::\s*(?:[\s|]*(?:boolean|string|number|true|false|null|undefined|\b\w*(?:Variant|Toggle|Flag)\b|['\"][^'\"]*['\"]))+\s*)?"
)
_FIELDS = frozenset(("name", "key", "id", "slug"))
# An option of this name holds flags, but for the tools whose settings have one of their own.
_OPTION = "experimental"
_SETTINGS_OF_TOOLS = re.compile(r"\.config\.[cm]?[jt]s$")


def listed(path: str, source: Code) -> Iterator[Flag]:
    """The flags that declarations in a file list."""
    reader = _READERS.get(source.grammar)
    # Most code that asks for flags lists none; looking at every node of it is not free.
    if reader is not None and may_list(path, source.tree.data.lower()):
        yield from reader(path, source)


def may_list(path: str, low: bytes) -> bool:
    """Whether a file's name, or a declaration in it, speaks of flags; its text is given in lower case."""
    if FILE.search(path):
        return True
    return any(word in low for word in _LISTS) and _DECLARES.search(low) is not None


# A name that is declared; after a comma it may be a later one of several.
_NAMED = re.compile(
    rb"\b(?:const|let|var|type|interface|enum)\s+([A-Za-z_$\x80-\xff][\w$\x80-\xff]*)"
    rb"|,\s*([A-Za-z_$\x80-\xff][\w$\x80-\xff]*)\s*(?::[^=,;{}]{0,200})?=(?![=>])"
)


def _ecmascript(path: str, source: Code) -> Iterator[Flag]:
    if source.spans is None:
        named = {(first or later).decode("utf-8", "replace") for first, later in _NAMED.findall(source.tree.data)}
        if not any(lists_flags(path, name) for name in named) and _OPTION.encode() not in source.tree.data:
            return
    options = not _SETTINGS_OF_TOOLS.search(path)
    for node, _ in source.declared:
        kind = node.type
        if kind == "pair" and options and source.tree.text(node.child_by_field_name("key")).strip("'\"") == _OPTION:
            yield from _option(source, node.child_by_field_name("value"))
        if kind not in ("variable_declarator", "type_alias_declaration", "interface_declaration", "enum_declaration"):
            continue
        name = source.tree.text(node.child_by_field_name("name"))
        if not lists_flags(path, name):
            continue
        if kind == "variable_declarator":
            yield from _constant(source, name, _unwrapped(node.child_by_field_name("value")))
        elif kind == "enum_declaration":
            yield from _enumeration(source, name, node)
        else:
            yield from _type(source, name, node)


def _option(source: Code, value: "Node | None") -> Iterator[Flag]:
    """The flags of an option that holds them, or holds an object of them beside others."""
    if value is None or value.type != "object":
        return
    inner = [
        pair.child_by_field_name("value")
        for pair in value.named_children
        if source.tree.text(pair.child_by_field_name("key")) == "flags"
    ]
    for held in inner or [value]:
        yield from _constant(source, _OPTION, held)


def _unwrapped(node: "Node | None") -> "Node | None":
    """The object or array behind `as const`, `satisfies T`, `Object.freeze(…)` and brackets."""
    while node is not None and node.type in _WRAPS:
        if node.type == "call_expression":
            held = node.child_by_field_name("arguments")
            node = held.named_children[0] if held is not None and held.named_children else None
        else:
            node = node.named_children[0] if node.named_children else None
    return node


_WRAPS = frozenset(
    ("as_expression", "satisfies_expression", "parenthesized_expression", "call_expression", "type_assertion")
)


def _constant(source: Code, name: str, value: "Node | None") -> Iterator[Flag]:
    if value is None:
        return
    if value.type == "array":
        for child in value.named_children:
            text = source.literal(child) if child.type == "string" else _field(source, child)
            if text:
                yield Flag(key=text, role="defines", line=line(child), how=name)
    if value.type != "object" or is_singular(name):
        return
    for pair in value.named_children:
        key, held = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if pair.type != "pair" or key is None or held is None or key.type == "computed_property_name":
            continue
        label = source.tree.text(key).strip("'\"`")
        text = source.literal(held) if held.type == "string" else None
        if text is not None:
            yield Flag(key=text if _LIKE_KEY.fullmatch(text) else label, role="defines", line=line(key), how=name)
        elif held.type not in ("arrow_function", "function_expression"):
            default, variable = _default(source, held)
            yield Flag(key=label, role="defines", line=line(key), default=default, variable=variable, how=name)


def _field(source: Code, node: "Node") -> str:
    """The key of a flag that is an object of a list; empty if it has none."""
    for pair in node.named_children if node.type == "object" else ():
        key, held = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key is not None and held is not None and source.tree.text(key) in _FIELDS and held.type == "string":
            return source.literal(held) or ""
    return ""


def _default(source: Code, node: "Node") -> tuple[str | None, str]:
    """A value, and the variable that sets it; the value is None if it is computed."""
    text = source.tree.text(node)
    match = _VARIABLE.search(text)
    variable = next((one for one in match.groups() if one), "") if match else ""
    if node.type == "object":
        held = {
            source.tree.text(pair.child_by_field_name("key")).strip("'\""): pair.child_by_field_name("value")
            for pair in node.named_children
            if pair.type == "pair"
        }
        given = next((value for key, value in held.items() if key in _DEFAULT_KEYS and value is not None), None)
        default = None if given is None else _default(source, given)[0]
        # Who asks for a flag that has variants gets another kind of answer.
        return (f"{default or 'computed'}, with variants" if _VARIANTS & held.keys() else default), variable
    if _PLAIN.fullmatch(text) and not text.startswith("process"):
        return text.strip("'\""), variable
    last = _LAST_ARGUMENT.search(text)
    return (last[1] if last else None), variable


def _enumeration(source: Code, name: str, node: "Node") -> Iterator[Flag]:
    body = node.child_by_field_name("body")
    for member in body.named_children if body is not None else ():
        held = member.child_by_field_name("value")
        text = source.literal(held) if held is not None and held.type == "string" else None
        if text:
            yield Flag(key=text, role="defines", line=line(member), how=name)


def _type(source: Code, name: str, node: "Node") -> Iterator[Flag]:
    value = node.child_by_field_name("value") or node.child_by_field_name("body")
    if value is None:
        return
    for child, above, _ in walk_with_parents(value):
        if child.type == "string" and all(one.type in _UNIONS for one in above):
            text = source.literal(child)
            if text:
                yield Flag(key=text, role="defines", line=line(child), how=name)
        elif child.type == "property_signature" and len(above) == 1 and not is_singular(name):
            held = source.tree.text(child.child_by_field_name("type"))
            if not _SWITCH_TYPE.fullmatch(held):
                continue
            key = source.tree.text(child.child_by_field_name("name")).strip("'\"")
            yield Flag(key=key, role="types", line=line(child), how=name)


_UNIONS = frozenset(("union_type", "literal_type", "parenthesized_type"))


def _python(path: str, source: Code) -> Iterator[Flag]:
    for node, above in source.declared:
        if node.type == "class_definition":
            name = source.tree.text(node.child_by_field_name("name"))
            bases = source.tree.text(node.child_by_field_name("superclasses"))
            if lists_flags(path, name) and re.search(r"Enum|Choices|\bstr\b|Constants", bases):
                yield from _members(source, name, node.child_by_field_name("body"))
        elif node.type == "assignment" and len(above) <= 3:
            name = source.tree.text(node.child_by_field_name("left"))
            held = node.child_by_field_name("right")
            if held is None:
                continue
            if held.type == "string" and _FLAG_CONSTANT.search(name):
                text = source.literal(held)
                if text:
                    yield Flag(key=text, role="defines", line=line(node), how=name)
            elif lists_flags(path, name):
                yield from _collection(source, name, held)


def _members(source: Code, name: str, body: "Node | None") -> Iterator[Flag]:
    for statement in body.named_children if body is not None else ():
        assigned = statement.named_children[0] if statement.type == "expression_statement" else statement
        held = assigned.child_by_field_name("right") if assigned.type == "assignment" else None
        if held is not None and held.type in ("tuple", "expression_list") and held.named_children:
            held = held.named_children[0]
        text = source.literal(held) if held is not None and held.type == "string" else None
        if text:
            yield Flag(key=text, role="defines", line=line(assigned), how=name)


def _collection(source: Code, name: str, held: "Node") -> Iterator[Flag]:
    if held.type in ("list", "set", "tuple", "array"):
        for child in held.named_children:
            text = source.literal(child) if child.type in ("string", "simple_symbol") else None
            if text:
                yield Flag(key=text, role="defines", line=line(child), how=name)
    elif held.type in ("dictionary", "hash"):
        for pair in held.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is None or value is None:
                continue
            text = source.tree.text(key) if key.type == "hash_key_symbol" else source.literal(key)
            default, variable = _default(source, value)
            if text:
                yield Flag(key=text, role="defines", line=line(key), default=default, variable=variable, how=name)


def _ruby(path: str, source: Code) -> Iterator[Flag]:
    for node, _ in source.declared:
        if node.type != "assignment":
            continue
        name = source.tree.text(node.child_by_field_name("left"))
        held = node.child_by_field_name("right")
        while held is not None and held.type == "call":
            held = held.child_by_field_name("receiver")
        if held is None or not name.isupper() or not lists_flags(path, name):
            continue
        if held.type in ("string_array", "symbol_array"):
            for child in held.named_children:
                yield Flag(key=source.tree.text(child), role="defines", line=line(child), how=name)
        else:
            yield from _collection(source, name, held)


_READERS: Mapping[str, Callable[[str, Code], Iterator[Flag]]] = {
    "javascript": _ecmascript,
    "typescript": _ecmascript,
    "tsx": _ecmascript,
    "python": _python,
    "ruby": _ruby,
}
