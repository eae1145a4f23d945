"""Text of others, made safe: secrets hidden, and for Markdown without markup, HTML or links."""

import re
from collections.abc import Callable
from datetime import datetime

from ...core.clock import parse_stamp
from ...core.dotenv import dotenv_values
from ...core.redaction import Redactor, salt_of
from ...core.text import clean, one_line
from ...core.workspace import Workspace

_MARKUP = re.compile(r"[\\`*_\[\]<>|~&#$@]")
_LINE_START = re.compile(r"^(?P<mark>[-+=:])|^(?P<number>\d{1,9})(?P<dot>[.)])")
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def hiding(workspace: Workspace) -> Callable[[str], str]:
    """`workspace.redact` for many texts: the dotenv files are read once."""
    return Redactor(salt_of(workspace.state_dir), dotenv_values(workspace.root)).redact


class Safe:
    """Puts text of others into Markdown.

    Args:
        hide: takes secrets out.
    """

    def __init__(self, hide: Callable[[str], str]) -> None:
        self._hide = hide

    def line(self, text: str, *, limit: int = 300) -> str:
        """The first line as prose."""
        return _escaped(one_line(self._hide(text), limit=limit))

    def prose(self, text: str, *, limit: int = 4000) -> str:
        """Paragraphs; nothing in them is markup."""
        lines = clean(self._hide(text.strip()), limit=limit).replace("\r", "").split("\n")
        return "\n".join(_escaped(line.strip()) for line in lines)

    def code(self, text: str, *, limit: int = 300) -> str:
        """A code span."""
        plain = " ".join(clean(self._hide(text), limit=limit).split()) or " "
        ticks = "`" * (max((len(run) for run in re.findall(r"`+", plain)), default=0) + 1)
        pad = " " if plain[0] == "`" or plain[-1] == "`" else ""
        return f"{ticks}{pad}{plain}{pad}{ticks}"


def _escaped(line: str) -> str:
    safe = _MARKUP.sub(lambda match: "\\" + match[0], line)
    safe = re.sub(r"\b(https?|ftp|mailto|xmpp):", r"\1\\:", safe, flags=re.IGNORECASE)
    safe = re.sub(r"\bwww\.", r"www\\.", safe, flags=re.IGNORECASE)
    return _LINE_START.sub(lambda m: f"\\{m['mark']}" if m["mark"] else f"{m['number']}\\{m['dot']}", safe)


def fenced(text: str, info: str) -> str:
    """A code block that its content cannot close."""
    runs = [len(run) for run in re.findall(r"`+", text)]
    ticks = "`" * max(3, max(runs, default=0) + 1)
    return f"{ticks}{info}\n{text}\n{ticks}"


def when(at: str | datetime) -> str:
    """A moment for a reader: `2026-11-20 09:30:00 UTC`."""
    moment = parse_stamp(at) if isinstance(at, str) else at
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def span(seconds: float | None) -> str:
    """A duration for a reader, its two greatest units; `not known` for None."""
    if seconds is None:
        return "not known"
    left, parts = int(seconds), []
    for length, unit in _UNITS:
        if left >= length:
            parts.append(f"{left // length} {unit}")
            left %= length
    return " ".join(parts[:2]) or "0 s"
