"""Uses found by their word alone, for files whose rules say no more."""

import re
from collections.abc import Sequence
from itertools import islice

from ..model import Use
from .lines import Lines

_MOST = 20
_MOST_MATCHES = 10_000


def quoted_uses(data: bytes, names: Sequence[str]) -> list[Use]:
    """Lines where the last part of a name stands in quotes or after a dot; never sure."""
    return _search(data, names, rb"(?:['\"`]|(?<=[\w\])])\.)(%s)(?![\w-])")


def word_uses(data: bytes, names: Sequence[str]) -> list[Use]:
    """Lines where the last part of a name stands as a word; never sure."""
    return _search(data, names, rb"(?<![\w-])(%s)(?![\w-])")


def _search(data: bytes, names: Sequence[str], pattern: bytes) -> list[Use]:
    by_word = dict[bytes, list[str]]()
    for name in names:
        if last := name.rpartition(".")[2].encode("utf-8", "surrogateescape"):
            by_word.setdefault(last, []).append(name)
    if not by_word:
        return []
    lines, found, counts = Lines(data), dict[tuple[str, int], Use](), dict[str, int]()
    words = b"|".join(re.escape(one) for one in sorted(by_word, key=len, reverse=True))
    for match in islice(re.finditer(pattern.replace(b"%s", words), data), _MOST_MATCHES):
        line = lines.at(match.start())
        for name in by_word[match[1]]:
            if (name, line) not in found and counts.get(name, 0) < _MOST:
                counts[name] = counts.get(name, 0) + 1
                found[name, line] = Use(name, line, sure=False)
    return list(found.values())
