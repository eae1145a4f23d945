"""Commits that a caller lists to go together: what counts as such a list, and their order."""

import os
import re
from collections.abc import Sequence

from ..errors import InvalidInputError
from ..gate.refs import read_head, resolve
from ..history import CommitInfo, History
from ..ids import Oid
from ..late import late
from ..text import plural, read_path, show_path
from ..workspace import Workspace
from .grouping import Stretch, commit_tree, stretch_of

SEPARATOR = ","
MOST = 500
"""Commits that a list may have; a range or a session has no such limit."""

# Shorter ones are words as well.
_NAME = late(r"[0-9a-f]{7,64}", re.IGNORECASE)
_FULL = late(r"(?:[0-9a-f]{40}|[0-9a-f]{64})")
_HINT = "A list of commits holds object names of at least seven digits, all in the current branch's history."


def as_target(workspace: Workspace, target: str | list[str]) -> str | list[str]:
    """A caller's target as `select` takes it: a list of commits becomes one text of full object names.

    Revisions, branches and paths come first: their names may read like a list, and paths like object names.

    Args:
        workspace: the worktree.
        target: any target; commits as a list or with commas between them, abbreviated or not.

    Raises:
        InvalidInputError: if some of a list are commits and others are not, or one may be a path as well.
    """
    if isinstance(target, str):
        names = [one.strip() for one in target.split(SEPARATOR)]
        if len(names) < 2 or not any(map(_NAME.fullmatch, names)) or _means(workspace, target):
            return target
    else:
        names = [one.strip() for one in target]
    if len(names) > MOST and all(map(_NAME.fullmatch, names)):
        raise InvalidInputError(
            f"A list of {plural(len(names), 'commit')} is too long: {MOST} at most.",
            hint="Name a range or a session.",
        )
    commits = _commits(workspace, names)
    if not commits:
        return target
    other = next((one for one in names if one not in commits), None)
    if other is not None:
        shown = repr(show_path(other)) if other else "An empty element"
        raise InvalidInputError(f"{shown} in the list is no object name of a commit; others are.", hint=_HINT)
    if not isinstance(target, str):
        for one in names:
            if not _FULL.fullmatch(one) and _there(workspace, one):
                raise InvalidInputError(
                    f"{show_path(one)} is a path, and the beginning of a commit's name.",
                    hint="Write ./name for the path, or the full object name.",
                )
    return SEPARATOR.join(dict.fromkeys(commits[one] for one in names))


def _means(workspace: Workspace, text: str) -> bool:
    """Whether a text is a revision or a path."""
    try:
        resolve(workspace.repository, text)
    except InvalidInputError:
        return _there(workspace, text)
    return True


def _there(workspace: Workspace, path: str) -> bool:
    """Whether HEAD or the worktree has a path."""
    name = read_path(path)
    tip = read_head(workspace.repository).oid
    if os.path.lexists(os.path.join(workspace.root, name)):
        return True
    return (
        tip is not None
        and workspace.repository.git.run("cat-file", "-e", f"{tip}:{name}", ok=(0, 1, 128)).exit_code == 0
    )


def _commits(workspace: Workspace, names: Sequence[str]) -> dict[str, Oid]:
    """By name the commit whose object name begins like that; a branch or tag of that name is none."""
    wanted = [one for one in dict.fromkeys(names) if _NAME.fullmatch(one)]
    if not wanted:
        return {}
    asked = "".join(f"{one}^{{commit}}\n" for one in wanted).encode()
    answers = workspace.repository.git.out("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked)
    found = {}
    for name, answer in zip(wanted, answers.splitlines(), strict=True):
        commit, _, kind = answer.partition(" ")
        if kind == "commit" and commit.startswith(name.lower()):
            found[name] = Oid(commit)
    return found


def listed(target: str) -> list[Oid] | None:
    """The commits of a text as `as_target` makes it; None if it is none."""
    names = target.split(SEPARATOR)
    return [Oid(one) for one in names] if len(names) > 1 and all(map(_FULL.fullmatch, names)) else None


def in_order(workspace: Workspace, history: History, tip: Oid, commits: Sequence[Oid]) -> list[CommitInfo]:
    """Commits newest first, in the order they come out in; without those that a merge among them brings along.

    Raises:
        InvalidInputError: if one is not part of the tip's history.
    """
    git, wanted = workspace.repository.git, set(commits)
    base = git.out("merge-base", "--octopus", *commits, ok=(0, 1))
    since = ["--not", f"{base}^@"] if base else []
    line = git.out("rev-list", "--topo-order", tip, *since).splitlines()
    missing = wanted.difference(line)
    if missing:
        name = next(one for one in commits if one in missing)
        raise InvalidInputError(
            f"Commit {name[:7]} is not part of the current branch's history.",
            hint="Switch to the branch that has it.",
        )
    found = [history.commit(Oid(name)) for name in line if name in wanted]
    for merge in found:
        # One that a later merge brings goes with that: what it brought itself may have come another way as well.
        if len(merge.parents) > 1 and merge.oid in wanted:
            commit_tree(workspace, merge.parents[0])
            brought = git.out("rev-list", merge.oid, f"^{merge.parents[0]}").splitlines()
            wanted -= {Oid(name) for name in brought if name != merge.oid}
    return [one for one in found if one.oid in wanted]


def stretches_of(workspace: Workspace, commits: Sequence[CommitInfo]) -> list[Stretch]:
    """Commits as `in_order` gives them, neighbours on one line as one stretch."""
    runs: list[list[CommitInfo]] = []
    for one in commits:
        if runs and runs[-1][-1].parents[:1] == (one.oid,):
            runs[-1].append(one)
        else:
            runs.append([one])
    return [stretch_of(workspace, run) for run in runs]
