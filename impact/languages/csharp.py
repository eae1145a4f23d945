"""C#: types belong to namespaces, which files open with `using`; project files refer to each other by path."""

import re
from collections.abc import Sequence

from ...core.grammar import parse
from ..model import Definition, Edge, Facts, Language, Name, Reference, Use
from .classes import Shape, declared
from .csharp_projects import project
from .csharp_resolve import resolver
from .headers import distinct
from .lexing import Text, blank, decoded, find_uses, member, outermost, spans, word, words

_SKIPPED = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)|#[^\n]*|\$+(\"{3,}).*?\1|(\"{3,}).*?\2|(?:\$@|@\$|@)\"(?:[^\"]|\"\")*+\""
    rb"|\$\"(?:\\.|[^\"\\\n])*+\"|\"(?:\\.|[^\"\\\n])*+\"|'(?:\\[^'\n]*|[^'\\\n])'",
    re.DOTALL,
)
_HOLE = re.compile(rb"\{[^{}\"]+\}")
_NAMESPACE = re.compile(rb"namespace(?<![\w.]namespace)\s++([\w.]+)\s*+([;{])")
_OPENS_NAMESPACE = re.compile(rb"namespace\s++[\w.]+\s*+\Z")
_USING = re.compile(
    rb"(?<![\w.])(global\s++)?using\s++(static\s++)?(?:unsafe\s++)?(?:(\w+)\s*+=\s*+)?(?:global::)?([A-Za-z_][\w.]*)(?:<[^;()]*>)?\s*+;"
)
_TYPE = re.compile(
    rb"(?<![\w.])(partial\s++)?(?:class|struct|interface|enum|record(?:\s++class|\s++struct)?"
    rb"|delegate\s++[\w.<>\[\],? ]{1,200}?)\s++(?!where\b|class\b|struct\b)@?([A-Za-z_]\w*)\s*+(?=[<({:;]|where\b)"
)
_EXTENSION = re.compile(rb"\bstatic\b[^;{}()=]{0,300}?\b(\w+)\s*+(?:<[^()]*>)?\s*+\(\s*+(?:\[[^\]]*\]\s*+)?this\s")
_WORD = re.compile(rb"[A-Z](?<![\w.][A-Z])\w*(?:\.[A-Z]\w*)*")
_CALLED = re.compile(rb"(\.[A-Z]\w*)\s*+(?:<[^;()]{0,200}>)?\(")


def extract(data: bytes) -> Facts:
    """The namespace and its types, `using`, other words that may be types; of a project its references."""
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"Microsoft Visual Studio Solution")):
        return project(data)
    text = Text(data, _SKIPPED, _without_text)
    clauses = list(_NAMESPACE.finditer(text.code))
    namespaces = _namespaces(text.code, clauses)
    top = outermost(text.code, lambda before: not _OPENS_NAMESPACE.search(before[-200:]))
    types: dict[str, bool] = {}
    for match in _TYPE.finditer(top):
        around = [name for start, end, name in namespaces if start <= match.start() < end]
        types[".".join((*around, decoded(match[2])))] = match[1] is not None
    first = decoded(clauses[0][1]) if clauses else ""
    own = {one.rpartition(".")[2].encode() for one, partial in types.items() if not partial}
    used = [*words(_WORD, _USING.sub(blank, text.code), own), *words(_CALLED, text.code)]
    line = text.line(clauses[0].start(1) if clauses else 0)
    references = [Reference("import", f"{first}.*", line, tuple(Name(one, one) for one in used)), *_usings(text)]
    holder = next((one for one in types if one.rpartition(".")[2].endswith("s")), next(iter(types), first))
    extensions = [f"csharp:this {holder}.{one}" for one in words(_EXTENSION, text.code)]
    return Facts(
        tuple(references), (f"csharp:{first}", *(f"csharp:{one}" for one in types), *extensions), text.problems
    )


def _without_text(match: re.Match[bytes]) -> bytes:
    """Blanks for a string, except what is code within an interpolated one."""
    if not match[0].startswith((b"$", b"@$")):
        return blank(match)
    pieces, last = [], 0
    for hole in _HOLE.finditer(match[0]):
        pieces += [re.sub(rb"[^\n]", b" ", match[0][last : hole.start() + 1]), hole[0][1:-1]]
        last = hole.end() - 1
    return b"".join((*pieces, re.sub(rb"[^\n]", b" ", match[0][last:])))


def _namespaces(code: bytes, clauses: list[re.Match[bytes]]) -> list[tuple[int, int, str]]:
    """Where each namespace begins and ends, outermost first."""
    found = [(match.start(), len(code), decoded(match[1])) for match in clauses if match[2] == b";"]
    blocks = (match for match in clauses if match[2] == b"{")
    return sorted((*found, *((match.start(), end, decoded(match[1])) for match, end in spans(code, blocks))))


def _usings(text: Text) -> list[Reference]:
    found = []
    for match in _USING.finditer(text.code):
        target, line = decoded(match[4]), text.line(match.start())
        scope = "global " if match[1] else ""
        if match[2]:
            found.append(Reference("import", f"{scope}static {target}", line, (Name("*"),)))
        elif match[3]:
            names = (Name(target.rpartition(".")[2], decoded(match[3])),)
            found.append(Reference("import", f"{scope}{target}", line, names))
        else:
            found.append(Reference("import", f"{scope}{target}.*", line, (Name("*"),)))
    return found


_SHAPE = Shape(
    types={
        "class_declaration": "class",
        "struct_declaration": "struct",
        "interface_declaration": "interface",
        "record_declaration": "record",
        "enum_declaration": "enum",
    },
    members={
        "method_declaration": "method",
        "constructor_declaration": "constructor",
        "property_declaration": "property",
        "field_declaration": "field",
        "event_field_declaration": "event",
        "delegate_declaration": "delegate",
        "enum_member_declaration": "constant",
    },
    through=frozenset(
        {
            "declaration_list",
            "enum_member_declaration_list",
            "namespace_declaration",
            "file_scoped_namespace_declaration",
            "preproc_if",
            "preproc_else",
            "preproc_elif",
        }
    ),
    many=frozenset({"variable_declarator"}),
    marks=frozenset({"attribute_list", "preproc_region"}),
    hidden=lambda tree, node: _is_hidden(tree.data, node),
    ends=("body", "accessors", "value"),
)
_OPEN = frozenset({b"public", b"internal", b"protected"})


def _is_hidden(data: bytes, node: object) -> bool:
    """Members are private unless they say otherwise; but a partial class has other files."""
    from tree_sitter import Node

    assert isinstance(node, Node)
    if _OPEN & _modifiers(data, node):
        return False
    holder = node.parent.parent if node.parent is not None and node.parent.type == "declaration_list" else None
    return (
        holder is not None
        and holder.type in {"class_declaration", "struct_declaration", "record_declaration"}
        and b"partial" not in _modifiers(data, holder)
    )


def _modifiers(data: bytes, node: object) -> set[bytes]:
    from tree_sitter import Node

    assert isinstance(node, Node)
    return {data[one.start_byte : one.end_byte] for one in node.named_children if one.type == "modifier"}


def definitions(data: bytes) -> list[Definition]:
    """Types with the members that other files see."""
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return []
    tree = parse("csharp", data)
    return [] if tree is None else distinct(declared(tree, _SHAPE))


def uses(data: bytes, edge: Edge, names: Sequence[str]) -> list[Use]:
    """Types by their name or what `using` calls them, attributes without their ending; members after a dot."""
    text = Text(data, _SKIPPED, _without_text)
    bound = {one.name: one.local for one in edge.names if one.local}
    static = Name("*") in edge.names
    wanted: dict[str, list[tuple[bytes, bool]]] = {}
    for name in names:
        if "." in name:
            class_, _, last = name.partition(".")
            wanted[name] = member(f"{bound.get(class_, class_)}.{last}")
            if static:
                wanted[name].append((word(last), False))
        else:
            # The last part of a full name, as it may stand in the code.
            local = bound.get(name, name).rpartition(".")[2]
            wanted[name] = [(word(local, rb"(?<!\w)"), True)]
            if name.endswith("Attribute"):
                wanted[name].append((word(name.removesuffix("Attribute"), rb"(?<!\w)"), True))
    return find_uses(text, wanted)


LANGUAGE = Language(
    name="csharp",
    version=1,
    matches=lambda path: path.endswith((".cs", ".csproj", ".sln", ".slnx", ".props", ".targets")),
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
