"""Where a JavaScript or TypeScript file uses names of another file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from ..model import Edge, Use
from .javascript_markup import only_scripts
from .javascript_receivers import Receivers
from .javascript_scopes import hidden
from .javascript_tree import is_text, leaf, parse

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST = 20
_EXAMINED = 2_000
_DECLARED = "shorthand_property_identifier_pattern"
_PROPERTIES = frozenset({"property_identifier", _DECLARED, "private_property_identifier"})
_NAMES = frozenset(
    {"identifier", "type_identifier", "shorthand_property_identifier", "namespace_identifier", "nested_identifier"}
)


def uses(data: bytes, edge: Edge, names: Sequence[str]) -> Sequence[Use]:
    """Uses of definitions (`f`, `C.member`, `default`) by what the edge binds here, in order of line."""
    asked = tuple(dict.fromkeys(names))
    if not asked or not (edge.names or edge.local or edge.kind in ("lazy", "import", "export")):
        return ()
    text, markup = only_scripts(data)
    # What a component's template uses is not in its scripts; the words are still there.
    file = _File(text, edge, data if markup else b"")
    found: list[Use] = []
    for name in asked:
        seen: dict[int, bool] = {}
        for line, sure in file.uses(name):
            seen[line] = seen.get(line, False) or sure
        found += [Use(name, line, seen[line]) for line in sorted(seen)[:_MOST]]
    return tuple(found)


class _File:
    """One file's tree, asked through one edge."""

    def __init__(self, data: bytes, edge: Edge, markup: bytes) -> None:
        self._data = data
        self._edge = edge
        self._markup = markup
        self._root = parse(data)
        self._lines = [0, *(match.end() for match in re.finditer(b"\n", data))]
        own = data[self._start(edge.line) : self._start(edge.line + 8)].split(b";", 1)[0]
        self._required = re.search(rb"\brequire\s*+\(", own) is not None

    @cached_property
    def _receivers(self) -> Receivers:
        return Receivers(self._root)

    def _start(self, line: int) -> int:
        return self._lines[line - 1] if 0 < line <= len(self._lines) else len(self._data)

    def uses(self, name: str) -> Iterator[tuple[int, bool]]:
        """Lines that use a name, and whether that is sure."""
        head, _, member = name.partition(".")
        locals_ = [one.local for one in self._edge.names if one.name == head and one.local]
        if member:
            yield from self._members(head, member, locals_)
            return
        if any(one.name == head for one in self._edge.names):
            yield self._edge.line, True
        elif any(one.name == "*" for one in self._edge.names):
            yield self._edge.line, False
        if self._edge.kind == "export":
            return
        spaces = [self._edge.local] if self._edge.local else []
        if head == "default" and spaces and self._required:
            locals_ += spaces
        if head == "default" and self._edge.kind == "lazy" and not self._edge.names and not spaces:
            yield self._edge.line, True
        for local in locals_:
            yield from ((line, True) for line in self._identifiers(local))
            yield from self._in_template(local)
        for space in (*spaces, *(one.local for one in self._edge.names if one.name == "*" and one.local)):
            yield from ((line, True) for line in self._attributes(space, head))

    def _words(self, word: str) -> Iterator[Node]:
        """Each place where a word stands as code."""
        raw = word.encode()
        found = re.finditer(rb"(?<![\w$])" + re.escape(raw) + rb"(?![\w$])", self._data)
        for match in islice(found, _EXAMINED):
            node = leaf(self._root, match.start(), match.end())
            if node is not None and not is_text(node) and node.end_byte - node.start_byte == len(raw):
                yield node

    def _identifiers(self, local: str) -> Iterator[int]:
        yield from (node.start_point.row + 1 for node in self._unhidden(local))

    def _unhidden(self, local: str) -> Iterator[Node]:
        """Places that mean what the edge binds."""
        places = [node for node in self._words(local) if node.type in _NAMES or node.type == _DECLARED]
        covered = hidden(places, self._edge.line)
        for node in places:
            if node.type != _DECLARED and not any(start <= node.start_byte < end for start, end in covered):
                yield node

    def _in_template(self, local: str) -> Iterator[tuple[int, bool]]:
        for match in re.finditer(rb"(?<![\w$.])" + re.escape(local.encode()) + rb"(?![\w$])", self._markup):
            if self._data[match.start() : match.start() + 1].isspace():
                yield self._markup.count(b"\n", 0, match.start()) + 1, False

    def _attributes(self, space: str, name: str) -> Iterator[int]:
        """`space.name`, and `const { name } = space`."""
        for node in self._unhidden(space):
            parent = node.parent
            if parent is None:
                continue
            after = self._data[node.end_byte : node.end_byte + 200]
            if re.match(rb"\s*+[?!]?\s*+\.\s*+" + re.escape(name.encode()) + rb"(?![\w$])", after):
                yield node.start_point.row + 1
            elif parent.type == "variable_declarator" and parent.child_by_field_name("value") == node:
                pattern = parent.child_by_field_name("name")
                if pattern is not None and pattern.type == "object_pattern" and _takes(pattern, name):
                    yield pattern.start_point.row + 1

    def _members(self, head: str, member: str, locals_: list[str]) -> Iterator[tuple[int, bool]]:
        if self._edge.kind == "export":
            return
        owners = {*locals_, *({f"{self._edge.local}.{head}"} if self._edge.local else ())}
        if head == "default" and self._required and self._edge.local:
            owners.add(self._edge.local)
        word = member.rpartition(".")[2]
        for node in self._words(word):
            above = node.parent.type if node.parent is not None else ""
            if node.type in _PROPERTIES or above in ("nested_type_identifier", "nested_identifier"):
                yield node.start_point.row + 1, self._receivers.is_of(node, owners)


def _takes(pattern: Node, name: str) -> bool:
    for one in pattern.named_children:
        key = one.child_by_field_name("key") or one.child_by_field_name("left") or one
        if key.text is not None and key.text.decode("utf-8", "replace") == name:
            return True
    return False
