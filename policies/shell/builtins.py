"""What the shell does itself: where it is, its variables, functions and aliases, texts it runs."""

import re
from collections.abc import Callable, Sequence

from ...core.records import dataclass
from ..effects import Effect
from .context import Context
from .environment import assigned
from .expand import Field
from .nodes import COMPUTED, is_computed_name
from .outputs import printed
from .state import State

Run = Callable[[str, State, str | None], str | None]
Start = Callable[[Sequence[Field], State, str | None], str | None]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A command about to run in a shell.

    Attributes:
        name: the program without its directory, in lower case.
        words: name and arguments.
        fields: the same, with which of them are file patterns.
        state: the shell.
        stdin: what it reads; None if that is not known.
        run: runs a text in a shell; answers what it prints.
        start: runs a program with arguments in a shell; answers what it prints.
        line: what a shell line would do, apart from the effects found so far.
        emit: takes an effect.
    """

    name: str
    words: Sequence[str]
    fields: Sequence[Field]
    state: State
    stdin: str | None
    run: Run
    start: Start
    line: Callable[[str, Context], list[Effect]]
    emit: Callable[[Effect], None]

    def unknown(self, why: str, *, computed: bool = False) -> None:
        """An effect that cannot be known; refused if it is `computed` and a stream supplies it."""
        fed = computed and self.state.context.fed
        self.emit(Effect(effect="unknown", span=self.span, why=why, computed=fed))

    def reading(self) -> None:
        """Nothing but the shell changes."""
        self.emit(Effect(effect="state.read", span=self.span, why="it changes nothing but the shell"))

    @property
    def span(self) -> str:
        """The command for a person."""
        return " ".join(self.words).replace(COMPUTED, "…")[:200]


Builtin = Callable[[Call], str | None]


def _cd(call: Call) -> str:
    words = [word for word in call.words[1:] if not re.fullmatch(r"-[LPe@n]+|--", word)]
    call.reading()
    if words[:1] == ["-"]:
        call.state.directory, call.state.before = call.state.before, call.state.directory
    elif call.name == "popd" or (call.name == "pushd" and (not words or words[0][:1] in "+-")):
        call.state.directory = call.state.before if call.name == "popd" and not words else None
    else:
        wild = any(field.wild for field in call.fields[1:])
        call.state.move(None if wild else words[0] if words else "~")
    return ""


def _declare(call: Call) -> str:
    pairs: list[tuple[str, str]] = []
    unset = call.words[0] == "export" and "-n" in call.words[1:2]
    for field in call.fields[1:]:
        name, equals, value = field.text.partition("=")
        appends = name.endswith("+")
        name = name.rstrip("+")
        if equals and name.isidentifier() and not unset:
            value = call.state.variables.get(name, "") + value if appends else value
            call.state.assign(name, value, field.streamed)
            pairs.append((name, value))
    call.reading()
    for effect in assigned(pairs, call.state, call.line):
        call.emit(effect)
    return ""


def _unset(call: Call) -> str:
    for word in call.words[1:]:
        if word[:1] == "-" and "f" in word[1:]:
            for name in call.words[1:]:
                call.state.functions.pop(name, None)
        elif word[:1] != "-":
            call.state.assign(word, "")
    call.reading()
    return ""


def _read(call: Call) -> str:
    names = [word for word in call.words[1:] if word.isidentifier()] or ["REPLY"]
    row = call.stdin.split("\n", 1)[0] if call.stdin is not None else None
    separators = call.state.variables.get("IFS", " \t\n") or "\n"
    pieces = re.split(f"[{re.escape(separators)}]+", row.strip(separators), maxsplit=len(names) - 1) if row else []
    for position, name in enumerate(names):
        if row is None:
            call.state.assign(name, COMPUTED, call.state.found)
        else:
            call.state.assign(name, pieces[position] if position < len(pieces) else "")
    call.reading()
    return ""


def _mapfile(call: Call) -> str:
    name = next((word for word in reversed(call.words[1:]) if word.isidentifier()), "MAPFILE")
    if call.stdin is None:
        call.state.assign(name, COMPUTED, call.state.found)
    else:
        call.state.arrays[name] = call.stdin.splitlines()
    call.reading()
    return ""


def _eval(call: Call) -> str | None:
    words = list(call.words[1:])
    if words[:1] == ["--"]:
        words = words[1:]
    return call.run(" ".join(words), call.state, call.stdin)


def _source(call: Call) -> str | None:
    words = [word for word in call.words[1:] if word != "--"]
    if not words:
        call.unknown("it names no file")
        return None
    name = words[0]
    text = call.stdin if name in ("/dev/stdin", "/dev/fd/0", "-") else call.state.files.get(call.state.absolute(name))
    if text is None:
        call.unknown(f"what {name} holds is not followed".replace(COMPUTED, "…"), computed=is_computed_name(name))
        return None
    kept = call.state.positional
    if len(words) > 1:
        call.state.positional = words[1:]
    printed_text = call.run(text, call.state, None)
    call.state.positional = kept
    return printed_text


def _trap(call: Call) -> str:
    words = [word for word in call.words[1:] if word != "--"]
    if len(words) >= 2 and words[0] and not words[0].startswith("-"):
        call.run(words[0], call.state.copy(), None)
    else:
        call.reading()
    return ""


def _alias(call: Call) -> str:
    for word in call.words[1:]:
        name, equals, value = word.partition("=")
        if equals and name:
            call.state.aliases[name] = value
    call.reading()
    return ""


def _unalias(call: Call) -> str:
    for word in call.words[1:]:
        call.state.aliases.pop(word, None)
    call.reading()
    return ""


def _set(call: Call) -> str:
    words = list(call.words[1:])
    if "--" in words or (words and words[0][:1] not in "-+"):
        fields = call.fields[words.index("--") + 2 if "--" in words else 1 :]
        call.state.positional = [one.text for one in fields]
        call.state.give(fields)
    call.reading()
    return ""


def _shift(call: Call) -> str:
    count = int(call.words[1]) if len(call.words) > 1 and re.fullmatch(r"\d{1,4}", call.words[1]) else 1
    if call.state.positional is not None:
        call.state.positional = call.state.positional[count:]
    call.reading()
    return ""


def _printf(call: Call) -> str | None:
    if call.words[1:2] == ["-v"] and len(call.words) > 3:
        text = printed("printf", call.words[3:], None, call.state)
        call.state.assign(call.words[2], COMPUTED if text is None else text)
    call.reading()
    return printed("printf", call.words[1:], call.stdin, call.state)


def _brace(call: Call) -> str | None:
    """`time { …`: the grammar takes the brace for an argument."""
    return call.start(call.fields[1:], call.state, call.stdin) if len(call.fields) > 1 else ""


BUILTINS: dict[str, Builtin] = {
    ".": _source,
    "alias": _alias,
    "cd": _cd,
    "chdir": _cd,
    "declare": _declare,
    "eval": _eval,
    "export": _declare,
    "local": _declare,
    "mapfile": _mapfile,
    "popd": _cd,
    "printf": _printf,
    "pushd": _cd,
    "read": _read,
    "readarray": _mapfile,
    "readonly": _declare,
    "set": _set,
    "shift": _shift,
    "source": _source,
    "trap": _trap,
    "typeset": _declare,
    "unalias": _unalias,
    "unset": _unset,
    "{": _brace,
}
QUIET = frozenset(
    {
        ":", "true", "false", "echo", "test", "[", "pwd", "type", "hash", "wait", "jobs", "bg", "fg", "disown",
        "let", "return", "exit", "break", "continue", "logout", "times", "history", "help", "shopt", "setopt",
        "unsetopt", "umask", "ulimit", "getopts", "bind", "complete", "compgen", "compopt", "dirs", "enable",
        "caller", "suspend", "autoload", "seq", "basename", "dirname", "which", "mktemp", "rev", "tr", "base64",
        "gbase64", "xxd", "cat", "tee", "}", "!", "sleep", "date", "whoami", "hostname", "uname", "id", "printenv",
        "expr", "yes", "clear", "tput",
    }
)  # fmt: skip
"""Builtins and plain programs that change nothing, where no family knows them better."""
