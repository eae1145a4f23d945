"""Reads the words of a syntax tree: quotes, variables, substitutions, here-documents."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from .heredocs import Document
from .nodes import Node, Part, Substitution, Text, Unknown, Variable
from .parser import Unreadable, armoured, parse, plain
from .quotes import decode_ansi, undouble, unescape

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

MAX_DEPTH = 60
_MAX_NODES = 20_000
_MAX_PARTS = 1000
_END = "SAFE-ROLLBACK-END"


class WordReader(ABC):
    """One text with the texts inside it: documents and back-quoted commands."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.depth = 0
        self._left = _MAX_NODES

    @abstractmethod
    def text(self, text: str) -> Node:
        """The commands of a text inside this one."""

    @abstractmethod
    def sequence(self, trees: "list[Tree]") -> Node:
        """The commands among some trees."""

    def count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Unreadable("is too much to follow")

    def document(self, document: Document) -> tuple[Part, ...]:
        text = document.text
        ending: tuple[Part, ...] = () if document.ended else (Unknown(),)
        if document.quoted or not ("$" in text or "`" in text or "\\" in text):
            return (Text(text, quoted=True), *ending)
        if "$" not in text and "`" not in text:
            return (Text(undouble(text), quoted=True), *ending)
        root = parse(armoured(f"x <<{_END}\n{text}{_END}\n"))
        body = _descendant(root, "heredoc_body")
        if root.has_error or body is None:
            raise Unreadable("does not parse")
        return (*self.between(body, body.start_byte, body.end_byte, quoted=True), *ending)

    def parts(self, tree: "Tree", *, quoted: bool) -> tuple[Part, ...]:
        self.count()
        kind = tree.type
        special = _PARTS.get(kind)
        if special is not None:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise Unreadable("is nested too deeply")
            parts = special(self, tree, quoted)
            self.depth -= 1
            return parts
        if tree.child_count == 0:
            return unescape(source_of(tree)) if not quoted else (Text(source_of(tree), quoted=True),)
        return (Unknown(tuple(self.inside(tree))),)

    def concatenation(self, tree: "Tree", quoted: bool) -> tuple[Part, ...]:
        parts: tuple[Part, ...] = ()
        end = tree.start_byte
        for one in tree.children:
            if one.start_byte > end:
                gap = plain(_bytes(tree)[end - tree.start_byte : one.start_byte - tree.start_byte])
                parts += unescape(gap) if not quoted else (Text(gap, quoted=True),)
            parts = joined(parts, self.parts(one, quoted=quoted))
            end = one.end_byte
        return parts

    def string(self, tree: "Tree", _: bool) -> tuple[Part, ...]:
        start = tree.children[0].end_byte if tree.children else tree.start_byte
        return tuple(self.between(tree, start, tree.end_byte - 1, quoted=True)) or (Text("", quoted=True),)

    def between(self, tree: "Tree", start: int, end: int, *, quoted: bool) -> Iterator[Part]:
        """Quoted text with what is expanded in it."""
        source, base = _bytes(tree), tree.start_byte
        for one in tree.children:
            if one.type in _EXPANDED and one.start_byte >= start:
                if one.start_byte > start:
                    yield Text(undouble(plain(source[start - base : one.start_byte - base])), quoted=True)
                yield from self.parts(one, quoted=quoted)
                start = one.end_byte
        if end > start:
            yield Text(undouble(plain(source[start - base : end - base])), quoted=True)

    def raw(self, tree: "Tree", _: bool) -> tuple[Part, ...]:
        return (Text(source_of(tree)[1:-1], quoted=True),)

    def ansi(self, tree: "Tree", _: bool) -> tuple[Part, ...]:
        return (Text(decode_ansi(source_of(tree)[2:-1]), quoted=True),)

    def translated(self, tree: "Tree", _: bool) -> tuple[Part, ...]:
        return tuple(part for one in tree.named_children for part in self.parts(one, quoted=True))

    def simple_expansion(self, tree: "Tree", quoted: bool) -> tuple[Part, ...]:
        return (Variable(source_of(tree)[1:], quoted),)

    def expansion(self, tree: "Tree", quoted: bool) -> tuple[Part, ...]:
        name, index, operator = "", "", ""
        operand: tuple[Part, ...] = ()
        for one in tree.children[1:-1]:
            self.count()
            if not name and one.type == "subscript":
                name, _, index = source_of(one).partition("[")
                index = index.rstrip("]")
            elif not name and one.type in ("variable_name", "special_variable_name"):
                name = source_of(one)
            elif not one.is_named and not operand:
                operator += one.type
            else:
                operand += self.parts(one, quoted=quoted)
        return (Variable(name, quoted, index, operator, operand),)

    def substitution(self, tree: "Tree", quoted: bool) -> tuple[Part, ...]:
        if tree.children and tree.children[0].type == "`":
            inner = re.sub(r"\\([`\\$])", r"\1", source_of(tree)[1:-1])
            return (Substitution(self.text(inner), "$(", quoted),)
        kind = tree.children[0].type if tree.children else "$("
        return (Substitution(self.sequence(tree.children), kind, quoted),)

    def inside(self, tree: "Tree") -> Iterator[Part]:
        """Whatever is substituted somewhere in an expression."""
        if tree.type in ("command_substitution", "process_substitution", "expansion"):
            yield from self.parts(tree, quoted=True)
            return
        for one in tree.named_children:
            self.count()
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise Unreadable("is nested too deeply")
            yield from self.inside(one)
            self.depth -= 1


_PARTS: "dict[str, Callable[[WordReader, Tree, bool], tuple[Part, ...]]]" = {
    "command_name": lambda reader, tree, quoted: reader.concatenation(tree, quoted),
    "concatenation": WordReader.concatenation,
    "string": WordReader.string,
    "raw_string": WordReader.raw,
    "ansi_c_string": WordReader.ansi,
    "translated_string": WordReader.translated,
    "simple_expansion": WordReader.simple_expansion,
    "expansion": WordReader.expansion,
    "command_substitution": WordReader.substitution,
    "process_substitution": WordReader.substitution,
    "brace_expression": lambda _, tree, __: (Text(source_of(tree)),),
}
_EXPANDED = frozenset({"simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"})


def joined(first: tuple[Part, ...], second: tuple[Part, ...]) -> tuple[Part, ...]:
    """Two halves of a word; the dollar of a translated string is dropped."""
    if len(first) > _MAX_PARTS:
        raise Unreadable("is too much to follow")
    if first and second and first[-1] == Text("$") and isinstance(second[0], Text) and second[0].quoted:
        return first[:-1] + second
    return first + second


def _descendant(tree: "Tree", kind: str) -> "Tree | None":
    for one in tree.named_children:
        if one.type == kind:
            return one
        if (found := _descendant(one, kind)) is not None:
            return found
    return None


def _bytes(tree: "Tree") -> bytes:
    return tree.text or b""


def source_of(tree: "Tree") -> str:
    return plain(_bytes(tree))
