"""Where a requirement stands in its manifest, and lines fit to be shown."""

import re
from collections.abc import Sequence

from .model import Requirement

_LONGEST = 200
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s\"']+@")
_WORD = r"(?<![\w@/.-]){}(?![\w/-])"
# How an entry of a lock file begins: npm's, Bundler's, those with a name as a value, any other.
_ENTRIES = (
    r"^ +\"(?:[^\"\n]*/)?node_modules/{}\": \{{",
    r"^    {} \(\d",
    r"^[ \t]*(?:\"name\": |name = )\"{}\"",
    r"^[ \t]*[\"']?/?{}(?![\w/.-])",
)


def line_of(lines: Sequence[str], requirement: Requirement) -> int:
    """From 1; 0 if it cannot be found. A section's own line is where the search begins."""
    if requirement.line:
        return requirement.line
    under = requirement.under
    start = next((at for at, row in enumerate(lines) if under in row), 0)
    name = re.escape(requirement.name)
    # Or a table of its own: `[dependencies.name]`.
    wanted = re.compile(rf"{_WORD.format(name)}|\.{name}\s*\]", re.IGNORECASE)
    order: list[int] = [*range(start, len(lines)), *range(start)]
    for at in order:
        if wanted.search(lines[at]):
            return at + 1
    return start + 1 if requirement.under and lines else 0


def place(text: str, name: str, version: str) -> int:
    """The line of a lock file where a package stands with a version; 0 if there is none."""
    starts = _rows_with(text, name)
    for pattern in _ENTRIES:
        entry = re.compile(pattern.format(re.escape(name)), re.MULTILINE)
        for start in starts:
            if entry.match(text, start) and version in text[start : start + 300]:
                return text.count("\n", 0, start) + 1
    return 0


def _rows_with(text: str, name: str) -> list[int]:
    """Where the lines begin that have a name. Lock files are long: a search by pattern would take far longer."""
    found = []
    at = text.find(name)
    while at >= 0:
        found.append(text.rfind("\n", 0, at) + 1)
        end = text.find("\n", at)
        at = text.find(name, end) if end >= 0 else -1
    return found


def shown(row: str) -> str:
    """A line stripped, shortened, and without the credentials of an address."""
    return without_credentials(row.strip()[: 2 * _LONGEST])[:_LONGEST]


def without_credentials(text: str) -> str:
    """A text in which addresses have no user and password."""
    return _CREDENTIALS.sub("…@", text)
