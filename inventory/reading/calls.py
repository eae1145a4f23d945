"""Names that code says as literals: what it is called with, indexed by, and which members it reads.

`code` parses a file of any language there is a grammar for, templates with code in them too. What comes out is text,
so that a domain says with one expression which callees and owners are its own:

    for use in source.uses:            # ENV.fetch("A", 1), env["B"], useFlag("c"), "D" in os.environ
        use.of, use.name               # "ENV.fetch", "A"
    for use in source.members(owner):  # process.env.E, const { F } = process.env
        use.of, use.name               # "process.env", "E"
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from ...core.grammar import Tree, line, parse, walk_with_parents
from ..changes import Side, Spans
from .embedded import EMBEDDED

if TYPE_CHECKING:
    from tree_sitter import Node

Form = Literal["call", "index", "contains", "element", "member", "taken"]

_MAX_OF = 200
_SPACE = re.compile(r"\s+")
_GENERIC = re.compile(r"(?:::)?<[^<>()]*>$")
_QUOTES = re.compile(r"""^(?:[A-Za-z@$#]{0,3}("{3}|'{3}|["'`])(.*)\1|:(\w+[?!]?))$""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

EXTENSIONS: Mapping[str, str] = {
    "py": "python",
    "pyi": "python",
    "js": "javascript",
    "cjs": "javascript",
    "mjs": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "cts": "typescript",
    "mts": "typescript",
    "tsx": "tsx",
    "vue": "typescript",
    "svelte": "typescript",
    "astro": "typescript",
    "rb": "ruby",
    "rake": "ruby",
    "ru": "ruby",
    "gemspec": "ruby",
    "jbuilder": "ruby",
    "erb": "ruby",
    "haml": "ruby",
    "slim": "ruby",
    "go": "go",
    "rs": "rust",
    "java": "java",
    "php": "php",
    "cs": "csharp",
    "ex": "elixir",
    "exs": "elixir",
}
"""The grammar of a file, by its extension."""

_NAMES = {"Gemfile": "ruby", "Rakefile": "ruby", "Capfile": "ruby", "Guardfile": "ruby", "Dangerfile": "ruby"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A name said as a literal, or a member read.

    Attributes:
        form: how it is said; `contains` is `"X" in owner`, `taken` is `const { X } = owner`, `element` is
            an attribute of `<Owner>`.
        of: what is called, indexed or read from, without white space: `os.environ.get`, `process.env`, `env.bool`.
            `new F(…)` is of `F`, `@F(…)` of `@F`, `<F x="…">` of `<F`; of a long chain only the end.
        name: the literal's content, or the member.
        line: from 1, where the name stands.
        position: which argument of a call it is, from 0.
        keyword: the argument's name, where one is given.
        node: the literal's or member's node.
        place: the node of the call, index, member or pattern that it is part of.
        written: whether this sets it instead of reading it.
    """

    form: Form
    of: str
    name: str
    line: int
    position: int = 0
    keyword: str = ""
    node: "Node" = field(compare=False, repr=False)
    place: "Node" = field(compare=False, repr=False)
    written: bool = False


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """Where a grammar has literals, and what stands around them; all as types of nodes.

    Attributes:
        literals: strings and symbols.
        arguments: what holds the arguments of a call.
        wraps: what may stand between that and a literal.
        index: what indexes something with a literal.
        members: what reads a member.
        properties: the last part of that.
        taken: the names of a pattern that takes members out.
    """

    literals: frozenset[str]
    arguments: frozenset[str]
    wraps: frozenset[str] = frozenset()
    index: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()


def _types(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ECMASCRIPT = _Shape(
    literals=_types("string template_string"),
    arguments=_types("arguments"),
    wraps=_types("jsx_attribute"),
    index=_types("subscript_expression"),
    members=_types("member_expression"),
    properties=_types("property_identifier"),
    taken=_types("shorthand_property_identifier_pattern property_identifier"),
)
_SHAPES: dict[str, _Shape] = {
    "javascript": _ECMASCRIPT,
    "typescript": _ECMASCRIPT,
    "tsx": _ECMASCRIPT,
    "python": _Shape(
        literals=_types("string"),
        arguments=_types("argument_list"),
        wraps=_types("keyword_argument"),
        index=_types("subscript"),
        members=_types("attribute"),
        properties=_types("identifier"),
    ),
    "ruby": _Shape(
        literals=_types("string simple_symbol"),
        arguments=_types("argument_list"),
        wraps=_types("pair"),
        index=_types("element_reference"),
        members=_types("call scope_resolution"),
        properties=_types("identifier constant"),
    ),
    "go": _Shape(
        literals=_types("interpreted_string_literal raw_string_literal"),
        arguments=_types("argument_list"),
        index=_types("index_expression"),
        members=_types("selector_expression"),
        properties=_types("field_identifier"),
    ),
    "rust": _Shape(literals=_types("string_literal"), arguments=_types("arguments token_tree")),
    "java": _Shape(literals=_types("string_literal"), arguments=_types("argument_list annotation_argument_list")),
    "php": _Shape(
        literals=_types("string encapsed_string"),
        arguments=_types("arguments"),
        wraps=_types("argument"),
        index=_types("subscript_expression"),
    ),
    "csharp": _Shape(
        literals=_types("string_literal verbatim_string_literal"),
        arguments=_types("argument_list"),
        wraps=_types("argument"),
        index=_types("bracketed_argument_list"),
    ),
    "elixir": _Shape(literals=_types("string atom"), arguments=_types("arguments"), index=_types("access_call")),
}
_INTERPOLATED = _types("interpolation template_substitution variable_name")
_ASSIGNED = _types("assignment_expression assignment assignment_statement")
_CREATED = _types("new_expression object_creation_expression")
_CONTAINS = _types("comparison_operator binary_expression")
_UNDONE = _types("delete_statement unary_expression")


def grammar_of(path: str) -> str | None:
    """The grammar of a file; None if there is none."""
    name = path.rpartition("/")[2]
    return _NAMES.get(name) or EXTENSIONS.get(name.rpartition(".")[2].lower() if "." in name else "")


# Of nodes above a declaration: all of them would be a square of what is nested deeply.
_NEAREST = 12
_DECLARED = _types(
    "pair property_signature public_field_definition variable_declarator type_alias_declaration "
    "interface_declaration enum_declaration class_definition keyword_argument assignment raw_string_literal "
    "attribute_item"
)


def code(side: Side) -> "Code | None":
    """A file's code; None if there is no grammar for it, or it is too large to parse."""
    grammar = grammar_of(side.path)
    return (
        None
        if grammar is None
        else _code(grammar, side.path.rpartition(".")[2].lower(), side.data or b"", side.spans)
    )


@lru_cache(maxsize=64)
def _code(grammar: str, extension: str, data: bytes, spans: Spans | None) -> "Code | None":
    tree = _tree(grammar, extension, data)
    return None if tree is None else Code(tree, spans)


@lru_cache(maxsize=64)
def _tree(grammar: str, extension: str, data: bytes) -> Tree | None:
    embedded = EMBEDDED.get(extension)
    return parse(grammar, data if embedded is None else embedded(data))


@dataclass(frozen=True)
class Code:
    """A parsed file.

    Attributes:
        tree: its syntax tree; of a template, that of the code in it, at the same lines.
        spans: the parts to look at; None for all of it.
    """

    tree: Tree
    spans: Spans | None = None

    @property
    def grammar(self) -> str:
        """The name of the grammar."""
        return self.tree.grammar

    @property
    def broken(self) -> bool:
        """Whether a part of it did not parse; templates mostly have such parts."""
        return self.tree.root.has_error

    @property
    def uses(self) -> list[Use]:
        """Every literal that is an argument of a call, an index, or looked for with `in`."""
        return self._found[0]

    @property
    def declared(self) -> "list[tuple[Node, Sequence[Node]]]":
        """Pairs, fields, constants, classes and attributes, each with the nearest nodes above it, topmost first."""
        return self._found[2]

    def members(self, owner: re.Pattern[str]) -> Iterator[Use]:
        """Members read of what an expression fits, and those taken out of it (`const { A, b: c } = owner`).

        Args:
            owner: searched for in the owner's text, which has no white space.
        """
        for form, node, place, target, written in self._found[1]:
            of = self._squeezed(target.start_byte, target.end_byte)
            if owner.search(of):
                yield Use(
                    form=form,
                    of=of,
                    name=self.tree.text(node),
                    line=line(node),
                    node=node,
                    place=place,
                    written=written,
                )

    def literal(self, node: "Node") -> str | None:
        """What a string or symbol says; None if a part of it is computed."""
        if any(child.type in _INTERPOLATED for child in node.children):
            return None
        match = _QUOTES.match(self.tree.text(node))
        if match is None:
            return None
        return match[3] if match[2] is None else _ESCAPE.sub(r"\1", match[2])

    def arguments(self, use: Use) -> list[str]:
        """The source of all arguments of the call that a name is passed to."""
        types = _SHAPES[self.grammar].arguments
        held = next((child for child in use.place.children if child.type in types), None)
        return [] if held is None else [self.tree.text(child) for child in held.named_children]

    @cached_property
    def _found(self) -> "tuple[list[Use], list[_Member], list[tuple[Node, Sequence[Node]]]]":
        shape = _SHAPES[self.grammar]
        uses: list[Use] = []
        members: list[_Member] = []
        declared: list[tuple[Node, Sequence[Node]]] = []
        for node, above, position in walk_with_parents(self.tree.root, self.spans):
            kind = node.type
            if kind in _DECLARED:
                declared.append((node, tuple(above[-_NEAREST:])))
            if kind in shape.literals:
                use = self._use(shape, node, above, position)
                if use is not None:
                    uses.append(use)
            elif kind in shape.properties and above[-1].type in shape.members:
                target = above[-1].children[0]
                if target.id != node.id:
                    members.append(("member", node, above[-1], target, _is_written(above[-1], above[-2])))
            elif kind in shape.taken:
                owner = _taken_of(node, above)
                if owner is not None:
                    members.append(("taken", node, above[-1], owner, False))
        return uses, members, declared

    def _use(self, shape: _Shape, node: "Node", above: "Sequence[Node]", position: int) -> Use | None:
        depth, inner, keyword = 1, node, ""
        if len(above) > 1 and above[-1].type in shape.wraps:
            depth, inner = 2, above[-1]
            key = inner.child_by_field_name("name") or inner.child_by_field_name("key")
            if key is not None and key.id == node.id:
                return None
            keyword = "" if key is None else self.tree.text(key).strip(":\"'")
            position = 0
        if inner.type == "jsx_attribute":
            return self._attribute(node, above)
        parent = above[-depth]
        place = above[-depth - 1] if len(above) > depth else parent
        end, form, written = parent.start_byte, _form(shape, parent), False
        if form == "index":
            if parent.children[0].id == inner.id:
                return None
            if parent.type != "bracketed_argument_list":
                place, end, depth = parent, inner.start_byte, depth - 1
            written = len(above) > depth + 1 and _is_written(place, above[-depth - 2])
        elif form == "contains":
            place = parent.children[2]
            end = place.end_byte
        elif form is None:
            return None
        name = self.literal(node)
        if name is None:
            return None
        of = self._squeezed(place.start_byte, end).rstrip("([").removesuffix("?.")
        if form == "call":
            of = _GENERIC.sub("", of.removeprefix("new") if place.type in _CREATED else of)
        return Use(
            form=form,
            of=of,
            name=name,
            line=line(node),
            position=position if form == "call" else 0,
            keyword=keyword,
            node=node,
            place=place,
            written=written,
        )

    def _attribute(self, node: "Node", above: "Sequence[Node]") -> Use | None:
        name, place = self.literal(node), above[-2]
        element = self.tree.text(place.child_by_field_name("name"))
        key = self.tree.text(above[-1].named_children[0])
        if name is None or not element:
            return None
        return Use(form="element", of=f"<{element}", name=name, line=line(node), keyword=key, node=node, place=place)

    def _squeezed(self, start: int, end: int) -> str:
        return _SPACE.sub("", self.tree.data[max(start, end - _MAX_OF) : end].decode("utf-8", "replace"))


_Member = tuple[Form, "Node", "Node", "Node", bool]


def _form(shape: _Shape, parent: "Node") -> Form | None:
    if parent.type in shape.arguments:
        return "call"
    if parent.type in shape.index:
        return "index"
    if parent.type in _CONTAINS and len(parent.children) == 3 and parent.children[1].type in ("in", "not in"):
        return "contains"
    return None


def _taken_of(node: "Node", above: "Sequence[Node]") -> "Node | None":
    """What a pattern takes a name out of; None if it is no such name, or is nested deeper."""
    depth = len(above) - 1
    while depth > 0 and above[depth].type in ("pair_pattern", "object_assignment_pattern"):
        key = above[depth].child_by_field_name("key") or above[depth].child_by_field_name("left")
        if key is None or key.id != node.id:
            return None
        depth -= 1
    if depth < 1 or above[depth].type != "object_pattern" or above[depth - 1].type != "variable_declarator":
        return None
    return above[depth - 1].child_by_field_name("value")


def _is_written(node: "Node", parent: "Node") -> bool:
    """Whether a place is what an assignment sets, or what is deleted."""
    if parent.type in _ASSIGNED:
        left = parent.child_by_field_name("left")
        return left is not None and left.id == node.id
    return parent.type in _UNDONE and parent.children[0].type in ("del", "delete")
