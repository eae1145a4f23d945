"""Git: global options, aliases, and one table of subcommands to what they do."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, takewhile

from ...core.records import replace
from ..effects import Effect
from . import githistory, gitread, gitrefs, gitremote, gitworktree
from .context import Context
from .gitguard import alias_effects, guarded, including
from .gitoutput import output_effects
from .handlers import Handler
from .options import Parsed, Takes, parse
from .settings import setting_effect, shell_line

# Global options that take the next word.
_GLOBAL_VALUES = (
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--config-env",
    "--super-prefix",
    "--attr-source",
)
_MAX_ALIASES = 10
# These show help and do nothing wherever `-h` stands among their options.
_SHOW_HELP = frozenset({"reset", "restore", "checkout", "switch", "clean", "rm", "mv", "branch", "tag", "push"})

Shell = Callable[[str, Context], list[Effect]]
# Options whose value git runs as a program.
_RUN_OPTIONS: dict[str, tuple[str, ...]] = {
    "archive": ("--exec",),
    "clone": ("--upload-pack", "-u"),
    "difftool": ("--extcmd", "-x"),
    "fetch": ("--upload-pack",),
    "fetch-pack": ("--upload-pack", "--exec"),
    "grep": ("--open-files-in-pager", "-O"),
    "ls-remote": ("--upload-pack", "--exec"),
    "pull": ("--upload-pack",),
    "push": ("--receive-pack", "--exec"),
    "rebase": ("--exec", "-x"),
}


def git_effects(
    args: Sequence[str],
    context: Context,
    shell: Shell,
    *,
    depth: int = 0,
) -> list[Effect]:
    """What `git <args>` does.

    Args:
        args: the words after `git`.
        context: the repository.
        shell: analyses a shell command, for aliases and subcommands that run one.
        depth: aliases followed so far.
    """
    found, context, rest = _global(args, context, shell)
    span = " ".join(["git", *args]).replace("\0", "…")
    if not rest:
        return [*found, Effect(effect="state.read", span=span, why="no subcommand")]
    name, words = rest[0], list(rest[1:])
    known = TABLE.get(name)
    if known is None:
        return found + _alias(name, words, context, shell, span, depth)
    # Only as the first word: later ones can belong to a command that git is to run.
    if words[:1] in (["-h"], ["--help"]):
        return [*found, Effect(effect="state.read", span=span, why="shows help")]
    takes, handler = known
    parsed = parse(words, takes)
    effects, outputs = handler(parsed, context), output_effects(name, parsed, context)
    if any(one.effect != "state.read" for one in effects):
        effects, found = effects + guarded(name, parsed, context), including(found)
    if name in _SHOW_HELP and _asks_for_help(words, parsed):
        return [*found, Effect(effect="state.read", span=span, why="shows help")]
    if outputs:
        effects = [one for one in effects if one.effect != "state.read"] + outputs
    effects = [replace(effect, span=span, argv=tuple(rest)) for effect in effects]
    effects += alias_effects(name, parsed, context, shell)
    for inner in _inner_commands(name, words, parsed):
        # Each submodule, and each step of a bisection, has a directory of its own.
        effects += shell(inner, context.elsewhere())
    return found + effects


def _global(args: Sequence[str], context: Context, shell: Shell) -> tuple[list[Effect], Context, Sequence[str]]:
    """Effects of the options before the subcommand, the surroundings they make, and the rest."""
    found: list[Effect] = []
    settings: list[tuple[str, str]] = []
    options, position = global_options(args)
    for name, value in options:
        if name in ("-c", "--config-env") and value is not None:
            key, equals, text = value.partition("=")
            # A key alone means true; --config-env names a variable.
            if name == "--config-env":
                text = context.variables.get(text, "\0")
            settings.append((key.lower(), text if equals else "true"))
            effect = setting_effect(key, f"{name} {value}")
            if effect is not None:
                found.append(effect)
            if (line := shell_line(key, text)) is not None:
                found += shell(line, context)
        elif name == "-C" and value:
            context = context.within(value)
        elif name in ("--git-dir", "--work-tree"):
            # What stands in that repository is not known here.
            context = context.elsewhere()
        elif name == "--exec-path" and value is not None:
            span = f"{name}={value}"
            found.append(Effect(effect="unknown", span=span, why="git's own programs come from elsewhere"))
    return found, context.having(settings), args[position:]


def global_options(args: Sequence[str]) -> tuple[list[tuple[str, str | None]], int]:
    """The options before the subcommand, each with its value if it has one, and where the subcommand stands."""
    options: list[tuple[str, str | None]] = []
    position = 0
    while position < len(args) and args[position].startswith("-"):
        if args[position] == "--":
            position += 1
            break
        name, value, used = _global_value(args, position)
        options.append((name, value))
        position += used
    return options, min(position, len(args))


def _global_value(args: Sequence[str], position: int) -> tuple[str, str | None, int]:
    """Name and value of a global option, and the number of words it takes."""
    word = args[position]
    for name in _GLOBAL_VALUES:
        if word == name:
            value = args[position + 1] if position + 1 < len(args) else None
            return name, value, 2
        if len(name) == 2 and word.startswith(name) and len(word) > 2:
            return name, word[2:], 1
        if word.startswith(f"{name}="):
            return name, word[len(name) + 1 :], 1
    name, equals, value = word.partition("=")
    return name, value if equals else None, 1


def _alias(name: str, words: Sequence[str], context: Context, shell: Shell, span: str, depth: int) -> list[Effect]:
    meaning = context.aliases.get(name.lower())
    if meaning is None or depth >= _MAX_ALIASES:
        why = f"what git {name} does is not analysed" if meaning is None else "the aliases run in circles"
        return [Effect(effect="unknown", span=span, why=why.replace("\0", "…"))]
    if "\0" in meaning and not meaning.strip("\0! "):
        why = f"what the alias {name} stands for is computed".replace("\0", "…")
        return [Effect(effect="unknown", span=span, why=why, computed=True)]
    if meaning.startswith("!"):
        # The shell of an alias starts at the root.
        line = " ".join([meaning[1:], *(shlex.quote(word) for word in words)])
        return shell(line, replace(context, directory=""))
    try:
        expanded = shlex.split(meaning)
    except ValueError:
        return [Effect(effect="unknown", span=span, why=f"the alias {name} does not parse")]
    return git_effects([*expanded, *words], context, shell, depth=depth + 1)


def _asks_for_help(words: Sequence[str], parsed: Parsed) -> bool:
    before = list(takewhile(lambda word: word != "--", words))
    return any(word in before and word in parsed.options for word in ("-h", "--help", "--version"))


def _inner_commands(name: str, words: Sequence[str], parsed: Parsed) -> Iterator[str]:
    """Shell commands a subcommand runs: `submodule foreach`, `bisect run`, `rebase --exec`, `fetch --upload-pack`."""
    if name == "submodule" and "foreach" in words:
        inner = list(words[words.index("foreach") + 1 :])
        while inner and inner[0].startswith("-"):
            inner.pop(0)
        # One word is a shell line, several are a command.
        yield inner[0] if len(inner) == 1 else shlex.join(inner)
    if name == "bisect" and words[:1] == ["run"]:
        yield shlex.join(words[1:])
    if name == "config":
        # `config <key> <value>` and `config set <key> <value>`.
        yield from filter(None, (shell_line(key, value) for key, value in pairwise(parsed.words[:3])))
    if name == "clone":
        settings = (one.partition("=") for one in parsed.all_values("-c", "--config"))
        yield from filter(None, (shell_line(key, value) for key, _, value in settings))
    for option in _RUN_OPTIONS.get(name, ()):
        yield from parsed.all_values(option)


_READ: tuple[str, ...] = (
    "annotate", "blame", "cat-file", "check-attr", "check-ignore", "check-mailmap", "check-ref-format", "cherry",
    "column", "count-objects", "describe", "diff", "diff-files", "diff-index", "diff-tree", "for-each-ref",
    "get-tar-commit-id", "log", "ls-files", "ls-remote", "ls-tree", "merge-base",
    "merge-tree", "name-rev", "patch-id", "range-diff", "rev-list", "rev-parse", "shortlog", "show",
    "show-branch", "show-index", "show-ref", "status", "stripspace", "var", "verify-commit", "verify-pack",
    "verify-tag", "version", "whatchanged", "fmt-merge-msg",
)  # fmt: skip
_WRITE: tuple[str, ...] = (
    "archive", "bugreport", "bundle", "commit-graph", "commit-tree", "diagnose", "format-patch", "hash-object",
    "index-pack", "mktag", "mktree", "multi-pack-index", "pack-objects", "pack-refs", "prune-packed", "rerere",
    "request-pull", "unpack-objects", "update-server-info", "write-tree",
)  # fmt: skip

TABLE: dict[str, tuple[Takes, Handler]] = {
    **dict.fromkeys(_READ, (gitread.READ_TAKES, gitread.read)),
    **dict.fromkeys(_WRITE, (gitread.WRITE_TAKES, gitread.write)),
    **gitread.HANDLERS,
    **githistory.HANDLERS,
    **gitrefs.HANDLERS,
    **gitremote.HANDLERS,
    **gitworktree.HANDLERS,
}
"""Every subcommand that is understood; anything else is `unknown`."""
