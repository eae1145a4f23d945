"""Named things that files set up, and how a target changed what is said of them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.text import one_line
from ..changes import Changes, Delta, Side
from ..generated import is_called_generated, is_generated, is_vendored
from ..model import Change, Evidence
from ..variables.reading import is_test
from .calls import grammar_of
from .trail import Seen, Trail, trails
from .windows import narrowed

_MAX_VALUE = 160
_ELSEWHERE = re.compile(
    r"(?:^|/)(?:spec|specs|tests?|__tests__|__mocks__|e2e|cypress|playwright|docs?|examples?|storybook|stories|"
    r"fixtures|benchmarks?|locales?|i18n)/|\.(?:stories|story|mock|d)\.[jt]sx?$|(?:^|/)(?:CHANGELOG|README)[^/]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A thing that a file sets up.

    Attributes:
        kind: of its item.
        name: of its item.
        line: from 1.
        value: what is said of it; what differs makes it changed.
        details: what its item needs besides.
        sure: whether it is certain to be one.
        same: what makes it the same thing if its name is written otherwise; the name if empty.
        shown: what is shown of its line, where that may hold secrets; the line if empty.
    """

    kind: str
    name: str
    line: int
    value: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    sure: bool = True
    same: str = ""
    shown: str = ""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a target did to a thing.

    Attributes:
        change: added, removed or changed.
        fact: what is said of it in the end, or was said before if nothing is.
        before: its value before.
        after: its value in the end.
        evidence: where, best first.
        paths: of the files.
    """

    change: Change
    fact: Fact
    before: str
    after: str
    evidence: Sequence[Evidence]
    paths: Sequence[str]


Read = Callable[[Side], Sequence[Fact]]
"""The facts of a file."""


def is_told(path: str) -> bool:
    """Whether a file sets things up for those who run the project: it is no test, no document, no one else's."""
    return not is_vendored(path) and not is_test(path) and not _ELSEWHERE.search(path)


def speaks(side: Side, words: Sequence[bytes]) -> bool:
    """Whether a file has one of some words, which are in lower case, in any case."""
    return any(word in side.low for word in words)


def differences(changes: Changes, readers: Callable[[Delta], Sequence[Read]], domain: str) -> Iterator[Difference]:
    """What a target did to things, over all its commits and files.

    Args:
        changes: the target's.
        readers: what may find something in a change's file; cheap, and none for most changes.
        domain: whose facts they are.
    """
    known: dict[tuple[str, str, Read], Sequence[Fact]] = {}

    def facts(side: Side | None, reads: Sequence[Read]) -> Mapping[str, Fact]:
        if side is None or not side.text or is_generated(side):
            return {}
        found: list[Fact] = []
        for read in reads:
            # Sides repeat from commit to commit.
            key = (side.path, side.entry.oid, read)
            if key not in known:
                known[key] = read(side)
            found += known[key]
        return _by_key(found)

    def both(delta: Delta) -> tuple[Mapping[str, Fact], Mapping[str, Fact]]:
        reads = () if is_called_generated(delta.path) else readers(delta)
        windows = narrowed(delta) if reads and grammar_of(delta.path) else None
        if windows is not None:
            new, old = (
                [fact for read in reads for fact in read(side)] if side.text and not is_generated(side) else []
                for side in windows
            )
            if _said(new) == _said(old):
                return {}, {}
        return (facts(delta.old, reads), facts(delta.new, reads)) if reads else ({}, {})

    for trail in trails(changes, both, lambda old, new: _plain(old.value) == _plain(new.value), domain).values():
        found = _difference(trail)
        if found is not None:
            yield found


def _said(facts: Sequence[Fact]) -> dict[str, str]:
    """What is said of what, wherever it stands."""
    return {key: _plain(fact.value) for key, fact in _by_key(facts).items()}


def _by_key(facts: Sequence[Fact]) -> Mapping[str, Fact]:
    """Facts by kind and name; several of one file become one, with all their values."""
    found: dict[str, Fact] = {}
    for fact in facts:
        key = f"{fact.kind}\0{fact.same or fact.name}"
        first = found.get(key)
        if first is None:
            found[key] = fact
        elif fact.value and fact.value not in first.value.split("; "):
            value = "; ".join(sorted({*filter(None, first.value.split("; ")), fact.value}))
            found[key] = Fact(
                kind=first.kind, name=first.name, line=first.line, value=value,
                details={**fact.details, **first.details}, sure=first.sure or fact.sure, same=first.same,
                shown=first.shown or fact.shown,
            )  # fmt: skip
    return found


def _difference(trail: Trail[Fact]) -> Difference | None:
    was, now = trail.was, trail.now
    before, after = _values(was), _values(now)
    if was and now and _plain(before) == _plain(after):
        return None
    change: Change = "changed" if was and now else "added" if now else "removed"
    seen = [*now, *was]
    if not seen:
        return None
    return Difference(
        change=change,
        fact=seen[0].fact,
        before=before,
        after=after,
        evidence=[evidence(one) for one in seen[:5]],
        paths=list(dict.fromkeys(one.side.path for one in seen)),
    )


def _plain(value: str) -> str:
    """A value as it is compared: which quotes and spaces there are says nothing."""
    return re.sub(r"[\s\"'`,]+", "", value)


def _values(seen: Sequence[Seen[Fact]]) -> str:
    values = sorted({one.fact.value for one in seen if one.fact.value})
    return one_line("; ".join(values), limit=_MAX_VALUE)


def evidence(seen: Seen[Fact]) -> Evidence:
    """Where a fact is said."""
    line = seen.fact.line
    text = seen.fact.shown or (seen.side.lines[line - 1] if 0 < line <= len(seen.side.lines) else "")
    return evidence_of(seen.side.path, line, seen.commit, text)


def evidence_of(path: str, line: int, commit: str, text: str) -> Evidence:
    """Evidence with a line's text, made safe to show."""
    return Evidence(path=path, line=line, commit=commit, text=one_line(text))
