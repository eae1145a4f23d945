"""The catalogue of commands: its files, read once, when a first command is looked up."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from .entry import Entry, Row, Tool, entry_of, rows_of, tools_of

_FOLDER = os.path.dirname(os.path.abspath(__file__))
# Where several entries fit a command, the first counts: what is about one thing stands before what is about many.
FILES = (
    "feature_flags.toml",
    "database.toml",
    "migrations.toml",
    "environment.toml",
    "caches.toml",
    "ci.toml",
    "published.toml",
    "dependencies.toml",
    "third_party.toml",
    "artifacts.toml",
)
_TOOLS = "tools.toml"


@dataclass(frozen=True)
class Catalogue:
    """What commands are known; an entry is made of its row when a command may fit it.

    Attributes:
        tools: the programs.
        rows: what their commands do; of several that fit the first counts.
    """

    tools: Sequence[Tool]
    rows: Sequence[Row]

    @cached_property
    def by_program(self) -> Mapping[str, Tool]:
        """Tools by the names they are started by."""
        return {program: tool for tool in self.tools for program in tool.programs}

    @cached_property
    def npm(self) -> frozenset[str]:
        """Programs that `yarn x` starts."""
        return frozenset(program for tool in self.tools if tool.npm for program in tool.programs)

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """All of them."""
        return [entry_of(row) for row in self.rows]

    @cached_property
    def requests(self) -> Sequence[Entry]:
        """Those that are about requests."""
        return [entry_of(row) for row in self.rows if not row.tool]

    def of_tool(self, tool: str) -> Sequence[Entry]:
        """Those that are about a tool."""
        if tool not in self._made:
            self._made[tool] = [entry_of(row) for row in self._by_tool.get(tool, ())]
        return self._made[tool]

    @cached_property
    def _made(self) -> dict[str, Sequence[Entry]]:
        return {}

    @cached_property
    def _by_tool(self) -> Mapping[str, Sequence[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.tool, []).append(row)
        return found


@cache
def catalogue() -> Catalogue:
    """The catalogue.

    Raises:
        ValueError: a file does not follow the schema.
    """
    rows = [row for name in FILES for row in rows_of(name, _read(name))]
    return Catalogue(tools_of(_read(_TOOLS)), rows)


def _read(name: str) -> dict[str, Any]:
    with open(os.path.join(_FOLDER, name), "rb") as file:
        return tomllib.load(file)
