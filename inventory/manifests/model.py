"""What a manifest asks for, and what a lock file resolved it to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["package", "image", "runtime"]

Asked = Mapping[str, frozenset[str]]
"""The specs that manifests ask for, by the folded name of the package."""

Asking = Callable[[], Asked]
"""Reads the manifests that a lock file belongs to; for lock files that do not say themselves what is direct."""


class UnreadableError(ValueError):
    """A manifest or lock file does not parse; the text says where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """One thing that a manifest asks for.

    Attributes:
        name: of the package as its registry has it, of the image without tag, of the runtime (`node`).
        spec: which versions, as the manifest says it; empty for any.
        group: for what, where that is not for production: `dev`, `peer`, `test` …
        kind: what it is.
        under: what the section that it stands in begins with, to find its line by; empty for the whole file.
        line: from 1; 0 if it has to be looked for.
    """

    name: str
    spec: str = ""
    group: str = ""
    kind: Kind = "package"
    under: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A format of manifest.

    Attributes:
        ecosystem: whose packages: `npm`, `pypi`, `rubygems`, `docker` …
        claims: whether a path is one.
        read: what one asks for, from its path and text; packages of the same repository are left out where the
            manifest says so.

    Raises (`read`):
        UnreadableError: the text does not parse.
    """

    ecosystem: str
    claims: Callable[[str], bool]
    read: Callable[[str, str], Iterable[Requirement]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A format of lock file.

    Attributes:
        ecosystem: whose packages.
        names: what such files are called.
        resolved: the versions of the direct dependencies, by name, from its text and, where that does not say
            what is direct, from what the manifests beside and below it ask for; None if it cannot be told.
        manifests: the names of the manifests that it is made from.

    Raises (`resolved`):
        UnreadableError: the text does not parse.
    """

    ecosystem: str
    names: frozenset[str]
    resolved: Callable[[str, Asking], Mapping[str, str]] | None = None
    manifests: Sequence[str] = ()


def named(*names: str) -> Callable[[str], bool]:
    """Claims paths whose last part is one of the names."""
    wanted = frozenset(names)
    return lambda path: path.rpartition("/")[2] in wanted


def folded(ecosystem: str, name: str) -> str:
    """What makes two spellings of a name the same package, as the registry compares them (PEP 503 for Python)."""
    if ecosystem == "pypi":
        return name.lower().replace("_", "-").replace(".", "-")
    return name.lower() if ecosystem in ("nuget", "packagist") else name
