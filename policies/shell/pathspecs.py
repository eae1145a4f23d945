"""What is at stake where git writes over or deletes files by pathspec."""

import os
from collections.abc import Sequence

from ...core.late import late
from ..effects import Effect, Stake
from .context import Context
from .handlers import found
from .options import Parsed
from .places import pattern_stake

_WILD = late(r"[*?\[\\]")


def discards(
    why: str, specs: Sequence[str], context: Context, *, untracked: bool = False, effect: str = "worktree.discard"
) -> list[Effect]:
    """Tracked files that go back to what a commit or the index has; no pathspec stands for all.

    Args:
        why: what makes it so.
        specs: pathspecs as given.
        context: where git runs.
        untracked: whether files that are not tracked can be overwritten too.
        effect: its name.
    """
    shown = [one.replace("\0", "…") for one in specs]
    return found(effect, why, shown, stake=stake(specs, context, untracked=untracked, ignored=untracked))


def stake(
    specs: Sequence[str], context: Context, *, tracked: bool = True, untracked: bool = False, ignored: bool = False
) -> Stake | None:
    """The files of pathspecs; None in a repository that is not this one."""
    if context.exists is None and context.root is not None:
        return None
    paths: list[str] = []
    patterns: list[str] = []
    for spec in specs or ["."]:
        place = None if spec.startswith(":") or "\0" in spec else context.place(spec)
        if place is None:
            paths.append(".")
        elif _WILD.search(place):
            prefix, name = _fixed(place)
            # Git's star spans directories; one that begins the last name is the same at any depth.
            if name.startswith("*") and "/" not in name:
                patterns.append(f"/{prefix}/**/{name}" if prefix else f"/**/{name}")
            else:
                paths.append(prefix or ".")
        else:
            paths.append(place)
    checked = pattern_stake(patterns, paths)
    return Stake(
        paths=checked.paths, patterns=checked.patterns, tracked=tracked, untracked=untracked, ignored=ignored
    )


def _fixed(place: str) -> tuple[str, str]:
    """The directories before the first pattern, and the rest."""
    names = place.split("/")
    first = next(at for at, name in enumerate(names) if _WILD.search(name))
    return "/".join(names[:first]), "/".join(names[first:])


def given(parsed: Parsed) -> list[str]:
    """The pathspecs of a command; all, if they stand in a file."""
    if parsed.on("--pathspec-from-file"):
        return ["."]
    return [*parsed.words, *parsed.paths]


def from_commit(revision: str | None) -> bool:
    """Whether files of another commit may overwrite some that are not tracked now."""
    return revision is not None and os.path.basename(revision) not in ("HEAD", "@")
