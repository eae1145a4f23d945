"""YAML as its scalars, each with its path and line; templates (Helm, ERB, Jinja) are read around.

The parser's events are used, never its nodes: composing nodes recurses, and a deep text overflows the C stack.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

Path = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_SCALARS = 200_000
_MAX_LINE = 2000
# The scanner looks at every open level for each token.
_MAX_DEPTH = 200
# Atomic and bounded: a tag ends at its first end, however many never do.
_TAG = re.compile(r"\{\{(?>.{0,4000}?\}\})|\{%(?>.{0,4000}?%\})|\{#(?>.{0,4000}?#\})|<%(?>.{0,4000}?%>)", re.DOTALL)
_ALONE = re.compile(rf"^[ \t]*(?:(?:{_TAG.pattern})[ \t]*)+\r?$", re.DOTALL | re.MULTILINE)
# Private use: YAML takes them as letters, and hardly any text has them.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE = re.compile(
    r"([ \t]*)((?:-[ \t]+)*)(?:(\"[^\"]*\"|'[^']*'|[^\s#'\"-][^#]*?|-[^\s#][^#]*?)[ \t]*:(?=\s|$))?(.*)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A value that is neither a mapping nor a sequence, or one of those that is empty.

    Attributes:
        path: the keys and positions that lead to it, from the document's top.
        value: as text, without quotes; empty for nothing. What stood in a template's tags is as it was.
        line: from 1: where its key stands, or, in a sequence, where it begins.
        document: which of the text's documents it is in, from 0.
    """

    path: Path
    value: str
    line: int
    document: int = 0

    @property
    def key(self) -> str:
        """The last name of the path; positions are passed over."""
        return next((name for name in reversed(self.path) if isinstance(name, str)), "")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A text as its scalars.

    Attributes:
        scalars: in the order of the text; aliases and merged mappings stand where they are used.
        why: why the text is no YAML, and was read line by line; empty if it is.
    """

    scalars: list[Scalar]
    why: str = ""


def scalars(text: str) -> list[Scalar]:
    """The scalars of a text, as far as they can be read."""
    return read(text).scalars


def at(found: Iterable[Scalar], *pattern: str | None) -> Iterator[Scalar]:
    """Those whose path fits a pattern name by name.

    Args:
        found: what to look through.
        pattern: keys; None stands for any key or position.
    """
    for one in found:
        if len(one.path) == len(pattern) and all(
            want is None or want == name for want, name in zip(pattern, one.path, strict=True)
        ):
            yield one


def read(text: str) -> Reading:
    """The scalars of a text; never raises."""
    text = _FORBIDDEN.sub("\ufffd", text.removeprefix("\ufeff"))
    tags: list[str] = []
    plain = text
    if "{{" in text or "<%" in text or "{%" in text:
        # A tag alone on its line steers the template; one beside other text is a value.
        plain = _ALONE.sub(lambda match: "\n" * match[0].count("\n"), text)
        plain = _TAG.sub(lambda match: _placeholder(match[0], tags), plain)
    builder = _Builder()
    try:
        for event in yaml.parse(plain, Loader=_LOADER):
            builder.take(event)
        found, why = builder.result(), ""
    except (yaml.YAMLError, _TooLargeError, ValueError) as error:
        # What is written in brackets has no lines to go by: what was read before the error is kept.
        in_brackets = plain.lstrip().startswith(("{", "["))
        found, why = builder.result() if in_brackets else _by_lines(plain), _reason(error)
    return Reading(scalars=[_restored(one, tags) for one in found] if tags else found, why=why)


def _placeholder(tag: str, tags: list[str]) -> str:
    tags.append(tag)
    return f"{_OPEN}{len(tags) - 1}{_CLOSE}" + "\n" * tag.count("\n")


def _restored(scalar: Scalar, tags: list[str]) -> Scalar:
    def back(text: str) -> str:
        return _MARK.sub(lambda match: tags[int(match[1])] if int(match[1]) < len(tags) else match[0], text)

    path = tuple(back(name) if isinstance(name, str) else name for name in scalar.path)
    return replace(scalar, path=path, value=back(scalar.value))


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark is not None else ""
    return f"{getattr(error, 'problem', None) or error}{where}"


class _TooLargeError(Exception):
    """Deeper, or with more values, than anybody writes."""


@dataclass
class _Level:
    """A mapping or sequence that is open.

    Attributes:
        path: what leads to it.
        mapping: whether it has keys.
        line: where it, or its key, begins.
        start: how many scalars there were before it.
        anchor: its name for aliases.
        key: of a mapping, the key whose value comes next; None if a key comes next.
        count: how many values it had.
    """

    path: Path
    mapping: bool
    line: int
    start: int
    anchor: str | None
    key: str | None = None
    key_line: int = 0
    count: int = 0


@dataclass
class _Builder:
    """Makes scalars of a parser's events."""

    found: list[Scalar] = field(default_factory=list)
    merged: set[int] = field(default_factory=set)
    anchors: dict[str, tuple[Path, list[Scalar]]] = field(default_factory=dict)
    levels: list[_Level] = field(default_factory=list)
    document: int = -1

    def take(self, event: Any) -> None:
        """One event.

        Raises:
            _TooLargeError: there are too many, or they are too deep.
        """
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            path, line = self._place(event)
            mapping = isinstance(event, yaml.MappingStartEvent)
            self.levels.append(_Level(path, mapping, line, len(self.found), event.anchor))
            if len(self.levels) > _MAX_DEPTH:
                raise _TooLargeError("nested too deeply")
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            level = self.levels.pop()
            if not level.count:
                self._add(level.path, "", level.line)
            if level.anchor:
                self.anchors[level.anchor] = (level.path, self.found[level.start :])
        elif isinstance(event, yaml.DocumentStartEvent):
            self.document += 1
            self.anchors.clear()

    def result(self) -> list[Scalar]:
        """All scalars; what a mapping says itself is kept before what is merged into it."""
        if not self.merged:
            return self.found
        said = {(one.document, one.path) for place, one in enumerate(self.found) if place not in self.merged}
        return [
            one
            for place, one in enumerate(self.found)
            if place not in self.merged or (one.document, one.path) not in said
        ]

    def _place(self, event: Any) -> tuple[Path, int]:
        """Where the next value stands; opens the next place of the level it is in."""
        line = event.start_mark.line + 1
        if not self.levels:
            return (), line
        level = self.levels[-1]
        if not level.mapping:
            level.count += 1
            return (*level.path, level.count - 1), line
        if level.key is None:
            # A mapping or sequence as a key: nobody looks for it by name.
            level.key, level.key_line = "?", line
            return (*level.path, "?"), line
        key, level.key = level.key, None
        level.count += 1
        return (*level.path, key), level.key_line

    def _scalar(self, event: Any) -> None:
        level = self.levels[-1] if self.levels else None
        if level is not None and level.mapping and level.key is None:
            level.key, level.key_line = event.value, event.start_mark.line + 1
            return
        path, line = self._place(event)
        self._add(path, event.value, line)
        if event.anchor:
            self.anchors[event.anchor] = (path, self.found[-1:])

    def _alias(self, event: Any) -> None:
        path, line = self._place(event)
        origin, copied = self.anchors.get(event.anchor, ((), []))
        if "<<" in path:
            path = path[: path.index("<<")]
            self.merged.update(range(len(self.found), len(self.found) + len(copied)))
        for one in copied:
            self._add((*path, *one.path[len(origin) :]), one.value, one.line)
        if not copied:
            self._add(path, f"*{event.anchor}", line)

    def _add(self, path: Path, value: str, line: int) -> None:
        if len(self.found) >= _MAX_SCALARS:
            raise _TooLargeError("more values than are read")
        self.found.append(Scalar(path=path, value=value, line=line, document=max(self.document, 0)))


def _by_lines(text: str) -> list[Scalar]:
    """What looks like `key: value` and `- value`, nested as it is indented."""
    found: list[Scalar] = []
    levels: list[tuple[int, str | int]] = []
    document = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("---"):
            document, levels = document + bool(found), []
            continue
        match = _LINE.fullmatch(line) if len(line) <= _MAX_LINE else None
        if match is None or not line.strip() or line.lstrip().startswith("#"):
            continue
        indent, dashes, key, rest = match.groups()
        column = len(indent)
        for dash in re.findall(r"-[ \t]+", dashes):
            position = 0
            while levels and (levels[-1][0] > column or (levels[-1][0] == column and isinstance(levels[-1][1], int))):
                depth, last = levels.pop()
                position = last + 1 if depth == column and isinstance(last, int) else 0
            levels.append((column, position))
            column += len(dash)
        while levels and (levels[-1][0] > column or (levels[-1][0] == column and isinstance(levels[-1][1], str))):
            levels.pop()
        if key is not None:
            while not dashes and levels and levels[-1][0] >= column:
                levels.pop()
            levels.append((column, key.strip("'\"")))
        elif not dashes:
            continue
        value = _unquoted(rest.strip())
        if (value or key is None) and len(found) < _MAX_SCALARS and len(levels) <= _MAX_DEPTH:
            path = tuple(name for _, name in levels)
            found.append(Scalar(path=path, value=value, line=number, document=document))
    return found


def _unquoted(value: str) -> str:
    quoted = re.fullmatch(r"(['\"])(.*)\1(?:\s+#.*)?", value)
    return quoted[2] if quoted else re.sub(r"(?:^|\s+)#.*", "", value)
