"""How files of each language are read: one file each, one tuple of all.

The first language that matches a path reads it, so particular ones stand before general ones.
"""

from ..model import Language

LANGUAGES: tuple[Language, ...] = ()
"""Every language."""


def language_of(path: str) -> Language | None:
    """Who reads a file; None if nobody does."""
    return next((one for one in LANGUAGES if one.matches(path)), None)
