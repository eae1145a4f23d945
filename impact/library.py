"""Trees of one repository: their files, their graphs, and what was read of them."""

import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from ..core.errors import NotFoundError
from ..core.gate.objects import Entry
from ..core.gate.repository import Repository
from ..core.gate.runner import Git
from ..core.gate.trees import diff_trees
from ..core.ids import Oid
from ..core.snapshot.seed import sizes_here
from .commits.reading import Kept
from .contents import contents
from .crew import Crew
from .declared import declared_words, is_distinctive, keys
from .garbage import uncollected
from .graph import NOTHING, Graph, Listed, Resolvers, listed
from .languages.everywhere import EVERYWHERE
from .model import Definition, Edge, Facts, Files, Use
from .reading import MAX_FILE, said_of
from .store import WORDS, Key, Store
from .updating import affected
from .words import WordIndex
from .work import Asking, define, use, uses_in

T = TypeVar("T")
R = TypeVar("R")

_SUBMODULE = "160000"
# These find paths and variables by themselves.
_WHOLE = frozenset({"sql", "docker", "environment", "yaml", "toml", "json", "script", "markdown", "csv", "template"})
_WORTH = 1 << 20
_WORTH_RUNNING = 1 << 17
"""Bytes to be parsed that are worth the help of others, if there is any; and of others that run already."""

_LARGE_INDEX = 160_000
"""Bytes of an index that lists more than a thousand files."""

_MOST_USES = 50_000
_MOST_PAIRS = 5_000
_MOST_FACTS = 200_000
_MOST_BYTES = 128 << 20
_MOST_TREES = 4
_MOST_CHANGES = 1000
"""More differences than these between two trees, and the second is read as if the first were not known."""


class Library:
    """Trees of one repository, read as far as they were asked about.

    Args:
        repository: whose trees.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.git = repository.git
        self.kept = Kept()
        self._crew: Crew | None = None
        self._guard = threading.Lock()
        self._store = Store(repository.state_dir)
        self._lists: dict[str, dict[str, Listed]] = {}
        self._graphs: dict[str, Graph] = {}
        self._bytes: dict[Oid, bytes] = {}
        self._held = 0
        self._definitions: dict[Key, tuple[Definition, ...]] = {}
        self._undeclared: dict[tuple[Oid, Oid | None], Sequence[bytes]] = {}
        self._facts: dict[Key, Facts] = {}
        self._index = WordIndex()
        self._uses: dict[tuple[object, ...], Sequence[Use]] = {}

    def listing(self, tree: str) -> dict[str, Listed]:
        """Every file of a tree; submodules are none."""
        known = self._lists.get(tree)
        if known is None:
            known = self._updated_listing(tree) or self._whole_listing(tree)
            _remember(self._lists, tree, known)
        return known

    def _whole_listing(self, tree: str) -> dict[str, Listed]:
        rows = [line.split("\t", 1) for line in self.git.fields("ls-tree", "-r", "-z", "--full-tree", tree)]
        files = [(path, *info.split()) for info, path in rows if not info.startswith(_SUBMODULE)]
        # `ls-tree -l` ends at the first blob that is absent.
        sizes = sizes_here(self.git, (blob for *_, blob in files))
        return {path: listed(path, mode, Oid(blob), sizes.get(blob)) for path, mode, _, blob in files}

    def _updated_listing(self, tree: str) -> dict[str, Listed] | None:
        """The files of a tree that is much like the last one; None if none is."""
        if not self._lists:
            return None
        last = next(reversed(self._lists))
        changes = diff_trees(self.git, last, tree)
        if len(changes) > _MOST_CHANGES:
            return None
        return self.with_changes(self._lists[last], {one.path: one.new for one in changes})

    def with_changes(self, listing: Mapping[str, Listed], changes: Mapping[str, Entry | None]) -> dict[str, Listed]:
        """A list of files after some of them changed.

        Args:
            listing: the list.
            changes: by path the new entry, None where the file goes.
        """
        found = {path: one for path, one in listing.items() if path not in changes}
        entries = {path: one for path, one in changes.items() if one is not None and one.mode != _SUBMODULE}
        sizes = sizes_here(self.git, (one.oid for one in entries.values())) if entries else {}
        for path, one in entries.items():
            found[path] = listed(path, one.mode, one.oid, sizes.get(one.oid))
        return dict(sorted(found.items())) if entries else found

    def fetch(self, files: Iterable[Listed]) -> None:
        """Read files that will be asked for, all at once."""
        wanted = {one.blob: one.size for one in files if one.here and one.blob not in self._bytes}
        wanted = {blob: size for blob, size in wanted.items() if size <= MAX_FILE}
        if wanted:
            self._held += sum(wanted.values())
            if self._held > _MOST_BYTES:
                self._bytes.clear()
                self._held = sum(wanted.values())
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

    def text(self, one: Listed) -> bytes:
        """A file's bytes; none if they are absent."""
        return self.read(one.blob) if one.here else b""

    def line(self, graph: Graph, path: str, number: int) -> str:
        """A line of a file, counted from 1, without the blanks around it; empty if there is none."""
        one = graph.listed.get(path)
        lines = [] if one is None or number < 1 or one.size > MAX_FILE else self.text(one).split(b"\n", number)
        return lines[number - 1].decode("utf-8", "replace").strip() if len(lines) >= number > 0 else ""

    def definitions(self, files: Iterable[Listed]) -> dict[Key, tuple[Definition, ...]]:
        """What others can use of files, by language and blob; those of languages without such names are left out."""
        wanted = {
            (one.language.name, one.blob): one
            for one in files
            if one.language is not None and one.language.definitions is not None and not one.unread
        }
        missing = [key for key in wanted if key not in self._definitions]
        known = self._store.definitions(missing) if missing else {}
        fresh = [(key, wanted[key].size) for key in missing if key not in known]
        if fresh:
            found: dict[Key, tuple[Definition, ...]] = {}
            for answer in self._spread(define, fresh, lambda one: one[1]):
                found |= answer
            self._store.keep_definitions(found)
            known |= {key: found.get(key, ()) for key, _ in fresh}
        self._definitions.update(known)
        return {key: self._definitions[key] for key in wanted}

    def uses(self, one: Listed, edge: Edge, names: Sequence[str]) -> Sequence[Use]:
        """Where a file uses names through one of its edges; its language has to know that. Remembered."""
        key = _question(one, edge, names)
        if key not in self._uses:
            assert one.language is not None
            (self._uses[key],) = uses_in(one.language.name, self.read(one.blob), [(edge, names)])
        return self._uses[key]

    def look_up(self, questions: Iterable[tuple[Listed, Edge, Sequence[str]]]) -> None:
        """Answer many questions of `uses` at once, before they are asked."""
        if len(self._uses) >= _MOST_USES:
            self._uses.clear()
        asked: dict[Oid, list[tuple[Edge, Sequence[str]]]] = {}
        files: dict[Oid, Listed] = {}
        for one, edge, names in questions:
            if one.here and _question(one, edge, names) not in self._uses:
                asked.setdefault(one.blob, []).append((edge, names))
                files[one.blob] = one
        share = [
            Asking(one.language.name, blob, one.size, asked[blob])
            for blob, one in files.items()
            if one.language is not None
        ]
        for answers in self._spread(use, share, lambda one: one.size * len(one.asked)):
            for blob, found in answers.items():
                for (edge, names), uses in zip(asked[blob], found, strict=True):
                    self._uses[_question(files[blob], edge, names)] = uses

    def _spread(
        self, work: Callable[[Git, Sequence[T]], R], items: Sequence[T], weight: Callable[[T], int]
    ) -> Sequence[R]:
        """What comes of work on items, alone or with others where that pays."""
        if self._crew is None or sum(map(weight, items)) < (_WORTH_RUNNING if self._crew.running else _WORTH):
            return [work(self.git, items)]
        mine, theirs = self._crew.run(work, work, items, weight)
        return [*mine, *theirs]

    @contextmanager
    def helped(self) -> Iterator[None]:
        """While this lasts, other processes take a share of what is much to do, and garbage is left lying.

        One thread at a time.
        """
        with self._guard, uncollected(), Crew(self.git) as crew:
            self._crew = crew
            try:
                yield
            finally:
                self._crew = None

    def _is_large(self) -> bool:
        """Whether there is evidently enough to read for others to be of help."""
        try:
            return os.path.getsize(os.path.join(self.git.git_dir, "index")) > _LARGE_INDEX
        except OSError:
            return False

    def undeclared(self, one: Listed, after: Listed | None) -> Sequence[bytes]:
        """Distinctive words in what a file declares on lines that go when it becomes another. Remembered.

        Where a language tells which names others can use, those count and keys of data: what is local to a function,
        or the name of an argument, is nobody else's.
        """
        key = (one.blob, None if after is None else after.blob)
        known = self._undeclared.get(key)
        if known is None:
            stays = set[bytes]() if after is None else set(self.text(after).split(b"\n"))
            goes = b"\n".join(line for line in self.text(one).split(b"\n") if line not in stays)
            said: Iterable[bytes] = declared_words(goes)
            if one.language is not None and one.language.definitions is not None and one.language.name not in _WHOLE:
                lost = self._offered(one) - (frozenset() if after is None else self._offered(after))
                lost |= keys(goes, one.language.name)
                said = [word for word in said if word in lost]
            known = tuple(word for word in said if is_distinctive(word.decode("ascii")))
            if len(self._undeclared) >= _MOST_PAIRS:
                self._undeclared.clear()
            self._undeclared[key] = known
        return known

    def _offered(self, one: Listed) -> frozenset[bytes]:
        """The names that others can use of a file, without those of their owners, nor what it only passes on."""
        found = self.definitions([one]).values()
        return frozenset(
            name.name.rpartition(".")[2].encode("utf-8", "replace")
            for names in found
            for name in names
            if name.kind != "reexport"
        )

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
        missing = {key: size for key, size in sizes.items() if key not in self._facts}
        if len(self._facts) + len(missing) > _MOST_FACTS:
            self._facts, missing = {}, sizes
        if missing:
            said = said_of(self.git, self._store, missing, self._crew)
            self._index.add(said.words)
            self._facts.update(said.facts)
        read = (
            {path: self._facts[key] for path, key in keys.items() if key in self._facts} for keys in (own, beside)
        )
        return next(read), next(read)

    def index(self, listing: Mapping[str, Listed]) -> WordIndex:
        """The words of files, and of others that were asked about before."""
        missing = {
            (WORDS, one.blob): one.size for one in listing.values() if one.text and one.blob not in self._index
        }
        if missing:
            self._index.add(said_of(self.git, self._store, missing, self._crew).words)
        return self._index

    def view(self, listing: Mapping[str, Listed]) -> Graph:
        """A list of files in which references can be resolved; without edges."""
        facts, beside = self.facts(listing)
        settings: set[str] = set()

        def read(path: str) -> bytes:
            settings.add(path)
            return self.text(listing[path])

        files = Files(paths=frozenset(listing), read=read, facts=facts)
        languages = {one.language.name: one.language for one in listing.values() if one.language is not None}
        if beside:
            languages[EVERYWHERE.name] = EVERYWHERE
        return Graph(
            listed=listing,
            files=files,
            edges={},
            unresolved={},
            resolvers=Resolvers(files, languages),
            beside=beside,
            settings=settings,
        )

    def prepare(self) -> None:
        """Let others who will help start now, if there is evidently much to read: it takes them a while."""
        if self._crew is not None and not self._graphs and self._is_large():
            self._crew.start()

    @uncollected()
    def graph(self, tree: str) -> Graph:
        """The file graph of a tree."""
        known = self._graphs.get(tree)
        if known is None:
            like = next(reversed(self._graphs.values()), None)
            self.prepare()
            listing = self.listing(tree)
            view = self.view(listing)
            changed = None if like is None else affected(like, view, lambda: self.index(listing))
            known = _resolved(view, like, changed)
            _remember(self._graphs, tree, known)
        return known


def _resolved(view: Graph, like: Graph | None, changed: Collection[str] | None) -> Graph:
    """A graph with its edges: those of the given files are resolved, the others' are as in a similar graph."""
    edges: dict[str, Sequence[Edge]] = {}
    unresolved: dict[str, Sequence[tuple[int, str]]] = {}
    for path, one in view.files.facts.items():
        found: Sequence[Edge]
        lost: Sequence[tuple[int, str]]
        if like is None or changed is None or path in changed:
            found, lost = view.resolve(path, one, view.beside.get(path, NOTHING))
        else:
            found, lost = like.edges.get(path, ()), like.unresolved.get(path, ())
        if found:
            edges[path] = found
        if lost:
            unresolved[path] = lost
    return replace(view, edges=edges, unresolved=unresolved)


def _question(one: Listed, edge: Edge, names: Sequence[str]) -> tuple[object, ...]:
    """All that an answer of `uses` depends on: one blob may stand in several places."""
    return (one.blob, edge.target, edge.kind, edge.line, edge.names, edge.local, *names)


def _remember(known: dict[str, T], tree: str, one: T) -> None:
    """Keep something of a tree, and of few others."""
    known[tree] = one
    while len(known) > _MOST_TREES:
        del known[next(iter(known))]
