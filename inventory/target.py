"""Reads what commits changed into `Changes`."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..core.gate.pairs import diff_pairs, trees_of
from ..core.gate.reader import ObjectReader
from ..core.gate.runner import Git
from ..core.gate.trees import patched
from .changes import Changes, Contents, Delta, Side, View


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A change from one tree to another.

    Attributes:
        before: a tree or commit; None for an empty tree.
        after: a tree or commit.
        commit: the commit that made it; empty for what is not committed.
    """

    before: str | None
    after: str
    commit: str


def read_changes(git: Git, reader: ObjectReader, stretches: Sequence[Stretch], hide: Callable[[str], str]) -> Changes:
    """The changes of a target, oldest first; one process lists them all, and contents are read as they are needed.

    Args:
        git: where the objects are.
        reader: reads them.
        stretches: oldest first; what others did between them is in none.
        hide: see `Changes.hide`.
    """
    contents = Contents(reader)
    if not stretches:
        return Changes(deltas=(), before=View(git, contents, None), after=View(git, contents, None), hide=hide)
    empty = (
        git.out("hash-object", "-t", "tree", "--stdin", stdin=b"") if any(not one.before for one in stretches) else ""
    )
    trees = trees_of(git, reader, [side for one in stretches for side in (one.before or empty, one.after)])
    pairs = list(zip(trees[0::2], trees[1::2], strict=True))
    deltas = []
    differences = diff_pairs(git, pairs)
    for stretch, rows in zip(stretches, differences, strict=True):
        for row in rows:
            sides = [None if entry is None else Side(row.path, entry, contents) for entry in (row.old, row.new)]
            deltas.append(Delta(path=row.path, commit=stretch.commit, old=sides[0], new=sides[1]))
    before = View(git, contents, pairs[0][0])
    gapless = all(earlier[1] == later[0] for earlier, later in itertools.pairwise(pairs))
    listed = (lambda: patched(before.files, itertools.chain.from_iterable(differences))) if gapless else None
    return Changes(deltas=deltas, before=before, after=View(git, contents, pairs[-1][1], listed), hide=hide)
