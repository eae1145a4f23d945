"""Many pairs of trees compared at once, and remembered: what two trees differ in never changes."""

import os
from collections.abc import Sequence

from ..errors import GitError
from ..ids import Oid
from ..late import late
from ..remembered import Remembered
from .objects import Entry
from .reader import ObjectReader
from .runner import Git
from .trees import Difference

Pair = tuple[str, str]
"""The names of two trees."""

_FULL = late(r"[0-9a-f]{40}|[0-9a-f]{64}")
_COMMIT_BYTES = 1 << 20
_KNOWN = Remembered[Sequence[Difference]](100_000, lambda rows: len(rows) + 1)


def diff_pairs(git: Git, pairs: Sequence[Pair]) -> list[Sequence[Difference]]:
    """Every path in which the trees of each pair differ, without rename detection; one process for all of them.

    Args:
        git: where the trees are.
        pairs: the old tree and the new one of each.

    Raises:
        GitError: if one of them is missing.
    """
    found = {pair: _KNOWN.get(pair) for pair in pairs}
    missing = [pair for pair, rows in found.items() if rows is None]
    for pair, rows in zip(missing, _compared(git, missing), strict=True):
        _KNOWN.put(pair, rows)
        found[pair] = rows
    return [found[pair] or () for pair in pairs]


def _compared(git: Git, pairs: Sequence[Pair]) -> list[list[Difference]]:
    if not pairs:
        return []
    asked = "".join(f"{old} {new}\n" for old, new in pairs).encode()
    argv = ("diff-tree", "--stdin", "-r", "--raw", "-z", "--no-renames", "--no-abbrev")
    words = iter(os.fsdecode(git.run(*argv, stdin=asked).stdout).split("\0"))
    found: list[list[Difference]] = []
    expected = iter(pairs)
    for word in words:
        # Each pair is repeated before its rows, on a line of its own; one whose trees are missing may be left out.
        *heads, row = word.split("\n")
        if any(head != " ".join(next(expected, ())) for head in heads):
            break
        found += [[] for _ in heads]
        if not row:
            continue
        old_mode, new_mode, old, new, _ = row.removeprefix(":").split(" ")
        found[-1].append(Difference(path=next(words), old=_entry(old_mode, old), new=_entry(new_mode, new)))
    if len(found) != len(pairs):
        raise GitError(("git", *argv), 0, "a tree is missing; run `git fsck`")
    return found


def _entry(mode: str, name: str) -> Entry | None:
    return None if mode == "000000" else Entry(mode=mode, oid=Oid(name))


def trees_of(git: Git, reader: ObjectReader, names: Sequence[str]) -> list[str]:
    """The tree of each tree or commit.

    Raises:
        GitError: if one of them is neither.
    """
    found: dict[str, str] = {}
    for name, data in reader.read_all([Oid(name) for name in names if _FULL.fullmatch(name)], _COMMIT_BYTES).items():
        # An entry of a tree begins with a mode.
        found[name] = data[5:].partition(b"\n")[0].decode("ascii") if data.startswith(b"tree ") else name
    others = [name for name in dict.fromkeys(names) if name not in found]
    if others:
        asked = "".join(f"{name}^{{tree}}\n" for name in others).encode()
        lines = git.out("cat-file", "--batch-check", stdin=asked).splitlines()
        for one, line in zip(others, lines, strict=True):
            if line.split(" ")[1:2] != ["tree"]:
                raise GitError(("git", "cat-file"), 0, f"{one} is missing, or no tree; run `git fsck`")
            found[one] = line.split(" ")[0]
    return [found[name] for name in names]
