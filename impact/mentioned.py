"""Files that mention, in any language, a distinctive name that a change makes vanish."""

from collections.abc import Mapping

from ..core.gate.objects import Entry
from .declared import declared_words, lines_with, telling_name
from .dependents import Dependent, Via
from .graph import Graph
from .library import Library
from .mentions import mentions

_MOST_FILES = 20
_MOST_WORDS = 40
_LARGEST = 200_000


def mentioned(library: Library, before: Graph, changes: Mapping[str, Entry | None]) -> list[Dependent]:
    """Who mentions what vanishes; weak evidence, but for every kind of file.

    Args:
        library: reads trees.
        before: today's graph.
        changes: by path the entry after the change, None where the file goes.
    """
    gone: dict[str, str] = {}
    for path in changes:
        if changes[path] is None and (name := telling_name(path)) is not None:
            gone[name] = path
    for word, path in _vanishing(library, before, changes).items():
        gone.setdefault(word, path)
    found: dict[str, list[Via]] = {}
    wanted = sorted(gone, key=lambda word: (-len(word), word))[:_MOST_WORDS]
    for path, line, word in mentions(library, before.listed, wanted, without=changes, most=_MOST_FILES):
        text = library.line(before, path, line)
        via = Via(source=path, target=gone[word], line=line, kind="mention", names=(word,), text=text)
        found.setdefault(path, []).append(via)
    return [Dependent(path=path, tier="likely", via=via, distance=1, changes=False) for path, via in found.items()]


def _vanishing(library: Library, before: Graph, changes: Mapping[str, Entry | None]) -> dict[str, str]:
    """Distinctive words that files declare now and none of the changed ones will, with the first file."""
    now = {path: one for path in changes if (one := before.listed.get(path)) is not None and one.size <= _LARGEST}
    after = library.with_changes({}, changes)
    library.fetch([*now.values(), *after.values()])
    found: dict[bytes, str] = {}
    for path, one in now.items():
        for word in library.undeclared(one, after.get(path)):
            found.setdefault(word, path)
    index = library.index(after)
    for one in after.values():
        for word in index.of(one.blob) & found.keys():
            if any(word in declared_words(line) for line in lines_with(library.text(one), word)):
                del found[word]
    return {word.decode("ascii"): path for word, path in found.items()}
