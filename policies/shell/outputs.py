"""What programs print that need nothing but their words: the way a text takes into a shell or `xargs`."""

import base64
import binascii
import codecs
import os
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .nodes import COMPUTED
from .quotes import decode_ansi
from .state import State

MAX_OUTPUT = 128 << 10
_FORMAT = re.compile(r"%(?:%|[-+ #0]*\d*(?:\.\d+)?([sbqdiuxXofeEgGc]))")


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
    root = given.state.context.root
    asked = list(given.args) == ["rev-parse", "--show-toplevel"]
    return f"{root}\n" if asked and root is not None and not given.state.outside else None


def _which(given: Printing) -> str | None:
    names = [word for word in given.args if not word.startswith("-")]
    return f"{names[0]}\n" if len(names) == 1 else None


def _command(given: Printing) -> str | None:
    return _which(given) if given.args[:1] in (["-v"], ["-V"]) else None


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


def _nothing(_: Printing) -> str | None:
    return ""


OUTPUTS: dict[str, Callable[[Printing], str | None]] = {
    ":": _nothing,
    "base64": _base64,
    "basename": _basename,
    "cat": _cat,
    "cd": _nothing,
    "command": _command,
    "dirname": _dirname,
    "echo": _echo,
    "false": _nothing,
    "gbase64": _base64,
    "git": _git,
    "mktemp": _mktemp,
    "printf": _printf,
    "pwd": _pwd,
    "rev": _rev,
    "rot13": _rot13,
    "seq": _seq,
    "tee": _tee,
    "tr": _tr,
    "true": _nothing,
    "which": _which,
    "xxd": _xxd,
}


def printed(name: str, args: Sequence[str], stdin: str | None, state: State) -> str | None:
    """What a program prints, as far as its words tell; None if that is not known."""
    program = OUTPUTS.get(name)
    text = None if program is None else program(Printing(args, stdin, state))
    return text if text is None or len(text) <= MAX_OUTPUT else None
