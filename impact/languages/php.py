"""PHP: classes and functions belong to namespaces; Composer says which folder holds which namespace."""

import re
from collections.abc import Sequence

from ...core.grammar import parse
from ..model import Definition, Edge, Facts, Language, Reference, Use
from .classes import Shape, declared
from .headers import distinct
from .lexing import decoded, find_uses, member, outermost, word
from .php_includes import includes
from .php_names import Names, text_of
from .php_resolve import resolver

_DECLARED = re.compile(rb"(?<![\w:$>\\])(?:class|interface|trait|enum)\s++(?!extends\b|implements\b)([A-Za-z_]\w*)")
_FUNCTION = re.compile(rb"(?<![\w$>])function\s++&?\s*+(\w+)\s*+\(")
_NAMESPACE = re.compile(rb"(?<![\w$>\\:])namespace\s++([A-Za-z_][\w\\]*)\s*+[;{]")
_SEEN_THROUGH = re.compile(
    rb"(?:\bnamespace\b\s*+[\w\\]*|\bfunction_exists\s*+\([^;]*|\bclass_exists\s*+\([^;]*|\\)\s*+\Z"
)


def extract(data: bytes) -> Facts:
    """The namespace, what is declared in it, `use`, other class names and calls, includes."""
    text = text_of(data)
    top = outermost(text.code, lambda before: not _SEEN_THROUGH.search(before[-300:]))
    clauses = [(match.start(), decoded(match[1])) for match in _NAMESPACE.finditer(text.code)]

    def full(offset: int, name: bytes) -> str:
        before = [namespace for start, namespace in clauses if start < offset]
        return "\\".join((*before[-1:], decoded(name)))

    classes = {full(match.start(), match[1]): None for match in _DECLARED.finditer(top)}
    functions = {f"{full(match.start(), match[1])}()": None for match in _FUNCTION.finditer(top)}
    namespace = clauses[0][1] if clauses else ""
    names = Names(text, top, namespace, text.line(clauses[0][0]) if clauses else 1)
    references = [*names.references({one.rpartition("\\")[2] for one in (*classes, *functions)}), *includes(text)]
    tests = [one.rpartition("\\")[2].removesuffix("Test") for one in classes if one.endswith("Test")]
    references += [
        Reference("test", one.target, one.line)
        for one in references
        if one.kind == "import" and one.target.rpartition("\\")[2] in tests
    ]
    provides = (f"php:{namespace}", *(f"php:{one}" for one in (*classes, *functions)))
    return Facts(tuple(references), provides, text.problems)


_SHAPE = Shape(
    types={
        "class_declaration": "class",
        "interface_declaration": "interface",
        "trait_declaration": "trait",
        "enum_declaration": "enum",
    },
    members={
        "method_declaration": "method",
        "function_definition": "function",
        "property_declaration": "property",
        "const_declaration": "constant",
        "enum_case": "constant",
    },
    through=frozenset(
        {"declaration_list", "enum_declaration_list", "namespace_definition", "compound_statement", "if_statement"}
    ),
    many=frozenset({"property_element", "const_element"}),
    marks=frozenset({"attribute_list", "visibility_modifier"}),
    hidden=lambda tree, node: any(
        one.type == "visibility_modifier" and tree.text(one) == "private" for one in node.named_children
    ),
)


def definitions(data: bytes) -> list[Definition]:
    """Functions, classes and their members, except private ones."""
    tree = parse("php", data)
    if tree is None:
        return []
    found = declared(tree, _SHAPE)
    return distinct(Definition(one.name.replace("$", ""), one.line, one.signature, one.kind) for one in found)


def uses(data: bytes, edge: Edge, names: Sequence[str]) -> list[Use]:
    """Classes and functions by what `use` calls them or by their full name; members after `->` or `::`."""
    text = text_of(data)
    bound = {one.name: one.local for one in edge.names if one.local}
    wanted: dict[str, list[tuple[bytes, bool]]] = {}
    for name in names:
        if "." in name:
            class_, _, last = name.partition(".")
            wanted[name] = member(f"{bound.get(class_, class_)}.{last}")
        else:
            local = word(bound.get(name, name), rb"(?<![\w$>])")
            wanted[name] = [(local + rb"|" + word(name, rb"(?<=\\)"), True)]
    return find_uses(text, wanted)


LANGUAGE = Language(
    name="php",
    version=1,
    matches=lambda path: path.endswith((".php", ".phtml", ".inc")),
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
