"""What the classifiers of SQL share: a finding within a statement, and how objects are named."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .model import Effect

NAME = r'(?:"(?:[^"]|"")+"|`[^`]+`|\[[^\]]+\]|[\w$@#]+)'
QUALIFIED = rf"{NAME}(?:\s*\.\s*{NAME})*"
_NAME = re.compile(NAME)
_DEFAULT_SCHEMAS = frozenset({"public", "dbo"})

DROP_EFFECTS: Mapping[str, Effect] = {
    "table": "destructive",
    "view": "destructive",
    "schema": "destructive",
    "type": "destructive",
    "domain": "destructive",
    "sequence": "destructive",
    "database": "destructive",
    "extension": "destructive",
    # An index is made again from what is in the table.
    "index": "additive",
}
"""What dropping an object of a kind does; `unknown` where the kind is not here."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One thing that a statement does.

    Attributes:
        effect: as in `Operation`.
        touches: objects that are there before and after.
        creates: objects that exist only after it.
        drops: objects that are gone after it.
        table: the table whose writers it restricts; if the same script creates that, it restricts nobody.
        row: the line within the statement, from 0.
        text: the part of the statement that says it, where it is not all of it.
    """

    effect: Effect
    touches: Sequence[str] = ()
    creates: Sequence[str] = ()
    drops: Sequence[str] = ()
    table: str = ""
    row: int = 0
    text: str = ""


def plain(qualified: str) -> str:
    """A name as catalogs show it, from how it is written in SQL."""
    return named(one.strip('"`[]').replace('""', '"') for one in _NAME.findall(qualified))


def named(parts: Iterable[str]) -> str:
    """A name from its parts, outermost first; the schema that is the default anyway is left out."""
    kept = [part.strip() for part in parts if part]
    return ".".join(kept[1:] if len(kept) > 1 and kept[0].lower() in _DEFAULT_SCHEMAS else kept)
