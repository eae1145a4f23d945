"""What dbt's jinja says: models, sources and macros it names, macros and snapshots it makes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..model import Confidence, Definition, Reference
from .jinja_blocks import expressions
from .lines import Lines

_STRING = rb"""\s*(?:'([^'\n]*)'|"([^"\n]*)")\s*"""
_REF = re.compile(
    rb"(?<![\w.'\"])(?:builtins\s*\.\s*|dbt\s*\.\s*)?(ref|source)\s*\((?:"
    + _STRING
    + rb"(?:,"
    + _STRING
    + rb")?(?:,\s*(?:v|version)\s*=\s*['\"]?([\w.]+)['\"]?\s*)?\))?"
)
_CALL = re.compile(rb"(?<![\w.'\"])((?:[A-Za-z_]\w*\s*\.\s*)?[A-Za-z_]\w*)\s*\(")
_DISPATCH = re.compile(rb"adapter\s*\.\s*dispatch\s*\(\s*(?:macro_name\s*=\s*)?['\"](\w+)['\"]")
_MADE = re.compile(rb"\{%-?\s*(macro|test|data_test|snapshot|materialization)\s+(\w+)\s*(\((?:[^%]|%(?!\}))*\))?")
_ADAPTER = re.compile(rb"adapter\s*=\s*['\"](\w+)|(\bdefault\b)")
_GIVEN = re.compile(rb"(?:\w\s*[(]|[,=\[])\s*['\"]([A-Za-z_]\w*)['\"]\s*(?=[,)\]])")
_STRINGS = re.compile(rb"'[^'\n]*'|\"[^\"\n]*\"")
_OWN = frozenset(
    b"ref source config var env_var return log run_query statement if elif else for in not and or is set do call"
    b" macro test data_test snapshot materialization exceptions range dict list print fromjson tojson fromyaml toyaml"
    b" set_strict zip zip_strict zip_strict local_md5 caller super varargs kwargs joiner cycler namespace lipsum"
    b" endmacro submit_python_job store_result load_result docs loop this adapter modules filter block doc".split()
)
_OWN_NAMESPACES = frozenset(
    b"adapter exceptions modules config api this loop target graph flags builtins dbt_version var log model column"
    b" relation selected_resources invocation_id".split()
)


@dataclass(frozen=True, slots=True)
class Said:
    """One `ref`, `source` or macro that jinja names.

    Attributes:
        word: `ref`, `source`, `macro`, `dispatch`, or `given` for a string a macro is given.
        target: `model`, `package.model`, `model@version`, `source.table`, `macro`, `package.macro`;
            empty if it is computed.
        offset: where, in bytes.
    """

    word: str
    target: str
    offset: int


def said(data: bytes, *, each: bool = True) -> Iterator[Said]:
    """Everything jinja names, in order of its pieces; of equal pieces only the first unless each is wanted."""
    seen = set[bytes]()
    for start, piece in expressions(data):
        if b"(" not in piece or (piece in seen and not each):
            continue
        seen.add(piece)
        yield from _named(piece, start)
        called = list(_called(piece, start))
        yield from called
        if any(one.word == "macro" for one in called):
            for match in _GIVEN.finditer(piece):
                yield Said("given", match[1].decode(), start + match.start())


def _named(piece: bytes, start: int) -> Iterator[Said]:
    """What `ref` and `source` name; where they are defined, they name nothing."""
    if b"ref" not in piece and b"source" not in piece:
        return
    for match in _REF.finditer(piece):
        if re.search(rb"\bmacro\s+\Z", piece[: match.start()]):
            continue
        word = match[1].decode()
        first, second = match[2] or match[3], match[4] or match[5]
        if first is None or (word == "source" and second is None):
            target = ""
        else:
            target = ".".join(one.decode("utf-8", "replace") for one in (first, second) if one is not None)
            target += f"@{match[6].decode()}" if match[6] else ""
        yield Said(word, target, start + match.start(1))


def _called(piece: bytes, start: int) -> Iterator[Said]:
    """Macros that are called, by whatever name is not jinja's or dbt's own."""
    for match in _DISPATCH.finditer(piece):
        yield Said("dispatch", match[1].decode(), start + match.start())
    plain = _STRINGS.sub(lambda found: b"'" + b" " * (len(found[0]) - 2) + b"'", piece)
    made = _MADE.match(piece)
    for match in _CALL.finditer(plain):
        name = re.sub(rb"\s", b"", match[1])
        namespace = name.rpartition(b".")[0]
        if (name in _OWN and not namespace) or namespace in _OWN_NAMESPACES:
            continue
        if made is None or match.start() != made.start(2):
            yield Said("macro", name.decode(), start + match.start())


def references(data: bytes, lines: Lines) -> tuple[list[Reference], list[str]]:
    """What jinja needs, once each, and what could not be read; a computed `ref` is a problem."""
    if b"{{" not in data and b"{%" not in data:
        return [], []
    found, problems = dict[tuple[str, str], Reference](), list[str]()
    for one in said(data, each=False):
        if not one.target:
            line = lines.at(one.offset)
            problems.append(f"line {line}: {one.word}() of something that is computed")
        elif (one.word, one.target) not in found:
            kind = "import" if one.word in ("macro", "dispatch") else "reference"
            sure: Confidence = "likely" if one.word in ("given", "dispatch") else "sure"
            found[one.word, one.target] = Reference(
                kind, f"{one.word}:{one.target}", lines.at(one.offset), confidence=sure
            )
    return list(found.values()), problems


def provides(data: bytes) -> list[str]:
    """Macros (`macro:name`), tests (`macro:test_name`) and snapshots (`snapshot:name`) that are made here."""
    return [] if b"{%" not in data else [f"{word}:{name}" for word, name, _, _ in made(data)]


def made(data: bytes) -> Iterator[tuple[str, str, str, int]]:
    """Word (`macro` or `snapshot`), name, parameters, and where in bytes."""
    for start, piece in expressions(data):
        match = _MADE.match(piece)
        if match is None:
            continue
        word, name = match[1].decode(), match[2].decode()
        parameters = b" ".join((match[3] or b"").split()).decode("utf-8", "replace")
        if word == "materialization":
            adapter = _ADAPTER.search(piece)
            suffix = (adapter[1] or b"default").decode() if adapter else "default"
            name = f"materialization_{name}_{suffix}"
        elif word in ("test", "data_test"):
            name = f"test_{name}"
        yield ("snapshot" if word == "snapshot" else "macro"), name, parameters, start


def definitions(data: bytes, lines: Lines) -> list[Definition]:
    """Macros and snapshots, with their parameters."""
    return [
        Definition(name, lines.at(offset), f"{word} {name}{parameters}", word)
        for word, name, parameters, offset in made(data)
    ]
