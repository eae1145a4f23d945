"""The words for what a change reaches: files, how surely they break, and the lines that show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Tier = Literal["will_break", "likely", "reachable"]
ORDER: tuple[Tier, ...] = ("will_break", "likely", "reachable")


@dataclass(frozen=True, kw_only=True)
class Via:
    """Why a file depends on another.

    Attributes:
        source: the file that needs.
        target: the file that is needed.
        line: where `source` says so, as it will stand; 0 if no line does.
        kind: of the edge.
        names: the names at stake, or those that are taken.
        text: that line.
    """

    source: str
    target: str
    line: int
    kind: str
    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Dependent:
    """A file that a change reaches.

    Attributes:
        path: the file.
        tier: how surely it breaks.
        via: the evidence; for `reachable` the first step of a shortest way.
        distance: steps to a changed file.
        changes: whether the change itself changes this file too.
    """

    path: str
    tier: Tier
    via: Sequence[Via]
    distance: int
    changes: bool
