"""Which files mention a name that only one file has: for what no language's rules connect."""

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from ..core.ids import Oid
from .graph import Listed
from .library import Library
from .words import parts

MOST_WORDS = 200
"""Words looked for in one question."""

MOST_FILES = 20
"""Files that may hold a word before it is no longer distinctive."""


def mentions(
    library: Library,
    listing: Mapping[str, Listed],
    wanted: Sequence[str],
    *,
    without: Collection[str] = (),
    most: int = MOST_FILES,
) -> list[tuple[str, int, str]]:
    """Where files hold one of these words, whole: path, line, word; each file and word once.

    A word that more than `most` files hold is not distinctive, and left out. Binary files are not looked at.

    Args:
        library: reads the files.
        listing: the files.
        wanted: what to look for; the first MOST_WORDS of them.
        without: files whose mentions do not count: those the words come from.
        most: see above.
    """
    looked_for = [one for one in dict.fromkeys(wanted) if one and "\n" not in one and "\0" not in one][:MOST_WORDS]
    if not looked_for:
        return []
    index = library.index(listing)
    paths = defaultdict[Oid, list[str]](list)
    for path, one in listing.items():
        if path not in without:
            paths[one.blob].append(path)
    asked = defaultdict[str, list[str]](list)
    for word in looked_for:
        holding = [path for blob in index.holding(word) for path in paths.get(blob, ())]
        if len(holding) <= most or parts(word) != [word]:
            for path in holding:
                asked[path].append(word)
    library.fetch(listing[path] for path in asked)
    by_word = defaultdict[str, dict[str, int]](dict)
    for path, words in asked.items():
        for word, line in _places(library.read(listing[path].blob), words):
            by_word[word].setdefault(path, line)
    return sorted(
        (path, line, word) for word, found in by_word.items() if len(found) <= most for path, line in found.items()
    )


def _places(data: bytes, wanted: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The lines of whole words; where two begin at one place, of the longer one."""
    longest_first = sorted((os.fsencode(one) for one in wanted), key=len, reverse=True)
    pattern = re.compile(rb"(?<!\w)(?:%b)(?!\w)" % b"|".join(map(re.escape, longest_first)))
    seen: set[bytes] = set()
    for match in pattern.finditer(data):
        if match[0] not in seen:
            seen.add(match[0])
            yield os.fsdecode(match[0]), data.count(b"\n", 0, match.start()) + 1
