"""Which blobs hold which words: an index of whole words, for questions that would else read every file again.

A word is what `git grep -w` takes for one: ASCII letters, digits and underscores.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import accumulate

from ..core.ids import Oid

VERSION = 1
"""Goes up whenever `words_of` would say something else."""

LONGEST = 255
"""Bytes of a word that is kept; longer ones are encoded data, and no file can be called so."""

_BINARY = re.compile(
    r"\.(?:png|jpe?g|gif|ico|webp|bmp|tiff|avif|heic|psd|pdf|zip|[tg]?gz|bz2|xz|zst|7z|rar|[jw]ar|class|pyc|so|dylib|dll"
    r"|exe|[oa]|bin|wasm|woff2?|[to]tf|eot|mp[34]|mov|avi|mkv|webm|ogg|wav|flac|sqlite3?|db|pkl|np[yz]|parquet|avro|onnx"
    r"|pt|h5|mo)\Z",
    re.IGNORECASE,
)
_LOOKED_AT = 8000  # as git does to tell a binary file
_SEPARATED = bytes(one if one < 128 and (chr(one).isalnum() or one == ord("_")) else 0x20 for one in range(256))
_WORD = re.compile(r"\w+", re.ASCII)
_MOST_SEGMENTS = 12
_MOST_FOUND = 1000


def is_binary(path: str) -> bool:
    """Whether a file's name says that its content is no text; the others are looked at."""
    return _BINARY.search(path) is not None


@lru_cache(maxsize=1)
def word_set(data: bytes) -> frozenset[bytes]:
    """The words of a text. The last answer is kept: several readers ask it of one blob in turn."""
    return frozenset(data.translate(_SEPARATED).split())


def words_of(data: bytes) -> bytes:
    """The words of a blob, each once, with blanks between them; none of a binary one."""
    if b"\0" in data[:_LOOKED_AT]:
        return b""
    found = word_set(data)
    return b" ".join(found if len(data) <= LONGEST else [word for word in found if len(word) <= LONGEST])


def parts(text: str) -> list[str]:
    """The words of a name: `order_total.py` has two."""
    return _WORD.findall(text)


class WordIndex:
    """The words of blobs. What is known of a blob never changes, so blobs are only ever added."""

    def __init__(self) -> None:
        self._said: dict[Oid, bytes] = {}
        self._segments: list[_Segment] = []

    def __contains__(self, blob: Oid) -> bool:
        return blob in self._said

    def add(self, words: Mapping[Oid, bytes]) -> None:
        """Take in what `words_of` says of blobs."""
        fresh = {blob: said for blob, said in words.items() if blob not in self._said}
        if not fresh:
            return
        self._said |= fresh
        self._segments.append(_Segment(fresh))
        if len(self._segments) > _MOST_SEGMENTS:
            # The first is by far the largest, and stays as it is.
            rest = {blob: self._said[blob] for one in self._segments[1:] for blob in one.blobs}
            self._segments[1:] = [_Segment(rest)]

    def of(self, blob: Oid) -> frozenset[bytes]:
        """The words of a blob; none of one that is not known."""
        return frozenset(self._said.get(blob, b"").split())

    def holding(self, word: str) -> set[Oid]:
        """The blobs that hold a word, or each word of a name that has several: of such a name they may hold it."""
        found: set[Oid] | None = None
        for part in sorted(parts(word), key=len, reverse=True):
            raw = b" %b " % part.encode("ascii")
            held = {blob for one in self._segments for blob in one.holding(raw)}
            found = held if found is None else found & held
            if not found:
                break
        return found or set()


class _Segment:
    """The words of several blobs, one after the other.

    Args:
        words: what each blob says.
    """

    def __init__(self, words: Mapping[Oid, bytes]) -> None:
        self.blobs = list(words)
        self._text = b"".join(b" %b " % said for said in words.values())
        self._starts = [0, *accumulate(len(said) + 2 for said in words.values())]
        self._found: dict[bytes, list[Oid]] = {}

    def holding(self, raw: bytes) -> list[Oid]:
        """The blobs that hold a word, which is given between blanks. Remembered: it is asked for again."""
        found = self._found.get(raw)
        if found is None:
            if len(self._found) >= _MOST_FOUND:
                self._found.clear()
            found = self._found[raw] = list(self._search(raw))
        return found

    def _search(self, raw: bytes) -> Iterator[Oid]:
        at = self._text.find(raw)
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            yield self.blobs[place]
            # A blob has each of its words once.
            at = self._text.find(raw, self._starts[place + 1])
