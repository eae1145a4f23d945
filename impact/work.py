"""What can be done with blobs in whichever process: reading them, and parsing them for names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.gate.runner import Git
from ..core.ids import Oid
from .contents import contents
from .languages.vocabulary import BY_CALLING
from .model import Definition, Edge, Facts, Use
from .store import WORDS, Key, Store, decode, encode, language
from .words import words_of


@dataclass(frozen=True)
class Reading:
    """A blob that is to be read.

    Attributes:
        blob: it.
        size: its bytes.
        readers: the languages that read it; WORDS for its words.
    """

    blob: Oid
    size: int
    readers: Sequence[str]


@dataclass
class Said:
    """What blobs say.

    Attributes:
        facts: by who read them.
        words: the words of those that were asked for with WORDS.
    """

    facts: dict[Key, Facts] = field(default_factory=dict)
    words: dict[Oid, bytes] = field(default_factory=dict)

    def add(self, other: "Said") -> None:
        """Take in what others say."""
        self.facts |= other.facts
        self.words |= other.words

    def lacks(self, key: Key) -> bool:
        """Whether what was asked for is not here."""
        return key[1] not in self.words if key[0] == WORDS else key not in self.facts


Rows = list[tuple[Key, str]]
"""What blobs say, as the store has it."""


def said(git: Git, share: Sequence[Reading]) -> Said:
    """What blobs say; absent ones say nothing."""
    readers = {one.blob: one.readers for one in share}
    found = Said()
    for blob, data in contents(git, {one.blob: one.size for one in share}):
        for name in readers[blob]:
            if name == WORDS:
                found.words[blob] = words_of(data)
            else:
                found.facts[name, blob] = language(name).extract(data)
    return found


def rows_of(one: Said) -> Rows:
    """The same as text."""
    rows = [(key, encode(facts)) for key, facts in one.facts.items()]
    return rows + [((WORDS, blob), words.decode("ascii")) for blob, words in one.words.items()]


def decoded(text: Rows) -> Said:
    """What `rows_of` made to text."""
    found = Said()
    for key, data in text:
        if key[0] == WORDS:
            found.words[key[1]] = data.encode("ascii")
        else:
            found.facts[key] = decode(data)
    return found


def rows(git: Git, share: Sequence[Reading]) -> Rows:
    """What blobs say, as text."""
    return rows_of(said(git, share))


def keep(_git: Git, share: Sequence[tuple[str, Rows]]) -> None:
    """Keep what blobs say in the stores of state directories."""
    for folder, said_there in share:
        Store(folder).keep(said_there)


def define(git: Git, share: Sequence[tuple[Key, int]]) -> dict[Key, tuple[Definition, ...]]:
    """The definitions of blobs in a language, given with their sizes; absent ones have none."""
    names: dict[Oid, list[str]] = {}
    for (name, blob), _ in share:
        names.setdefault(blob, []).append(name)
    found: dict[Key, tuple[Definition, ...]] = {}
    for blob, data in contents(git, {blob: size for (_, blob), size in share}):
        for name in names[blob]:
            known = language(name).definitions
            found[name, blob] = tuple(known(data)) if known is not None else ()
    return found


@dataclass(frozen=True)
class Asking:
    """Where a blob uses names, through some edges.

    Attributes:
        name: its language's.
        blob: it.
        size: its bytes.
        asked: edges of files that hold it, each with names.
    """

    name: str
    blob: Oid
    size: int
    asked: Sequence[tuple[Edge, Sequence[str]]]


def use(git: Git, share: Sequence[Asking]) -> dict[Oid, list[Sequence[Use]]]:
    """For each blob the uses, in the order asked."""
    asked = {one.blob: one for one in share}
    return {
        blob: uses_in(asked[blob].name, data, asked[blob].asked)
        for blob, data in contents(git, {one.blob: one.size for one in share})
    }


def uses_in(name: str, data: bytes, asked: Sequence[tuple[Edge, Sequence[str]]]) -> list[Sequence[Use]]:
    """Where a text uses names through edges; its language has to know that."""
    known = language(name)
    found: list[Sequence[Use]] = [()] * len(asked)
    said = [at for at, (_, names) in enumerate(asked) if any(_word(one) in data for one in names)]
    if known.uses_through is not None:
        answers = known.uses_through(data, [asked[at] for at in said]) if said else ()
    else:
        assert known.uses is not None
        answers = [known.uses(data, *asked[at]) for at in said]
    for at, answer in zip(said, answers, strict=True):
        found[at] = answer
    return found


def _word(name: str) -> bytes:
    """A word that stands wherever a name is used."""
    owner, _, word = name.rpartition(".")
    said = owner.rpartition(".")[2] if word in BY_CALLING and owner else word
    return said.encode("utf-8", "surrogateescape")


WORKS: Mapping[str, Callable[[Git, Sequence[Any]], object]] = {one.__name__: one for one in (rows, keep, define, use)}
"""What a crew's processes can be asked for, by name."""
