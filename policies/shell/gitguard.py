"""Git commands that write, move or delete the guard's files, or make something inside of git's own directory."""

import fnmatch
import re
from collections.abc import Callable, Sequence

from ...core.late import late
from ...core.records import replace
from ..effects import DESTRUCTIVE, Effect
from .context import Context
from .handlers import found
from .internals import guard_files
from .options import Parsed
from .places import tampers

_MAGIC = late(r":\([a-z,:]*\)|:/")
_WILD = late(r"[*?\[]")
_INCLUDES = late(r"include(?:if\..*)?\.path", re.IGNORECASE)


def _checked_out(parsed: Parsed, context: Context) -> Sequence[str]:
    if parsed.on("-b", "-B", "--orphan"):
        return ()
    if parsed.dashes:
        return parsed.paths
    first = parsed.words[:1]
    named = bool(first) and (context.is_revision is None or context.is_revision(first[0]))
    return parsed.words[1:] if named else parsed.words


def _restored(parsed: Parsed, _: Context) -> Sequence[str]:
    if parsed.on("-S", "--staged") and not parsed.on("-W", "--worktree"):
        return ()
    return [*parsed.words, *parsed.paths]


def _all(parsed: Parsed, _: Context) -> Sequence[str]:
    return [*parsed.words, *parsed.paths]


def _target(parsed: Parsed, _: Context) -> Sequence[str]:
    """The directory that is made, which stands last, behind where it comes from."""
    return [*parsed.words, *parsed.paths][1:]


def _after_verb(parsed: Parsed, _: Context) -> Sequence[str]:
    return [*parsed.words[1:], *parsed.paths]


def _applied(parsed: Parsed, _: Context) -> Sequence[str]:
    return parsed.all_values("--directory", "--include")


_CHANGED: dict[str, Callable[[Parsed, Context], Sequence[str]]] = {
    "apply": _applied,
    "checkout": _checked_out,
    "checkout-index": _all,
    "clean": _all,
    "clone": _target,
    "init": _all,
    "mv": _all,
    "restore": _restored,
    "rm": _all,
    "stash": _after_verb,
    "submodule": _after_verb,
    "worktree": _after_verb,
}


def guarded(name: str, parsed: Parsed, context: Context) -> list[Effect]:
    """What a subcommand does to git's own or the guard's files by the paths it is given.

    Args:
        name: the subcommand.
        parsed: its arguments.
        context: where git runs.
    """
    choose = _CHANGED.get(name)
    for spec in choose(parsed, context) if choose is not None else ():
        if internal := _meets(spec, context):
            return found("guard.tamper", f"it changes files, and {internal}", [spec.replace("\0", "…")])
    return _from_template(name, parsed, context)


def _meets(spec: str, context: Context) -> str | None:
    if spec.startswith((":!", ":^", ":(exclude")):
        return None
    path = _MAGIC.sub("", spec, count=1)
    if internal := tampers(path, context, pattern=False):
        return internal
    if not _WILD.search(path):
        return None
    # Git's star matches slashes and leading dots.
    place = context.place(path)
    hit = next((one for one in guard_files(context) if fnmatch.fnmatchcase(one, place or path)), None)
    return f"{path} matches {hit}, the guard's own" if hit else None


def _from_template(name: str, parsed: Parsed, context: Context) -> list[Effect]:
    """`init` in a repository that stands adds what the template has, hooks among it."""
    if name != "init" or not parsed.value("--template") or context.exists is None:
        return []
    folder = context.place("".join([*parsed.words, *parsed.paths][:1]) or ".")
    stands = folder is not None and (folder == "." or context.exists(f"{folder}/.git"))
    return found("guard.tamper", "a template brings hooks into this repository") if stands else []


def including(found: Sequence[Effect]) -> list[Effect]:
    """The effects of `-c` options before a command that changes something: what they include may name other hooks."""
    return [
        replace(one, effect="hooks.bypass") if any(_INCLUDES.fullmatch(key) for key in one.targets) else one
        for one in found
    ]


def alias_effects(
    name: str, parsed: Parsed, context: Context, shell: Callable[[str, Context], list[Effect]]
) -> list[Effect]:
    """What an alias that `git config` sets would destroy as soon as someone runs it."""
    if name != "config":
        return []
    words = parsed.words[1:] if parsed.words[:1] == ["set"] else parsed.words
    if len(words) < 2 or not words[0].lower().startswith("alias."):
        return []
    meaning = words[1]
    if meaning.startswith("!"):
        return [one for one in shell(meaning[1:], context) if one.effect in DESTRUCTIVE]
    bypasses = ("guard.tamper", "hooks.bypass")
    return [one for one in shell(f"git {meaning}", context) if one.effect in bypasses]
