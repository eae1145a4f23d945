"""Markdown and the like: files their links lead to."""

import re
from urllib.parse import unquote

from ..model import Facts, Files, Language, Reference, Resolver
from .lines import Lines
from .paths import MOST_CANDIDATES, Paths

LARGEST = 2_000_000
_LINK = re.compile(
    rb"\]\(\s*<?([^\s()<>]+)>?[^()\n]*\)|^[ ]{0,3}\[[^\]\n]+\]:\s*(\S+)"
    rb"|^\.\. (?:include|literalinclude|image|figure)::\s*(\S+)"
    rb"|\b(?:src|href)=[\"']([^\"'\n]+)[\"']|^--8<--\s+\"([^\"\n]+)\"",
    re.MULTILINE,
)


def extract(data: bytes) -> Facts:
    """Links that lead to no other site and to no heading of the same file."""
    lines, found = Lines(data), dict[str, Reference]()
    for match in _LINK.finditer(data[:LARGEST]):
        raw = match[match.lastindex or 0].decode("utf-8", "replace").partition("#")[0].partition("?")[0]
        target = unquote(raw)
        if target and ":" not in target and not target.startswith("//"):
            found.setdefault(target, Reference("path", target, lines.at(match.start())))
        if len(found) >= MOST_CANDIDATES:
            break
    problems = (f"only the first {LARGEST:,} bytes were read",) if len(data) > LARGEST else ()
    return Facts(tuple(found.values()), (), problems)


def _resolver(files: Files) -> Resolver:
    return Paths(files).resolve


LANGUAGE = Language(
    name="markdown",
    version=1,
    matches=lambda path: path.lower().endswith((".md", ".mdx", ".markdown", ".rst", ".adoc")),
    extract=extract,
    resolver=_resolver,
)
