"""Every program that is understood, by name; anything else is `unknown`."""

from functools import lru_cache
from importlib import import_module

from .command import Program

FAMILIES = ("readers", "files", "archives", "finding", "interpreters", "packages", "databases", "outside")
"""The files whose `PROGRAMS` are asked, in this order; no name is in two of them."""


@lru_cache(maxsize=1024)
def find_program(name: str) -> Program | None:
    """What a program does, by its base name in lower case; None if it is not understood.

    A family is loaded when none before it knows a name: a hook that judges `git status` needs few of them.
    """
    for family in FAMILIES:
        found: Program | None = import_module(f".{family}", __package__).PROGRAMS.get(name)
        if found is not None:
            return found
    return None
