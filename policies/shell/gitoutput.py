"""Files that git commands write because an option names them: `--output`, `archive -o`, `bundle create`."""

from collections.abc import Iterator

from ..effects import Effect
from . import places
from .context import Context
from .handlers import found
from .options import Parsed

_STREAMS = ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty")
_INSTEAD = "Name a file that does not exist yet, or leave the option out and read the answer."


def is_internal(path: str) -> bool:
    """Whether a path leads into git's own directory."""
    return ".git" in path.lower().split("/")


def written(path: str, context: Context) -> list[Effect]:
    """What writing a file from its beginning does."""
    if path in _STREAMS:
        return found("state.read", "it writes to a stream")
    if "\0" in path:
        return found("unknown", "which file it writes is computed", [path])
    place = context.place(path)
    if internal := places.internal_to(path, context):
        return found("guard.tamper", f"it writes {path}, and {internal}", [path])
    if place is None and (context.exists is not None or path.startswith(("/", "~"))):
        return found("unknown", f"it writes {path}, outside this worktree", [path])
    if place is None or context.exists is None:
        return found("worktree.discard", f"it overwrites {path}", [path], instead=_INSTEAD)
    if context.exists(place):
        at = places.stake_of(place)
        return found("worktree.discard", f"it overwrites {path}", [path], instead=_INSTEAD, stake=at)
    return found("file.write", f"it writes {path}, which is new", [path])


def output_effects(name: str, parsed: Parsed, context: Context) -> list[Effect]:
    """What the output options of a subcommand do; the log and diff options are common to many."""
    if parsed.on("--output") and not parsed.all_values("--output"):
        # The value stands somewhere among the words.
        return found("worktree.discard", "it may overwrite any file", instead=_INSTEAD)
    return [effect for path in _files(name, parsed) for effect in written(path, context)] + [
        effect for path in _folders(name, parsed, context) for effect in _written_below(path, context)
    ]


def _files(name: str, parsed: Parsed) -> Iterator[str]:
    if name == "bundle" and parsed.words[:1] == ["create"]:
        yield from [one for one in [*parsed.words, *parsed.paths][1:2] if one != "-"]
        return
    short = ("-o",) if name in ("archive", "index-pack") else ()
    yield from parsed.all_values("--output", *short)


def _folders(name: str, parsed: Parsed, context: Context) -> Iterator[str]:
    if name in ("format-patch", "bugreport", "diagnose"):
        given = [value for option, value in parsed.values if option == "-o" or option.startswith("--output-d")]
        default = context.value("format.outputdirectory") if name == "format-patch" else None
        yield from given or ([default] if default else [])


def _written_below(path: str, context: Context) -> list[Effect]:
    if "\0" in path:
        return found("unknown", "where it writes is computed", [path])
    place = context.place(path)
    if internal := places.internal_to(path, context):
        return found("guard.tamper", f"it writes into {path}, and {internal}", [path])
    if place is None:
        return found("unknown", f"it writes into {path}, outside this worktree", [path])
    return found("file.write", f"it writes into {path}", [path])
