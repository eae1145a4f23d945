"""Ignored files that git would overwrite because a commit brings files of the same names."""

import contextlib
import os
from collections.abc import Sequence

from ..core.errors import InvalidInputError
from ..core.gate.refs import read_head, resolve
from ..core.gate.runner import nul
from ..core.gate.trees import diff_trees
from ..core.globs import first_match
from ..core.ids import Oid
from ..core.snapshot.policy import CapturePolicy
from ..core.workspace import Workspace
from .shell.git import global_options
from .shell.githistory import HANDLERS
from .shell.options import parse
from .unheld import prepared

# Commands that write files of other commits into the worktree.
_BRINGS_FILES = frozenset({"checkout", "switch", "merge", "pull", "cherry-pick", "revert", "bisect"})

RULE = "ignored-files"
WHY = "Git would overwrite ignored files, which no checkpoint holds."
INSTEAD = "Ask the human to move or rename them, or to name them under [capture] ignored in CLAUDE.md."


def lost_to_git(workspace: Workspace, policy: CapturePolicy, args: Sequence[str]) -> list[str]:
    """Ignored files that `git <args>` would overwrite without asking, and no checkpoint holds.

    Args:
        workspace: the worktree.
        policy: what checkpoints hold of ignored files.
        args: the words after `git`.
    """
    rest = list(args[global_options(args)[1] :])
    if rest[:1] == [] or rest[0] not in _BRINGS_FILES:
        return []
    head = read_head(workspace.repository).oid
    if head is None:
        return []
    added, gone = _differing(workspace, head, _revisions(rest[0], rest[1:]))
    standing = {place for path in added if (place := _in_the_way(workspace.root, path)) is not None}
    # A file of HEAD's that stands there is not ignored, and git asks about its changes.
    standing -= gone
    if not standing:
        return []
    git = prepared(workspace).git
    ignored = set(git.fields("check-ignore", "-z", "--stdin", stdin=nul(sorted(standing)), ok=(0, 1)))
    # A directory goes with the ignored files in it, whether or not it is ignored itself.
    folders = [f":(top,literal){path}" for path in sorted(standing) if _is_folder(os.path.join(workspace.root, path))]
    if folders:
        ignored |= set(git.fields("ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--", *folders))
    return [path for path in sorted(ignored) if first_match(path, policy.ignored) is None]


def _revisions(command: str, args: Sequence[str]) -> list[str]:
    """What the words after a git command may name; too much, for what names no commit is passed over."""
    given = ["@{-1}" if word == "-" else word for word in args]
    words = [part for word in given if not word.startswith("-") for part in word.split("..") if part]
    names = [name for word in words for name in (word, f"origin/{word}", f"{word}^")]
    if command == "pull":
        names += ["@{upstream}", *(f"{words[0]}/{word}" for word in words[1:])]
    if command == "merge":
        parsed = parse(args, HANDLERS["merge"][0])
        if not (parsed.words or parsed.paths or parsed.on("--continue", "--quit", "--abort")):
            names.append("@{upstream}")
    return names


def _differing(workspace: Workspace, head: Oid, names: Sequence[str]) -> tuple[set[str], set[str]]:
    """Paths that one of the commits has and HEAD has not, and the other way round."""
    added: set[str] = set()
    gone: set[str] = set()
    for name in names:
        with contextlib.suppress(InvalidInputError):
            commit = resolve(workspace.repository, name)
            rows = diff_trees(workspace.repository.git, f"{head}^{{tree}}", f"{commit}^{{tree}}")
            added |= {one.path for one in rows if one.old is None}
            gone |= {one.path for one in rows if one.new is None}
    return added, gone


def _in_the_way(root: str, path: str) -> str | None:
    """What git would replace to write a path: what stands there, or the file or link one of its parents is."""
    names = path.split("/")
    for count in range(1, len(names)):
        parent = "/".join(names[:count])
        if not _is_folder(os.path.join(root, parent)):
            return parent if os.path.lexists(os.path.join(root, parent)) else None
    return path if os.path.lexists(os.path.join(root, path)) else None


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)
