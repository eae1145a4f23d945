"""Variables that code declares in a schema: createEnv, cleanEnv, zod objects, settings classes, struct tags."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...core.grammar import line
from ..reading.calls import Code
from .facts import Fact, is_shouted

if TYPE_CHECKING:
    from tree_sitter import Node

_MAY = re.compile(rb"[eE]nv\w*\s*(?:[(={<]|extends)|Settings\b|\benv\b|envconfig:|Env\b")
_WORDS = (b"env", b"Env", b"Settings")
_SCHEMA_CALL = re.compile(
    r"(?:^|\.)(?:createEnv|cleanEnv|envsafe|parseEnv|defineEnv|loadEnv|Env|object|strictObject|Object|struct)$"
)
_SURE_CALL = re.compile(r"(?:createEnv|cleanEnv|envsafe|parseEnv|defineEnv)$")
_ENV_FILE = re.compile(
    r"(?:^|[/._-])env(?:ironment)?(?:[._-]|$)|[a-z]Env(?:ironment|[A-Z.])|(?:^|/)env", re.IGNORECASE
)
_ENV_NAME = re.compile(
    r"ProcessEnv|ImportMetaEnv|(?:^|[a-z_])Env(?:ironment)?(?:[A-Z_]|$)|(?:^|_)(?:env|ENV)(?:_|$)|^env[A-Z]"
)
_TAG = re.compile(r"\b(?:env|envconfig):\"([A-Za-z_][A-Za-z0-9_]*)")
_ATTRIBUTE = re.compile(r"\benv\s*=\s*\"([A-Z][A-Z0-9_]*)\"")
_SETTINGS_CLASS = re.compile(r"\b\w*(?:Base)?Settings\b")
_PREFIX = re.compile(r"\benv_prefix\s*[=:]\s*['\"](\w*)['\"]")
_ALIAS = re.compile(
    r"\b(?:env|alias|validation_alias)\s*=\s*(?:AliasChoices\s*\(|\[)?\s*((?:['\"]\w+['\"]\s*,?\s*)+)"
)
_QUOTED = re.compile(r"['\"](\w+)['\"]")


def declared(path: str, source: Code) -> Iterator[Fact]:
    """The variables that a schema in a file names."""
    reader = _READERS.get(source.grammar)
    if reader is not None and (_may(source.tree.data) or is_named(path)):
        yield from reader(path, source)


def _may(data: bytes) -> bool:
    return any(word in data for word in _WORDS) and _MAY.search(data) is not None


def is_named(path: str) -> bool:
    """Whether a file is named for the environment: a schema in it is one of variables."""
    return _ENV_FILE.search(path.rpartition("/")[2]) is not None


def _ecmascript(path: str, source: Code) -> Iterator[Fact]:
    named = is_named(path)
    for node, above in source.declared:
        if node.type in ("property_signature", "public_field_definition"):
            owner = next((one for one in reversed(above) if one.type in _HOLDERS), None)
            name = source.tree.text(owner.child_by_field_name("name")) if owner is not None else ""
            if _ENV_NAME.search(name):
                yield from _key(source, node.child_by_field_name("name"), name)
        elif node.type == "pair":
            call = _schema_of(source, above, named)
            if call:
                yield from _key(source, node.child_by_field_name("key"), call)


_HOLDERS = frozenset(("interface_declaration", "class_declaration", "type_alias_declaration"))


def _schema_of(source: Code, above: Sequence["Node"], named: bool) -> str:
    """The call that a pair's object, or the one around it, is passed to; empty if it is no schema of variables."""
    depth = len(above) - 1
    for _ in range(2):
        if depth < 2 or above[depth].type != "object":
            return ""
        if above[depth - 1].type == "arguments":
            call = source.tree.text(above[depth - 2].child_by_field_name("function"))
            sure = _SURE_CALL.search(call) is not None
            return call if sure or (named and _SCHEMA_CALL.search(call)) else ""
        if above[depth - 1].type != "pair":
            return ""
        depth -= 2
    return ""


def _key(source: Code, node: "Node | None", how: str) -> Iterator[Fact]:
    name = source.tree.text(node).strip("'\"")
    if node is not None and is_shouted(name):
        yield Fact(name=name, role="read", line=line(node), how=how)


# A class with settings for its base, or django-environ's schema.
_PYTHON = re.compile(rb"\bclass\s[^:]{0,400}Settings\b|\b(?:FileAware)?Env\s*\(")


def _python(_: str, source: Code) -> Iterator[Fact]:
    if _PYTHON.search(source.tree.data) is None:
        return
    for node, above in source.declared:
        if node.type == "class_definition":
            bases = source.tree.text(node.child_by_field_name("superclasses"))
            if _SETTINGS_CLASS.search(bases):
                yield from _settings_class(source, node)
        elif node.type == "keyword_argument" and len(above) > 1 and above[-2].type == "call":
            callee = source.tree.text(above[-2].child_by_field_name("function"))
            if re.search(r"(?:^|\.)(?:Env|FileAwareEnv)$", callee):
                yield from _key(source, node.child_by_field_name("name"), callee)


def _settings_class(source: Code, node: "Node") -> Iterator[Fact]:
    text = source.tree.text(node)
    found = _PREFIX.search(text)
    prefix = found[1] if found else ""
    body = node.child_by_field_name("body")
    for statement in body.named_children if body is not None else ():
        assigned = statement.named_children[0] if statement.type == "expression_statement" else statement
        if assigned.type != "assignment" or assigned.child_by_field_name("type") is None:
            continue
        field = source.tree.text(assigned.child_by_field_name("left"))
        alias = _ALIAS.search(source.tree.text(assigned.child_by_field_name("right")))
        names = _QUOTED.findall(alias[1]) if alias else [prefix + field]
        for name in names if field != "model_config" else ():
            yield Fact(name=name.upper(), role="read", line=line(assigned), how="settings class")


def _go(_: str, source: Code) -> Iterator[Fact]:
    for node, above in source.declared:
        if node.type == "raw_string_literal" and above[-1].type == "field_declaration":
            for match in _TAG.finditer(source.tree.text(node)):
                yield Fact(name=match[1], role="read", line=line(node), how="struct tag")


def _rust(_: str, source: Code) -> Iterator[Fact]:
    for node, _above in source.declared:
        if node.type == "attribute_item":
            for match in _ATTRIBUTE.finditer(source.tree.text(node)):
                yield Fact(name=match[1], role="read", line=line(node), how="attribute")


_READERS: Mapping[str, Callable[[str, Code], Iterator[Fact]]] = {
    "javascript": _ecmascript,
    "typescript": _ecmascript,
    "tsx": _ecmascript,
    "python": _python,
    "go": _go,
    "rust": _rust,
}
