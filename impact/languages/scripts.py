"""Makefiles, shell scripts and the like: files their commands name, scripts they source, variables they read."""

import re
from collections.abc import Sequence

from ..model import Definition, Edge, Facts, Files, Language, Reference, Resolved, Resolver, Use
from .environment import COMMON, Definers, reads_as_references
from .lines import Lines
from .paths import MOST_CANDIDATES, Paths, words
from .vocabulary import words as words_of
from .word_uses import word_uses

LARGEST = 500_000
_SUFFIXES = tuple(f".{one}" for one in sorted(words_of("sh bash zsh ksh fish bats mk mak just bat cmd ps1 tf hcl")))
_NAMES = words_of(
    "Makefile GNUmakefile makefile justfile Justfile Procfile Jenkinsfile Earthfile Vagrantfile CODEOWNERS"
    " MANIFEST.in"
)
_SOURCED = re.compile(r"^\s*(?:source|\.|-?include|sinclude|bash|sh)\s+(.+)$")
_MODULE = re.compile(r'^\s*source\s*=\s*"(\.{1,2}/[^"]+)"')
_ASSIGNED = re.compile(
    rb"^[ \t]*(?:export[ \t]+|readonly[ \t]+|declare[ \t]+-?\w*[ \t]+|local[ \t]+)?([A-Za-z_]\w*)[ \t]*[:+?]?=",
    re.MULTILINE,
)
_EXPORTED = re.compile(rb"^[ \t]*export[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_TAKEN = re.compile(rb"\$[{(]?([A-Z][A-Z0-9_]{2,})\b")
_MADE = re.compile(
    rb"^(?:function[ \t]+)?([A-Za-z_][\w-]*)[ \t]*\(\)|^function[ \t]+([\w-]+)|^([A-Za-z][\w.-]*)[ \t]*:(?![=:/])",
    re.MULTILINE,
)
_COMMENT = re.compile(r"(?:^|\s)#.*")
# What stands for the script's own folder, or is taken for it.
_HERE = re.compile(
    r"\$\(dirname [^)]*\)|\$\{?(?:BASH_SOURCE|0)[^/]*|\$\(cd [^)]*\)"
    r"|\$\{?(?:DIR|SCRIPT_DIR|HERE|ROOT|CURDIR|PWD|path\.module|path\.root)\}?"
)


def extract(data: bytes) -> Facts:
    """Words of every command that may be paths; what is sourced or included is sure."""
    if b"\0" in data[:8192]:
        return Facts(problems=("not a text in an encoding that is read",))
    problems = [f"only the first {LARGEST:,} bytes were read"] if len(data) > LARGEST else []
    found = dict[str, Reference]()
    for line, raw in enumerate(data[:LARGEST].decode("utf-8", "replace").split("\n"), 1):
        text = _COMMENT.sub("", raw)
        if "/" not in text and "." not in text:
            continue
        text = _HERE.sub(".", text)
        if module := _MODULE.match(text):
            found.setdefault(f"module:{module[1]}", Reference("path", f"module:{module[1]}", line))
            continue
        sourced = _SOURCED.match(text)
        for one in words(text):
            if one not in found:
                found[one] = Reference("path", one, line, confidence="sure" if sourced else "likely")
        if len(found) >= MOST_CANDIDATES:
            problems.append(f"only the first {MOST_CANDIDATES} words that may be paths were followed")
            break
    own = {match[1] for match in _ASSIGNED.finditer(data)}
    lines, reads = Lines(data), dict[str, int]()
    for match in _TAKEN.finditer(data[:LARGEST]):
        name = match[1].decode()
        if match[1] not in own and name not in COMMON and name not in reads:
            reads[name] = lines.at(match.start())
    exported = dict.fromkeys(match[1].decode() for match in _EXPORTED.finditer(data))
    return Facts(
        (*found.values(), *reads_as_references(list(reads.items()))),
        tuple(f"env:{one}" for one in exported if one not in COMMON),
        tuple(problems),
    )


def definitions(data: bytes) -> list[Definition]:
    """Functions, make targets, and variables that are set at the start of a line."""
    lines, found = Lines(data), dict[str, Definition]()
    for match in _MADE.finditer(data[:LARGEST]):
        name = (match[1] or match[2] or match[3]).decode()
        kind = "target" if match[3] else "function"
        found.setdefault(name, Definition(name, lines.at(match.start()), f"{kind} {name}", kind))
    for match in _ASSIGNED.finditer(data[:LARGEST]):
        name = match[1].decode()
        found.setdefault(name, Definition(name, lines.at(match.start(1)), name, "variable"))
    return list(found.values())


def uses(data: bytes, edge: Edge, names: Sequence[str]) -> list[Use]:
    """Names as words; those of variables that are read are sure."""
    if edge.kind != "env":
        return word_uses(data, names)
    lines, found = Lines(data), dict[str, Use]()
    for match in _TAKEN.finditer(data):
        name = match[1].decode()
        if name in names and name not in found:
            found[name] = Use(name, lines.at(match.start()), sure=True)
    return list(found.values())


def _resolver(files: Files) -> Resolver:
    paths, variables = Paths(files), Definers(files)

    def resolve(path: str, reference: Reference) -> Resolved:
        if reference.kind == "env":
            return variables.resolve(path, reference)
        if reference.target.startswith("module:"):
            return paths.folder(path, reference.target.removeprefix("module:"))
        return paths.resolve(path, reference)

    return resolve


def matches(path: str) -> bool:
    """Whether a path is a script's."""
    name = path.rpartition("/")[2]
    return name.endswith(_SUFFIXES) or name in _NAMES or name.startswith(("Makefile.", "Jenkinsfile."))


LANGUAGE = Language(
    name="script",
    version=1,
    matches=matches,
    extract=extract,
    resolver=_resolver,
    definitions=definitions,
    uses=uses,
)
