"""Which paths are git's own or the guard's own, that no command may touch."""

import fnmatch
import os
import re

from ...core.files import names_git_dir
from ...core.late import late
from .context import Context

# The clients' files that start the guard, and servers that could stand in for it.
_GUARD_FILES = late(
    r"(?:^|/)(?:\.claude/(?:settings(?:\.local)?\.json|hooks|plugins)|\.codex/(?:hooks\.json|config\.toml)"
    r"|\.gemini/settings\.json|\.cursor/(?:hooks\.json|mcp\.json)|\.opencode/plugins?|opencode\.jsonc?|\.mcp\.json"
    r"|\.claude\.json)(?:/|$)",
    re.IGNORECASE,
)
# The same, name by name, for patterns: what one matches is not known by its own name.
_GUARD_NAMES: tuple[tuple[str, ...], ...] = (
    (".claude", "settings.json"), (".claude", "settings.local.json"), (".claude", "hooks"), (".claude", "plugins"),
    (".codex", "hooks.json"), (".codex", "config.toml"), (".gemini", "settings.json"), (".cursor", "hooks.json"),
    (".cursor", "mcp.json"), (".opencode", "plugins"), (".opencode", "plugin"), ("opencode.json",),
    ("opencode.jsonc",), (".mcp.json",),
)  # fmt: skip
_GUARD_FOLDER = late(r"(?:^|/)\.(?:claude|codex|gemini|cursor|opencode)/?(?:\*+)?$", re.IGNORECASE)
_WILD = late(r"[*?\[]")
# Our state, our settings and our programs, wherever they are installed; not a project that bears the name.
_GUARD_STATE = late(
    r"(?:^|/)(?:(?:\.local/state|\.local/share|\.config|\.cache|Application Support|site-packages)"
    r"/safe[-_]rollback(?:-hook)?(?:/|$)|(?:bin|[^/]*\0)/safe[-_]rollback(?:-hook)?$)"
)
# Git's settings of the user: a hooks path set there counts for every repository.
_USER_SETTINGS = late(r"(?:^|/)(?:\.gitconfig|\.config/git/config)$")


def internal_to(word: str, context: Context) -> str | None:
    """What a path belongs to that no command may touch, as the end of a sentence; None if nothing."""
    return internal_name(word, context) or internal_path(word, context)


def internal_name(word: str, context: Context) -> str | None:
    """The same by the names a path has, or has where a link leads; they count in any repository."""
    if any(names_git_dir(part) for part in word.split("/")) or _USER_SETTINGS.search(word):
        return f"{_shown(word)} is git's own"
    if _is_guards(word):
        return f"{_shown(word)} is the guard's own"
    absolute = None if "\0" in word else context.absolute(word)
    if absolute is not None and _is_guards(absolute):
        return f"{_shown(word)} is the guard's own"
    if absolute is not None and context.directory and any(names_git_dir(one) for one in absolute.split("/")):
        return f"{_shown(word)} is git's own"
    if absolute is not None and _is_guards(context.real(absolute)):
        return f"{_shown(word)} leads to one of the guard's own files"
    return None


def _is_guards(path: str) -> bool:
    return bool(_GUARD_FILES.search(path) or _GUARD_STATE.search(path))


def internal_path(word: str, context: Context) -> str | None:
    """The same for this repository only: by where a path really leads, not by its name."""
    absolute = None if "\0" in word else context.absolute(word)
    if absolute is None:
        return None
    # What a link leads to is what would change; the last name itself is replaced, not followed.
    real = os.path.join(context.real(os.path.dirname(absolute)), os.path.basename(absolute))
    for path in {absolute, real, context.real(absolute)}:
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
    if is_guard_folder(word, context):
        return f"{_shown(word)} holds the guard's own files"
    # A star does not match a leading dot; what starts with one may well match `.git`.
    if pattern and any(one.startswith(".") and fnmatch.fnmatchcase(".git", one) for one in word.split("/")):
        return f"{_shown(word)} matches git's own directory"
    if pattern and matches_guard(word, context):
        return f"{_shown(word)} matches the guard's own files"
    absolute = None if "\0" in word else context.absolute(word)
    if absolute is not None and any(one.startswith(f"{absolute.rstrip('/')}/") for one in context.internals):
        return f"{_shown(word)} holds git's or the guard's own files"
    return None


def is_guard_folder(word: str, context: Context) -> bool:
    """Whether a path is a client's folder as a whole, with the files that start the guard in it."""
    if _GUARD_FOLDER.search(os.path.normpath(word)):
        return True
    absolute = None if "\0" in word else context.absolute(word)
    return absolute is not None and bool(
        _GUARD_FOLDER.search(absolute) or _GUARD_FOLDER.search(context.real(absolute))
    )


def matches_guard(word: str, context: Context, *, new: bool = False) -> bool:
    """Whether a file pattern matches one of the guard's files, or a folder of theirs.

    Args:
        word: the pattern, as a shell reads it.
        context: where the command runs.
        new: whether a file that is not there yet counts too.
    """
    # What is computed may be anything but a slash, as a star is.
    plain = word.replace("\0", "*")
    parts = (context.absolute(plain) or os.path.normpath(plain)).split("/")
    first = next((at for at, one in enumerate(parts) if _WILD.search(one)), len(parts))
    for names in _GUARD_NAMES:
        for at in range(max(0, first - len(names) + 1), len(parts)):
            if not all(_fits(name, part) for name, part in zip(names, parts[at:], strict=False)):
                continue
            # Nothing tells what is below another pattern; only what is named there counts.
            named = at != first and not _WILD.search(parts[at])
            if (named and (new or first < at)) or (
                first >= at and _is_there("/".join([*parts[:at], *names]), context)
            ):
                return True
    return False


def guard_files(context: Context) -> list[str]:
    """The guard's files that the worktree has, from its root."""
    found = ["/".join(names) for names in _GUARD_NAMES]
    return found if context.exists is None else [one for one in found if context.exists(one)]


def _fits(name: str, part: str) -> bool:
    # A star does not match a leading dot.
    return (name[0] != "." or part[:1] == ".") and fnmatch.fnmatchcase(name, part)


def _is_there(path: str, context: Context) -> bool:
    if context.exists is None or context.root is None or not os.path.isabs(path):
        return True
    place = os.path.relpath(path, context.root)
    return os.path.lexists(path) if place.startswith("../") else context.exists(place)


def _shown(word: str) -> str:
    return word.replace("\0", "…")[:100]
