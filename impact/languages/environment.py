"""Variables of the environment: where files define them, where code of any language reads them."""

import re
from collections import defaultdict
from collections.abc import Sequence

from ..model import Definition, Edge, Facts, Files, Hit, Language, Name, Reference, Resolved, Resolver, Use
from ..words import word_set
from .lines import Lines
from .vocabulary import words

COMMON = words(
    "PATH HOME USER SHELL PWD OLDPWD LANG LC_ALL LC_CTYPE TERM TMPDIR TMP TEMP TZ HOSTNAME LOGNAME EDITOR CI DISPLAY"
    " PYTHONPATH PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE NODE_ENV DEBIAN_FRONTEND DEBUG PORT HOST JAVA_HOME GOPATH"
    " UID GID PS1 IFS NODE_OPTIONS GITHUB_TOKEN GITHUB_OUTPUT GITHUB_ENV GITHUB_SHA GITHUB_REF GITHUB_WORKSPACE"
    " GITHUB_REPOSITORY RAILS_ENV RACK_ENV APP_ENV ENV LD_LIBRARY_PATH VIRTUAL_ENV COLUMNS RANDOM LINENO"
)
"""Names that every system or runner sets: that two files say them ties nothing together."""

_QUOTED = rb"\s*['\"]([A-Za-z_][A-Za-z0-9_]*)['\"]"
_READ = re.compile(
    rb"\b(?:environ(?:\.get|\.pop|\.setdefault)?\s*[\[(]|getenv(?:b)?\s*\(|ENV(?:\.fetch)?\s*[\[(]|process\.env\s*\["
    rb"|import\.meta\.env\s*\[|Deno\.env\.get\s*\(|LookupEnv\s*\(|Getenv\s*\(|env::var(?:_os)?\s*\(|(?:option_)?env!\s*\("
    rb"|GetEnvironmentVariable\s*\(|env_var\s*\()"
    + _QUOTED
    + rb"|\b(?:process\.env|import\.meta\.env)\.([A-Za-z_][A-Za-z0-9_]*)"
    rb"|\$\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}"
)
# One of these stands in whatever the pattern finds.
_HINTS = frozenset(
    b"environ getenv getenvb ENV env LookupEnv Getenv option_env GetEnvironmentVariable env_var".split()
)
_SUBSTITUTED = re.compile(rb"(?<![$\\])\$\{([A-Z_][A-Z0-9_]*)(?:[:?+=-][^}]*)?\}")
_SETS = re.compile(rb"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=", re.MULTILINE)


def env_reads(data: bytes) -> list[tuple[str, int]]:
    """Variables a text of any language reads, each once with its first line; COMMON ones are left out."""
    return [] if _HINTS.isdisjoint(word_set(data)) else _first(data, _READ)


def substituted(data: bytes) -> list[tuple[str, int]]:
    """Variables that stand as `${NAME}`, in capitals: for files where that means the environment."""
    return _first(data, _SUBSTITUTED) if b"${" in data else []


def _first(data: bytes, pattern: re.Pattern[bytes]) -> list[tuple[str, int]]:
    lines, found = Lines(data), dict[str, int]()
    for match in pattern.finditer(data):
        name = (match[match.lastindex or 1]).decode()
        if name not in found and name not in COMMON:
            found[name] = lines.at(match.start())
    return list(found.items())


def reads_as_references(reads: list[tuple[str, int]]) -> list[Reference]:
    """One reference of kind `env` for each variable."""
    return [Reference("env", f"env:{name}", line, (Name(name),)) for name, line in reads]


class Definers:
    """Which files of a tree define which variable."""

    def __init__(self, files: Files) -> None:
        """Look through what every file provides."""
        self._files = defaultdict[str, list[str]](list)
        for path, facts in files.facts.items():
            for one in facts.provides:
                if one.startswith("env:"):
                    self._files[one].append(path)

    def resolve(self, path: str, reference: Reference) -> Resolved:
        """Where a variable leads: sure if one other file defines it, likely if several do."""
        found = [one for one in dict.fromkeys(self._files.get(reference.target, ())) if one != path]
        return Resolved(
            tuple(Hit(one, reference.names, "", "sure" if len(found) == 1 else "likely") for one in found)
        )


def _sets(data: bytes) -> list[tuple[str, int]]:
    lines, found = Lines(data), dict[str, int]()
    for match in _SETS.finditer(data):
        found.setdefault(match[1].decode(), lines.at(match.start(1)))
    return list(found.items())


def extract(data: bytes) -> Facts:
    """The variables of a `.env` file, and those it takes from others."""
    names = [name for name, _ in _sets(data)]
    reads = [(name, line) for name, line in substituted(data) if name not in names]
    return Facts(tuple(reads_as_references(reads)), tuple(f"env:{name}" for name in names if name not in COMMON))


def definitions(data: bytes) -> list[Definition]:
    """Each variable; its value may be secret and is no part of the signature."""
    return [Definition(name, line, name, "variable") for name, line in _sets(data)]


def uses(data: bytes, _edge: Edge, names: Sequence[str]) -> list[Use]:
    """Where a `.env` file takes variables of another."""
    return [Use(name, line, True) for name, line in substituted(data) if name in names]


def is_environment_file(path: str) -> bool:
    """Whether a path is `.env`, `.env.example`, `prod.env`, `.envrc`, …."""
    name = path.rpartition("/")[2]
    return name == ".env" or name.startswith(".env.") or name.endswith(".env") or name in (".envrc", ".flaskenv")


def resolver(files: Files) -> Resolver:
    """Where variables lead."""
    return Definers(files).resolve


LANGUAGE = Language(
    name="environment",
    version=1,
    matches=is_environment_file,
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
