"""Files that mention, in any language, a distinctive name that a change makes vanish."""

from collections.abc import Mapping

from ..core.gate.objects import Entry
from ..core.ids import Oid
from .breakage import Dependent, Via
from .graph import Graph, Library
from .mentions import MOST_WORDS, distinctive_words, mentions


def mentioned(library: Library, before: Graph, changes: Mapping[str, Entry | None], tree: Oid) -> list[Dependent]:
    """Who mentions what vanishes, nearest name first; weak evidence, but for every kind of file.

    Args:
        library: reads trees.
        before: today's graph.
        changes: by path the entry after the change, None where the file goes.
        tree: today's files.
    """
    gone: dict[str, str] = {}
    for path, entry in changes.items():
        one = before.listed.get(path)
        if one is None or one.unread:
            continue
        after = b"" if entry is None else library.read(entry.oid)
        for word in distinctive_words(path, library.read(one.blob)):
            # A file that stays keeps its name.
            if word.encode("utf-8", "surrogateescape") not in after and (entry is None or word not in path):
                gone.setdefault(word, path)
    kept = b"".join(library.read(entry.oid) for entry in changes.values() if entry is not None)
    wanted = [word for word in gone if word.encode("utf-8", "surrogateescape") not in kept][:MOST_WORDS]
    found: dict[str, list[Via]] = {}
    for path, line, word in mentions(library.git, tree, wanted, without=changes):
        via = Via(
            source=path,
            target=gone[word],
            line=line,
            kind="mention",
            names=(word,),
            text=library.line(before, path, line),
        )
        found.setdefault(path, []).append(via)
    return [Dependent(path=path, tier="likely", via=via, distance=1, changes=False) for path, via in found.items()]
