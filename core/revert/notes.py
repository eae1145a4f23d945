"""Notes of the git-ai standard: which agent wrote lines of a commit, as another tool recorded it.

A note (`authorship/3.0.0` and before) is a list of files with their lines by author key, a line `---`,
and JSON that says what each key stands for.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..errors import NotFoundError
from ..gate.objects import MODE_TREE
from ..gate.refs import list_refs
from ..ids import MaybeOid, Oid
from ..snapshot.chain import tree_of
from ..workspace import Workspace

REF = "refs/notes/ai"
_MAX_NOTE = 4 << 20
_SECTIONS = ("prompts", "sessions")


class Notes:
    """Reads the notes of a repository.

    Args:
        workspace: the repository.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def agent(self, commit: Oid) -> str | None:
        """The tool that wrote lines of a commit, by its note; None if no note says so."""
        blob = self._find(commit)
        if blob is None:
            return None
        try:
            data = self._workspace.reader.read(blob).data
        except NotFoundError:
            return None
        return tool_of(data[:_MAX_NOTE].decode("utf-8", "replace"))

    @cached_property
    def _top(self) -> MaybeOid:
        tip = next((ref.oid for ref in list_refs(self._workspace.repository, REF) if ref.name == REF), None)
        return None if tip is None else tree_of(self._workspace.reader, tip)

    def _find(self, commit: Oid) -> MaybeOid:
        """The note's blob; git spreads many notes over directories named by the first digits."""
        tree, rest = self._top, str(commit)
        while tree is not None:
            entries = self._workspace.reader.tree(tree)
            if rest in entries:
                return entries[rest].oid
            below = entries.get(rest[:2])
            tree = below.oid if below is not None and below.mode == MODE_TREE else None
            rest = rest[2:]
        return None


def tool_of(note: str) -> str | None:
    """The agent that a note names as the author of lines; None if it names only people, or does not read."""
    lines = note.splitlines()
    place = next((number for number, line in enumerate(lines) if line.strip() == "---"), None)
    listed, text = ([], note) if place is None else (lines[:place], "\n".join(lines[place + 1 :]))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    tools = _tools(data) if isinstance(data, Mapping) else {}
    # Attested lines are indented: key, blank, ranges; a key may carry a trace after `::`.
    keys = [line.split()[0].partition("::")[0] for line in listed if line[:1].isspace() and line.strip()]
    return next((tools[key] for key in keys or tools if key in tools), None)


def _tools(data: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for section in _SECTIONS:
        entries = data.get(section)
        for key, entry in entries.items() if isinstance(entries, Mapping) else ():
            who = entry.get("agent_id") if isinstance(entry, Mapping) else None
            tool = who.get("tool") if isinstance(who, Mapping) else None
            if isinstance(tool, str) and tool.strip():
                found[str(key)] = tool.strip()
    return found
