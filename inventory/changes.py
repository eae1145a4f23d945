"""What a target changed, read from objects: one `Delta` for each file of each commit, and the trees around them."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ..core.errors import NotFoundError
from ..core.gate.objects import MODE_GITLINK, Entry
from ..core.gate.reader import ObjectReader
from ..core.gate.runner import Git
from ..core.gate.trees import list_files
from ..core.globs import first_match
from ..core.ids import Oid
from .model import Unknown

if TYPE_CHECKING:
    from .quiet import Quiet

MAX_BYTES = 1_500_000
"""Larger files are data or generated, and are named as not read."""


Spans = Sequence[tuple[int, int]]
"""Parts of a file: the first byte of each, and the one behind its last; in order, none of them touching."""


class Contents:
    """The content of blobs: those that are wanted are read all at once, with the first of them.

    Args:
        reader: reads them.
    """

    def __init__(self, reader: ObjectReader) -> None:
        self._reader = reader
        self._wanted: set[Oid] = set()
        self._known: dict[Oid, bytes | None] = {}

    def want(self, names: Iterable[Oid]) -> None:
        """Blobs that will be asked for."""
        self._wanted.update(name for name in names if name not in self._known)

    def of(self, name: Oid) -> bytes | None:
        """A blob's bytes; None if it is too large, or absent from the store."""
        if name in self._wanted:
            read = self._reader.read_all(sorted(self._wanted), MAX_BYTES)
            self._known.update({one: read.get(one) for one in self._wanted})
            self._wanted = set()
        if self._known.get(name) is None:
            try:
                data = self._reader.read(name).data
            except NotFoundError:
                return None
            self._known[name] = data if len(data) <= MAX_BYTES else None
        return self._known[name]

    def whole(self, name: Oid) -> bytes:
        """A blob's bytes however many there are.

        Raises:
            NotFoundError: if it is absent from the store.
        """
        return self._reader.read(name).data


@dataclass(frozen=True, eq=False)
class Side:
    """A file on one side of a change; read when it is asked for.

    Attributes:
        path: from the root.
        entry: mode and object.
        contents: reads it.
        spans: the parts that a reader of code has to look at; None for all of it.
    """

    path: str
    entry: Entry
    contents: Contents
    spans: Spans | None = None

    @cached_property
    def data(self) -> bytes | None:
        """The bytes; None for a link to a submodule, and for what is too large or absent from the store."""
        if self.entry.mode == MODE_GITLINK:
            return None
        return self.contents.of(Oid(self.entry.oid))

    @property
    def is_missed(self) -> bool:
        """Whether its content was asked for and not got: it is too large, or absent from a partial clone."""
        return "data" in vars(self) and self.data is None

    @cached_property
    def text(self) -> str:
        """As UTF-8, with U+FFFD for what is not; empty if it was not read or is binary."""
        if self.data is None or b"\0" in self.data[:8000]:
            return ""
        return self.data.decode("utf-8", "replace")

    @cached_property
    def low(self) -> bytes:
        """The bytes with ASCII letters in lower case, to look for words in; empty if it was not read or is binary."""
        return self.data.lower() if self.data is not None and self.text else b""

    @cached_property
    def lines(self) -> list[str]:
        """The text by lines, without line ends; line 1 is the first."""
        return self.text.splitlines()


@dataclass(frozen=True, kw_only=True)
class Delta:
    """How one commit changed one path; without rename detection, so a move is a removal and an addition.

    Attributes:
        path: from the root.
        commit: the commit; empty for what is not committed.
        old: the file before, None if it was not there.
        new: the file after, None if it is not there.
    """

    path: str
    commit: str
    old: Side | None
    new: Side | None

    @property
    def sides(self) -> Iterator[Side]:
        """The sides there are."""
        yield from (side for side in (self.old, self.new) if side is not None)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass
class View:
    """A whole tree, read as it is asked for.

    Args:
        git: where it is.
        contents: reads its files.
        tree: the tree or commit; None for an empty one.
        listed: its files, if they follow from what is known; they are listed otherwise.
    """

    git: Git
    contents: Contents
    tree: str | None
    listed: Callable[[], Mapping[str, Entry]] | None = None
    _sides: dict[str, Side | None] = field(default_factory=dict)

    @cached_property
    def files(self) -> Mapping[str, Entry]:
        """Every file, by path. Costs one listing of the tree, once."""
        if self.listed is not None:
            return self.listed()
        return {} if self.tree is None else list_files(self.git, self.tree)

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[str]]:
        """The paths of every file, by the last part of their names."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found

    @cached_property
    def by_folder(self) -> Mapping[str, Sequence[str]]:
        """The names of every file, by the directory it is in; the root is empty."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            folder, _, name = path.rpartition("/")
            found.setdefault(folder, []).append(name)
        return found

    def read(self, path: str) -> Side | None:
        """A file; None if it is not in the tree."""
        if path not in self._sides:
            entry = self.files.get(path)
            self._sides[path] = None if entry is None else Side(path, entry, self.contents)
        return self._sides[path]

    def asking(self, words: Iterable[str], paths: Sequence[str] = ()) -> Callable[[], dict[str, list[str]]]:
        """What `mentions` says, found while the caller does something else; the answer is for whoever calls it."""
        wanted = list(words)
        if not wanted:
            return dict
        searcher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mentions")
        asked = searcher.submit(self.mentions, wanted, paths)
        searcher.shutdown(wait=False)
        return asked.result

    def mentions(self, words: Iterable[str], paths: Sequence[str] = ()) -> dict[str, list[str]]:
        """Which files hold a word as a whole word, by word; one search for all of them.

        Args:
            words: what to look for; literal.
            paths: git pathspecs to search in, `:(exclude)…` among them; everything if empty.
        """
        asked = sorted({word for word in words if word and "\n" not in word})
        found: dict[str, list[str]] = {word: [] for word in asked}
        if not asked or self.tree is None:
            return found
        argv = ["grep", "-I", "-F", "-w", "-o", "-z", "--no-color", "--full-name", "-f", "-", self.tree, "--", *paths]
        output = self.git.run(*argv, stdin="\n".join(asked).encode(errors="surrogateescape"), ok=(0, 1)).stdout
        for row in os.fsdecode(output).split("\n"):
            path, _, word = row.partition("\0")
            path = path.removeprefix(f"{self.tree}:")
            if word in found and path not in found[word][-1:]:
                found[word].append(path)
        return found


@dataclass
class Changes:
    """A target's changes, as detectors read them.

    Attributes:
        deltas: oldest commit first.
        before: the tree before the first of them.
        after: the tree after the last of them.
        hide: what is shown in place of a value that may be a secret: its length and a salted hash.
        unknowns: what could not be read; detectors add to it with `unread`.
        quiet: remembers, by domain, changes it had nothing to say of.
    """

    deltas: Sequence[Delta]
    before: View
    after: View
    hide: Callable[[str], str]
    unknowns: list[Unknown] = field(default_factory=list)
    quiet: "Quiet | None" = None

    def matching(self, *patterns: str) -> Iterator[Delta]:
        """The deltas whose path fits one of the globs, as `core.globs` reads them."""
        return (delta for delta in self.deltas if first_match(delta.path, patterns))

    def want(self, deltas: Iterable[Delta]) -> None:
        """Say that changes will be read: their contents are fetched all at once, with the first of them."""
        sides = (side for delta in deltas for side in delta.sides if side.entry.mode != MODE_GITLINK)
        self.before.contents.want(Oid(side.entry.oid) for side in sides)

    def unread(self, domain: str, subject: str, why: str) -> None:
        """Say that something could not be read or told."""
        self.unknowns.append(Unknown(domain=domain, subject=subject, why=why))
