"""JSON, TOML, YAML and XML as plain values; one error for what does not parse, whatever it is."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from xml.parsers import expat

import yaml

from ...core.grammar import Tree, parse
from .model import UnreadableError

# libyaml's where it is there: ten times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 200
_LONGEST_LINE = 10_000


def json_of(text: str) -> dict[str, Any]:
    """A JSON object; empty for an empty text.

    Raises:
        UnreadableError: it is none.
    """
    try:
        return table(json.loads(text.removeprefix("\ufeff"))) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise UnreadableError(str(error)) from error


@lru_cache(maxsize=128)
def toml_of(text: str) -> Mapping[str, Any]:
    """A TOML document; it is shared, so nobody changes it.

    Raises:
        UnreadableError: it is none.
    """
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Yaml:
    """A node of a YAML document, whatever its tags: nothing is constructed from it.

    Attributes:
        node: the composed node; None where there is none.
    """

    node: yaml.Node | None

    @property
    def line(self) -> int:
        """Where it begins, from 1; 0 for none."""
        return 0 if self.node is None else self.node.start_mark.line + 1

    @property
    def text(self) -> str:
        """A scalar's text; empty for anything else."""
        return self.node.value if isinstance(self.node, yaml.ScalarNode) else ""

    def items(self) -> Iterator[tuple[str, "Yaml"]]:
        """A mapping's keys and values; nothing for anything else."""
        if isinstance(self.node, yaml.MappingNode):
            for key, value in self.node.value:
                if isinstance(key, yaml.ScalarNode):
                    yield key.value, Yaml(value)

    def values(self) -> Iterator["Yaml"]:
        """A mapping's values; nothing for anything else."""
        return (value for _, value in self.items())

    def get(self, *keys: str) -> "Yaml":
        """The value below keys; an absent one if there is none."""
        found = self
        for key in keys:
            found = next((value for name, value in found.items() if name == key), Yaml(None))
        return found

    def __iter__(self) -> Iterator["Yaml"]:
        """A sequence's items; nothing for anything else."""
        if isinstance(self.node, yaml.SequenceNode):
            yield from (Yaml(one) for one in self.node.value)

    @property
    def strings(self) -> list[str]:
        """A scalar's text, or those of a sequence."""
        return [self.text] if self.text else [one.text for one in self if one.text]


def yaml_of(text: str) -> Yaml:
    """The first document of a YAML text; an absent node for an empty text.

    Raises:
        UnreadableError: it does not parse.
    """
    try:
        loader = _LOADER(text)
        try:
            return Yaml(loader.get_node() if loader.check_node() else None)
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UnreadableError(" ".join(str(error).split())) from error


@dataclass(slots=True)
class Xml:
    """An element, without namespaces.

    Attributes:
        tag: its name.
        attributes: by name.
        line: where it begins, from 1.
        text: what stands in it beside its children.
        children: elements in it.
    """

    tag: str
    attributes: Mapping[str, str]
    line: int
    text: str = ""
    children: list["Xml"] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator["Xml"]:
        """The elements below it with one of the names, in order."""
        for child in self.children:
            if child.tag in tags:
                yield child
            yield from child.all(*tags)

    def child(self, tag: str) -> str:
        """The text of the first child of a name; empty if there is none."""
        return next((child.text.strip() for child in self.children if child.tag == tag), "")


def xml_of(text: str) -> Xml:
    """The topmost element of an XML text; one without a name for an empty text.

    Raises:
        UnreadableError: it does not parse, is nested too deep, or declares entities.
    """
    parser = expat.ParserCreate()
    top = Xml("", {}, 0)
    stack = [top]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(stack) > _DEEPEST:
            raise UnreadableError(f"line {parser.CurrentLineNumber}: nested deeper than {_DEEPEST}")
        element = Xml(tag.rpartition(":")[2], attributes, parser.CurrentLineNumber)
        stack[-1].children.append(element)
        stack.append(element)

    def end(_: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        stack[-1].text += data

    def entity(*_: object) -> None:
        raise UnreadableError("it declares entities")

    if not text.strip():
        return top
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = characters, entity
    try:
        parser.Parse(text.removeprefix("\ufeff").encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise UnreadableError(str(error)) from error
    return top.children[0]


def tree_of(grammar: str, text: str) -> Tree:
    """The syntax tree of a text; where a part of it does not parse, its root says so.

    Raises:
        UnreadableError: it is too large, or no text that anybody writes.
    """
    if any(len(row) > _LONGEST_LINE for row in text.splitlines()):
        raise UnreadableError(f"a line is longer than {_LONGEST_LINE:,} characters")
    tree = parse(grammar, text.encode("utf-8", "replace"))
    if tree is None:
        raise UnreadableError("it is too large to parse")
    return tree


def table(value: object) -> dict[str, Any]:
    """A mapping as it is; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def strings(value: object) -> list[str]:
    """The strings of a list; none for anything else."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
