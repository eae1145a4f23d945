"""What a YAML file holds, line by line: enough for keys, scalars and their places; templates in it do no harm."""

import re
from dataclasses import dataclass

from .values import LARGEST, Values, Where, take, text_of, unquote

_TAG = re.compile(r"(?:[!&][^\s,\[\]{}]*\s+)+")
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?\Z")
_COMMENT = re.compile(r"(?:^|\s)#.*\Z")
_LONGEST_FLOW = 2000
_DEEPEST = 200


@dataclass(slots=True)
class _Level:
    """A mapping key or a sequence that is open: its column, and where its items belong."""

    column: int
    where: Where
    index: int = -1  # of the item, in a sequence

    @property
    def inside(self) -> Where:
        return (*self.where, self.index) if self.index >= 0 else self.where


class _Reader:
    """Reads the lines of one file, one after the other."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.out = Values()
        self.levels: list[_Level] = []
        self.at = 0

    def read(self) -> Values:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            content = line.lstrip(" ")
            if not content.strip() or content[0] == "#" or content[0] == "%":
                continue
            if line.startswith(("---", "...")):
                self.levels.clear()
                continue
            if content.startswith(("{%", "{{")):
                continue
            self._content(content.rstrip(), len(line) - len(content))
        return self.out

    def _content(self, content: str, column: int) -> None:
        while content == "-" or content.startswith("- "):
            if len(self.levels) >= _DEEPEST:
                self.out.problem = f"line {self.at}: nested deeper than {_DEEPEST}"
                return
            self._item(column)
            rest = content[1:].lstrip()
            column += len(content) - len(rest)
            content = rest
        if not content:
            return
        key, value = _split(content)
        if key is None:
            self._value(content, column)
            return
        while self.levels and self.levels[-1].column >= column:
            self.levels.pop()
        if len(self.levels) >= _DEEPEST:
            self.out.problem = f"line {self.at}: nested deeper than {_DEEPEST}"
            return
        where = (*(self.levels[-1].inside if self.levels else ()), key)
        self.out.keys.append((where, self.at))
        self.levels.append(_Level(column, where))
        if value:
            self._value(value, column)

    def _item(self, column: int) -> None:
        while self.levels and self.levels[-1].column > column:
            self.levels.pop()
        if self.levels and self.levels[-1].index >= 0 and self.levels[-1].column == column:
            self.levels[-1].index += 1
        else:
            self.levels.append(_Level(column, self.levels[-1].inside if self.levels else (), 0))

    def _value(self, value: str, column: int) -> None:
        value = _TAG.sub("", value, count=1) if value[0] in "!&" else value
        where, line = self.levels[-1].inside if self.levels else (), self.at
        if _BLOCK.match(value):
            self._block(where, column)
        elif value[:1] in ("{", "[") and value[:2] not in ("{{", "{%"):
            take(self._flow(value), self.out, where, line)
        elif value[:1] in ('"', "'"):
            end = _closing(value)
            self.out.found.append((where, unquote(value[: end + 1]), line))
        elif value[:1] not in ("*", "#", ""):
            text = _COMMENT.sub("", value).rstrip()
            if text:
                self.out.found.append((where, text, line))

    def _block(self, where: Where, column: int) -> None:
        """The lines of a block scalar: one scalar each, so that their line numbers are kept."""
        if self.levels and self.levels[-1].index >= 0:
            column = self.levels[-1].column
        while self.at < len(self.lines):
            line = self.lines[self.at]
            text = line.strip()
            if text and len(line) - len(line.lstrip(" ")) <= column:
                return
            self.at += 1
            if text:
                self.out.found.append((where, text, self.at))

    def _flow(self, first: str) -> str:
        """A flow collection with the lines it goes on over."""
        parts, depth = [first], _depth(first)
        while depth > 0 and self.at < len(self.lines) and len(parts) < _LONGEST_FLOW:
            parts.append(self.lines[self.at])
            depth += _depth(parts[-1])
            self.at += 1
        return "\n".join(parts)


def _depth(text: str) -> int:
    return sum(text.count(one) for one in "[{") - sum(text.count(one) for one in "]}")


def _closing(value: str) -> int:
    """Where a quoted scalar ends; its last character if it does not on this line."""
    quote, position = value[0], 1
    while (end := value.find(quote, position)) >= 0:
        if quote == "'" and value[end + 1 : end + 2] == "'":
            position = end + 2
        elif quote == '"' and (end - len(value[:end].rstrip("\\"))) % 2:
            position = end + 1
        else:
            return end
    return len(value) - 1


def _split(content: str) -> tuple[str | None, str]:
    """The key of a line and what stands after it; no key if it is none."""
    if content[0] in "\"'":
        end = _closing(content)
        rest = content[end + 1 :].lstrip()
        if not rest.startswith(":") or rest[1:2] not in ("", " ", "\t"):
            return None, content
        return unquote(content[: end + 1]), rest[1:].strip()
    if content[0] in "[{":
        return None, content
    end = content.find(": ")
    if end < 0:
        plain = _COMMENT.sub("", content).rstrip()
        if not plain.endswith(":"):
            return None, content
        return plain[:-1].rstrip(), ""
    if " #" in content[:end]:
        return None, content
    value = content[end + 2 :].strip()
    return content[:end].rstrip(), "" if value.startswith("#") else value


def values(data: bytes) -> Values:
    """What a YAML file holds; each line of a block scalar is a scalar of its own."""
    if len(data) > LARGEST:
        return Values(problem=f"larger than {LARGEST:,} bytes: taken for data, and not read")
    return _Reader(text_of(data).replace("\r\n", "\n").replace("\t", " ").split("\n")).read()
