"""What programs print that need nothing but their words: the way a text takes into a shell or `xargs`."""

import base64
import binascii
import codecs
import os
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...core.late import late
from .internals import internal_to, is_guard_folder
from .nodes import COMPUTED
from .ours import names_processes
from .quotes import decode_ansi
from .state import State

MAX_OUTPUT = 128 << 10
_FORMAT = late(r"%(?:%|[-+ #0]*\d*(?:\.\d+)?([sbqdiuxXofeEgGc]))")


class Printing(NamedTuple):
    """A program about to print: its arguments, what it reads, the shell around it."""

    args: Sequence[str]
    stdin: str | None
    state: State


def _echo(given: Printing) -> str | None:
    words, newline, escapes = list(given.args), True, False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        flags = words.pop(0)
        newline = newline and "n" not in flags
        escapes = "e" in flags or (escapes and "E" not in flags)
    text = " ".join(words)
    return (decode_ansi(text) if escapes else text) + ("\n" if newline else "")


def _printf(given: Printing) -> str | None:
    words = list(given.args)
    if words[:1] == ["--"]:
        words.pop(0)
    if not words or words[0] == "-v":
        return ""
    form, values = words[0], words[1:]
    if COMPUTED in form or re.search(r"\\0|\\x00|%[^\s]*\*", form):
        return None
    pieces: list[str] = []
    while True:
        before = len(values)

        def one(match: re.Match[str]) -> str:
            if match[1] is None:
                return "%"
            value = values.pop(0) if values else ""
            return decode_ansi(value) if match[1] == "b" else value[:1] if match[1] == "c" else value

        pieces.append(_FORMAT.sub(one, decode_ansi(form)))
        if not values or len(values) == before or len(pieces) > 1000:
            return "".join(pieces)


def _cat(given: Printing) -> str | None:
    names = [word for word in given.args if word == "-" or not word.startswith("-")]
    if not names:
        return given.stdin
    found = [given.stdin if name == "-" else _content(name, given.state) for name in names]
    return None if None in found else "".join(one for one in found if one)


def _content(name: str, state: State) -> str | None:
    return "" if name == "/dev/null" else state.files.get(state.absolute(name))


def _base64(given: Printing) -> str | None:
    flags = [word for word in given.args if word.startswith("-")]
    if not any(flag.startswith("--d") or (flag[1:2] != "-" and ("d" in flag or "D" in flag)) for flag in flags):
        return None
    text = _cat(Printing([word for word in given.args if not word.startswith("-")], given.stdin, given.state))
    return _decoded(text, lambda one: base64.b64decode(re.sub(r"\s", "", one)))


def _xxd(given: Printing) -> str | None:
    letters = "".join(word for word in given.args if word.startswith("-"))
    if "r" not in letters or "p" not in letters:
        return None
    return _decoded(given.stdin, lambda one: bytes.fromhex(re.sub(r"\s", "", one)))


def _decoded(text: str | None, decode: Callable[[str], bytes]) -> str | None:
    if text is None or COMPUTED in text:
        return None
    try:
        plain = decode(text).decode()
    except (ValueError, binascii.Error):
        return None
    return None if COMPUTED in plain else plain


def _rev(given: Printing) -> str | None:
    if given.stdin is None or given.args:
        return None
    return "\n".join(row[::-1] for row in given.stdin.split("\n"))


def _tr(given: Printing) -> str | None:
    """Rotations such as `tr a-z n-za-m`, deletions and plain replacements."""
    if given.stdin is None or len(given.args) != 2 or any(re.search(r"\[|\\0", one) for one in given.args):
        return None
    first, second = given.args
    if first == "-d":
        gone = _characters(second)
        return "".join(char for char in given.stdin if char not in gone)
    if first.startswith("-") and len(first) > 1:
        return None
    sources, targets = _characters(first), _characters(second)
    if not targets:
        return None
    targets = targets.ljust(len(sources), targets[-1])
    return given.stdin.translate({ord(a): b for a, b in zip(sources, targets, strict=False)})


def _characters(text: str) -> str:
    plain = decode_ansi(text)

    def one(match: re.Match[str]) -> str:
        return "".join(chr(code) for code in range(ord(match[1]), min(ord(match[2]), ord(match[1]) + 256) + 1))

    return re.sub(r"(.)-(.)", one, plain, flags=re.DOTALL)


def _tee(given: Printing) -> str | None:
    return given.stdin


def _pwd(given: Printing) -> str | None:
    state = given.state
    if state.directory is None or state.context.root is None:
        return None
    return state.absolute(".") + "\n"


def _git(given: Printing) -> str | None:
    root, asked = given.state.context.root, list(given.args)
    if asked[:1] != ["rev-parse"] or root is None or given.state.outside:
        return None
    if asked[1:2] == ["--git-path"] and len(asked) == 3:
        return f"{root}/.git/{asked[2]}\n"
    if asked[1:] in (["--git-dir"], ["--absolute-git-dir"], ["--git-common-dir"]):
        # In a linked worktree it lies elsewhere, and is git's own all the same.
        return f"{root}/.git\n"
    return f"{root}\n" if asked[1:] == ["--show-toplevel"] else None


def _which(given: Printing) -> str | None:
    names = [word for word in given.args if not word.startswith("-")]
    if len(names) != 1:
        return None
    # Where our own programs are installed does not matter; others are as good as their names.
    return f"{COMPUTED}/{names[0]}\n" if re.fullmatch(r"safe-rollback(?:-hook)?", names[0]) else f"{names[0]}\n"


def _command(given: Printing) -> str | None:
    return _which(given) if given.args[:1] in (["-v"], ["-V"]) else None


def _type(given: Printing) -> str | None:
    return _which(given) if given.args[:1] in (["-p"], ["-P"], ["-path"]) else None


def _realpath(given: Printing) -> str | None:
    words = [word for word in given.args if not word.startswith("-")]
    return f"{words[0]}\n" if len(words) == 1 and words[0].startswith(f"{COMPUTED}/") else None


def _find(given: Printing) -> str | None:
    """Names below a directory of git's or the guard's own: what is done to them is done there."""
    words = list(given.args)
    starts = words[: next((at for at, word in enumerate(words) if word[:1] in "-(!"), len(words))]
    context, rest = given.state.here(), words[len(starts) :]
    own = [one for one in starts if internal_to(one, context) or is_guard_folder(one, context)]
    if not own or {"-exec", "-delete", "-o", "-or", "!", "-not", "-printf"} & set(rest):
        return None
    name = rest[rest.index("-name") + 1] if "-name" in rest[:-1] else "*"
    return "".join(f"{one.rstrip('/')}/{name.replace('*', COMPUTED)}\n" for one in own)


def _ls(given: Printing) -> str | None:
    words = [word for word in given.args if not word.startswith("-")]
    context = given.state.here()
    own = [word for word in words if "*" in word and internal_to(word, context)]
    return "".join(f"{word.replace('*', COMPUTED)}\n" for word in own) or None


def _pgrep(given: Printing) -> str | None:
    """Which processes are meant, where they are the guard's own."""
    names = [word for word in given.args if not word.startswith("-") and names_processes(word)]
    return f"{COMPUTED}/safe-rollback\n" if names else None


def _mktemp(given: Printing) -> str | None:
    words = list(given.args)
    folder = given.state.variables.get("TMPDIR", "/tmp")  # noqa: S108
    templates = [word for word in words if not word.startswith("-")]
    if any(word.startswith(("-p", "--tmpdir")) for word in words) or (templates and "-t" not in words):
        if not templates or set(words) - {*templates, "-d", "-q"}:
            return None
        # Nothing has the name yet, so any will do; a relative one may yet be another's.
        absolute = templates[-1].startswith("/")
        return f"{templates[-1]}\n" if absolute else f"{templates[-1].rstrip('X')}{COMPUTED}\n"
    return f"{folder.rstrip('/')}/tmp.{len(given.state.variables)}\n"  # noqa: S108


def _basename(given: Printing) -> str | None:
    return f"{os.path.basename(given.args[0])}\n" if len(given.args) == 1 else None


def _dirname(given: Printing) -> str | None:
    return f"{os.path.dirname(given.args[0]) or '.'}\n" if len(given.args) == 1 else None


def _seq(given: Printing) -> str | None:
    if not 1 <= len(given.args) <= 2 or not all(re.fullmatch(r"\d{1,6}", word) for word in given.args):
        return None
    first, last = (1, *map(int, given.args))[-2:]
    return "".join(f"{number}\n" for number in range(first, min(last, first + 1000) + 1))


def _rot13(given: Printing) -> str | None:
    return None if given.stdin is None else codecs.encode(given.stdin, "rot13")


def _awk(given: Printing) -> str | None:
    # Few lines need it; what a hook loads for each counts.
    from .rewriting import awk_prints

    return awk_prints(given.args)


def _sed(given: Printing) -> str | None:
    from .rewriting import sed_prints

    return sed_prints(given.args)


def _nothing(_: Printing) -> str | None:
    return ""


OUTPUTS: dict[str, Callable[[Printing], str | None]] = {
    ":": _nothing,
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    "base64": _base64,
    "basename": _basename,
    "cat": _cat,
    "cd": _nothing,
    "command": _command,
    "dirname": _dirname,
    "echo": _echo,
    "false": _nothing,
    "find": _find,
    "gbase64": _base64,
    "git": _git,
    "ls": _ls,
    "mktemp": _mktemp,
    "pgrep": _pgrep,
    "pidof": _pgrep,
    "printf": _printf,
    "pwd": _pwd,
    "readlink": _realpath,
    "realpath": _realpath,
    "rev": _rev,
    "rot13": _rot13,
    **dict.fromkeys(("sed", "gsed"), _sed),
    "seq": _seq,
    "tee": _tee,
    "tr": _tr,
    "true": _nothing,
    "type": _type,
    "which": _which,
    "xxd": _xxd,
}


def printed(name: str, args: Sequence[str], stdin: str | None, state: State) -> str | None:
    """What a program prints, as far as its words tell; None if that is not known."""
    program = OUTPUTS.get(name)
    text = None if program is None else program(Printing(args, stdin, state))
    return text if text is None or len(text) <= MAX_OUTPUT else None
