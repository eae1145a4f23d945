"""Shells, and programs that start others with what they read: `xargs`, `parallel`, `busybox`."""

import re
import shlex
from collections.abc import Sequence
from itertools import pairwise

from ...core.late import late
from ...core.records import replace
from .builtins import Builtin, Call
from .expand import Field, found_name
from .nodes import COMPUTED, is_computed_name
from .selected import DELETERS, deleting
from .state import State

_MAX_LINES = 100
_XARGS_VALUES = ("-a", "-d", "-E", "-L", "-n", "-P", "-s", "--arg-file", "--delimiter", "--max-lines", "--max-args",
                 "--max-procs", "--max-chars", "-R", "-S", "--eof", "--process-slot-var")  # fmt: skip
_PARALLEL_VALUES = (
    "-j", "-a", "-n", "-N", "-L", "-I", "-C", "-S", "-d", "--jobs", "--arg-file", "--colsep", "--delay",
    "--joblog", "--results", "--retries", "--timeout", "--tmpdir", "--max-args", "--load", "--memfree", "--halt",
    "--nice", "--workdir", "--wd", "--tagstring", "--sshlogin", "--delimiter", "--header", "--env", "--basefile",
    "--transferfile", "--return", "--tempdir", "--tmux-pane", "-s", "-E", "--rpl",
)  # fmt: skip
_SCRIPT = "what the script does is not followed"
_LONG_VALUES = ("--rcfile", "--init-file")
_SPECIAL = late(r"[\s\"'$`;|&(){}<>]")
# Perl in a replacement string, which runs even where the command is only printed.
_PERL = late(r"\{=(.*?)=\}", re.DOTALL)
_PLACE = late(r"\{(?:[./]{0,2}|//|#|%|\d+)\}")


def _shell(call: Call) -> str | None:
    """`sh -c text name args`, `sh script args`, `sh` reading what it is fed."""
    words = list(call.words[1:])
    position, runs, reads = 0, False, False
    while position < len(words):
        word = words[position]
        if word in ("--", "-"):
            position += 1
            break
        if word in ("-o", "+o", "-O", "+O") or word in _LONG_VALUES:
            position += 2
        elif COMPUTED in word and word[:1] == "-":
            call.unknown("its options are computed", computed=True)
            return None
        elif word[:2] == "--":
            runs = runs or word == "--command"
            position += 1
        elif word[:2] in ("-o", "-O") and len(word) > 4:
            position += 1
        elif word[:1] == "-" and "n" in word and word[1:].isalpha():
            call.reading()
            return None
        elif word[:1] in "-+" and len(word) > 1:
            runs = runs or (word[0] == "-" and "c" in word)
            reads = reads or "s" in word
            # Each `o` of a cluster takes a word of its own.
            position += 1 + word.count("o")
        else:
            break
    rest = words[position:]
    fields = call.fields[len(call.fields) - len(rest) :]
    if runs:
        if not rest:
            call.unknown("it names no command")
            return None
        return _text(call, fields[0], fields[1:], call.stdin)
    if rest and not reads:
        return _script(call, fields)
    if call.stdin is None:
        call.unknown("what the shell reads is not known")
        return None
    if COMPUTED in call.stdin and call.stdin.strip(COMPUTED + " \n"):
        # What fills the gaps of a script that is read comes from where the script comes from.
        call = replace(call, state=_fed(call.state))
    return _text(call, Field(call.stdin or "", streamed=call.state.found), [Field(call.words[0]), *fields], None)


def _text(call: Call, text: Field, args: Sequence[Field], stdin: str | None) -> str | None:
    """A text with `$0` and what follows; the shell's own name stands for a `$0` that is not given."""
    if not text.text.strip(COMPUTED + " \n") and COMPUTED in text.text:
        call.unknown("the commands are computed", computed=True)
        return None
    inner = call.state.copy()
    words = [one.text for one in args] or [call.words[0]]
    inner.name, inner.positional = words[0], words[1:]
    inner.give(args, text)
    return call.run(text.text, inner, stdin)


def _script(call: Call, fields: Sequence[Field]) -> str | None:
    name = fields[0].text
    if name in ("/dev/stdin", "/dev/fd/0", "-") and call.stdin is not None:
        return _text(call, Field(call.stdin), fields, None)
    content = call.state.files.get(call.state.absolute(name))
    if content is None:
        computed = is_computed_name(name)
        call.unknown("which script it runs is computed" if computed else _SCRIPT, computed=computed)
        return None
    return _text(call, Field(content), fields, call.stdin)


def _xargs(call: Call) -> str | None:
    words, position = call.words, 1
    token, count = "", 0
    while position < len(words) and words[position][:1] == "-" and len(words[position]) > 1:
        word = words[position]
        position += 1
        if word == "--":
            break
        if word in ("-I", "-J") or (word in _XARGS_VALUES and word != "-i"):
            value = words[position] if position < len(words) else ""
            position += 1
            token = value if word in ("-I", "-J") else token
            count = int(value) if word in ("-n", "--max-args") and re.fullmatch(r"\d{1,4}", value) else count
        elif word.startswith("-I"):
            token = word[2:]
        elif word == "-i" or word.startswith(("-i", "--replace")):
            token = (word.partition("=")[2] if word[1] == "-" else word[2:]) or "{}"
        elif re.fullmatch(r"-\d*[0rtxop]*n\d{1,4}", word):
            count = int(word.rpartition("n")[2])
        elif word[1] != "-" and word[-1] in "adELnPs" and set(word[1:-1]) <= set("0rtxop"):
            position += 1
    fields = list(call.fields[position:]) or [Field("echo")]
    rows = _rows(call)
    if rows is None and call.state.found and fields[0].text.rpartition("/")[2] in DELETERS:
        own = [one.text.replace(token, "{}") if token else one.text for one in fields]
        return call.start(deleting(call.state.found, own if token else [*own, "{}"]), call.state.copy(), None)
    if token:
        chosen = rows if rows is not None else [COMPUTED]
        for row in chosen:
            value = row.strip()
            call.start([_put(one, token, value, call.state) for one in fields], _fed(call.state), None)
        return None
    if rows is None:
        given = [COMPUTED]
    else:
        try:
            given = [word for row in rows for word in shlex.split(row)]
        except ValueError:
            given = [COMPUTED]
    batches = [given[at : at + count] for at in range(0, len(given), count)] if count else [given]
    for batch in batches[:_MAX_LINES]:
        call.start([*fields, *(_put(Field(""), "", word, call.state) for word in batch)], _fed(call.state), None)
    return None


def _put(field: Field, token: str, value: str, state: State) -> Field:
    """A word with what a stream gives in its place."""
    value = found_name(value, state.found)
    text = field.text.replace(token, value) if token else value
    streamed = state.found if COMPUTED in value and COMPUTED not in field.text else field.streamed
    return Field(text, field.wild, streamed)


def _fed(state: State) -> State:
    """A shell for commands that get words from a stream."""
    inner = state.copy()
    inner.context = replace(state.context, fed=True)
    return inner


def _rows(call: Call) -> list[str] | None:
    """The lines it reads, if they are known and not too many."""
    if call.stdin is None or any(word == "-a" or word.startswith("--arg-file") for word in call.words[1:]):
        return None
    rows = [row for row in call.stdin.split("\n") if row.strip()]
    return rows if len(rows) <= _MAX_LINES else None


def _parallel(call: Call) -> str | None:
    words = list(call.words[1:])
    sources: list[str] | None = None
    for position, word in enumerate(words):
        if word in (":::", ":::+", "::::", "::::+"):
            known = "::::" not in word
            sources = [one for one in words[position + 1 :] if not one.startswith(":::")] if known else None
            words = words[:position]
            sources = sources if known else [COMPUTED]
            break
    position = 0
    while position < len(words) and words[position][:1] == "-" and len(words[position]) > 1:
        position += 2 if words[position] in _PARALLEL_VALUES else 1
    options = words[:position]
    for code in (*_PERL.findall(" ".join(words)), *_replacements(options)):
        call.start([Field("perl"), Field("-e"), Field(code)], _fed(call.state), None)
    if "--dry-run" in options or words[position - 1 :] in (["--version"], ["--help"], ["--citation"]):
        # It prints what it would run, or help.
        call.reading()
        return None
    command = " ".join(words[position:])
    rows = sources if sources is not None else _rows(call)
    for row in ([COMPUTED] if rows is None else rows)[:_MAX_LINES]:
        if not command:
            line = row
        elif _PLACE.search(command):
            line = _PLACE.sub(lambda _, row=row: _safe(row), command)  # type: ignore[misc]
        else:
            line = f"{command} {_safe(row)}"
        call.run(line, _fed(call.state), None)
        if any(_SPECIAL.search(_PLACE.sub("", word)) for word in words[position:]):
            # Its own shell takes such words apart again; as they were meant is judged too.
            meant = [Field(_PLACE.sub(lambda _, row=row: row, word)) for word in words[position:]]  # type: ignore[misc]
            call.start(meant, _fed(call.state), None)
    return None


def _replacements(options: list[str]) -> list[str]:
    """Code of replacement strings that it defines: `--rpl '{x} s/a/b/'`."""
    return [value.partition(" ")[2] for word, value in pairwise(options) if word == "--rpl"]


def _safe(word: str) -> str:
    return word if COMPUTED in word else shlex.quote(word)


def _applet(call: Call) -> str | None:
    """`busybox rm …`: the program is the first argument."""
    fields = call.fields[1:]
    if not fields or fields[0].text.startswith("-"):
        call.reading()
        return None
    return call.start(fields, call.state, call.stdin)


def _later(call: Call) -> str | None:
    """`at` and `batch` run what they read, in the directory they are called in."""
    call.unknown("what it runs later is not followed")
    if call.stdin is not None:
        call.run(call.stdin, call.state.copy(), None)
    return None


SHELLS: dict[str, Builtin] = dict.fromkeys(
    ("sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "fish", "rbash", "yash", "csh", "tcsh"), _shell
)
LAUNCHERS: dict[str, Builtin] = {
    "at": _later,
    "batch": _later,
    "busybox": _applet,
    "parallel": _parallel,
    "toybox": _applet,
    "xargs": _xargs,
    "gxargs": _xargs,
}
