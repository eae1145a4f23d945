"""Reads what commits changed into `Changes`."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..core.gate.objects import MODE_GITLINK, Entry
from ..core.gate.reader import ObjectReader
from ..core.gate.runner import Git
from ..core.ids import Oid
from .changes import Changes, Contents, Delta, Side, View

_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_COMMIT_BYTES = 1 << 20


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
    trees = _trees(git, reader, [side for one in stretches for side in (one.before or empty, one.after)])
    pairs = list(zip(trees[0::2], trees[1::2], strict=True))
    deltas = []
    for stretch, rows in zip(stretches, _differences(git, pairs), strict=True):
        for path, old, new in rows:
            contents.want(Oid(entry.oid) for entry in (old, new) if entry is not None and entry.mode != MODE_GITLINK)
            sides = [None if entry is None else Side(path, entry, contents) for entry in (old, new)]
            deltas.append(Delta(path=path, commit=stretch.commit, old=sides[0], new=sides[1]))
    return Changes(
        deltas=deltas, before=View(git, contents, pairs[0][0]), after=View(git, contents, pairs[-1][1]), hide=hide
    )


def _trees(git: Git, reader: ObjectReader, names: Sequence[str]) -> list[str]:
    """The tree of each tree or commit."""
    found: dict[str, str] = {}
    for name, data in reader.read_all([Oid(name) for name in names if _FULL.fullmatch(name)], _COMMIT_BYTES).items():
        # An entry of a tree begins with a mode.
        found[name] = data[5:].partition(b"\n")[0].decode("ascii") if data.startswith(b"tree ") else name
    others = [name for name in dict.fromkeys(names) if name not in found]
    if others:
        asked = "".join(f"{name}^{{tree}}\n" for name in others).encode()
        lines = git.out("cat-file", "--batch-check", stdin=asked).splitlines()
        found.update({name: line.split(" ")[0] for name, line in zip(others, lines, strict=True)})
    return [found[name] for name in names]


_Row = tuple[str, Entry | None, Entry | None]


def _differences(git: Git, pairs: Sequence[tuple[str, str]]) -> list[list[_Row]]:
    """How each pair of trees differs."""
    asked = "".join(f"{old} {new}\n" for old, new in pairs).encode()
    argv = ("diff-tree", "--stdin", "-r", "--raw", "-z", "--no-renames", "--no-abbrev")
    words = iter(os.fsdecode(git.run(*argv, stdin=asked).stdout).split("\0"))
    found: list[list[_Row]] = []
    for word in words:
        # Each pair is repeated before its rows, on a line of its own.
        *heads, row = word.split("\n")
        found += [[] for _ in heads]
        if not row:
            continue
        old_mode, new_mode, old, new, _ = row.removeprefix(":").split(" ")
        found[-1].append((next(words), _entry(old_mode, old), _entry(new_mode, new)))
    return found


def _entry(mode: str, name: str) -> Entry | None:
    return None if mode == "000000" else Entry(mode=mode, oid=Oid(name))
