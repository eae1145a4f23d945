"""Changes a JSON file as text: one value in, one value out, every other byte as it was.

Understands JSON with comments and trailing commas. What `insert` does, `remove` undoes to the byte,
because the whitespace says who made a container:

- A container we make has its members on lines of their own; it goes when the last of ours goes.
- Into an empty one of the user's, our value is put right before the closing bracket, on no line of its own.
- Into a filled one it is put after the last thing in it, with a comma where the last value ends.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from ...core.late import late
from ...core.records import dataclass, field

_BLANK = late(r"[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_STRING = late(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORD = late(r"[-+.\w]+")
_LINE = late(r"\r?\n[ \t]*")
_DEPTH = 200
UNIT = "  "


class JsonTextError(ValueError):
    """The text is not JSON, or does not have the shape a change needs."""


@dataclass(kw_only=True)
class Node:
    """A value and where it stands.

    Attributes:
        start: of the value.
        end: after it.
        value: the value itself.
        at: where its member or element starts: at the key, if it has one.
        key: of a member.
        comma: where the comma after it stands, -1 if there is none.
        children: members or elements, in order.
    """

    start: int
    end: int = -1
    value: Any = None
    at: int = -1
    key: str | None = None
    comma: int = -1
    children: list["Node"] = field(default_factory=list)


def read(text: str) -> Node | None:
    """The document, None if there is nothing but white space.

    Raises:
        JsonTextError: if it is not JSON.
    """
    scanner = _Scanner(text)
    start = scanner.blank(1 if text.startswith("\ufeff") else 0)
    if start == len(text):
        if text.strip(" \t\r\n\ufeff"):
            raise JsonTextError("it holds comments and no value")
        return None
    node = scanner.value(start, 0)
    if scanner.blank(node.end) != len(text):
        raise scanner.error(node.end, "something follows the value")
    return node


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text

    def error(self, position: int, what: str) -> JsonTextError:
        return JsonTextError(f"line {self.text.count(chr(10), 0, position) + 1}: {what}")

    def blank(self, position: int) -> int:
        """After white space and comments."""
        while found := _BLANK.match(self.text, position):
            position = found.end()
        return position

    def value(self, position: int, depth: int) -> Node:
        if depth > _DEPTH:
            raise self.error(position, "it is nested too deeply")
        first = self.text[position : position + 1]
        if first in ("{", "["):
            return self.container(position, depth)
        if first == '"':
            value, end = self.string(position)
            return Node(start=position, end=end, value=value)
        found = _WORD.match(self.text, position)
        if found is None:
            raise self.error(position, "a value is missing")
        try:
            return Node(start=position, end=found.end(), value=json.loads(found[0]))
        except ValueError as error:
            raise self.error(position, f"{found[0][:40]} is no value") from error

    def string(self, position: int) -> tuple[str, int]:
        found = _STRING.match(self.text, position)
        try:
            return json.loads(found[0]) if found else "", found.end() if found else self.fail(position)
        except ValueError as error:
            raise self.error(position, "a string does not read") from error

    def fail(self, position: int) -> int:
        raise self.error(position, "a string does not read")

    def container(self, start: int, depth: int) -> Node:
        named = self.text[start] == "{"
        close = "}" if named else "]"
        node = Node(start=start)
        position = self.blank(start + 1)
        while self.text[position : position + 1] != close:
            if node.children and node.children[-1].comma < 0:
                raise self.error(position, f"a comma or {close} is missing")
            at, key = position, None
            if named:
                if self.text[position : position + 1] != '"':
                    raise self.error(position, "a key is missing")
                key, position = self.string(position)
                position = self.blank(position)
                if self.text[position : position + 1] != ":":
                    raise self.error(position, "a colon is missing")
                position = self.blank(position + 1)
            child = self.value(position, depth + 1)
            child.at, child.key = at, key
            node.children.append(child)
            position = self.blank(child.end)
            if self.text[position : position + 1] == ",":
                child.comma = position
                position = self.blank(position + 1)
        node.end = position + 1
        node.value = (
            {child.key: child.value for child in node.children} if named else [child.value for child in node.children]
        )
        return node


Path = Sequence[str | int]
"""Keys of objects and indexes of lists."""


def find(node: Node | None, path: Path) -> Node | None:
    """The value at a path, None if there is none.

    Raises:
        JsonTextError: if something on the way is no object, or has the key twice.
    """
    for depth, key in enumerate(path):
        if node is None:
            return None
        if isinstance(key, int):
            node = node.children[key] if isinstance(node.value, list) and key < len(node.children) else None
            continue
        if not isinstance(node.value, dict):
            raise JsonTextError(f"{_show(path[:depth])} is no object")
        found = [child for child in node.children if child.key == key]
        if len(found) > 1:
            raise JsonTextError(f"{_show(path[: depth + 1])} stands there twice")
        node = found[0] if found else None
    return node


def _show(path: Path) -> str:
    return ".".join(map(str, path)) or "the document"


def insert(text: str, path: Sequence[str], value: Any, *, append: bool = False) -> str:
    """The text with a value at a path, or at the end of the list there; containers on the way are made.

    Raises:
        JsonTextError: if the text or its shape does not allow it.
    """
    document = read(text)
    keys = [*path]
    while (node := find(document, keys)) is None and keys:
        keys.pop()
    missing = path[len(keys) :]
    wrapped = [value] if append and missing else value
    for key in reversed(missing[1:]):
        wrapped = {key: wrapped}
    if node is None:
        # Only white space: a file that is there and ends without a newline stays one that does.
        return text + _pretty({missing[0]: wrapped}, "", UNIT, "\n")
    if missing and not isinstance(node.value, dict):
        raise JsonTextError(f"{_show(keys)} is no object")
    if not missing and not (append and isinstance(node.value, list)):
        raise JsonTextError(f"{_show(path)} is {'no list' if append else 'there already'}")
    return _insert(text, node, missing[0] if missing else None, wrapped)


def _insert(text: str, node: Node, key: str | None, value: Any) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    outer = _indentation(text, node.start)
    first = node.children[0] if node.children else None
    gap = text[node.start + 1 : first.at] if first else ""
    own_line = "\n" in gap
    inner = gap[gap.rindex("\n") + 1 :] if own_line and not gap[gap.rindex("\n") + 1 :].strip(" \t") else None
    if inner is None:
        inner = _indentation(text, first.at) if first and own_line else outer
    made = ("" if key is None else f"{json.dumps(key)}: ") + _pretty(value, inner, _unit(text), newline)
    close = node.end - 1
    if first is None:
        return text[:close] + made + text[close:]
    last = node.children[-1]
    end = _content_end(text, last, close)
    # After a comment to the end of a line nothing can stand on it.
    separator = newline + inner if own_line or "\n" in text[end:close] else " "
    if last.comma >= 0:
        return text[:end] + separator + made + "," + text[end:]
    return text[: last.end] + "," + text[last.end : end] + separator + made + text[end:]


def _content_end(text: str, last: Node, close: int) -> int:
    """After the last value, comma or comment of a container."""
    end = last.comma + 1 if last.comma >= 0 else last.end
    position = end
    while position < close and (found := _BLANK.match(text, position)):
        position = found.end()
        if found[0][0] == "/":
            end = position
    return end


def remove(text: str, path: Path) -> str | None:
    """The text without the value at a path; containers that hold nothing else and that `insert` made go too.

    Returns:
        None if that leaves nothing of a file `insert` began.

    Raises:
        JsonTextError: if it is not there.
    """
    document = read(text)
    chain = [find(document, path[:depth]) for depth in range(len(path) + 1)]
    nodes = [node for node in chain if node is not None]
    if len(nodes) < len(chain):
        raise JsonTextError(f"{_show(path)} is not there")
    while len(nodes) > 1 and _made_by_us(text, nodes[-2], nodes[-1]):
        nodes.pop()
    if len(nodes) > 1:
        return _remove(text, nodes[-2], nodes[-1])
    before, after = text[: nodes[0].start], text[nodes[0].end :]
    return None if not before and after in ("\n", "\r\n") else before + after


def _made_by_us(text: str, parent: Node, node: Node) -> bool:
    """Whether a container holds nothing else, with the member on lines of its own."""
    if len(parent.children) > 1 or node.comma >= 0:
        return False
    around = text[parent.start + 1 : node.at], text[node.end : parent.end - 1]
    return all(_LINE.fullmatch(part) for part in around)


def _remove(text: str, parent: Node, node: Node) -> str:
    place = parent.children.index(node)
    end = node.end if node.comma < 0 else node.comma + 1
    if len(parent.children) == 1:
        return text[: node.at] + text[end:]
    if place == 0:
        # The next one takes its place, where its line begins.
        return text[: node.at] + text[end:].lstrip(" \t\r\n")
    before = parent.children[place - 1]
    content = _content_end(text, before, node.at)
    if node.comma >= 0:
        return text[:content] + text[node.end : node.comma] + text[end:]
    return text[: before.comma] + text[before.comma + 1 : content] + text[end:]


def replace(text: str, node: Node, value: Any) -> str:
    """The text with another value in the place of one."""
    newline = "\r\n" if "\r\n" in text else "\n"
    made = _pretty(value, _indentation(text, node.at if node.at >= 0 else node.start), _unit(text), newline)
    return text[: node.start] + made + text[node.end :]


def _indentation(text: str, position: int) -> str:
    start = text.rfind("\n", 0, position) + 1
    found = re.compile(r"[ \t]*").match(text, start)
    return found[0] if found else ""


def _unit(text: str) -> str:
    """One level of the file's own indentation."""
    found = re.search(r"\n([ \t]+)[^\s/*]", text)
    return found[1] if found else UNIT


def _pretty(value: Any, indentation: str, unit: str, newline: str) -> str:
    lines = json.dumps(value, indent=unit, ensure_ascii=False).split("\n")
    return (newline + indentation).join(lines)
