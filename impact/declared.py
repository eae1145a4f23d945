"""Words that stand where something is declared, and which of them are distinctive: in whatever language."""

import re
from collections.abc import Iterator

from .languages.vocabulary import words

_SHORTEST = 6
_SHORTEST_FILE = 5
_JOINED = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]|[A-Za-z]_+[A-Za-z0-9]|[A-Za-z]\d|\d[A-Za-z]")
# File names every project has several of: their mention says nothing.
_PLAIN = words(
    "__init__.py index.js index.ts index.tsx index.html main.py main.go main.rs mod.rs lib.rs setup.py conftest.py"
    " package.json readme.md license makefile dockerfile tsconfig.json pyproject.toml requirements.txt utils.py"
    " models.py views.py urls.py tests.py admin.py apps.py schema.yml schema.sql config.py settings.py types.ts"
    " utils.ts constants.py constants.ts styles.css style.css go.mod go.sum cargo.toml package-lock.json"
    " docker-compose.yml .gitignore changelog.md"
)
_NAMED = rb"([A-Za-z_]\w{1,127}+(?!\w))"
_DECLARED = re.compile(
    rb"\b(?:def|class|function|func|fn|const|let|var|type|interface|enum|struct|trait|table|view|column|as)\s+[\"'`]?"
    + _NAMED
    + rb"|\b"
    + _NAMED
    + rb"[\"'`]?\s*(?::(?!:)|=(?!=))|(?m:^)\s*-\s+[\"']?"
    + _NAMED
)


_KEY = re.compile(rb"\b" + _NAMED + rb"[\"'`]?\s*:(?!:)")
_QUOTED_KEY = re.compile(rb"[\"'`]" + _NAMED + rb"[\"'`]\s*:(?!:)")
_ANNOTATED = frozenset({"python"})
_PARAMETER = re.compile(r"[(,]\s*\*{0,2}([A-Za-z_]\w*)")


def declared(data: bytes) -> list[str]:
    """Words that stand where something is declared, assigned or a key, in whatever language; each once."""
    return [word.decode("ascii") for word in declared_words(data)]


def declared_words(data: bytes) -> dict[bytes, None]:
    """The same, as they stand there."""
    return dict.fromkeys(first or second or third for first, second, third in _DECLARED.findall(data))


def keys(data: bytes, language: str) -> frozenset[bytes]:
    """Words that name what data holds: keys, fields, columns; others know those by nothing but their names.

    Args:
        data: a text.
        language: what it is written in: in Python a bare name before a colon is annotated, and no key.
    """
    pattern = _QUOTED_KEY if language in _ANNOTATED else _KEY
    return frozenset(pattern.findall(data))


def parameters(signature: str) -> frozenset[str]:
    """The names of a function's parameters, in a declaration of Python; others may call them by name."""
    return frozenset(_PARAMETER.findall(signature))


def line_naming(data: bytes, word: str) -> int:
    """The first line of a text, counted from 1, in which an argument is passed by a name; 0 if there is none."""
    found = re.search(rb"[(,]\s*%b\s*=(?!=)" % word.encode("utf-8", "replace"), data)
    return 0 if found is None else data.count(b"\n", 0, found.end()) + 1


def lines_with(data: bytes, word: bytes) -> Iterator[bytes]:
    """The lines of a text that hold a word, as a part of others too."""
    at = data.find(word)
    while at >= 0:
        start, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
        yield data[start : end if end >= 0 else len(data)]
        at = data.find(word, end) if end >= 0 else -1


def is_distinctive(word: str) -> bool:
    """Whether a word is unlikely to stand for something else: long, and joined of several."""
    return len(word) >= _SHORTEST and _JOINED.search(word) is not None


def telling_name(path: str) -> str | None:
    """A file's name, if it is not one that every project has several of."""
    name = path.rpartition("/")[2]
    return name if name.lower() not in _PLAIN and len(name) >= _SHORTEST_FILE else None
