"""Flags that templates ask for, in the tags of Django's waffle and of Laravel's Pennant."""

import re
from collections.abc import Iterator

from .facts import Flag

_EXTENSIONS = (".html", ".djhtml", ".jinja", ".jinja2", ".j2", ".txt", ".blade.php")
_WAFFLE = re.compile(r"\{%-?\s*(?:flag|switch|sample)\s+['\"]?([\w.-]+)['\"]?\s*-?%\}")
_PENNANT = re.compile(r"@feature\(\s*['\"]([\w.-]+)['\"]")


def claims(path: str) -> bool:
    """Whether a file may be a template with such tags."""
    return path.endswith(_EXTENSIONS)


def flags(text: str) -> Iterator[Flag]:
    """The flags of a template."""
    # Other libraries have a tag called `switch`.
    found = [("waffle", match) for match in _WAFFLE.finditer(text)] if "waffle" in text else []
    found += [("pennant", match) for match in _PENNANT.finditer(text)]
    for provider, match in found:
        line = text.count("\n", 0, match.start()) + 1
        yield Flag(key=match[1], role="calls", line=line, how=f"{provider} tag", provider=provider)
