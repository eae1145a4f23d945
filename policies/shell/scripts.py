"""JavaScript, Perl, Ruby and PHP given on the command line: which calls run commands or change files.

Each language is a table of names; arguments count where they are literals. What is computed is `unknown`.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from ...core.records import dataclass, field, replace
from ..effects import Effect
from . import places
from .command import Command
from .outcome import outcome, reads, with_variables
from .scanner import Syntax, Token, arguments_of, literal, literals, tokens


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """A call in a script.

    Attributes:
        command: the interpreter's command.
        texts: what each argument stands for.
        lists: each argument as a list of words, None if it is none.
        names: the bare names among the arguments, such as `recursive` in `{recursive: true}`.
    """

    command: Command
    texts: Sequence[str]
    lists: Sequence[list[str] | None]
    names: frozenset[str]


Action = Callable[[Invocation], list[Effect]]


@dataclass(frozen=True, kw_only=True)
class Language:
    """How a language is read.

    Attributes:
        syntax: its strings and comments.
        calls: names, with their owner (`File.delete`) or without, to what they do.
        commands: kinds of quotes that run what they hold.
        owners: what may stand before the dot of a bare name; None for anything.
        bare: whether a call may do without parentheses.
        applies: functions that call the one they are given by name.
        modules: names of functions and statements that load a module, and those modules that are its own.
    """

    syntax: Syntax
    calls: Mapping[str, Action]
    commands: frozenset[str] = frozenset()
    owners: frozenset[str] | None = frozenset()
    bare: bool = False
    applies: frozenset[str] = frozenset()
    loads: frozenset[str] = frozenset()
    known_modules: re.Pattern[str] = field(default_factory=lambda: re.compile(".*"))


def script_effects(source: str, language: Language, command: Command) -> list[Effect]:
    """What a script does.

    Args:
        source: its text; a NUL stands for what the shell computes.
        language: its language.
        command: the interpreter's command.
    """
    try:
        pieces = tokens(source, language.syntax)
    except ValueError:
        return outcome(command, "unknown", "its code does not parse")
    names = _constants(pieces)
    found: list[Effect] = []
    if "\0" in "".join(one.text for one in pieces if one.kind == "mark"):
        found += outcome(command, "unknown", "part of its code is computed")
    for position, token in enumerate(pieces):
        if token.kind == "string" and token.quote in language.commands:
            found += run_line(command, token.text)
        elif token.kind == "name":
            found += _called(pieces, position, language, command, names)
    return found or reads(command, "its code only looks")


def _constants(pieces: Sequence[Token]) -> dict[str, str]:
    """Variables that are given a literal once and for all."""
    found: dict[str, str] = {}
    for position in range(len(pieces) - 2):
        name, equals, text = pieces[position : position + 3]
        if name.kind != "name" or equals.text != "=" or pieces[position + 2].text in ("=", ">", "~"):
            continue
        following = pieces[position + 3].text if position + 3 < len(pieces) else ";"
        plain = text.kind == "string" and following not in ("+", ".", "%", "[")
        found[name.text] = text.text if plain and name.text not in found else "\0"
    return found


def _called(
    pieces: Sequence[Token], position: int, language: Language, command: Command, names: Mapping[str, str]
) -> list[Effect]:
    token = pieces[position]
    owner = _owner(pieces, position)
    if owner == "/":
        # A method of a regular expression; `exec` is one.
        return []
    action = language.calls.get(f"{owner}.{token.text}") if owner else None
    if action is None and (not owner or language.owners is None or owner in language.owners):
        action = language.calls.get(token.text)
    opens = position + 1 < len(pieces) and pieces[position + 1].text == "(" and pieces[position + 1].kind == "mark"
    if token.text in language.loads and not owner:
        return _loaded(pieces, position, language, command)
    if action is None and token.text in language.applies and opens:
        return _applied(pieces, position, language, command, names)
    if action is None or not (opens or (language.bare and _takes_arguments(pieces, position))):
        return []
    if position and pieces[position - 1].text in ("sub", "def", "function"):
        return []
    return action(_invocation(arguments_of(pieces, position + 1)[0], command, names))


def _applied(
    pieces: Sequence[Token], position: int, language: Language, command: Command, names: Mapping[str, str]
) -> list[Effect]:
    """`array_map("unlink", …)`: what is named first is called with each of the rest."""
    parts, _ = arguments_of(pieces, position + 1)
    action = language.calls.get(literal(parts[0], names)) if parts else None
    if action is not None:
        return action(_invocation(parts[1:], replace(command, streams=True), names))
    computed = not parts or "\0" in literal(parts[0], names)
    return outcome(command, "unknown", "which function it calls is computed") if computed else []


def _invocation(parts: Sequence[Sequence[Token]], command: Command, names: Mapping[str, str]) -> Invocation:
    return Invocation(
        command=command,
        texts=[literal(part, names) for part in parts],
        lists=[literals(part, names) for part in parts],
        names=frozenset(one.text for part in parts for one in part if one.kind == "name"),
    )


def _owner(pieces: Sequence[Token], position: int) -> str:
    """The word before the dot, arrow or colons; `/` for a regular expression there, `?` for anything else."""
    marks = 0
    while position - 1 - marks >= 0 and pieces[position - 1 - marks].text in (".", ":", ">", "-", "?") and marks < 2:
        if pieces[position - 1 - marks].kind != "mark":
            break
        marks += 1
        if pieces[position - marks].text == ".":
            break
    joint = "".join(one.text for one in pieces[position - marks : position])
    if joint not in (".", "::", "->", "?."):
        return ""
    before = pieces[position - marks - 1] if position - marks - 1 >= 0 else None
    if before is not None and before.quote == "/":
        return "/"
    return before.text if before is not None and before.kind == "name" else "?"


def _takes_arguments(pieces: Sequence[Token], position: int) -> bool:
    if position + 1 >= len(pieces):
        # Without any, Perl takes what it goes through.
        return True
    following = pieces[position + 1]
    return following.kind in ("string", "name", "number") or following.text in "[{*<;}"


def _loaded(pieces: Sequence[Token], position: int, language: Language, command: Command) -> list[Effect]:
    """Modules that are not the language's own run code of their own."""
    for token in pieces[position + 1 : position + 12]:
        if token.kind == "mark" and token.text in ";)":
            return []
        if token.kind == "string" or (token.kind == "name" and language.bare and "::" not in token.text):
            if language.known_modules.fullmatch(token.text):
                return []
            return outcome(
                command, "unknown", f"it loads {token.text[:40]}, which is not followed".replace("\0", "…")
            )
    return []


def run_line(command: Command, text: str) -> list[Effect]:
    """A shell line that a script runs; what is computed in it becomes a variable nobody knows."""
    if not text.strip("\0 "):
        return outcome(command, "unknown", "the command it runs is computed")
    return command.line(with_variables(text), command.context)


def runs(call: Invocation) -> list[Effect]:
    """A line, a program with a list of words, or a program with words as further arguments."""
    if not call.texts:
        return outcome(call.command, "unknown", "the command it runs is computed")
    words = call.lists[0]
    if words is not None:
        return call.command.call(words, call.command.context)
    if len(call.texts) > 1 and call.lists[1] is not None:
        argv = [call.texts[0], *call.lists[1]]
        if "shell" in call.names:
            return run_line(call.command, " ".join(argv))
        return call.command.call(argv, call.command.context)
    plain = [text for text in call.texts if "\0" not in text]
    if len(call.texts) > 1 and len(plain) == len(call.texts):
        return call.command.call(call.texts, call.command.context)
    return run_line(call.command, call.texts[0])


def deletes(*, recursive: bool) -> Action:
    """Files or directories that go; an option named `recursive` counts."""

    def action(call: Invocation) -> list[Effect]:
        words = [word for at, one in enumerate(call.texts) for word in (call.lists[at] or [one]) if word] or ["\0"]
        everything = recursive or bool({"recursive", "recurse"} & call.names)
        context, span = call.command.deleting, call.command.span
        words = [word for word in words if word.strip("\0") or word is words[0]]
        return places.deleted(words, context, recursive=everything, span=span, why="it deletes")

    return action


def writes(call: Invocation) -> list[Effect]:
    """The file it writes stands first."""
    return places.written(call.texts[:1], call.command.context, span=call.command.span, why="it writes")


def replaces(call: Invocation) -> list[Effect]:
    """The file it writes anew stands first, unless an option lets it append."""
    judge = places.written if {"flag", "flags", "mode", "FILE_APPEND"} & call.names else places.replaced
    return judge(call.texts[:1], call.command.context, span=call.command.span, why="it writes")


def opaque(call: Invocation) -> list[Effect]:
    """A call that may change the file it is given; only the guard's and git's own count."""
    for text in call.texts[:1]:
        word = re.sub(r"^(?:dbi:\w+:(?:dbname=|database=)?|sqlite:|file:)", "", text, flags=re.IGNORECASE)
        if internal := places.tampers(word, call.command.context, pattern=False):
            return outcome(call.command, "guard.tamper", f"it opens what it may change, and {internal}", [word])
    return []


def overwrites(call: Invocation) -> list[Effect]:
    """The file it cuts stands first."""
    return places.overwritten(call.texts[:1], call.command.context, span=call.command.span, why="it cuts a file")


def like(*argv: str) -> Action:
    """A call that does what a program does with the same two names."""

    def action(call: Invocation) -> list[Effect]:
        sources = call.lists[0] if call.lists and call.lists[0] is not None else list(call.texts[:1])
        return call.command.call([*argv, "--", *sources, *(call.texts[1:2] or ["\0"])], call.command.context)

    return action


def opens(call: Invocation) -> list[Effect]:
    """A file by name and mode, `open(F, ">", name)` or `open(name, "w")`; a pipe runs a command."""
    texts = call.texts
    mode = next((one for one in texts if re.fullmatch(r"\+?[<>|]{1,2}.*|-\||[rwax][b+t]*(:.*)?", one.strip())), "")
    if not mode:
        return []
    plain = mode.strip()
    if plain in ("|-", "-|"):
        return runs_after(call, texts.index(mode) + 1)
    if plain.startswith("|"):
        return run_line(call.command, plain[1:])
    if plain.endswith("|"):
        return run_line(call.command, plain[:-1])
    if plain.lstrip("+").startswith(">") or plain[0] in "wax":
        name = plain.lstrip("+> ")
        after = texts[texts.index(mode) + 1 :] if plain[0] in "+>" else texts[:1]
        target = name if plain[0] in "+>" and name and not name.startswith(":") else "".join(after[:1]) or "\0"
        judge = places.replaced if re.match(r">(?!>)|w", plain) else places.written
        return judge([target], call.command.context, span=call.command.span, why="it opens it to write")
    return []


def runs_after(call: Invocation, position: int) -> list[Effect]:
    """A command that stands behind the mode of a pipe."""
    words = list(call.texts[position:])
    if len(words) > 1:
        return call.command.call(words, call.command.context)
    return run_line(call.command, words[0] if words else "\0")


def unfollowed(call: Invocation) -> list[Effect]:
    """Code that a script makes and runs."""
    return outcome(call.command, "unknown", "it runs code that is computed")
