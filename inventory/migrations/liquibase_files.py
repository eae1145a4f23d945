"""Reads Liquibase's changelogs in XML, YAML, JSON and SQL into elements."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

import yaml

MAX_ELEMENTS = 50_000


@dataclass(frozen=True, kw_only=True)
class Element:
    """An element of a changelog.

    Attributes:
        name: `changeSet`, `createTable` … without its namespace.
        attributes: what it says of itself.
        children: what stands in it.
        text: the text in it.
        line: where it begins.
    """

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: Sequence["Element"] = ()
    text: str = ""
    line: int = 1

    def all(self, name: str) -> Iterator["Element"]:
        """The children of a name."""
        return (one for one in self.children if one.name == name)


class UnreadableError(Exception):
    """A changelog does not parse; why."""


def read_changelog(path: str, text: str) -> Element | None:
    """The changelog that a file holds; None if it holds none.

    Raises:
        UnreadableError: it is one, and does not parse.
    """
    if path.endswith(".sql"):
        return of_sql(text) if _FORMATTED.match(text) else None
    if "databaseChangeLog" not in text:
        return None
    root = of_xml(text) if path.endswith(".xml") else of_yaml(text)
    return root if root is not None and root.name == "databaseChangeLog" else None


@dataclass(eq=False)
class _Open:
    """An element that has not ended."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def closed(self) -> Element:
        """The element."""
        return Element(
            name=self.name,
            attributes=self.attributes,
            children=self.children,
            text="".join(self.texts).strip(),
            line=self.line,
        )


def of_xml(text: str) -> Element | None:
    """The root of a document.

    Raises:
        UnreadableError: it does not parse, or declares entities, which no changelog needs and which may grow.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    opened: list[_Open] = [_Open("", {}, 0)]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MAX_ELEMENTS:
            raise UnreadableError(f"it has more than {MAX_ELEMENTS} elements")
        opened.append(
            _Open(_local(name), {_local(key): one for key, one in attributes.items()}, parser.CurrentLineNumber)
        )

    def end(_: str) -> None:
        done = opened.pop()
        opened[-1].children.append(done.closed())

    def add(data: str) -> None:
        opened[-1].texts.append(data)

    def refuse(*_: object) -> None:
        raise UnreadableError("it declares entities")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = add
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text.removeprefix("\ufeff").lstrip().encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise UnreadableError(f"it is no valid XML: {error}") from error
    return opened[0].children[0] if opened[0].children else None


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def of_yaml(text: str) -> Element | None:
    """The root of a document in YAML or JSON.

    Raises:
        UnreadableError: it does not parse.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UnreadableError("it is no valid YAML or JSON") from error
    if not isinstance(node, yaml.MappingNode):
        return None
    root = next(((key, value) for key, value in node.value if key.value == "databaseChangeLog"), None)
    if root is None:
        return None
    budget = [MAX_ELEMENTS]
    return _element("databaseChangeLog", root[1], root[0].start_mark.line + 1, budget, 0)


def _element(name: str, node: yaml.Node, line: int, budget: list[int], depth: int) -> Element:
    """An element from a node: scalars become attributes, lists and mappings elements within it."""
    budget[0] -= 1
    if budget[0] < 0 or depth > 30:
        raise UnreadableError("it is too large, or nested too deep")
    if isinstance(node, yaml.ScalarNode):
        return Element(name=name, text=node.value, line=line)
    attributes: dict[str, str] = {}
    children: list[Element] = []
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    for key, value in pairs:
        if isinstance(value, yaml.ScalarNode):
            attributes[str(key.value)] = value.value
        # The list behind `changes`, `columns` and their like is only YAML's way to say that there are several.
        children.append(_element(str(key.value), value, key.start_mark.line + 1, budget, depth + 1))
    for item in node.value if isinstance(node, yaml.SequenceNode) else []:
        if isinstance(item, yaml.MappingNode):
            for key, value in item.value:
                children.append(_element(str(key.value), value, key.start_mark.line + 1, budget, depth + 1))
        else:
            children.append(_element("", item, item.start_mark.line + 1, budget, depth + 1))
    return Element(name=name, attributes=attributes, children=children, line=line)


_FORMATTED = re.compile(r"\ufeff?(?:\s*--[^\n]*\n)*?\s*--\s*liquibase\s+formatted\s+sql", re.IGNORECASE)
_CHANGESET = re.compile(
    r"^[ \t]*--[ \t]*changeset[ \t]+(?P<author>\"[^\"\n]*\"|[^:\n]+?):(?P<id>\"[^\"\n]*\"|[^\s]+)(?P<rest>[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_ROLLBACK = re.compile(r"^[ \t]*--[ \t]*rollback\b[ \t]*([^\n]*)$", re.IGNORECASE | re.MULTILINE)
_ROLLBACKS = re.compile(r"/\*\s*(?:liquibase\s+)?rollback\s*\n(.*?)\*/", re.IGNORECASE | re.DOTALL)
_LOGICAL = re.compile(r"logicalFilePath:[ \t]*(\"[^\"\n]*\"|\S+)", re.IGNORECASE)


def of_sql(text: str) -> Element:
    """The changelog of a file in Liquibase's formatted SQL."""
    marks = list(_CHANGESET.finditer(text))
    head = _LOGICAL.search(text, 0, marks[0].start() if marks else len(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    children = [_sql_changeset(text, mark, end) for mark, end in zip(marks, ends, strict=False)]
    return Element(
        name="databaseChangeLog",
        attributes={"logicalFilePath": head[1].strip('"')} if head else {},
        children=children,
    )


def _sql_changeset(text: str, mark: re.Match[str], end: int) -> Element:
    line = 1 + text.count("\n", 0, mark.start())
    body = text[mark.end() : end]
    given = [one[1] for one in _ROLLBACK.finditer(body)] + [one[1] for one in _ROLLBACKS.finditer(body)]
    children = [Element(name="sql", text=_ROLLBACKS.sub("", body), line=line)]
    if given:
        undo = "\n".join(given)
        said = "" if undo.strip().lower() in ("empty", "not required") else undo
        children.append(Element(name="rollback", text=said, line=line))
    attributes = {"id": mark["id"].strip('"'), "author": mark["author"].strip().strip('"')}
    logical = _LOGICAL.search(mark["rest"])
    if logical:
        attributes["logicalFilePath"] = logical[1].strip('"')
    return Element(name="changeSet", attributes=attributes, children=children, line=line)
