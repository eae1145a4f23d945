"""Judges what a program does to files by where they are: the worktree, git's own, the guard's, outside.

Whether something of a human's is at stake is not known here: the effects carry a `Stake`,
and the decision looks at the state.
"""

import fnmatch
import os
from collections.abc import Callable, Collection, Sequence

from ...core.errors import InvalidInputError
from ...core.globs import check
from ...core.late import late
from ...core.records import replace
from ..effects import Effect, Stake
from .context import Context
from .internals import (
    holds_internals,
    internal_name,
    internal_path,
    internal_to,
    is_guard_folder,
    matches_guard,
)

STREAMS = frozenset({"/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/full", "-"})
_PSEUDO = late(r"/dev/(?:fd/\d+|pts/\d+|tty\w*|tcp/.*|udp/.*)|/proc/self/fd/\d+")
# Writing to one of these destroys what a whole disk holds.
_DEVICE = late(r"/dev/(?!shm(?:/|$)).+")
_WILD = late(r"[*?\[]")
# Where programs keep what is not meant to last; the worktree wins if it lies in one of them.
_TEMPORARY = ("/tmp", "/var/tmp", "/private/tmp", "/private/var/tmp", "/dev/shm", "/var/folders")  # noqa: S108

__all__ = [
    "deleted",
    "internal_to",
    "is_temporary",
    "is_whole",
    "made",
    "overwritten",
    "pattern_stake",
    "place_of",
    "replaced",
    "stake_of",
    "tampers",
    "written",
]


def written(words: Sequence[str], context: Context, *, span: str, why: str) -> list[Effect]:
    """Ordinary writing of named files: redirections, `tee`, `sed -i`, `touch`."""

    def inside(place: str) -> list[Effect]:
        return [_effect("file.write", [place], span, why)]

    return [one for word in words for one in _judged(word, context, span, inside, why, "outside.write")]


def replaced(words: Sequence[str], context: Context, *, span: str, why: str) -> list[Effect]:
    """Named files that are written anew: `>`, `tee`, `curl -o`. Only a checkpoint still has what they held."""

    def inside(place: str) -> list[Effect]:
        return [_effect("file.write", [place], span, why, _unheld(place, context, follow=True))]

    return [one for word in words for one in _judged(word, context, span, inside, why, "outside.write")]


def made(words: Sequence[str], context: Context, *, span: str, why: str) -> list[Effect]:
    """Directories that are made, and are left as they are if they exist."""
    plain = [word for word in words if internal_to(word, context) or not is_guard_folder(word, context)]
    made_folders = [_effect("file.write", [word], span, why) for word in words if word not in plain]
    return made_folders + written(plain, context, span=span, why=why)


def tampers(word: str, context: Context, *, pattern: bool = True) -> str | None:
    """What of git's or the guard's own a command changes by writing to a path, as the end of a sentence.

    Args:
        word: a file, a directory, or a pattern.
        context: where the command runs.
        pattern: whether what looks like a pattern is one.
    """
    if internal := internal_path(word, context):
        return internal
    return None if is_temporary(word, context) else _by_name(word, context, pattern=pattern)


def _by_name(word: str, context: Context, *, pattern: bool = True) -> str | None:
    if internal := internal_name(word, context):
        return internal
    if is_guard_folder(word, context):
        return f"{word} holds the guard's own files".replace("\0", "…")
    if pattern and ("\0" in word or _WILD.search(word)) and matches_guard(word, context, new=True):
        return f"{word} matches the guard's own files".replace("\0", "…")
    return None


def overwritten(words: Sequence[str], context: Context, *, span: str, why: str) -> list[Effect]:
    """Content that goes though no one looked at it: the targets of `mv`, `cp`, `truncate`, `dd of=`.

    A target that does not exist is ordinary writing.
    """

    def inside(place: str) -> list[Effect]:
        if context.exists is not None and not _WILD.search(place) and not context.exists(place):
            return [_effect("file.write", [place], span, f"{why}, which is new", _unheld(place, context))]
        return [_effect("worktree.discard", [place], span, why, stake_of(place, context.came_from(place)))]

    def streamed(word: str) -> list[Effect]:
        return _streamed("worktree.discard", word, span, why, context) if is_whole(word) else []

    return [one for word in words for one in _judged(word, context, span, inside, why, "outside.write", streamed)]


def deleted(
    words: Sequence[str],
    context: Context,
    *,
    recursive: bool,
    span: str,
    why: str,
    wild: Collection[str] | None = None,
) -> list[Effect]:
    """Files and directories that go.

    Args:
        words: as the shell has them; with file patterns where it would expand them.
        context: where the command runs.
        recursive: whether directories go with all below.
        span: the command.
        why: what makes it so.
        wild: those of `words` that the shell expands; None if each that looks like a pattern is one.
    """
    found: list[Effect] = []
    for word in words:
        pattern = bool(_WILD.search(word)) and (wild is None or word in wild)
        found += _deleted(word, context, recursive, pattern, span, why)
    return found


def _deleted(word: str, context: Context, recursive: bool, pattern: bool, span: str, why: str) -> list[Effect]:
    def inside(place: str) -> list[Effect]:
        if not pattern and (not recursive or _is_file(place, context)):
            return [_effect("file.write", [place], span, f"{why}: one named file", _unheld(place, context))]
        return [_effect("worktree.delete", [place], span, why, stake_of(place, context.came_from(place)))]

    blind = recursive or pattern
    if blind and not is_temporary(word, context):
        held = holds_internals(word, context, pattern=pattern, place=place_of(word, context))
        if held:
            return [_effect("guard.tamper", [word], span, f"{why}, and {held}")]
        if "\0" in word and not internal_to(word, context):
            found = _effect("worktree.delete", [word], span, f"{why}, and what is not known before it runs")
            return [replace(found, computed=context.fed and is_whole(word))]
        if _is_relative(word) and context.exists is None and context.root is not None:
            return _deleted_somewhere(word, span, why)
    outside = "outside.delete" if blind else "outside.write"
    return _judged(
        word, context, span, inside, why, outside, lambda one: _streamed("worktree.delete", one, span, why, context)
    )


def _deleted_somewhere(word: str, span: str, why: str) -> list[Effect]:
    """A deletion in a directory that is not known: the same name at any depth is at stake."""
    place = os.path.normpath(word)
    named = not place.startswith("..") and place != "." and _WILD.sub("", place.rpartition("/")[2]).strip("*?[].")
    stake = pattern_stake([f"**/{place}"]) if named else None
    return [_effect("worktree.delete", [word], span, f"{why}, and in which directory is not known", stake)]


def _judged(
    word: str,
    context: Context,
    span: str,
    inside: Callable[[str], list[Effect]],
    why: str,
    outside: str,
    streamed: Callable[[str], list[Effect]] | None = None,
) -> list[Effect]:
    if not word or word in STREAMS or _PSEUDO.fullmatch(word):
        return []
    internal = internal_path(word, context)
    if not internal and is_temporary(word, context):
        return [_effect("file.write", [word], span, f"{why} in a temporary directory")]
    if internal := internal or _by_name(word, context):
        return [_effect("guard.tamper", [word], span, f"{why}, and {internal}")]
    if _DEVICE.fullmatch(os.path.normpath(word)):
        return [_effect("outside.delete", [word], span, f"{why}, a device with all it holds")]
    if "\0" in word:
        if context.fed and streamed is not None and (found := streamed(word)):
            return found
        return [_effect("unknown", [word], span, f"{why}, and which file is computed")]
    if (place := place_of(word, context)) is not None:
        return inside(place)
    if context.exists is None and _is_relative(word):
        return [_effect("unknown", [word], span, f"{why}, and in which directory is not known")]
    return [_effect(outside, [word], span, f"{why} outside this repository")]


def place_of(word: str, context: Context) -> str | None:
    """A path from the worktree's root, links on the way resolved; None if it is not in there, or not known."""
    if "\0" in word:
        return None
    if context.root is None or context.exists is None:
        # Nothing tells where it runs: a plain relative path is taken for one of the worktree's.
        return context.place(word) if context.root is None and _is_relative(word) else None
    absolute = context.absolute(word)
    if absolute is None:
        return None
    real = os.path.join(context.real(os.path.dirname(absolute)), os.path.basename(absolute))
    place = os.path.relpath(real, context.real_root)
    return None if place == ".." or place.startswith("../") else place


def is_temporary(word: str, context: Context) -> bool:
    """Whether a path is certainly below a temporary directory, and neither in nor around the worktree or home."""
    plain = word.partition("\0")[0]
    absolute = os.path.normpath(plain) if plain.startswith("/") else context.absolute(plain)
    if absolute is None or ("\0" in word and "/.." in word[len(plain) :]):
        return False
    # What stands before the computed part has to lead into it already.
    folders = [*_TEMPORARY, *(one for name in ("TMPDIR", "TEMP", "TMP") if (one := _temporary(name, context)))]
    computed = "\0" in word and plain.endswith("/")
    below = any(absolute.startswith(f"{one}/") for one in folders) or (computed and absolute in folders)
    if not below or context.root is None:
        return below
    real, root = context.real(absolute), context.real_root
    if not any(real.startswith(f"{one}/") or real == one for one in (*folders, *map(context.real, folders))):
        return False
    home = context.variables.get("HOME", "").rstrip("/")
    kept = [root, context.real(home)] if home and home not in folders else [root]
    return not any(_may_meet(real, one, open_end="\0" in word) for one in kept)


def _may_meet(path: str, root: str, *, open_end: bool) -> bool:
    """Whether a path, patterns in it, may be the root, hold it, or lie in it."""
    ours, theirs = path.strip("/").split("/"), root.strip("/").split("/")
    if open_end and len(ours) <= len(theirs):
        last = ours.pop() if not path.endswith("/") else ""
        if not theirs[len(ours)].startswith(last):
            return False
    return all("**" in one or fnmatch.fnmatchcase(other, one) for one, other in zip(ours, theirs, strict=False))


def _temporary(name: str, context: Context) -> str | None:
    value = context.variables.get(name, "").rstrip("/")
    # A TMPDIR the command set to anything else would make a home directory temporary.
    return value if any(value == one or value.startswith(f"{one}/") for one in _TEMPORARY) else None


def _is_file(place: str, context: Context) -> bool:
    if context.root is None or context.is_directory is None or place == ".":
        return False
    absolute = os.path.join(context.root, place)
    return os.path.lexists(absolute) and not context.is_directory(absolute)


def _is_relative(word: str) -> bool:
    return not word.startswith(("/", "~"))


def stake_of(place: str, others: Sequence[str] = ()) -> Stake:
    """What goes with a path from the root, and with others; a pattern that matches nothing stands for itself."""
    paths = [place, *others]
    return pattern_stake([f"/{place}"], paths) if _WILD.search(place) else Stake(paths=paths)


def pattern_stake(found: Sequence[str], paths: Sequence[str] = ()) -> Stake:
    """What goes by pattern; everything, if one of them cannot be read."""
    try:
        check(found)
    except InvalidInputError:
        return Stake(paths=["."])
    return Stake(paths=paths, patterns=found)


def _unheld(place: str, context: Context, *, follow: bool = False) -> Stake | None:
    """What goes with one named file that stands there, if no checkpoint holds it.

    Args:
        place: the file, from the root.
        context: where the command runs.
        follow: whether a link is written through.
    """
    came = context.came_from(place)
    if context.exists is not None and not came and not context.exists(place):
        return None
    paths = [place, *came]
    if follow and context.root is not None:
        root = context.real_root
        real = os.path.relpath(context.real(os.path.join(root, place)), root)
        paths += [real] if real != place and not real.startswith("../") else []
    return Stake(paths=paths, unheld=True)


def _streamed(effect: str, word: str, span: str, why: str, context: Context) -> list[Effect]:
    """Files that a stream names in whole or in part: any that could be meant are at stake."""
    prefix, tail = word.partition("\0")[0], word.rpartition("\0")[2].rstrip("/")
    head, slash, start = prefix.rpartition("/")
    folder = head or slash or "."
    why = f"{why}, and a stream says which files"
    place = "." if context.exists is None and _is_relative(word) else place_of(folder, context)
    if place is None:
        return [_effect("outside.delete", [word], span, f"{why} outside this repository")]
    base = "" if place == "." else f"/{place}"
    stake = pattern_stake([f"{base}/**/{start}*{tail}"]) if start or tail else Stake(paths=[place])
    return [replace(_effect(effect, [word], span, why, stake), computed=is_whole(word))]


def is_whole(word: str) -> bool:
    """Whether the whole name of a file is computed: `find` puts a `./` before it."""
    return "\0" in word and not word.removeprefix("./").strip("\0")


def _effect(effect: str, targets: Sequence[str], span: str, why: str, stake: Stake | None = None) -> Effect:
    shown = [target.replace("\0", "…") for target in targets]
    return Effect(effect=effect, targets=shown, span=span, why=why, stake=stake)
