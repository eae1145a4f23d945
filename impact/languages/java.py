"""Java: types belong to packages, wherever their files are; those of one package know each other."""

import re
from collections.abc import Sequence

from ...core.grammar import parse
from ..model import Definition, Edge, Facts, Language, Name, Reference, Use
from .classes import Shape, declared
from .headers import distinct
from .java_resolve import resolver
from .lexing import Text, blank, decoded, find_uses, member, outermost, word, words

_SKIPPED = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\"\"\"(?:\\.|[^\\])*?\"\"\"|\"(?:\\.|[^\"\\\n])*+\"|'(?:\\[^'\n]*|[^'\\\n]+)'",
    re.DOTALL,
)
_PACKAGE = re.compile(rb"package(?<![\w.]package)\s++([\w.]+)\s*+;")
_IMPORT = re.compile(rb"import(?<![\w.]import)\s++(static\s++)?([\w.]+(?:\.\*)?)\s*+;")
_TYPE = re.compile(
    rb"(?:class(?<![\w.]class)|interface(?<![\w.]interface)|enum(?<![\w.]enum)|record(?<![\w.]record))\s++(\w+)"
)
_WORD = re.compile(rb"[A-Z](?<![\w.][A-Z])\w*")
_FULL = re.compile(rb"([a-z_](?<![\w.][a-z_])(?:\w*\.[a-z_])+\w*\.[A-Z]\w*)")
_TESTED = re.compile(r"(?:Tests?|IT|TestCase)$|^Test(?=[A-Z])")
_LANG_WORDS = b"""
    Boolean Byte Character Class Comparable Deprecated Double E Enum Error Exception Float FunctionalInterface
    IllegalArgumentException IllegalStateException Integer Iterable K Long Math Object Override Runnable
    RuntimeException SafeVarargs Short String StringBuilder SuppressWarnings System T Thread Throwable V Void
"""
_LANG = frozenset(_LANG_WORDS.split())


def extract(data: bytes) -> Facts:
    """The package, the types on top, imports, and what other words may be types of the package."""
    text = Text(data, _SKIPPED)
    clause = _PACKAGE.search(text.code)
    package = decoded(clause[1]) if clause else ""
    prefix = f"{package}." if package else ""
    tops = words(_TYPE, outermost(text.code))
    imports, bound = _imports(text)
    used = words(_WORD, text.code, _LANG | bound | set(_TYPE.findall(text.code)))
    own = text.line(clause.start(1) if clause else 0)
    references = [Reference("import", f"{prefix}*", own, tuple(Name(one, one) for one in used)), *imports]
    known: set[str] = set()
    for match in _FULL.finditer(_IMPORT.sub(blank, text.code)):
        full = decoded(match[1])
        if full not in known:
            known.add(full)
            references.append(Reference("import", full, text.line(match.start()), (Name(full.rpartition(".")[2]),)))
    if any("junit" in one.target or "testng" in one.target for one in imports):
        tested = (prefix + _TESTED.sub("", top) for top in tops if _TESTED.search(top))
        references += [Reference("test", one, own) for one in tested]
    return Facts(tuple(references), (f"java:{package}", *(f"java:{prefix}{one}" for one in tops)), text.problems)


def _imports(text: Text) -> tuple[list[Reference], set[bytes]]:
    """References for import declarations, and the simple names they bind."""
    found, bound = [], set()
    for match in _IMPORT.finditer(text.code):
        target = decoded(match[2])
        last = target.rpartition(".")[2]
        if last != "*":
            bound.add(last.encode())
        names = (Name(last, "" if last == "*" else last),)
        found.append(Reference("import", f"static {target}" if match[1] else target, text.line(match.start()), names))
    return found, bound


_SHAPE = Shape(
    types={
        "class_declaration": "class",
        "interface_declaration": "interface",
        "enum_declaration": "enum",
        "record_declaration": "record",
        "annotation_type_declaration": "annotation",
    },
    members={
        "method_declaration": "method",
        "constructor_declaration": "constructor",
        "field_declaration": "field",
        "constant_declaration": "constant",
        "enum_constant": "constant",
        "annotation_type_element_declaration": "method",
    },
    through=frozenset(
        {"class_body", "interface_body", "enum_body", "enum_body_declarations", "annotation_type_body"}
    ),
    many=frozenset({"variable_declarator"}),
    marks=frozenset({"annotation", "marker_annotation"}),
    hidden=lambda tree, node: b"private" in _modifiers(tree.data, node),
)


def _modifiers(data: bytes, node: object) -> list[bytes]:
    from tree_sitter import Node

    assert isinstance(node, Node)
    first = node.named_children[0] if node.named_children else None
    if first is None or first.type != "modifiers":
        return []
    return [data[one.start_byte : one.end_byte] for one in first.children]


def definitions(data: bytes) -> list[Definition]:
    """Types with their members, except private ones."""
    tree = parse("java", data)
    return [] if tree is None else distinct(declared(tree, _SHAPE))


def uses(data: bytes, edge: Edge, names: Sequence[str]) -> list[Use]:
    """Types by their simple or full name, members after a dot; statically imported ones bare."""
    text = Text(_IMPORT.sub(blank, data), _SKIPPED)
    bound = {one.name: one.local for one in edge.names if one.local}
    wanted: dict[str, list[tuple[bytes, bool]]] = {}
    for name in names:
        patterns = member(name) if "." in name else [(word(name, rb"(?<!\w)"), True)]
        if name in bound:
            patterns.insert(0, (word(bound[name]), True))
        elif "." in name and Name("*") in edge.names:
            patterns.insert(0, (word(name.rpartition(".")[2]), False))
        wanted[name] = patterns
    return find_uses(text, wanted)


LANGUAGE = Language(
    name="java",
    version=1,
    matches=lambda path: path.endswith(".java"),
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
