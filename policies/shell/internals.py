"""Which paths are git's own or the guard's own, that no command may touch."""

import fnmatch
import os
import re

from ...core.files import names_git_dir
from .context import Context

# The clients' files that start the guard, and servers that could stand in for it.
_GUARD_FILES = re.compile(
    r"(?:^|/)(?:\.claude/(?:settings(?:\.local)?\.json|hooks|plugins)|\.codex/(?:hooks\.json|config\.toml)"
    r"|\.gemini/settings\.json|\.cursor/(?:hooks\.json|mcp\.json)|\.opencode/plugins?|opencode\.jsonc?|\.mcp\.json)"
    r"(?:/|$)",
    re.IGNORECASE,
)
_GUARD_FOLDER = re.compile(r"(?:^|/)\.(?:claude|codex|gemini|cursor|opencode)/?(?:\*+)?$", re.IGNORECASE)
# Our state, our settings and our programs, wherever they are installed; not a project that bears the name.
_GUARD_STATE = re.compile(
    r"(?:^|/)(?:\.local/state|\.local/share|\.config|\.cache|Application Support|bin|site-packages|[^/]*\0)"
    r"/safe[-_]rollback(?:-hook)?(?:/|$)"
)
# Git's settings of the user: a hooks path set there counts for every repository.
_USER_SETTINGS = re.compile(r"(?:^|/)(?:\.gitconfig|\.config/git/config)$")


def internal_to(word: str, context: Context) -> str | None:
    """What a path belongs to that no command may touch, as the end of a sentence; None if nothing."""
    if any(names_git_dir(part) for part in word.split("/")) or _USER_SETTINGS.search(word):
        return f"{_shown(word)} is git's own"
    if _GUARD_FILES.search(word) or _GUARD_STATE.search(word):
        return f"{_shown(word)} is the guard's own"
    absolute = None if "\0" in word else context.absolute(word)
    if absolute is not None and (_GUARD_FILES.search(absolute) or _GUARD_STATE.search(absolute)):
        return f"{_shown(word)} is the guard's own"
    if absolute is not None and context.directory and any(names_git_dir(one) for one in absolute.split("/")):
        return f"{_shown(word)} is git's own"
    return internal_path(word, context)


def internal_path(word: str, context: Context) -> str | None:
    """The same for this repository only: by where a path really leads, not by its name."""
    absolute = None if "\0" in word else context.absolute(word)
    if absolute is None:
        return None
    # What a link leads to is what would change; the last name itself is replaced, not followed.
    real = os.path.join(os.path.realpath(os.path.dirname(absolute)), os.path.basename(absolute))
    for path in {absolute, real, os.path.realpath(absolute)}:
        if any(path == one or path.startswith(f"{one}/") for one in context.internals):
            return f"{_shown(word)} is git's or the guard's own"
    return None


def holds_internals(word: str, context: Context, *, pattern: bool, place: str | None) -> str | None:
    """Whether a directory, or what a pattern matches, holds git's own or the guard's files.

    Args:
        word: as the shell has it.
        context: where the command runs.
        pattern: whether the shell expands it.
        place: the path from the root, if it is in the worktree.
    """
    if place == ".":
        return f"{_shown(word)} holds git's own directory"
    if _GUARD_FOLDER.search(word):
        return f"{_shown(word)} holds the guard's own files"
    # A star does not match a leading dot; what starts with one may well match `.git`.
    if pattern and any(one.startswith(".") and fnmatch.fnmatchcase(".git", one) for one in word.split("/")):
        return f"{_shown(word)} matches git's own directory"
    absolute = None if "\0" in word else context.absolute(word)
    if absolute is not None and any(one.startswith(f"{absolute.rstrip('/')}/") for one in context.internals):
        return f"{_shown(word)} holds git's or the guard's own files"
    return None


def _shown(word: str) -> str:
    return word.replace("\0", "…")[:100]
