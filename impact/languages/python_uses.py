"""Where a Python file uses names of another through one of its edges.

Names are followed as the language has them: bound by the import, read in scopes that do not bind them again,
taken from the module by attribute. Members are sure where the receiver evidently is their class, else the word
alone counts, and only in files that have the class through the edge.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...core.grammar import Tree, line
from ..model import Edge, Use
from .python_outline import parse_outline, without
from .python_receivers import accesses, own_accesses, own_names, receivers, subclass
from .python_scopes import Meaning, in_import, is_attribute, scope_of, words
from .vocabulary import BY_CALLING

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST = 20
# Through these a name is said in a string, or not at all.
_TEXTUAL = frozenset({"load", "test"})


def uses(data: bytes, edge: Edge, names: Sequence[str]) -> Sequence[Use]:
    """The lines that use any of these names."""
    return uses_through(data, [(edge, names)])[0]


def uses_through(data: bytes, asked: Sequence[tuple[Edge, Sequence[str]]]) -> list[Sequence[Use]]:
    """The lines that use names through several edges, of which the text is parsed once."""
    possible = [[] if edge.kind in _TEXTUAL else _possible(data, edge, names) for edge, names in asked]
    words = {word for (edge, _), names in zip(asked, possible, strict=True) for word in _words_of(edge, names)}
    tree = _parsed(data, words) if any(possible) else None
    found: list[Sequence[Use]] = []
    for (edge, names), could in zip(asked, possible, strict=True):
        places: dict[str, dict[int, bool]] = defaultdict(dict)
        if edge.kind == "load":
            _in_text(data, edge, names, places)
        elif could and tree is None:
            _words(data, edge, could, places)
        elif could and tree is not None:
            _File(tree, edge, places).look(could)
        found.append(_shown(names, places))
    return found


def _shown(names: Sequence[str], places: Mapping[str, Mapping[int, bool]]) -> list[Use]:
    return [
        Use(name, at, sure)
        for name in dict.fromkeys(names)
        for at, sure in sorted(places.get(name, {}).items(), key=lambda one: (not one[1], one[0]))[:_MOST]
    ]


def _possible(data: bytes, edge: Edge, names: Sequence[str]) -> list[str]:
    """Those of some names that the edge can bring along and that stand in the file: most need no tree."""
    owners = None if edge.local else {one.name for one in edge.names}
    found = []
    for name in names:
        owner, _, member = name.partition(".")
        brought = (owners is None or owner in owners or "*" in owners) and owner.encode() in data
        if brought and (member in BY_CALLING or member.encode() in data):
            found.append(name)
    return found


def _words_of(edge: Edge, names: Sequence[str]) -> frozenset[bytes]:
    """What stands wherever one of these names is used: the name as it is called there, or its member."""
    local = {one.name: one.local for one in edge.names if one.local}
    words = set[str]()
    for name in names:
        owner, _, member = name.partition(".")
        words |= {owner, local.get(owner, owner), member}
    return frozenset(word.encode() for word in words if word)


def _parsed(data: bytes, words: Iterable[bytes]) -> Tree | None:
    """A file's tree without functions in which none of these words stands, and that import nothing."""
    text = data.replace(b"\0", b" ")
    return parse_outline(text, without(text, (*words, b"import")))


def _in_text(data: bytes, edge: Edge, names: Sequence[str], found: dict[str, dict[int, bool]]) -> None:
    """Names at the end of dotted texts, which is how a file that loads another by name says them."""
    if edge.target.endswith("conftest.py"):
        return
    for name in names:
        if b"." + name.encode() not in data and b":" + name.encode() not in data:
            continue
        pattern = re.compile(rb"[\"'][\w.]*[.:]" + re.escape(name.encode()) + rb"[\"'.]")
        for match in pattern.finditer(data):
            found[name][data.count(b"\n", 0, match.start()) + 1] = False


def _words(data: bytes, edge: Edge, names: Sequence[str], found: dict[str, dict[int, bool]]) -> None:
    """The same by words, for a file that is too large to parse: what the edge binds, and what is taken of that."""
    bound = {one.name: one.local for one in edge.names if one.local}
    for name in names:
        owner, _, member = name.partition(".")
        if edge.local:
            said = f"{edge.local}.{name}"
        elif owner in bound:
            said = f".{member}" if member else bound[owner]
        else:
            continue
        before = rb"" if said.startswith(".") else rb"(?<![\w.\x80-\xff])"
        for count, match in enumerate(re.finditer(before + re.escape(said.encode()) + rb"(?![\w\x80-\xff])", data)):
            if count >= _MOST:
                break
            found[name][data.count(b"\n", 0, match.start()) + 1] = False


class _File:
    """One file with one of its edges."""

    def __init__(self, tree: Tree, edge: Edge, found: dict[str, dict[int, bool]]) -> None:
        self._tree = tree
        self._edge = edge
        self._found = found
        self._locals = {one.name: one.local for one in edge.names if one.local}
        self._star = any(one.name == "*" for one in edge.names)
        self._scope = self._edge_scope()
        self._module = list(self._module_places()) if edge.local else []

    def look(self, names: Sequence[str]) -> None:
        """Note every use of these names."""
        members: dict[str, list[str]] = defaultdict(list)
        for name in names:
            owner, _, member = name.partition(".")
            if member:
                members[owner].append(member)
            else:
                for place in self._places(name, imports=True):
                    self._note(name, place, sure=not self._star)
        for owner, its in members.items():
            self._members(owner, its)

    def _note(self, name: str, node: "Node", *, sure: bool) -> None:
        at = line(node)
        self._found[name][at] = self._found[name].get(at, False) or sure

    def _edge_scope(self) -> "Node | None":
        """The function that the edge's import stands in; None for the module."""
        inside = self._tree.root.descendant_for_point_range(*_code_of(self._tree, max(self._edge.line - 1, 0)))
        return scope_of(inside) if inside is not None else None

    def _places(self, name: str, *, imports: bool = False) -> Iterator["Node"]:
        """Where an expression means a name of the target: an identifier, or a module's attribute."""
        if name in self._locals:
            local = self._locals[name]
            nodes = list(words(self._tree, local))
            yield from Meaning(nodes, self._scope).reads()
            if imports:
                nodes = nodes if local == name else list(words(self._tree, name))
                yield from (one for one in nodes if in_import(one) and self._is_here(one))
        elif self._star:
            yield from Meaning(words(self._tree, name), None).reads()
        for module in self._module:
            attribute = module.child_by_field_name("attribute")
            if attribute is not None and self._tree.text(attribute) == name:
                yield module

    def _is_here(self, node: "Node") -> bool:
        """Whether an identifier stands in the edge's own import."""
        above: Node | None = node
        while above is not None and above.type not in ("import_from_statement", "import_statement"):
            above = above.parent
        return above is not None and line(above) <= self._edge.line <= above.end_point[0] + 1

    def _module_places(self) -> Iterator["Node"]:
        """Every attribute taken from the target as a module: `a.b.name` for what is called `a.b` here."""
        first, *rest = self._edge.local.split(".")
        for node in Meaning(words(self._tree, first), self._scope).reads():
            place: Node | None = node
            for word in rest:
                place = place.parent if place is not None else None
                if place is None or self._tree.text(place.child_by_field_name("attribute")) != word:
                    place = None
                    break
            above = place.parent if place is not None else None
            if above is not None and above.type == "attribute" and above.child_by_field_name("object") == place:
                yield above

    def _members(self, owner: str, its: Sequence[str]) -> None:
        wanted = set(its)
        known: set[int] = set()
        places = list(self._places(owner))
        for place in places:
            for member, node, sure in self._evident(place):
                known.add(node.start_byte)
                if member in wanted:
                    self._note(f"{owner}.{member}", node, sure=sure and not self._star)
        if not places and owner not in self._locals:
            return
        for member in its:
            for node in words(self._tree, member):
                if is_attribute(node) and node.start_byte not in known and self._could_be(node):
                    self._note(f"{owner}.{member}", node, sure=False)

    def _evident(self, place: "Node") -> Iterator[tuple[str, "Node", bool]]:
        """Members that are used because of one place that names their class, where, and whether surely."""
        above = place.parent
        if above is None:
            return
        found: list[Node | None] = []
        if above.type == "attribute" and above.child_by_field_name("object") == place:
            found.append(above.child_by_field_name("attribute"))
        if above.type == "call" and above.child_by_field_name("function") == place:
            yield from ((maker, place, True) for maker in BY_CALLING)
            found += _keywords(above)
            if above.parent is not None and above.parent.type == "attribute":
                found.append(above.parent.child_by_field_name("attribute"))
        for receiver in receivers(self._tree, place):
            found += accesses(self._tree, receiver)
        yield from ((self._tree.text(one), one, True) for one in found if one is not None)
        cls = subclass(place)
        if cls is not None:
            yield from self._inherited(cls)

    def _inherited(self, cls: "Node") -> Iterator[tuple[str, "Node", bool]]:
        """Members that a subclass takes from `self`, and those it has of its own instead."""
        own = {self._tree.text(one): one for one in own_names(cls)}
        for attribute in own_accesses(self._tree, cls):
            name = self._tree.text(attribute)
            if name not in own or _of_super(attribute):
                yield name, attribute, True
        yield from ((name, node, False) for name, node in own.items())

    def _could_be(self, attribute: "Node") -> bool:
        """Whether an attribute's receiver may be of the class, for all that is known: not a module, not `self`."""
        above = attribute.parent
        receiver = above.child_by_field_name("object") if above is not None else None
        if receiver is None:
            return False
        if receiver.type in ("string", "list", "dictionary", "tuple", "set", "integer", "concatenated_string"):
            return False
        if receiver.type != "identifier":
            return True
        word = self._tree.text(receiver)
        if word in ("self", "cls"):
            return False
        return not any(in_import(one) for one in words(self._tree, word))


def _keywords(call: "Node") -> list["Node | None"]:
    """The names of a call's arguments."""
    arguments = call.child_by_field_name("arguments")
    listed = arguments.named_children if arguments is not None else ()
    return [one.child_by_field_name("name") for one in listed if one.type == "keyword_argument"]


def _of_super(attribute: "Node") -> bool:
    above = attribute.parent
    receiver = above.child_by_field_name("object") if above is not None else None
    return receiver is not None and receiver.type == "call"


def _code_of(tree: Tree, row: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first place of a line that is not blank."""
    lines = tree.data.split(b"\n", row + 1)
    text = lines[row] if row < len(lines) else b""
    column = len(text) - len(text.lstrip())
    return (row, column), (row, column + 1)
