"""Files that mention, in any language, a distinctive name that a change makes vanish."""

from collections.abc import Mapping

from ..core.gate.objects import Entry
from ..core.ids import Oid
from .breakage import Dependent, Via
from .graph import Graph, Library
from .mentions import declared, is_distinctive, mentions, telling_name

_MOST_FILES = 20
# git takes 10 ms for each in 4,000 files, and much more beyond these.
_MOST_WORDS = 40
_LARGEST = 200_000


def mentioned(library: Library, before: Graph, changes: Mapping[str, Entry | None], tree: Oid) -> list[Dependent]:
    """Who mentions what vanishes; weak evidence, but for every kind of file.

    Args:
        library: reads trees.
        before: today's graph.
        changes: by path the entry after the change, None where the file goes.
        tree: today's files.
    """
    now = [one for path in changes if (one := before.listed.get(path)) is not None and one.size <= _LARGEST]
    library.fetch(now)
    entries = [entry for entry in changes.values() if entry is not None]
    kept = {word for entry in entries for word in declared(library.read(entry.oid))}
    gone: dict[str, str] = {}
    for path in changes:
        one = before.listed.get(path)
        if changes[path] is None and (name := telling_name(path)) is not None:
            gone[name] = path
        if one is not None and one.size <= _LARGEST:
            for word in declared(library.read(one.blob)):
                if word not in kept and is_distinctive(word):
                    gone.setdefault(word, path)
    found: dict[str, list[Via]] = {}
    wanted = sorted(gone, key=lambda word: (-len(word), word))[:_MOST_WORDS]
    for path, line, word in mentions(library.git, tree, wanted, without=changes, most=_MOST_FILES):
        text = library.line(before, path, line)
        via = Via(source=path, target=gone[word], line=line, kind="mention", names=(word,), text=text)
        found.setdefault(path, []).append(via)
    return [Dependent(path=path, tier="likely", via=via, distance=1, changes=False) for path, via in found.items()]
