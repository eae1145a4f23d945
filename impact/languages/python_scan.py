"""What a Python file imports, from one pass over its lines.

The grammar helps: outside strings no line can begin with `import`, or with `from` and hold `import`, unless it is an
import. So lines are searched by pattern, and only where strings in triple quotes come before one is it asked whether
it stands inside. Bytes are read as Latin-1, in which every pattern holds, and names are decoded when taken.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from ..model import Facts, Name, Reference
from .python_blocks import Blocks
from .python_loads import loads
from .python_strings import Strings

LIMIT = 16 * 1024 * 1024
"""Bytes of a file that are read; more is a generator's output."""

MOST = 20_000
"""Imports of a file that are read; more are a generator's output too."""

TESTED = Reference("test", "", 1, confidence="likely")
"""Whatever a test file tests, which its path says."""

FIXTURES = Reference("load", "conftest", 1, confidence="likely")
"""The `conftest.py` that pytest loads for a file, which its path says."""

_HEAD = re.compile(r"\n([ \t\f]*)(from(?=[ \t.\\\f])|import(?=[ \t\\\f]))([^\n]*)")
_FROM = re.compile(r"[ \t\f]*([.\w\x80-\xff \t\f]*?)[ \t\f]*(?<![\w\x80-\xff])import(?![\w\x80-\xff])(.*)", re.DOTALL)
_INLINE = re.compile(r"[;:][ \t\f]*(from[ \t.][^;:\n]*|)$")
_FUNCTION = re.compile(r"[ \t\f]*(?:async[ \t]+)?def\b")
_TYPES = re.compile(r"[ \t\f]*(?:el)?if\b(?!.*\bnot\b.*:).*\bTYPE_CHECKING[ \t]*:")


_LONGEST = 65_536
"""Characters of one list of names."""

_NEAR = 400
"""Characters of a line that are looked at before an import in its middle."""


def extract(data: bytes) -> Facts:
    """The imports of a file and the modules it names as text."""
    problems: tuple[str, ...] = ()
    if len(data) > LIMIT:
        data = data[:LIMIT]
        problems = (f"only the first {LIMIT} bytes were read",)
    text = "\n" + data.decode("latin-1").removeprefix("\xef\xbb\xbf")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: list[Reference] = []
    others = False
    if (last := text.rfind("import")) >= 0:
        found, others, whole = _statements(text, last)
        if not whole:
            problems = (*problems, "it is indented too deeply to tell for all imports when they run")
        if others and len(found) < MOST:
            found += _inline(text)
        if len(found) >= MOST:
            found = found[:MOST]
            problems = (*problems, f"only the first {MOST:,} imports were read")
    test = "test" in text
    found += loads(text, {one.target for one in found}, others, test)
    if test:
        found += (TESTED, FIXTURES)
    return Facts(references=tuple(found), problems=problems)


def _statements(text: str, last: int) -> tuple[list[Reference], bool, bool]:
    """The imports of a text in which the word stands for the last time at `last`.

    Returns:
        Them, whether the word stands elsewhere, and whether of each it is known when it runs.
    """
    found: list[Reference] = []
    strings = Strings(text, last)
    blocks = Blocks(text, strings)
    fallible = "except" in text and ("ImportError" in text or "ModuleNotFoundError" in text or "Exception" in text)
    end = text.find("\n", last)
    line, counted, words = 0, 0, 0
    for match in _HEAD.finditer(text, 0, end if end >= 0 else len(text)):
        start = match.start()
        indent, word, rest = match.groups()
        words += rest.count("import", 0, rest.find(";")) if ";" in rest else rest.count("import")
        words += word == "import"
        if (start >= strings.first and strings.hold(start)) or (text[start - 1] == "\\" and _continues(text, start)):
            continue
        line += text.count("\n", counted, start + 1)
        counted = start + 1
        kind = blocks.kind(start, len(indent)) if indent else "import"
        read = _from if word == "from" else _import
        said = read(text, rest, match.start(3), kind, line)
        if fallible and indent and blocks.optional(start, len(indent)):
            said = [replace(one, confidence="likely") for one in said]
        found += said
        if len(found) >= MOST:
            break
    return found, words < text.count("import", 0, last + 6), blocks.whole


def _continues(text: str, start: int) -> bool:
    """Whether the line before, which ends in a backslash, goes on here: one that is a comment does not."""
    return "#" not in text[text.rfind("\n", 0, start) + 1 : start]


def _from(text: str, rest: str, at: int, kind: str, line: int) -> tuple[Reference, ...]:
    """`from module import names`, of which the line goes on with `rest`, from the place `at`."""
    module, found, names = rest.partition(" import ")
    if not found or "\\" in module:
        match = _FROM.match(_joined(text, at) if "\\" in rest else rest)
        if match is None:
            return ()
        module, names = match.groups()
    if " " in module or "\t" in module:
        module = "".join(module.split())
    if not module:
        return ()
    if not names.replace(",", "").replace(" ", "").isidentifier():
        names = _list(text, names, at)
    return (Reference(kind, _text(module), line, _names(names)),)


def _import(text: str, rest: str, at: int, kind: str, line: int) -> list[Reference]:
    """`import a.b as c, d`, of which the line goes on with `rest`, from the place `at`."""
    if not rest.isascii() or "," in rest or "\\" in rest or "#" in rest or ";" in rest or " as " in rest:
        return [Reference(kind, one.name, line, (), one.local) for one in _names(_list(text, rest, at)) if one.local]
    module = rest.strip()
    return [Reference(kind, module, line, (), module)] if module else []


def _inline(text: str) -> list[Reference]:
    """The imports that follow a colon or a semicolon on their line."""
    found: list[Reference] = []
    strings = Strings(text, len(text))
    blocks = Blocks(text, strings)
    at, line, counted = -1, 0, 0
    while len(found) < MOST and (at := text.find("import", at + 1)) >= 0:
        if text[at + 6 : at + 7] not in (" ", "\t", "\\", "(", "\f"):
            continue
        start = text.rfind("\n", max(0, at - _NEAR), at)
        match = _INLINE.search(text[max(start + 1, at - _NEAR) : at])
        if match is None:
            continue
        if strings.hold_inline(at):
            at = strings.passed(at)
            continue
        start = strings.line_of(at) - 1
        before = text[start + 1 : start + 1 + _NEAR]
        indent = len(before) - len(before.lstrip(" \t\f"))
        kind = "lazy" if _FUNCTION.match(before) else "type" if _TYPES.match(before) else ""
        kind = kind or (blocks.kind(start, indent) if indent else "import")
        end = strings.line_end(at, _LONGEST)
        rest = text[at:end]
        line += text.count("\n", counted, at)
        counted = at
        if match[1]:
            found += _from(text, match[1][4:] + rest, at - len(match[1]) + 4, kind, line)
        else:
            found += _import(text, rest[6:], at + 6, kind, line)
    return found


def _list(text: str, names: str, at: int) -> str:
    """A list of names without brackets, comments and line breaks; it begins after the place `at`."""
    if names.lstrip(" \t\f").startswith("("):
        return _bracketed(text, text.index("(", at) + 1)
    if names.endswith("\\") and "#" not in names:
        names = _joined(text, text.index(names, at))
        if names.lstrip().startswith("("):
            return _bracketed(text, text.index("(", at) + 1)
    return names.partition("#")[0].partition(";")[0]


def _bracketed(text: str, start: int) -> str:
    """What stands between brackets, of which the first is before `start`."""
    end = text.find(")", start, start + _LONGEST)
    names = text[start:end] if end >= 0 else ""
    if "#" not in names:
        return names
    found: list[str] = []
    for line in _lines(text[: start + _LONGEST], start):
        code, closed, _ = line.partition("#")[0].partition(")")
        found.append(code)
        if closed:
            break
    return "\n".join(found)


def _joined(text: str, start: int) -> str:
    """A line from a place on, with the lines that backslashes join to it."""
    found: list[str] = []
    for line in _lines(text, start):
        found.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            break
    return " ".join(found)


def _lines(text: str, start: int) -> Iterator[str]:
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _names(listed: str) -> tuple[Name, ...]:
    """`a, b as c` as names."""
    found: list[Name] = []
    for part in _text(listed).split(","):
        name = part.strip()
        if name.isidentifier():
            found.append(Name(name, name))
        elif name == "*":
            found.append(Name(name))
        elif name:
            words = name.split()
            if len(words) == 3 and words[1] == "as":
                found.append(Name(words[0], words[2]))
            elif len(words) == 1:
                found.append(Name(name, name))
    return tuple(found)


def _text(raw: str) -> str:
    """Text that was read as Latin-1."""
    return raw if raw.isascii() else raw.encode("latin-1").decode("utf-8", "replace")
