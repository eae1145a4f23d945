"""Python's functions that run commands or change files: one table by full name, one by the method's name."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...core.records import dataclass, replace
from ..effects import Effect
from . import places
from .command import Command
from .context import Context
from .outcome import outcome, with_variables
from .pyvalues import PathText, as_text


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call with what its arguments stand for.

    Attributes:
        command: the interpreter's command.
        context: where the program is by then.
        owner: what a method is called on.
        args: positional arguments.
        kwargs: the others.
        chain: the names after dots in what is called, the last one first.
    """

    command: Command
    context: Context
    owner: Any
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    chain: Sequence[str]

    def given(self, position: int, *names: str) -> Any:
        """An argument by position or name; None if it is not given."""
        if position < len(self.args):
            return self.args[position]
        return next((self.kwargs[name] for name in names if name in self.kwargs), None)

    def unknown(self, why: str) -> list[Effect]:
        """One effect that cannot be known."""
        return outcome(self.command, "unknown", why)


Sink = Callable[[Call], list[Effect]]


def _run(call: Call) -> list[Effect]:
    """What `subprocess.run` and kin start."""
    what, context = call.given(0, "args", "command", "cmd"), call.context
    if (folder := call.kwargs.get("cwd")) is not None:
        text = as_text(folder)
        context = context.elsewhere() if "\0" in text else context.within(text)
    if isinstance(what, list):
        return _argv(call, [as_text(word) for word in what], context)
    return _line(call, what, context)


def _argv(call: Call, words: Sequence[str], context: Context) -> list[Effect]:
    if not words:
        return []
    if call.kwargs.get("shell") not in (None, False):
        return _line(call, words[0], context)
    environment = call.kwargs.get("env")
    if isinstance(environment, dict):
        words = ["env", *(f"{key}={as_text(value)}" for key, value in environment.items()), *words]
    fed = call.kwargs.get("input")
    if fed is not None and "\0" not in (text := as_text(fed)) and not any("\0" in word for word in words):
        return call.command.line(f"{shlex.join(words)} <<< {shlex.quote(text)}", context)
    return call.command.call(words, context)


def _line(call: Call, what: Any, context: Context) -> list[Effect]:
    text = as_text(what)
    if text.strip("\0") == "":
        return call.unknown("the command it runs is computed")
    if "\0" not in text:
        return call.command.line(text, context)
    # Words of the line that are known still say a lot.
    return call.command.line(with_variables(text), context)


def _shell(call: Call) -> list[Effect]:
    return _line(call, call.given(0, "command", "cmd"), call.context)


def _exec_list(skip: int) -> Sink:
    """`execvp(file, argv)`: the first of argv is only a name, the file counts."""

    def sink(call: Call) -> list[Effect]:
        program, argv = call.given(skip, "file", "path"), call.given(skip + 1, "args", "argv")
        words = [as_text(word) for word in argv] if isinstance(argv, list) else ["\0"]
        return call.command.call([as_text(program), *words[1:]], call.context)

    return sink


def _exec_words(skip: int) -> Sink:
    def sink(call: Call) -> list[Effect]:
        words = [as_text(word) for word in call.args[skip:] if not isinstance(word, dict)]
        return call.command.call([words[0], *words[2:]] if words else ["\0"], call.context)

    return sink


def _words(call: Call) -> list[Effect]:
    """`create_subprocess_exec(program, *args)`."""
    return call.command.call([as_text(word) for word in call.args] or ["\0"], call.context)


def _delete(*, recursive: bool) -> Sink:
    def sink(call: Call) -> list[Effect]:
        word = as_text(call.given(0, "path"))
        context = replace(call.context, fed=True) if call.command.streams else call.context
        return places.deleted([word], context, recursive=recursive, span=call.command.span, why="it deletes")

    return sink


def _overwrite(call: Call) -> list[Effect]:
    word = as_text(call.given(0, "path"))
    return places.overwritten([word], call.context, span=call.command.span, why="it cuts a file")


def _write(call: Call) -> list[Effect]:
    return places.written([as_text(call.given(0, "path"))], call.context, span=call.command.span, why="it writes")


def _replace(call: Call) -> list[Effect]:
    return places.replaced([as_text(call.given(0, "path"))], call.context, span=call.command.span, why="it writes")


def _as_program(*argv: str) -> Sink:
    """A function that does what a program does with the same two names."""

    def sink(call: Call) -> list[Effect]:
        words = [as_text(call.given(0, "src")), as_text(call.given(1, "dst"))]
        return call.command.call([*argv, "--", *words], call.context)

    return sink


def _open(call: Call) -> list[Effect]:
    mode = call.given(1, "mode", "flags")
    if mode is None or (isinstance(mode, str) and not set(mode) & set("wax+\0")):
        return []
    word = as_text(call.given(0, "file", "path"))
    judge = places.replaced if isinstance(mode, str) and mode[:1] == "w" else places.written
    return judge([word], call.context, span=call.command.span, why="it opens it to write")


def _opaque(call: Call) -> list[Effect]:
    """A call that may change the file it is given; only the guard's and git's own count."""
    for word in (as_text(one) for one in (*call.args, *call.kwargs.values()) if isinstance(one, str | PathText)):
        path, _, options = word.removeprefix("file:").partition("?")
        reads = "mode=ro" in options or "immutable=1" in options
        if path and not reads and (internal := places.tampers(path, call.context, pattern=False)):
            return outcome(call.command, "guard.tamper", f"it opens what it may change, and {internal}", [path])
    return []


def _method(sink: Sink, *, sure: bool = False) -> Sink:
    """A method of a path; of anything else, only if no other common type has one of that name."""

    def method(call: Call) -> list[Effect]:
        if not (sure or isinstance(call.owner, PathText)):
            return []
        owner = call.owner if isinstance(call.owner, PathText) else "\0"
        return sink(
            Call(
                command=call.command,
                context=call.context,
                owner=owner,
                args=[owner, *call.args],
                kwargs=call.kwargs,
                chain=call.chain,
            )
        )

    return method


def _git(call: Call) -> list[Effect]:
    """GitPython's `repo.git.checkout("--", ".")`."""
    name = call.chain[0] if call.chain[1:2] == ["git"] else ""
    words = [as_text(word) for word in call.args]
    flags = [f"--{key.replace('_', '-')}" if len(key) > 1 else f"-{key}" for key, on in call.kwargs.items() if on]
    return call.command.call(["git", name.replace("_", "-"), *flags, *words], call.context) if name else []


def _sql(call: Call) -> list[Effect]:
    from .sql import sql_effects

    text = call.given(0)
    return sql_effects(text, call.command) if isinstance(text, str) else []


_PROCESS = ("run", "call", "check_call", "check_output", "Popen")
SINKS: dict[str, Sink] = {
    **{f"subprocess.{name}": _run for name in _PROCESS},
    **dict.fromkeys(("subprocess.getoutput", "subprocess.getstatusoutput", "os.system", "os.popen"), _shell),
    **dict.fromkeys(("commands.getoutput", "asyncio.create_subprocess_shell", "asyncio.subprocess_shell"), _shell),
    **dict.fromkeys(("posix.system", "pty.os.system"), _shell),
    "asyncio.create_subprocess_exec": _words,
    "pty.spawn": _run,
    **{
        f"os.{name}": _exec_list(0)
        for name in ("execv", "execvp", "execve", "execvpe", "posix_spawn", "posix_spawnp")
    },
    **{f"os.{name}": _exec_list(1) for name in ("spawnv", "spawnvp", "spawnve", "spawnvpe")},
    **{f"os.{name}": _exec_words(0) for name in ("execl", "execlp", "execle", "execlpe")},
    **{f"os.{name}": _exec_words(1) for name in ("spawnl", "spawnlp", "spawnle", "spawnlpe")},
    **dict.fromkeys(("os.remove", "os.unlink", "posix.remove", "posix.unlink"), _delete(recursive=False)),
    "shutil.rmtree": _delete(recursive=True),
    **dict.fromkeys(("os.rmdir", "os.removedirs", "os.makedirs", "os.mkdir", "os.chmod", "os.chown"), _write),
    "os.truncate": _overwrite,
    **dict.fromkeys(("os.rename", "os.replace", "os.renames"), _as_program("mv", "-T")),
    "shutil.move": _as_program("mv"),
    **dict.fromkeys(("shutil.copy", "shutil.copy2"), _as_program("cp")),
    "shutil.copyfile": _as_program("cp", "-T"),
    "shutil.copytree": _as_program("cp", "-rT"),
    **dict.fromkeys(("os.symlink", "os.link"), _as_program("ln", "-sT")),
    **dict.fromkeys(
        ("sqlite3.connect", "dbm.open", "shelve.open", "fileinput.input", "os.utime", "os.mkfifo"), _opaque
    ),
    **dict.fromkeys(
        ("os.mknod", "os.setxattr", "shutil.chown", "shutil.unpack_archive", "logging.FileHandler"), _opaque
    ),
    **dict.fromkeys(("open", "io.open", "os.open", "codecs.open", "builtins.open"), _open),
}
"""Functions by their full name."""

METHODS: dict[str, Sink] = {
    "unlink": _method(_delete(recursive=False), sure=True),
    "rmdir": _method(_write),
    "write_text": _method(_replace, sure=True),
    "write_bytes": _method(_replace, sure=True),
    "touch": _method(_write),
    "rename": _method(_as_program("mv", "-T")),
    "replace": _method(_as_program("mv", "-T")),
    "open": _method(_open),
    "rmtree": _method(_delete(recursive=True), sure=True),
    "connect": _opaque,
    "extractall": _opaque,
    "chmod": _method(_write),
    "symlink_to": _method(_as_program("ln", "-sT")),
    **dict.fromkeys(("execute", "executescript", "executemany"), _sql),
    **dict.fromkeys(
        ("reset", "checkout", "clean", "restore", "stash", "push", "rebase", "branch", "rm", "tag"), _git
    ),
    **dict.fromkeys(("reflog", "gc", "prune", "commit", "update_ref", "filter_branch", "worktree", "switch"), _git),
}
"""Methods by name, for objects whose type cannot be known."""

UNFOLLOWED = frozenset(
    {
        "importlib.import_module", "__import__", "runpy.run_path", "runpy.run_module", "ctypes.CDLL",
        "ctypes.cdll.LoadLibrary", "ctypes.CDLL.system", "pickle.loads", "marshal.loads", "code.interact",
        "types.FunctionType", "types.CodeType", "os.fork", "multiprocessing.Process",
    }
)  # fmt: skip
"""Functions that run what cannot be seen."""
