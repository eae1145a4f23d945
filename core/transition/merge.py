"""Three-way merges of a few paths, in the object store alone."""

import os
import re
from collections.abc import Mapping, Sequence

from ..errors import GitError
from ..gate.objects import Entry
from ..gate.runner import Git
from ..gate.trees import diff_trees
from ..ids import Oid, oid
from ..late import late
from ..records import dataclass
from ..snapshot.capture import main_site
from ..text import clean
from ..workspace import Workspace

_Files = Mapping[str, Entry]
_MARKED = late(r"^<{7} .*?^>{7} [^\n]*$", re.MULTILINE | re.DOTALL)
_MAX_HUNKS = 20


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A path both sides changed.

    Attributes:
        path: which.
        why: what kind of conflict, in git's words.
        hunks: the places, with conflict markers; at most 20.
    """

    path: str
    why: str
    hunks: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The result of a merge: a tree, and the conflicts in it."""

    tree: Oid
    conflicts: Sequence[Conflict]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What the two sides are called in conflict markers."""

    ours: str
    theirs: str


def merge_trees(
    workspace: Workspace, base: Oid, ours: Oid, theirs: Oid, labels: Labels, git: Git | None = None
) -> Merged:
    """Merge two trees that share a base.

    git 2.39 has no `merge-tree --merge-base`, so the trees are given commits whose ancestry
    makes `base` the merge base. It runs under our git directory: merge drivers that the
    repository's configuration defines do not run, built-in ones do.

    Args:
        workspace: where the objects are.
        base: the common ancestor.
        ours: one side.
        theirs: the other.
        labels: their names in conflict markers.
        git: where to run; for trials that must not write to the user's object directory.
    """
    if base == theirs or ours == theirs:
        return Merged(tree=ours, conflicts=())
    if base == ours:
        return Merged(tree=theirs, conflicts=())
    writer = workspace.writer
    root = writer.commit(base, [], "base", seconds=0)
    left = writer.commit(ours, [root], labels.ours, seconds=1)
    right = writer.commit(theirs, [root], labels.theirs, seconds=1)
    site = main_site(workspace)
    done = (git or site.git).run("merge-tree", "--write-tree", "-z", "--messages", left, right, ok=(0, 1))
    sections = os.fsdecode(done.stdout).split("\0\0", 1)
    head, *files = sections[0].split("\0")
    tree = oid(head.strip())
    if done.exit_code == 0:
        return Merged(tree=tree, conflicts=())
    paths = list(dict.fromkeys(line.split("\t", 1)[1] for line in files if "\t" in line))
    reasons = _reasons(sections[1] if len(sections) > 1 else "")
    renamed = {left: labels.ours, right: labels.theirs}
    conflicts = [
        Conflict(path=path, why=reasons.get(path, "conflict"), hunks=_hunks(workspace, tree, path, renamed))
        for path in paths
    ]
    return Merged(tree=tree, conflicts=conflicts)


def _reasons(messages: str) -> dict[str, str]:
    """Per path, the first conflict type of the `-z` message section."""
    words = messages.split("\0")
    reasons: dict[str, str] = {}
    position = 0
    while position < len(words) and words[position].strip("\n").isdigit():
        count = int(words[position])
        paths, rest = words[position + 1 : position + 1 + count], words[position + 1 + count :]
        if len(rest) < 2:
            break
        if rest[0].startswith("CONFLICT"):
            kind = rest[0].removeprefix("CONFLICT (").removesuffix(")")
            for path in paths:
                reasons.setdefault(path, kind)
        position += 3 + count
    return reasons


def _hunks(workspace: Workspace, tree: Oid, path: str, names: Mapping[Oid, str]) -> list[str]:
    """The marked places of a conflicted file."""
    try:
        data = workspace.repository.git.run("cat-file", "blob", f"{tree}:{path}").stdout
    except GitError:
        return []
    text = data.decode("utf-8", "replace")
    for name, label in names.items():
        text = text.replace(name, label)
    return [clean(hunk, limit=1200) for hunk in _MARKED.findall(text)[:_MAX_HUNKS]]


def merge_files(
    workspace: Workspace, base: _Files, ours: _Files, theirs: _Files, labels: Labels
) -> tuple[dict[str, Entry | None], Sequence[Conflict]]:
    """Merge a few paths; each side maps path to entry, absent where it does not exist.

    Returns:
        How `ours` has to change, and the conflicts.
    """
    writer = workspace.writer
    left = writer.tree_of(ours)
    merged = merge_trees(workspace, writer.tree_of(base), left, writer.tree_of(theirs), labels)
    changes: dict[str, Entry | None] = {}
    for row in diff_trees(workspace.repository.git, left, merged.tree):
        changes[row.path] = row.new
    return changes, merged.conflicts
