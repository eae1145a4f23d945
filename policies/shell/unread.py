"""What is said of a text that cannot be read or followed to its end."""

import re

from ..effects import Effect
from .parser import GUARDED

SIMPLER = (
    "Run its parts one by one, each as a plain command; what cannot be taken apart a human may grant on a terminal: "
    "`safe-rollback grant --command '<this very line>'`."
)
# Recovery from errors takes quadratic time; pieces are only tried where that is little.
_MAX_FRAGMENTS = 200
_MAX_FRAGMENTED = 16 << 10


def unjudged(span: str, why: str) -> Effect:
    """The effect of what cannot be judged: it must not run."""
    return Effect(effect="worktree.discard", span=span, why=why, instead=SIMPLER)


def refusal(text: str, why: str) -> list[Effect]:
    """A text that cannot be read is refused if it names what the guard is there for."""
    verb = GUARDED.search(text)
    if verb is None:
        return []
    return [unjudged(text.replace("\0", "…")[:200], f"the line {why} and names {verb[1]}")]


def fragments(text: str) -> list[str]:
    """Its commands, as far as they may stand by themselves."""
    found = re.split(r"\n|;|&&|\|\|", text)
    return found[:_MAX_FRAGMENTS] if len(found) > 1 and len(text) <= _MAX_FRAGMENTED else []
