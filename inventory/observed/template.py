"""Fills what was captured into names, texts and commands: `vercel env rm {name}[ {environment}]`.

What stands in brackets is left out if a capture in it is missing. `${OLD_VALUE:?}` is left alone: a shell says that
it is not set, and does nothing.
"""

import re
import shlex
from collections.abc import Mapping

_CAPTURE = re.compile(r"(?<!\$)\{([a-z_]+)\}")
_GROUP = re.compile(r"\[((?:[^\[\]{}]|(?<!\$)\{[a-z_]+\}|\$\{[^}]*\})*)\]")
# A word whose variables a shell fills in where the command is run again.
_WITH_VARIABLES = re.compile(r"[\w./:@%+=,-]*(?:\$(?:\w+|\{\w+\})[\w./:@%+=,-]*)+", re.ASCII)


def captures_of(template: str) -> set[str]:
    """The captures that a template needs or may use."""
    return set(_CAPTURE.findall(template))


def filled(template: str, captures: Mapping[str, str]) -> str | None:
    """A template with its captures; None if one that it needs is missing."""

    def group(found: re.Match[str]) -> str:
        needs = captures_of(found[1])
        if not needs:
            return found[0]
        return found[1] if needs <= captures.keys() else ""

    # A group goes or stays before anything is filled in: what is filled in may hold brackets.
    left = _GROUP.sub(group, template)
    if not captures_of(left) <= captures.keys():
        return None
    return _CAPTURE.sub(lambda found: captures[found[1]], left)


def quoted(word: str) -> str:
    """A word for a shell line; its variables stay variables."""
    return f'"{word}"' if _WITH_VARIABLES.fullmatch(word) else shlex.quote(word)
