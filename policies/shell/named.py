"""Programs that are given one of git's or the guard's files to do something to it that is not analysed."""

import os
import re
from collections.abc import Iterator, Sequence

from ...core.late import late
from ..effects import Effect
from . import archives, files, finding
from .context import Context
from .launchers import LAUNCHERS, SHELLS
from .ours import ends_guard
from .places import STREAMS, tampers
from .wrappers import WRAPPERS, Unwrapped

# Readers and others that are judged by what they read: the options by which they write, or reach a socket.
_WRITE_OPTIONS: dict[str, tuple[str, ...]] = {
    "ack": ("--output",),
    "bandit": ("-o", "--output"),
    "base64": ("-o", "--output"),
    "cloc": ("--out", "--report-file"),
    "codespell": ("-w", "-i", "--write-changes"),
    "curl": ("--unix-socket", "--abstract-unix-socket", "--output-dir", "--trace", "--trace-ascii", "--stderr",
             "--hsts", "--alt-svc", "--etag-save", "--libcurl"),
    "flake8": ("--output-file",),
    "gh": ("-D", "--dir", "-O", "--output"),
    "gitleaks": ("-r", "--report-path"),
    "history": ("-a", "-n", "-r", "-w"),
    "http": ("-o", "--output"),
    "https": ("-o", "--output"),
    "iconv": ("-o", "--output"),
    "jq": ("-i", "--in-place"),
    "less": ("-o", "-O", "--log-file"),
    "parallel": ("--joblog", "--results"),
    "pylint": ("--output",),
    "scc": ("-o", "--output"),
    "sdiff": ("-o", "--output"),
    "semgrep": ("-o", "--output"),
    "shuf": ("-o", "--output"),
    "tree": ("-o",),
    "trivy": ("-o", "--output"),
    "typos": ("-w", "--write-changes"),
}  # fmt: skip
_CHECKS = frozenset({"--check", "--diff", "--list-different", "--dry-run", "-l", "check", "lint", "verify"})
_CHANGES = frozenset({"--fix", "--write", "--write-changes", "-w", "-i", "--in-place", "--apply", "--unsafe-fixes"})
# What stands behind these is left out by the program.
_LEAVES_OUT = late(r"-{1,2}[\w-]*(?:exclu|ignor|skip|omit|prune)[\w-]*|-[xeiIE]")
_GITS_FOLDER = late(r"(?:\./|\*\*/)?\.git(?:/|/\*{1,2})?")
_MOUNTS = ("-v", "--volume", "--mount")
_CONTAINERS = frozenset({"docker", "docker-compose", "k", "kubectl", "nerdctl", "oc", "podman"})
_QUIET = frozenset({"state.read", "db.read"})
_EDITORS = frozenset({"ed", "ex", "vi", "vim", "nvim", "nano", "emacs"})
# These do what a text in their arguments says, which may name files.
_WITH_TEXTS = _EDITORS | {
    "sqlite3", "sqlite", "duckdb", "litecli", "lua", "julia", "r", "rscript", "osascript", "groovy", "tclsh", "pwsh",
    "powershell",
}  # fmt: skip
# What these do to the files they name is known exactly, or happens on another machine.
_EXACT = (
    frozenset({*files.PROGRAMS, *archives.PROGRAMS, *finding.PROGRAMS, "awk", "gawk", "mawk", "nawk", "yq", "wget"})
    | {"git", "ssh", "mosh", "kill", "pkill", "killall", "safe-rollback"}
) - {"rename", *_EDITORS}


def named(name: str, words: Sequence[str], context: Context, effects: Sequence[Effect]) -> list[Effect]:
    """What a command does to the guard by its arguments alone, past what is known of its program.

    Args:
        name: the program without its directory, in lower case.
        words: program and arguments.
        context: where it runs.
        effects: what its family found.
    """
    if any(one.effect == "guard.tamper" for one in effects):
        return []
    span = " ".join(words).replace("\0", "…")[:200]
    if why := ends_guard(name, words):
        return [Effect(effect="guard.tamper", span=span, why=why)]
    if name in _EXACT:
        return []
    for word in _suspects(name, words, effects):
        if internal := tampers(word, context):
            why = f"it may change what it names, and {internal}"
            return [Effect(effect="guard.tamper", targets=[word.replace("\0", "…")], span=span, why=why)]
    return []


def _suspects(name: str, words: Sequence[str], effects: Sequence[Effect]) -> Iterator[str]:
    """The paths among the arguments that the program may write."""
    arguments = words[1:]
    if name in _WITH_TEXTS:
        if "-readonly" not in arguments:
            texts = (word for word in arguments if "mode=ro" not in word)
            pieces = (one for text in texts for one in re.split(r"[\s'\"`;,()?|!]+", text) if one)
            yield from (path for one in pieces for path in _paths(one.removeprefix("file:")))
    elif options := _WRITE_OPTIONS.get(name):
        yield from (path for one in _values(arguments, options) for path in _paths(one))
    elif name in _CONTAINERS and "cp" not in arguments[:2]:
        mounts = (one for one in _values(arguments, _MOUNTS) if not one.endswith((":ro", "readonly")))
        yield from (path for one in mounts for path in _paths(one))
    elif not effects or any(one.effect not in _QUIET for one in effects):
        if name in LAUNCHERS:
            return
        if name in SHELLS:
            arguments = _after_script(arguments)
        elif _CHECKS & set(arguments) and not _CHANGES & set(arguments):
            return
        yield from _plain(arguments)


def _plain(arguments: Sequence[str]) -> Iterator[str]:
    for position, word in enumerate(arguments):
        before = arguments[position - 1] if position else ""
        if _LEAVES_OUT.fullmatch(word.partition("=")[0]) and "=" in word:
            continue
        if _LEAVES_OUT.fullmatch(before) and (_GITS_FOLDER.fullmatch(word) or len(before) > 2):
            continue
        yield from _paths(word)


def _values(arguments: Sequence[str], options: Sequence[str]) -> Iterator[str]:
    """What stands behind one of the options; for one that edits in place, all of the arguments."""
    for position, word in enumerate(arguments):
        option, equals, value = word.partition("=")
        if option in options and option in _CHANGES:
            yield from arguments
        elif option in options:
            yield value if equals else "".join(arguments[position + 1 : position + 2])
        elif word[:2] in options and word[1] != "-":
            yield word[2:]


def _paths(word: str) -> Iterator[str]:
    """What of an argument may be a path: all of it, a value in it, or what is attached to a letter."""
    if not word or word in STREAMS or (re.search(r"\s", word) and not os.path.isabs(word)):
        return
    if "://" in word and not word.startswith("file:"):
        return
    if not word.startswith("-"):
        yield word
    elif len(word) > 2 and word[1] != "-":
        yield word[2:].removeprefix("=")
    if "=" in word or ":" in word or "," in word:
        yield from (piece for piece in re.split(r"[=:,]", word) if piece and not piece.startswith("-"))


def _after_script(arguments: Sequence[str]) -> Sequence[str]:
    """The arguments of a script; those of a line given by `-c` are followed in it."""
    if any(re.fullmatch(r"-[a-z]*c", word) for word in arguments):
        return ()
    first = next((at for at, word in enumerate(arguments) if not word.startswith(("-", "+"))), len(arguments))
    return arguments[first + 1 :]


def named_by_wrapper(name: str, words: Sequence[str], inner: Unwrapped, context: Context) -> list[Effect]:
    """The same for a wrapper's own words, without those of the program it starts.

    Args:
        name: a key of `WRAPPERS`.
        words: wrapper and arguments.
        inner: what it starts.
        context: where it runs.
    """
    moves = WRAPPERS[name].directory
    # What follows the line of `script -c` is no program but the file it records to.
    own = words if name == "script" and inner.line is not None else words[: 1 + max(inner.offset, 0)]
    return named(name, [word for at, word in enumerate(own) if not at or own[at - 1] not in moves], context, ())
