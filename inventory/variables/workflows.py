"""Secrets and variables that GitHub keeps for workflows: those that none asked for before, or none asks for now."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..changes import Changes, Side
from ..model import Change, Evidence, Item, Step

_FILES = re.compile(r"^\.github/(?:workflows|actions)/.*\.ya?ml$")
_EXPRESSION = re.compile(r"\$\{\{((?:(?!\}\}|\$\{\{).){1,2000})")
_NAMED = re.compile(r"\b(secrets|vars)(?:\.|\[['\"])([A-Za-z_]\w*)")
# What GitHub gives every run.
_GIVEN = frozenset(("GITHUB_TOKEN",))
_NOUNS = {"secrets": "secret", "vars": "variable"}

_Asked = Mapping[tuple[str, str], Evidence]
"""Where each is asked for first, by `secrets` or `vars`, and name."""


def secrets(changes: Changes) -> Iterator[Item]:
    """One item for each that no workflow asked for before, or none asks for any more."""
    touched = [delta for delta in changes.deltas if _FILES.search(delta.path)]
    if not any(set(_asked(delta.old, "")) != set(_asked(delta.new, delta.commit)) for delta in touched):
        return
    ends = {delta.path: (delta.new, delta.commit) for delta in touched}
    paths = [path for path in changes.before.files if _FILES.search(path)]
    before = _all((changes.before.read(path), "") for path in paths)
    kept = ((changes.before.read(path), "") for path in paths if path not in ends)
    after = _all((*ends.values(), *kept))
    for key in sorted(before.keys() ^ after.keys()):
        if key in after:
            yield _item(*key, "added", after[key])
        else:
            commit = next((one.commit for one in touched if key in _asked(one.old, "")), "")
            yield _item(*key, "removed", replace(before[key], commit=commit))


def _all(sides: Iterable[tuple[Side | None, str]]) -> _Asked:
    found: dict[tuple[str, str], Evidence] = {}
    for side, commit in sides:
        for key, evidence in _asked(side, commit).items():
            found.setdefault(key, evidence)
    return found


def _asked(side: Side | None, commit: str) -> _Asked:
    found: dict[tuple[str, str], Evidence] = {}
    for number, text in enumerate(side.lines if side else (), 1):
        if text.lstrip().startswith("#"):
            continue
        for where, name in (one for said in _EXPRESSION.findall(text) for one in _NAMED.findall(said)):
            if name not in _GIVEN and side is not None:
                found.setdefault(
                    (where, name), Evidence(path=side.path, line=number, commit=commit, text=text.strip()[:200])
                )
    return found


def _item(where: str, name: str, change: Change, evidence: Evidence) -> Item:
    noun = _NOUNS[where]
    delete = Step(
        text=f"Delete the {noun} in the repository's settings, if nothing else needs it: the revert does not.",
        command=f"gh {noun} delete {name}",
    )
    added = change == "added"
    whose = "newer" if added else "older"
    given = Step(text=f"See that the {noun} is set in the repository's settings: the {whose} workflow needs it.")
    keep = "Keep a copy of its value before it is deleted: GitHub never shows a secret again."
    cautions = ["It may be set for an organisation or an environment as well: look there, too."]
    return Item(
        domain="environment",
        kind=f"workflow {noun}",
        name=name,
        change=change,
        evidence=(evidence,),
        reversible="unknown",
        destructive=added,
        action=delete if added else given,
        inverse=given if added else delete,
        verify=f"gh {noun} list",
        cautions=[keep, *cautions] if added else cautions,
        when="after code" if added else "before code",
        details={"platform": "github"},
    )
