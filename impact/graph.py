"""The file graph of one tree: every file's edges, and what could not be read or resolved."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..core.errors import NotFoundError
from ..core.gate.objects import Entry
from ..core.gate.repository import Repository
from ..core.ids import Oid
from ..core.snapshot.seed import sizes_here
from .languages import language_of
from .languages.everywhere import EVERYWHERE
from .model import Definition, Edge, Facts, Files, Language, Resolver
from .reading import MAX_FILE, contents, facts_of
from .store import Key, Store

NOTHING = Facts()
_ABSENT = "it is not here (a partial clone)"
_LINK, _SUBMODULE = "120000", "160000"
# These find paths and variables by themselves.
_WHOLE = frozenset({"sql", "docker", "environment", "yaml", "toml", "json", "script", "markdown", "csv", "template"})


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A file of a tree.

    Attributes:
        blob: its content.
        size: bytes.
        language: who reads it; None if nobody does.
        unread: why nobody has read it although somebody could; empty otherwise.
    """

    blob: Oid
    size: int
    language: Language | None
    unread: str = ""


@dataclass(frozen=True)
class Graph:
    """Who needs whom, in one tree.

    Attributes:
        listed: every file.
        files: the same, as resolvers see it.
        edges: by the file that needs.
        beside: what files say in words that are not their language's own.
        unresolved: by the file: line, what it names and why it is not known where that leads.
    """

    listed: Mapping[str, Listed]
    files: Files
    edges: Mapping[str, Sequence[Edge]]
    unresolved: Mapping[str, Sequence[tuple[int, str]]]
    resolvers: Mapping[str, Resolver] = field(repr=False, default_factory=dict)
    beside: Mapping[str, Facts] = field(repr=False, default_factory=dict)

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


class Library:
    """Trees of one repository, read as far as they were asked about.

    Args:
        repository: whose trees.
    """

    def __init__(self, repository: Repository) -> None:
        self.git = repository.git
        self._store = Store(repository.state_dir)
        self._lists: dict[str, dict[str, Listed]] = {}
        self._bytes: dict[Oid, bytes] = {}
        self._definitions: dict[Key, tuple[Definition, ...]] = {}

    def listing(self, tree: str) -> dict[str, Listed]:
        """Every file of a tree; submodules are none."""
        known = self._lists.get(tree)
        if known is None:
            rows = [line.split("\t", 1) for line in self.git.fields("ls-tree", "-r", "-z", "--full-tree", tree)]
            files = [(path, *info.split()) for info, path in rows if not info.startswith(_SUBMODULE)]
            # `ls-tree -l` ends at the first blob that is absent.
            sizes = sizes_here(self.git, (blob for *_, blob in files))
            known = {path: _listed(path, mode, Oid(blob), sizes.get(blob)) for path, mode, _, blob in files}
            self._lists[tree] = known
        return known

    def with_changes(self, listing: Mapping[str, Listed], changes: Mapping[str, Entry | None]) -> dict[str, Listed]:
        """A list of files after some of them changed.

        Args:
            listing: the list.
            changes: by path the new entry, None where the file goes.
        """
        found = {path: one for path, one in listing.items() if path not in changes}
        blobs = {entry.oid: 0 for entry in changes.values() if entry is not None and entry.mode != _SUBMODULE}
        self._bytes.update(contents(self.git, {blob: 0 for blob in blobs if blob not in self._bytes}))
        for path, entry in changes.items():
            if entry is not None and entry.mode != _SUBMODULE:
                found[path] = _listed(path, entry.mode, entry.oid, len(self.read(entry.oid)))
        return found

    def fetch(self, files: Iterable[Listed]) -> None:
        """Read files that will be asked for, all at once."""
        wanted = {one.blob: one.size for one in files if one.blob not in self._bytes and one.size <= MAX_FILE}
        if wanted:
            self._bytes.update(contents(self.git, wanted))

    def read(self, blob: Oid) -> bytes:
        """A blob's bytes.

        Raises:
            NotFoundError: if it is absent.
        """
        if blob not in self._bytes:
            self._bytes.update(contents(self.git, {blob: 0}))
        try:
            return self._bytes[blob]
        except KeyError:
            hint = f"In a partial clone `git show {blob}` brings it here; else run `git fsck`."
            raise NotFoundError(f"Object {blob} is missing.", hint=hint) from None

    def line(self, graph: Graph, path: str, number: int) -> str:
        """A line of a file, counted from 1, without the blanks around it; empty if there is none."""
        one = graph.listed.get(path)
        lines = [] if one is None or number < 1 or one.size > MAX_FILE else self.read(one.blob).split(b"\n", number)
        return lines[number - 1].decode("utf-8", "replace").strip() if len(lines) >= number > 0 else ""

    def definitions(self, files: Iterable[Listed]) -> dict[Key, tuple[Definition, ...]]:
        """What others can use of files, by language and blob; those of languages without such names are left out."""
        wanted = {
            (one.language.name, one.blob): one
            for one in files
            if one.language is not None and one.language.definitions is not None and not one.unread
        }
        missing = [key for key in wanted if key not in self._definitions]
        known = self._store.definitions(missing)
        self._definitions.update(known)
        fresh = [key for key in missing if key not in known]
        self.fetch(wanted[key] for key in fresh)
        found: dict[Key, tuple[Definition, ...]] = {}
        for key in fresh:
            language = wanted[key].language
            assert language is not None and language.definitions is not None
            found[key] = tuple(language.definitions(self.read(key[1])))
        self._store.keep_definitions(found)
        self._definitions.update(found)
        return {key: self._definitions[key] for key in wanted}

    def facts(self, listing: Mapping[str, Listed]) -> tuple[dict[str, Facts], dict[str, Facts]]:
        """What files say: in their language's own words, and beside them."""
        own: dict[str, Key] = {}
        beside: dict[str, Key] = {}
        for path, one in listing.items():
            if one.language is not None and not one.unread:
                own[path] = (one.language.name, one.blob)
                if one.language.name not in _WHOLE:
                    beside[path] = (EVERYWHERE.name, one.blob)
        sizes = {key: listing[path].size for keys in (own, beside) for path, key in keys.items()}
        found = facts_of(self.git, self._store, sizes)
        read = ({path: found[key] for path, key in keys.items() if key in found} for keys in (own, beside))
        return next(read), next(read)

    def view(self, listing: Mapping[str, Listed], like: Graph | None = None) -> Graph:
        """A list of files in which references can be resolved; without edges.

        Args:
            listing: the files.
            like: what is known of a similar list.
        """
        facts: dict[str, Facts] = {}
        beside: dict[str, Facts] = {}
        new = dict(listing)
        if like is not None:
            new = {path: one for path, one in listing.items() if like.listed.get(path) != one}
            facts = {path: one for path, one in like.files.facts.items() if path in listing and path not in new}
            beside = {path: one for path, one in like.beside.items() if path in listing and path not in new}
        for known, said in zip((facts, beside), self.facts(new), strict=True):
            known.update(said)

        def read(path: str) -> bytes:
            return b"" if listing[path].unread == _ABSENT else self.read(listing[path].blob)

        files = Files(paths=frozenset(listing), read=read, facts=facts)
        languages = {one.language.name: one.language for one in listing.values() if one.language is not None}
        if beside:
            languages[EVERYWHERE.name] = EVERYWHERE
        resolvers = {name: language.resolver(files) for name, language in languages.items()}
        return Graph(listed=listing, files=files, edges={}, unresolved={}, resolvers=resolvers, beside=beside)

    def graph(self, listing: Mapping[str, Listed]) -> Graph:
        """The file graph of a list of files."""
        view = self.view(listing)
        edges: dict[str, list[Edge]] = {}
        unresolved: dict[str, list[tuple[int, str]]] = {}
        for path, one in view.files.facts.items():
            found, lost = view.resolve(path, one, view.beside.get(path, NOTHING))
            if found:
                edges[path] = found
            if lost:
                unresolved[path] = lost
        return replace(view, edges=edges, unresolved=unresolved)


def _listed(path: str, mode: str, blob: Oid, size: int | None) -> Listed:
    length = size or 0
    if mode == _LINK:
        return Listed(blob=blob, size=length, language=None)
    language = language_of(path)
    unread = ""
    if language is not None:
        unread = _ABSENT if size is None else f"larger than {MAX_FILE >> 20} MiB" if length > MAX_FILE else ""
    return Listed(blob=blob, size=length, language=language, unread=unread)
