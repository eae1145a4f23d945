"""CSV files, such as dbt's seeds: the columns their first line names."""

import csv
import io
from collections.abc import Sequence

from ..model import Definition, Facts, Language, Resolved
from .values import text_of

_LONGEST_HEADER = 100_000


def _columns(data: bytes) -> list[str]:
    head = text_of(data[:_LONGEST_HEADER]).split("\n", 1)[0].rstrip("\r")
    separator = max((",", ";", "\t", "|"), key=head.count)
    try:
        return next(csv.reader(io.StringIO(head), delimiter=separator), [])
    except csv.Error:
        return []


def definitions(data: bytes) -> Sequence[Definition]:
    """Each column by its name."""
    return [Definition(one.strip(), 1, one.strip(), "column") for one in _columns(data) if one.strip()]


LANGUAGE = Language(
    name="csv",
    version=1,
    matches=lambda path: path.lower().endswith((".csv", ".tsv")),
    extract=lambda _data: Facts(),
    resolver=lambda _files: lambda _path, _reference: Resolved(),
    definitions=definitions,
)
