"""Modules that a Python file names as text: what it loads by name, and what settings tell a framework to load.

Looking for a word costs more than most files' imports do, so what a file imports decides which words are looked for.
"""

import re
from collections.abc import Set as AbstractSet

from ..model import Reference

_ARGUMENT = re.compile(r"\(\s*([\"'])(\.*[A-Za-z_][\w.]*)\1")
_ENVIRON = re.compile(r"SETTINGS_MODULE[\"']?\]?\s*[,=]\s*[\"']([A-Za-z_][\w.]*)[\"']")
_DOTTED = re.compile(r"[\"']([A-Za-z_]\w*(?:\.\w+)+)[\"']")
_APPS = re.compile(r"_APPS\b[^=\n]*=\s*[\[(]([^\])]*)[\])]")
_PLUGINS = re.compile(r"pytest_plugins\b[^=\n]*=\s*([\[(][^\])]*[\])]|[^\n]*)")
_WORD = re.compile(r"[\"']([A-Za-z_][\w.]*)[\"']")
_ENTRY = re.compile(r"[\w.\-]+\s*=\s*([A-Za-z_]\w*(?:\.\w+)*:[A-Za-z_][\w.]*)")

_HEADER = 8_192
"""Characters at a file's beginning that name plugins."""

_SETTINGS = 65_536
"""Characters of the longest file that could be a framework's settings."""

_IMPORTERS = ("import_module(", "__import__(", "importorskip(")
"""Calls that import what they are given."""


class _Loads:
    """What was found so far: each module once, at its first line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[str, Reference] = {}
        self._at = self._line = 0

    def calls(self, opening: str, sure: bool = False) -> None:
        """Calls, of which this is the name with its bracket, with a module as first argument."""
        at = -1
        while (at := self.text.find(opening, at + 1)) >= 0:
            match = _ARGUMENT.match(self.text, at + len(opening) - 1)
            if match and (sure or "." in match[2]):
                self._add(match[2], at, sure)

    def matches(self, pattern: re.Pattern[str], within: re.Pattern[str] | None = None) -> None:
        """Whatever a pattern takes, everywhere or within what another one takes."""
        spans = [one.span(1) for one in within.finditer(self.text)] if within else [(0, len(self.text))]
        for start, end in spans:
            for match in pattern.finditer(self.text, start, end):
                self._add(match[1], match.start(), sure=False)

    def _add(self, target: str, at: int, sure: bool) -> None:
        if target in self.found:
            return
        if at < self._at:
            self._at = self._line = 0
        self._line += self.text.count("\n", self._at, at + 1)
        self._at = at + 1
        self.found[target] = Reference("load", target, self._line, (), "", "sure" if sure else "likely")


def loads(text: str, imported: AbstractSet[str], importers: bool, test: bool) -> list[Reference]:
    """The modules a text names.

    Args:
        text: a file that begins with a line break.
        imported: the modules it imports.
        importers: whether the word `import` stands in it elsewhere than in imports.
        test: whether it could be a test.
    """
    found = _Loads(text)
    if importers:
        for opening in _IMPORTERS:
            found.calls(opening, sure=True)
        found.calls("import_string(")
    if test:
        if "patch" in text:
            found.calls("patch(")
            found.calls("patch.setattr(")
        if text.find("pytest_plugins", 0, _HEADER) >= 0:
            found.matches(_WORD, within=_PLUGINS)
    if "django.urls" in imported or "django.conf.urls" in imported:
        found.calls("include(")
    if "os" in imported and "SETTINGS_MODULE" in text:
        found.matches(_ENVIRON)
    if "setuptools" in imported and "entry_points" in text:
        found.matches(_ENTRY)
    if "celery" in imported and "Celery(" in text:
        found.matches(_DOTTED)
    if len(text) <= _SETTINGS:
        apps = "_APPS" in text
        if apps:
            found.matches(_WORD, within=_APPS)
        if apps or "MIDDLEWARE" in text:
            found.matches(_DOTTED)
    return list(found.found.values())
