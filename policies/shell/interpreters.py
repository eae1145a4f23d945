"""Interpreters: the code they are given on the command line or by a here-document is followed."""

import re
from collections.abc import Callable, Sequence

from ...core.late import late
from ...core.records import dataclass, replace
from ..effects import Effect
from . import places
from .command import Command, Program
from .embedded import is_shell_line, unread
from .nodes import is_computed_name
from .outcome import outcome, plain_words, reads, unfollowed
from .projectscripts import script_effects

_Follow = Callable[[Command, str], list[Effect]]
"""What code of one language does."""
_SCRIPT = "what the script does is not followed"


@dataclass(frozen=True, kw_only=True)
class _Options:
    """An interpreter's options.

    Attributes:
        code: those whose value is code; a short one may end a cluster, and carry its value.
        values: others that take a value.
        harmless: those after which nothing runs.
        loads: those whose value is a module to load.
    """

    code: Sequence[str]
    values: Sequence[str] = ()
    harmless: Sequence[str] = ("--version", "--help", "-h")
    loads: Sequence[str] = ()


@dataclass(kw_only=True)
class _Start:
    """How an interpreter is started: its code, or else what follows the options."""

    code: list[str]
    rest: list[str]
    flags: list[str]
    loaded: list[str]


def _start(words: Sequence[str], options: _Options) -> _Start:
    start = _Start(code=[], rest=[], flags=[], loaded=[])
    position = 0
    while position < len(words):
        word = words[position]
        name, equals, attached = word.partition("=")
        option, value = _short(word, options) if not word.startswith("--") else (name, attached if equals else None)
        if word == "-" or not word.startswith("-"):
            # What stands behind code are its arguments.
            start.rest = list(words[position:])
            break
        position += 1
        start.flags.append(option)
        if option not in (*options.code, *options.values, *options.loads):
            continue
        if value is None:
            value = words[position] if position < len(words) else "\0"
            position += 1
        if option in options.code:
            start.code.append(value)
        elif option in options.loads:
            start.loaded.append(value)
        else:
            start.flags.append(value)
    return start


def _short(word: str, options: _Options) -> tuple[str, str | None]:
    """The option a cluster such as `-we` ends with, and the value that is attached."""
    if word in (*options.code, *options.values, *options.loads):
        return word, None
    for at, letter in enumerate(word[1:], start=1):
        if f"-{letter}" in (*options.code, *options.values, *options.loads):
            return f"-{letter}", word[at + 1 :] or None
        if not letter.isalnum():
            break
    return word, None


def _supplied(start: _Start) -> str | None:
    """Which part of an interpreter's start is computed as a whole: its options, code, modules or script."""
    if any(flag.startswith("-") and "\0" in flag.partition("=")[0] for flag in start.flags):
        return "its options are computed"
    if any("\0" in text and not text.strip("\0 ") for text in start.code):
        return "its code is computed"
    if any(map(is_computed_name, start.loaded)):
        return "which module it loads is computed"
    script = "".join(start.rest[:1])
    return "which script it runs is computed" if is_computed_name(script) and not start.code else None


_PYTHON = _Options(
    code=("-c",),
    values=("-W", "-X", "-Q", "-m", "--check-hash-based-pycs"),
    harmless=("-V", "--version", "-h", "--help"),
)
# Modules that are programs by another name.
_AS_PROGRAMS = frozenset(
    {
        "pip",
        "pytest",
        "black",
        "ruff",
        "mypy",
        "isort",
        "flake8",
        "pylint",
        "coverage",
        "uvicorn",
        "poetry",
        "alembic",
    }
)
_MODULES_THAT_WRITE = frozenset({"venv", "compileall", "py_compile", "zipfile", "tarfile", "ensurepip", "virtualenv"})
_MODULES_THAT_LOOK = frozenset(
    {"json.tool", "tokenize", "ast", "dis", "site", "sysconfig", "platform", "this", "timeit", "calendar", "pydoc"}
)


def _python(command: Command) -> list[Effect]:
    words = command.words[1:]
    module = next((at for at, word in enumerate(words) if re.fullmatch(r"-[a-zA-Z]*m", word)), None)
    code = next((at for at, word in enumerate(words) if re.match(r"-[a-zA-Z]*c", word)), len(words))
    script = next((at for at, word in enumerate(words) if not word.startswith("-")), len(words))
    if module is not None and module < code and module < script:
        return _python_module(command, list(words[module + 1 :]))
    start = _start(words, _PYTHON)
    if command.context.fed and (supplied := _supplied(start)) is not None:
        return unfollowed(command, supplied, computed=True)
    if set(start.flags) & set(_PYTHON.harmless):
        return reads(command, "it shows help")
    if start.code:
        return _python_code(command, start.code[0])
    if start.rest[:1] in ([], ["-"], ["/dev/stdin"]):
        return _fed(command, _python_code)
    return _known_script(command, start.rest) or outcome(command, "unknown", _SCRIPT)


_KNOWN_SCRIPTS = {"manage.py": "django-admin", "artisan": "artisan", "rails": "rails"}


def _known_script(command: Command, words: Sequence[str]) -> list[Effect]:
    """Scripts that every project of a framework has."""
    known = _KNOWN_SCRIPTS.get(words[0].rpartition("/")[2])
    return command.call([known, *words[1:]], command.context) if known else []


# Where code goes through names that it lists or reads.
_LISTS = late(
    r"\b(?:stdin|STDIN|fileinput|ARGF|gets|fgets|readdir|readdirSync|opendir|scandir|readlines|i?glob)\b|<>|\$_\b"
    r"|\bDir(?:\[|\.(?:glob|each_child|children|entries|foreach)\b)|<[\w./]*\*[\w./*]*>"
)


def _through(command: Command, code: str) -> Command:
    """A command with whether its code deletes many files where it deletes one whose name is computed."""
    each = any(re.match(r"-[a-z0-9]*[np]", flag) for flag in _clusters(command))
    return replace(command, streams=True) if each or _LISTS.search(code) else command


def _mistaken(follow: _Follow) -> _Follow:
    """Code of a language, or a shell line given to the wrong interpreter."""

    def either(command: Command, code: str) -> list[Effect]:
        found = follow(_through(command, code), code)
        return found + (command.line(code, command.context) if is_shell_line(code) else [])

    return either


def _python_code(command: Command, code: str) -> list[Effect]:
    from .pycode import python_effects

    return python_effects(code, _through(command, code))


def _fed(command: Command, follow: _Follow) -> list[Effect]:
    if command.stdin is None:
        return outcome(command, "unknown", "what it reads and runs is not known")
    return follow(command, command.stdin)


def _python_module(command: Command, words: list[str]) -> list[Effect]:
    if not words:
        return outcome(command, "unknown", "which module it runs is not known")
    module, *rest = words
    if module.startswith("\0"):
        return unfollowed(command, "which module it runs is computed", computed=True)
    if module.partition(".")[0] == "safe_rollback":
        program = "safe-rollback-hook" if module.endswith(".hook") else "safe-rollback"
        return command.call([program, *rest], command.context)
    if module in _AS_PROGRAMS:
        return command.call([module, *rest], command.context)
    if module in _MODULES_THAT_LOOK:
        outputs = plain_words(rest)[1:2] if module == "json.tool" else []
        return places.written(outputs, command.context, span=command.span, why="it writes") or reads(command)
    if module in _MODULES_THAT_WRITE:
        folders = plain_words(rest)[:1]
        return places.written(folders, command.context, span=command.span, why="it writes") or reads(command)
    return outcome(command, "unknown", f"what the module {module} does is not followed".replace("\0", "…"))


def _javascript(command: Command, code: str) -> list[Effect]:
    from .languages import JAVASCRIPT, JAVASCRIPT_WITH_PROCESSES
    from .scripts import script_effects

    return script_effects(code, JAVASCRIPT_WITH_PROCESSES if "child_process" in code else JAVASCRIPT, command)


def _perl(command: Command, code: str) -> list[Effect]:
    from .languages import PERL
    from .scripts import script_effects

    return script_effects(code, PERL, command)


def _ruby(command: Command, code: str) -> list[Effect]:
    from .languages import RUBY
    from .scripts import script_effects

    return script_effects(code, RUBY, command)


def _php(command: Command, code: str) -> list[Effect]:
    from .languages import PHP
    from .scripts import script_effects

    return script_effects(code.removeprefix("<?php"), PHP, command)


def _interpreter(options: _Options, code: _Follow, *, subcommands: Sequence[str] = ()) -> Program:
    follow = _mistaken(code)

    def program(command: Command) -> list[Effect]:
        words = command.words[1:]
        if words[:1] and words[0] in subcommands:
            # `deno eval <code>`; what else they can do runs code of the project.
            if words[0] == "eval":
                return follow(command, next((one for one in words[1:] if not one.startswith("-")), "\0"))
            return outcome(command, "unknown", "it runs code of the project, which is not followed")
        start = _start(words, options)
        if any(one in options.harmless for one in start.flags):
            return reads(command, "it shows help or checks")
        if command.context.fed and (supplied := _supplied(start)) is not None:
            return unfollowed(command, supplied, computed=True)
        found = [effect for text in start.code for effect in follow(command, text)]
        for module in start.loaded:
            if not _HARMLESS_MODULES.fullmatch(module):
                found += outcome(command, "unknown", "it loads a module, which is not followed")
        if start.code:
            return found + _edited(command, start)
        if start.rest[:1] in ([], ["-"], ["/dev/stdin"]):
            return found + _fed(command, follow)
        return found + (_known_script(command, start.rest) or outcome(command, "unknown", _SCRIPT))

    return program


_HARMLESS_MODULES = late(
    r"(?:node:)?(?:fs|path|os|util|json|set|date|time|yaml|strict|warnings|utf8|List::Util\S*|POSIX\S*|"
    r"Data::Dumper|JSON::PP|open\S*|feature\S*|English|File::Path|File::Copy|csv|pp)"
)


def _edited(command: Command, start: _Start) -> list[Effect]:
    """`perl -pi -e …` and `ruby -i -pe …` edit the files they are given."""
    if not any(re.match(r"-[a-zA-Z0-9]*i", flag) for flag in _clusters(command)):
        return []
    files = [word for word in start.rest if word != "--"]
    return places.written(files, command.context, span=command.span, why="it edits in place")


def _clusters(command: Command) -> list[str]:
    if not re.match(r"(?:perl|ruby)", command.words[0].rpartition("/")[2].lower()):
        return []
    # A value that is attached, as in `-Mstrict`, is no cluster of letters.
    return [re.sub(r"[eEMmIr].*", "", word) for word in command.words[1:] if re.match(r"-[a-zA-Z0-9]", word)]


_node = _interpreter(
    _Options(
        code=("-e", "--eval", "-p", "--print", "-pe"),
        values=("-C", "--conditions", "--env-file", "--input-type", "--title", "--test-name-pattern", "--watch-path"),
        harmless=("-v", "--version", "-h", "--help", "-c", "--check"),
        loads=("-r", "--require", "--import", "--loader", "--experimental-loader"),
    ),
    _javascript,
    subcommands=(),
)
_deno = _interpreter(_Options(code=()), _javascript, subcommands=("eval", "run", "task", "test", "bench", "repl"))
_bun_itself = _interpreter(
    _Options(code=("-e", "--eval", "-p", "--print"), loads=("-r", "--preload")),
    _javascript,
    subcommands=("run", "test", "build"),
)


def _bun(command: Command) -> list[Effect]:
    return [*_bun_itself(command), *script_effects(command)]


_PERL = _Options(
    code=("-e", "-E"), values=("-I",), harmless=("-v", "-V", "-c", "--version", "--help", "-h"), loads=("-M", "-m")
)
_RUBY = _Options(code=("-e",), values=("-I", "-C", "-E"), harmless=("-v", "-c", "--version", "--help"), loads=("-r",))
_PHP = _Options(code=("-r",), values=("-d", "-c"), harmless=("-v", "-i", "-m", "-l", "--version", "--help"))

_UNREAD = (
    "osascript", "lua", "luajit", "julia", "r", "rscript", "groovy", "tclsh", "expect", "ghci", "nu", "xonsh",
    "elixir", "gdb", "lldb",
)  # fmt: skip


_REMOVES = late(r"(?<![\w.-])(?:remove-item|ri|rd|del|erase)(?![\w-])", re.IGNORECASE)


def _powershell(command: Command) -> list[Effect]:
    """Its plain commands read like a shell's."""
    words = command.words[1:]
    at = next((at for at, word in enumerate(words) if re.fullmatch(r"-c(?:o(?:mmand)?)?", word.lower())), None)
    text = (command.stdin or "") if at is None else " ".join(words[at + 1 :])
    text = _REMOVES.sub("rm", text)
    return outcome(command, "unknown", "its code is not followed to its end") + command.line(text, command.context)


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(("python", "python2", "python3", "pypy", "pypy3", "py", "ipython"), _python),
    **{f"python3.{minor}": _python for minor in range(6, 20)},
    **dict.fromkeys(("node", "nodejs", "tsx", "ts-node"), _node),
    "deno": _deno,
    "bun": _bun,
    "perl": _interpreter(_PERL, _perl),
    "ruby": _interpreter(_RUBY, _ruby),
    "php": _interpreter(_PHP, _php),
    **dict.fromkeys(("pwsh", "powershell"), _powershell),
    **dict.fromkeys(_UNREAD, unread("code of this language is not followed")),
}
"""Programs by name."""
