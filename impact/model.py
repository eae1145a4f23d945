"""The words of the file graph: what a file says, what that means here, and the edges that come of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Confidence = Literal["sure", "likely", "weak"]
"""`sure`: the language's own rules say so. `likely`: they leave a choice. `weak`: a distinctive name is mentioned."""

KINDS: Mapping[str, str] = {
    "import": "imports it when it is loaded",
    "lazy": "imports it when a function runs",
    "type": "imports it for types alone",
    "export": "passes its names on",
    "load": "loads it by a name given as text",
    "reference": "a model or table refers to it",
    "read": "reads a table it makes",
    "write": "writes a table it makes",
    "include": "includes, extends or renders it",
    "path": "names its path",
    "env": "names a variable it defines",
    "generate": "is generated from it",
    "test": "tests it, by its name",
    "mention": "mentions a name that only it has",
}
"""Every kind of edge, and what the file it starts from does with the file it leads to."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken from another file.

    Attributes:
        name: as it is called there; `*` for all of them.
        local: as it is called here; empty if it is not bound.
    """

    name: str
    local: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """One thing a file says it needs, in its own language's words; nothing is resolved yet.

    Attributes:
        kind: one of KINDS.
        target: what it names, normalised by the language: a module, a specifier, a table, a path.
        line: where, counted from 1.
        names: what it takes from there; none for the thing as a whole.
        local: what the thing as a whole is called here (`import a.b as c`: `c`); empty if it is not bound.
        confidence: how sure the file's words are; resolving can only weaken it.
    """

    kind: str
    target: str
    line: int
    names: tuple[Name, ...] = ()
    local: str = ""
    confidence: Confidence = "sure"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file's bytes alone say; kept by blob and language version.

    Attributes:
        references: what it needs.
        provides: what others may call it by, beyond its path: tables it makes, a package it belongs to, variables.
        problems: what could not be read, for a person; a file with problems is not wholly known.
    """

    references: tuple[Reference, ...] = ()
    provides: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that other files can use.

    Attributes:
        name: as they call it; `Class.member` for what a class has.
        line: where, counted from 1.
        signature: its declaration, with blanks normalised and without its body: what callers rely on.
        kind: `function`, `class`, `variable`, `type`, `column`, …, for a reader.
    """

    name: str
    line: int
    signature: str
    kind: str


@dataclass(frozen=True, slots=True)
class Use:
    """A place that uses a name.

    Attributes:
        name: the definition's name.
        line: where, counted from 1.
        sure: whether the language's rules say it is that name; else the same word stands there.
    """

    name: str
    line: int
    sure: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A file that a reference leads to.

    Attributes:
        path: the file.
        names: what is taken from that file; none for the file as a whole.
        local: what the file as a whole is called here; empty if it is not bound.
        confidence: how sure that is.
    """

    path: str
    names: tuple[Name, ...] = ()
    local: str = ""
    confidence: Confidence = "sure"


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a reference leads.

    Attributes:
        hits: files of the tree; none if it leads out of it.
        why: why it is not known where it leads, for a person; empty if it is known (an installed package is).
    """

    hits: tuple[Hit, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A file needs another.

    Attributes:
        source: the file that needs.
        target: the file that is needed.
        kind: one of KINDS.
        line: where `source` says so, counted from 1.
        names: what is taken; none for the file as a whole.
        local: what the file as a whole is called in `source`.
        confidence: how sure that is.
    """

    source: str
    target: str
    kind: str
    line: int
    names: tuple[Name, ...] = ()
    local: str = ""
    confidence: Confidence = "sure"


@dataclass(frozen=True)
class Files:
    """The files of one tree.

    Attributes:
        paths: every path, with `/` between its parts.
        read: the bytes of one of them, for the few that resolving needs (`tsconfig.json`, `go.mod`).
        facts: what is known of each file that was read, filled before anything is resolved.
    """

    paths: frozenset[str]
    read: Callable[[str], bytes]
    facts: Mapping[str, Facts] = field(default_factory=dict)


Resolver = Callable[[str, Reference], Resolved]
"""Where a reference of a file (its path) leads, in the tree the resolver was made for."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """How one language's files are read. A new one is a file with one of these, and a line in LANGUAGES.

    Attributes:
        name: short, lower case.
        version: goes up whenever `extract` would say something else; facts of other versions are not used.
        matches: whether a path is one of its files. The first language that matches reads a file.
        extract: what the bytes say. Never raises: what does not read is a problem in the facts.
        resolver: makes the resolver of one tree; called once for it.
        definitions: what others can use of a file's bytes; None if the language has no such names.
        uses: where a file's bytes use any of these names. Given are the edge's `names` and `local` through
            which it could, and the definitions' names that are asked about (`Class.member` included).
            None if only the words themselves can be searched.
        uses_through: the same for several edges of one text, where that is less work than one by one.
        takes_names: whether through an edge with names nothing can be used but those and their members.
        gathers: whether others reach through a file what it takes as a whole, as members of that (a package's
            `__init__.py`: `package.module.name`). None if no file does.
    """

    name: str
    version: int
    matches: Callable[[str], bool]
    extract: Callable[[bytes], Facts]
    resolver: Callable[[Files], Resolver]
    definitions: Callable[[bytes], Sequence[Definition]] | None = None
    uses: Callable[[bytes, Edge, Sequence[str]], Sequence[Use]] | None = None
    uses_through: Callable[[bytes, Sequence[tuple[Edge, Sequence[str]]]], Sequence[Sequence[Use]]] | None = None
    takes_names: bool = False
    gathers: Callable[[str], bool] | None = None
