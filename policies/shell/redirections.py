"""Where a command's input comes from and its output goes, and what that does to files."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..effects import Effect
from . import places
from .expand import Runner, expand, text_of
from .nodes import COMPUTED, Redirect
from .outputs import MAX_OUTPUT
from .state import State


class Channels(NamedTuple):
    """What a command reads, whether its output goes on, and whether a document lacks its end."""

    stdin: str | None
    printed: bool
    unended: str = ""


def channels_of(redirects: Sequence[Redirect], state: State, stdin: str | None, run: Runner) -> Channels:
    """What a command reads and where its output goes.

    Args:
        redirects: its redirections.
        state: the shell.
        stdin: what it would read without them.
        run: runs what is substituted in them.
    """
    goes_on, unended = True, ""
    for one in redirects:
        if one.operator in ("<<", "<<<"):
            text = text_of(one.word, state, run)
            stdin = text + "\n" if one.operator == "<<<" else text
            if one.operator == "<<" and text.endswith(COMPUTED):
                unended = text[:100]
        elif one.operator == "<":
            name = text_of(one.word, state, run)
            stdin = "" if name == "/dev/null" else state.files.get(state.absolute(name))
        elif one.descriptor in ("", "1") and one.operator in (">", ">>", ">|", "&>", "&>>"):
            goes_on = False
    return Channels(stdin, goes_on, unended)


def reads_file(redirects: Sequence[Redirect]) -> bool:
    """Whether a command reads something else than what comes in from before."""
    return any(one.operator in ("<", "<<", "<<<") and one.descriptor in ("", "0") for one in redirects)


def written(
    redirects: Sequence[Redirect], text: str | None, state: State, run: Runner, *, restores: bool = False
) -> list[Effect]:
    """What redirections do to files.

    Args:
        redirects: of a command.
        text: what it prints; None if that is not known.
        state: the shell; what the files hold afterwards is noted.
        run: runs what is substituted in them.
        restores: whether it prints what a file was in a commit.
    """
    found: list[Effect] = []
    for one in redirects:
        if one.operator not in (">", ">>", ">|", "&>", "&>>", ">&"):
            continue
        for field in expand(one.word, state, run):
            if one.operator != ">&" or not re.fullmatch(r"\d*-?", field.text):
                found += _write(one, field.text, text, state, restores)
    return found


def _write(one: Redirect, name: str, text: str | None, state: State, restores: bool) -> list[Effect]:
    context, span = state.here(), f"{one.operator} {name}".replace(COMPUTED, "…")[:200]
    prints = one.descriptor in ("", "1")
    if one.operator in (">", ">|", "&>", ">&") and prints and (text == "" or restores):
        why = "a committed version is written over it" if restores else "nothing is written over it"
        found = places.overwritten([name], context, span=span, why=why)
    else:
        appends = ">>" in one.operator
        judge = places.written if appends else places.replaced
        why = "output is appended to it" if appends else "output is redirected to it"
        found = judge([name], context, span=span, why=why)
    if prints and COMPUTED not in name:
        path = state.absolute(name)
        before = state.files.get(path) if ">>" in one.operator else ""
        if text is None or before is None or COMPUTED in text or len(before) + len(text) > MAX_OUTPUT:
            state.files.pop(path, None)
        else:
            state.files[path] = before + text
    return found
