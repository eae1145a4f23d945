"""Which files of a tree lead elsewhere than in a similar one: what has to be resolved anew after a commit.

In the languages of most code a reference leads to files that it names, so only files that hold such a name can lead
elsewhere when files come or go. All others are resolved anew where a rule could reach further.
"""

import os
from collections.abc import Callable, Collection

from .graph import NOTHING, Graph
from .languages import language_of
from .languages.vocabulary import words
from .model import Reference
from .words import WordIndex, parts

# Their references name what they lead to, and nothing they say makes another file's lead elsewhere.
_NAMING = frozenset({"python", "javascript"})
# What those languages look for by name, beside every JSON file: one may extend another of any name.
_SETTINGS = words(
    "pyproject.toml setup.py setup.cfg manage.py requirements.txt pnpm-workspace.yaml"
    " dbt_project.yml dbt_project.yaml"
)
# Called by the name of their folder, or not at all.
_STANDING_FOR = frozenset({"__init__", "index", "conftest"})


def affected(like: Graph, view: Graph, index: Callable[[], WordIndex]) -> Collection[str] | None:
    """Files whose references may lead elsewhere than they did, those that changed themselves among them.

    Args:
        like: the graph of a similar tree.
        view: the other tree, with nothing resolved yet.
        index: tells the words of its files; asked only if files came or went.

    Returns:
        None for all of them.
    """
    old, new = like.listed, view.listed
    changed = {path for path, one in new.items() if old.get(path) != one}
    moved = changed.difference(old) | old.keys() - new.keys()
    if any(_provided(like, path) != _provided(view, path) for path in changed | moved):
        return None
    if not changed.isdisjoint(like.settings) or any(path in like.settings or _may_settle(path) for path in moved):
        return None
    found = set(changed)
    if moved or any(not _names(path) for path in changed):
        found |= {path for path in new if not _names(path)}
    for stem in {_stem(path) for path in moved}:
        if not parts(stem):
            return None
        blobs = index().holding(stem)
        found |= {path for path, one in new.items() if one.blob in blobs or stem in os.path.basename(path)}
    far = (path for path, one in view.beside.items() if any(map(_reaches_far, one.references)))
    return found.union(far)


def _provided(graph: Graph, path: str) -> tuple[str, ...]:
    return graph.files.facts.get(path, NOTHING).provides


def _names(path: str) -> bool:
    language = language_of(path)
    return language is None or language.name in _NAMING


def _may_settle(path: str) -> bool:
    """Whether a file could say where references lead by being there."""
    name = os.path.basename(path)
    return name in _SETTINGS or name.endswith(".json") or name.partition(".")[0] in _STANDING_FOR


def _stem(path: str) -> str:
    return os.path.basename(path).partition(".")[0].lstrip("_") or os.path.basename(path)


def _reaches_far(one: Reference) -> bool:
    return one.kind == "reference" or "*" in one.target
