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
    for pattern in _ENTRIES:
        for found in re.finditer(pattern.format(re.escape(name)), text, re.MULTILINE):
            if version in text[found.start() : found.start() + 300]:
                return text.count("\n", 0, found.start()) + 1
    return 0


def shown(row: str) -> str:
    """A line stripped, shortened, and without the credentials of an address."""
    return without_credentials(row.strip()[: 2 * _LONGEST])[:_LONGEST]


def without_credentials(text: str) -> str:
    """A text in which addresses have no user and password."""
    return _CREDENTIALS.sub("…@", text)
