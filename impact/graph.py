"""The file graph of one tree: every file's edges, and what could not be read or resolved."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..core.ids import Oid
from .languages import language_of
from .languages.everywhere import EVERYWHERE
from .model import Edge, Facts, Files, Language, Resolver
from .reading import MAX_FILE
from .words import is_binary

NOTHING = Facts()
ABSENT = "it is not here (a partial clone)"
_MAX_TEXT = 16 << 20
_LINK = "120000"


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A file of a tree.

    Attributes:
        blob: its content.
        size: bytes.
        language: who reads it; None if nobody does.
        unread: why nobody has read it although somebody could; empty otherwise.
        text: whether its words can be looked up: neither a link nor evidently binary, and not too large.
        here: whether its content is: a partial clone lacks some.
    """

    blob: Oid
    size: int
    language: Language | None
    unread: str = ""
    text: bool = False
    here: bool = True


class Resolvers:
    """The resolvers of one tree, each made when it is first asked for.

    Args:
        files: the tree.
        languages: by their names.
    """

    def __init__(self, files: Files, languages: Mapping[str, Language]) -> None:
        self._files = files
        self._languages = languages
        self._made: dict[str, Resolver] = {}

    def get(self, name: str) -> Resolver | None:
        """A language's resolver; None if no file of the tree is in it."""
        made = self._made.get(name)
        if made is None and (language := self._languages.get(name)) is not None:
            made = self._made[name] = language.resolver(self._files)
        return made


@dataclass(frozen=True)
class Graph:
    """Who needs whom, in one tree.

    Attributes:
        listed: every file.
        files: the same, as resolvers see it.
        edges: by the file that needs.
        beside: what files say in words that are not their language's own.
        unresolved: by the file: line, what it names and why it is not known where that leads.
        resolvers: tell where references lead in this tree.
        settings: the files that were read to resolve references.
    """

    listed: Mapping[str, Listed]
    files: Files
    edges: Mapping[str, Sequence[Edge]]
    unresolved: Mapping[str, Sequence[tuple[int, str]]]
    resolvers: Resolvers = field(repr=False)
    beside: Mapping[str, Facts] = field(repr=False, default_factory=dict)
    settings: Collection[str] = ()

    @cached_property
    def dependents(self) -> dict[str, list[Edge]]:
        """Edges by the file that is needed."""
        found: dict[str, list[Edge]] = {}
        for edges in self.edges.values():
            for edge in edges:
                found.setdefault(edge.target, []).append(edge)
        return found

    def unread(self, path: str) -> list[str]:
        """Why a file is not wholly known; empty if it is."""
        one = self.listed.get(path)
        if one is None:
            return []
        facts = self.files.facts.get(path)
        return [*([one.unread] if one.unread else []), *(facts.problems if facts is not None else ())]

    def resolve(self, path: str, facts: Facts, beside: Facts = NOTHING) -> tuple[list[Edge], list[tuple[int, str]]]:
        """Where the references of a file lead in this tree, whatever tree its facts are from; and what is lost.

        Args:
            path: the file.
            facts: what its language says.
            beside: what it says in words that are not its language's own.
        """
        language = language_of(path)
        own = [(language.name, facts)] if language is not None else []
        edges: dict[tuple[str, str, int], Edge] = {}
        unresolved = []
        rows = [
            (resolver, one)
            for name, said in (*own, (EVERYWHERE.name, beside))
            if (resolver := self.resolvers.get(name)) is not None
            for one in said.references
        ]
        for resolver, one in rows:
            resolved = resolver(path, one)
            if resolved.why:
                unresolved.append((one.line, f"{one.target}: {resolved.why}"))
            for hit in resolved.hits:
                if hit.path == path:
                    continue
                key = (hit.path, one.kind, one.line)
                edge = Edge(path, hit.path, one.kind, one.line, hit.names, hit.local, hit.confidence)
                known = edges.get(key)
                edges[key] = edge if known is None else _joined(known, edge)
        return list(edges.values()), unresolved

    def reached(self, starts: Iterable[str], depth: int | None = None) -> dict[str, tuple[int, Edge]]:
        """Every file from which a way leads to one of these: its distance and the first edge of a shortest way."""
        queue = deque((path, 0) for path in starts)
        seen = {path for path, _ in queue}
        found: dict[str, tuple[int, Edge]] = {}
        while queue:
            path, distance = queue.popleft()
            if depth is not None and distance >= depth:
                continue
            for edge in self.dependents.get(path, ()):
                if edge.source not in seen and edge.kind != "mention":
                    seen.add(edge.source)
                    found[edge.source] = (distance + 1, edge)
                    queue.append((edge.source, distance + 1))
        return found


def _joined(one: Edge, other: Edge) -> Edge:
    return replace(one, names=(*one.names, *(name for name in other.names if name not in one.names)))


def listed(path: str, mode: str, blob: Oid, size: int | None) -> Listed:
    """A file of a tree; its size is None if its content is not here."""
    length, here = size or 0, size is not None
    if mode == _LINK:
        return Listed(blob=blob, size=length, language=None, here=here)
    language = language_of(path)
    unread = ""
    if language is not None:
        unread = ABSENT if size is None else f"larger than {MAX_FILE >> 20} MiB" if length > MAX_FILE else ""
    text = size is not None and size <= _MAX_TEXT and not is_binary(path)
    return Listed(blob=blob, size=length, language=language, unread=unread, text=text, here=here)
