"""Ignored files that git would overwrite because a commit brings files of the same names."""

import contextlib
import os
from collections.abc import Sequence

from ..core.errors import InvalidInputError
from ..core.gate.refs import read_head, resolve
from ..core.gate.runner import nul
from ..core.gate.trees import diff_trees
from ..core.globs import first_match
from ..core.snapshot.capture import main_site
from ..core.snapshot.policy import CapturePolicy
from ..core.workspace import Workspace
from .shell.git import global_options

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
    words = [part for word in rest[1:] if not word.startswith("-") for part in word.split("..") if part]
    names = [name for word in words for name in (word, f"origin/{word}", f"{word}^")]
    if rest[0] == "pull":
        names += ["@{upstream}", *(f"{words[0]}/{word}" for word in words[1:])]
    added: set[str] = set()
    for name in names:
        with contextlib.suppress(InvalidInputError):
            commit = resolve(workspace.repository, name)
            rows = diff_trees(workspace.repository.git, f"{head}^{{tree}}", f"{commit}^{{tree}}")
            added |= {one.path for one in rows if one.old is None}
    standing = [path for path in sorted(added) if os.path.lexists(os.path.join(workspace.root, path))]
    if not standing:
        return []
    ignored = set(main_site(workspace).git.fields("check-ignore", "-z", "--stdin", stdin=nul(standing), ok=(0, 1)))
    return [path for path in standing if path in ignored and first_match(path, policy.ignored) is None]
