"""`find` and `fd`: what their actions do to the files their tests select."""

import fnmatch
import os
from collections.abc import Sequence

from ...core.records import dataclass, field, replace
from ..effects import DESTRUCTIVE, Effect
from . import places
from .command import Command, Program
from .context import Context
from .internals import guard_files
from .outcome import outcome, patterns, reads
from .selected import DELETERS

# Tests and options by the number of words they take; actions are apart. Anything else takes none.
_TAKES: dict[str, int] = dict.fromkeys(
    (
        "-amin", "-anewer", "-atime", "-cmin", "-cnewer", "-context", "-ctime", "-fstype", "-gid", "-group",
        "-ilname",
        "-iname", "-inum", "-ipath", "-iregex", "-iwholename", "-links", "-lname", "-maxdepth", "-mindepth", "-mmin",
        "-mtime", "-name", "-newer", "-newerXY", "-path", "-perm", "-printf", "-regex", "-regextype", "-samefile",
        "-size", "-type", "-uid", "-used", "-user", "-wholename", "-xtype", "-newermt", "-newerct", "-newerat",
        "-files0-from", "-xattrname", "-flags", "-Btime", "-Bmin",
    ),
    1,
)  # fmt: skip
_RUNS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_WRITES = {"-fprint": 1, "-fprint0": 1, "-fls": 1, "-fprintf": 2}
_NAMES = frozenset({"-name", "-iname"})
_PATHS = frozenset({"-path", "-wholename"})
# What these do to every file below a repository's root breaks git's own, or takes the hooks' right to run.
_EDITS = frozenset({"chmod", "chown", "dos2unix", "perl", "sed", "unix2dos"})
# Names that git's own directory has: a deletion from the root that selects one of them takes it from there.
_GIT_NAMES = ("HEAD", "config", "index", "ORIG_HEAD", "packed-refs", "objects", "refs", "hooks", "logs", ".git",
              "pre-commit", "commit-msg", "pre-push", "reference-transaction", "ledger.db")  # fmt: skip


@dataclass(kw_only=True)
class _Search:
    """A `find` command taken apart.

    Attributes:
        starts: where it looks.
        names: patterns that all it selects must match one of; empty if any name may do.
        spares_git: whether it says to leave `.git` alone.
        spares: names that it leaves alone, and all below.
        paths: patterns that the whole path of all it selects must match.
        depth: how deep it looks at most.
        folders: whether it selects directories only.
        deletes: whether it deletes what it selects.
        computed: whether part of the expression is, and may be an action.
        written: files its actions write.
        runs: commands its actions start, each with whether they run in the file's directory.
    """

    starts: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    spares_git: bool = False
    spares: set[str] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)
    depth: int | None = None
    folders: bool = False
    deletes: bool = False
    computed: bool = False
    written: list[str] = field(default_factory=list)
    runs: list[tuple[list[str], bool]] = field(default_factory=list)


def _find(command: Command) -> list[Effect]:
    search = _parsed(command.words[1:])
    found: list[Effect] = []
    if search.deletes:
        found += _selected(command, search, "it deletes what it finds")
    found += places.written(search.written, command.context, span=command.span, why="it writes what it finds")
    for argv, in_directory in search.runs:
        found += _run(command, search, argv, in_directory)
    if search.computed:
        found += outcome(command, "unknown", "part of the expression is computed")
    return found or reads(command)


def _parsed(words: Sequence[str]) -> _Search:
    search, rest = _Search(), list(words)
    while rest and (rest[0] in ("-H", "-L", "-P", "-E", "-X", "-d", "-s", "-x", "-D", "-f") or rest[0][:2] == "-O"):
        option = rest.pop(0)
        if option == "-f" and rest:
            search.starts.append(rest.pop(0))
        elif option == "-D" and rest:
            rest.pop(0)
    while rest and not rest[0].startswith("-") and rest[0] not in ("(", "!", ","):
        search.starts.append(rest.pop(0))
    search.starts = search.starts or ["."]
    _expression(rest, search)
    return search


def _expression(rest: list[str], search: _Search) -> None:
    negated, alternatives, group = False, False, False
    while rest:
        word = rest.pop(0)
        if word in _RUNS:
            ends = [one for one in (";", "+") if one in rest]
            end = min((rest.index(one) for one in ends), default=len(rest))
            search.runs.append((rest[:end], word.endswith("dir")))
            del rest[: end + 1]
        elif word in _WRITES:
            search.written += rest[:1]
            del rest[: _WRITES[word]]
        elif word.startswith(("\0", "-\0")):
            search.computed = True
        elif word == "-delete":
            search.deletes = True
        elif word in _TAKES:
            value = rest.pop(0) if rest else ""
            if negated or "-prune" in rest:
                search.spares |= set(value.split("/"))
            elif word in _PATHS:
                search.paths.append(value)
            search.folders |= (word, value) == ("-type", "d")
            if word == "-maxdepth" and value.isdecimal():
                search.depth = int(value)
            if word in _NAMES and not negated and value:
                search.names.append(_any_case(value) if word == "-iname" else value)
            elif word not in _NAMES and alternatives and not negated:
                search.names.append("*")
        elif word in ("-o", "-or"):
            alternatives = True
        group = word == "(" and negated if word in ("(", ")") else group
        negated = word in ("!", "-not") or group
    search.spares_git = ".git" in search.spares
    if alternatives:
        search.paths = []
    if alternatives and search.names and not _only_names(search):
        search.names = []


def _only_names(search: _Search) -> bool:
    return "*" not in search.names


def _any_case(pattern: str) -> str:
    return "".join(f"[{one.lower()}{one.upper()}]" if one.isalpha() else one for one in pattern)


def _selected(command: Command, search: _Search, why: str) -> list[Effect]:
    """What deleting the selection does, start by start."""
    found: list[Effect] = []
    for start in search.starts:
        place = places.place_of(start, command.context)
        narrowed = bool(search.names) and "\0" not in "".join(search.names)
        known = place is not None and not places.internal_to(start, command.context)
        if place is None or not known or places.is_temporary(start, command.context):
            found += places.deleted(
                [start], command.context, recursive=True, span=command.span, why=why, wild=patterns(command)
            )
        elif place == "." and not search.spares_git and not (narrowed and not _hits_git(search.names)):
            found += outcome(command, "guard.tamper", f"{why}, in git's own directory too", [start])
        elif _hits_guard(place, search, command.context):
            found += outcome(command, "guard.tamper", f"{why}, the guard's own files among it", [start])
        elif narrowed:
            stake = places.pattern_stake([_anchored(place, name) for name in search.names])
            found += outcome(command, "worktree.delete", why, stake.patterns, stake=stake)
        else:
            found += outcome(command, "worktree.delete", why, [place], stake=places.stake_of(place))
    return found


def _anchored(place: str, name: str) -> str:
    return f"/**/{name}" if place == "." else f"/{place}/**/{name}"


def _hits_git(names: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(one, name) for name in names for one in _GIT_NAMES)


def _hits_guard(place: str, search: _Search, context: Context) -> bool:
    """Whether a search from a place in the worktree may select one of the guard's files."""
    for path in guard_files(context):
        below = path if place == "." else path.removeprefix(f"{place}/") if path.startswith(f"{place}/") else ""
        names = below.split("/")[: search.depth]
        if not below or search.spares & set(below.split("/")):
            continue
        if not all(fnmatch.fnmatchcase(f"./{path}", f"*{pattern.removeprefix('./')}") for pattern in search.paths):
            continue
        if not search.names or any(fnmatch.fnmatchcase(one, name) for one in names for name in search.names):
            return True
    return False


def _own_files(command: Command, search: _Search, program: str, found: Sequence[Effect]) -> list[Effect]:
    """What a program does that is given git's or the guard's files as they are found."""
    if all(one.effect in ("state.read", "guard.tamper") for one in found):
        return []
    for start in search.starts:
        place = places.place_of(start, command.context)
        if places.internal_to(start, command.context) and not places.is_temporary(start, command.context):
            return outcome(command, "guard.tamper", "it changes git's or the guard's own files", [start])
        git = place == "." and not search.spares_git and not search.paths
        if git and (_hits_git(search.names) if search.names else program in _EDITS and not search.folders):
            return outcome(command, "guard.tamper", "it changes git's own files, too", [start])
        if place is not None and _hits_guard(place, search, command.context):
            return outcome(command, "guard.tamper", "it changes the guard's own files, too", [start])
    return []


def _run(command: Command, search: _Search, argv: list[str], in_directory: bool) -> list[Effect]:
    if not argv:
        return outcome(command, "unknown", "it runs nothing that could be read")
    program = os.path.basename(argv[0]).lower()
    if program in DELETERS and any("{}" in word for word in argv[1:]):
        others = [word for word in argv[1:] if "{}" not in word and not word.startswith("-")]
        found = _selected(command, search, f"it runs {program} on what it finds")
        more = others if program in ("rm", "srm") else []
        return found + (command.call([*argv[:1], "-rf", *more], command.context) if more else [])
    context = replace(command.context.elsewhere() if in_directory else command.context, fed=True)
    found = command.call([_found_name(word) for word in argv], context)
    taken = [one for one in found if one.computed and one.effect in DESTRUCTIVE]
    if taken and not any("\0" in word for word in argv):
        # The names are those it finds.
        found = [one for one in found if one not in taken]
        found += _selected(command, search, f"{taken[0].why.partition(',')[0]} what it finds")
    return found + _own_files(command, search, program, found)


def _found_name(word: str) -> str:
    """What stands for a found file: a name that is computed, and no option."""
    return word.replace("{}", "./\0") if word == "{}" else word.replace("{}", "\0")


_FD_VALUES = frozenset(
    {
        "-E",
        "-e",
        "-t",
        "-d",
        "-S",
        "-o",
        "-j",
        "-c",
        "-g",
        "--exclude",
        "--extension",
        "--type",
        "--max-depth",
        "--min-depth",
        "--size",
        "--owner",
        "--threads",
        "--color",
        "--changed-within",
        "--changed-before",
        "--search-path",
        "--base-directory",
        "--exact-depth",
    }
)


def _fd(command: Command) -> list[Effect]:
    words = list(command.words[1:])
    for position, word in enumerate(words):
        if word not in ("-x", "-X", "--exec", "--exec-batch"):
            continue
        argv = words[position + 1 :]
        before = [one for at, one in enumerate(words[:position]) if at == 0 or words[at - 1] not in _FD_VALUES]
        starts = [one for one in before if not one.startswith("-")][1:]
        # Its patterns are regular expressions, so everything below may be meant; it passes `.git` by.
        search = _Search(starts=starts or ["."], spares_git=not {"-H", "-u", "--hidden"} & set(before))
        if argv and not any("{" in one for one in argv):
            argv = [*argv, "{}"]
        return _run(command, search, argv, False)
    return reads(command)


PROGRAMS: dict[str, Program] = {"find": _find, "gfind": _find, "fd": _fd, "fdfind": _fd}
"""Programs by name."""
