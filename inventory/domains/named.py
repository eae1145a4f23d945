"""Named things that files set up, and how a target changed what is said of them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.text import one_line
from ..changes import Changes, Delta, Side
from ..generated import is_generated, is_vendored
from ..model import Change, Evidence
from ..reading.trail import Seen, Trail, trails
from .environment_reading import is_test

_AROUND = 8
"""Lines before and after a changed one that may be part of the same call."""
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
    """

    kind: str
    name: str
    line: int
    value: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    sure: bool = True
    same: str = ""


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


def speaks(side: Side, words: Sequence[str]) -> bool:
    """Whether a file has one of some words, which are in lower case, in any case."""
    text = side.text.lower()
    return any(word in text for word in words)


def touches(delta: Delta, hint: re.Pattern[str]) -> bool:
    """Whether a hint stands near a line that a change added or removed; all lines of a new file count."""
    old = delta.old.lines if delta.old is not None else []
    new = delta.new.lines if delta.new is not None else []
    known_old, known_new = set(old), set(new)
    return _near(new, known_old, hint) or _near(old, known_new, hint)


def _near(lines: Sequence[str], known: set[str], hint: re.Pattern[str]) -> bool:
    changed = [at for at, line in enumerate(lines) if line not in known]
    if not changed:
        return False
    if len(changed) == len(lines):
        return hint.search("\n".join(lines)) is not None
    wanted: set[int] = set()
    for at in changed:
        wanted.update(range(max(0, at - _AROUND), min(len(lines), at + _AROUND + 1)))
    return hint.search("\n".join(lines[at] for at in sorted(wanted))) is not None


def differences(changes: Changes, read: Read, wants: Callable[[Delta], bool]) -> Iterator[Difference]:
    """What a target did to things, over all its commits and files.

    Args:
        changes: the target's.
        read: the facts of a file; kept by content, as sides repeat from commit to commit.
        wants: whether a change can matter; cheap.
    """
    known: dict[tuple[str, str], Mapping[str, Fact]] = {}

    def facts(side: Side | None) -> Mapping[str, Fact]:
        if side is None or not side.text or is_generated(side):
            return {}
        key = (side.path, side.entry.oid)
        if key not in known:
            known[key] = _by_key(read(side))
        return known[key]

    def both(delta: Delta) -> tuple[Mapping[str, Fact], Mapping[str, Fact]]:
        return (facts(delta.old), facts(delta.new)) if wants(delta) else ({}, {})

    for trail in trails(changes, both, lambda old, new: _plain(old.value) == _plain(new.value)).values():
        found = _difference(trail)
        if found is not None:
            yield found


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
    text = seen.side.lines[line - 1] if 0 < line <= len(seen.side.lines) else ""
    return evidence_of(seen.side.path, line, seen.commit, text)


def evidence_of(path: str, line: int, commit: str, text: str) -> Evidence:
    """Evidence with a line's text, made safe to show."""
    return Evidence(path=path, line=line, commit=commit, text=one_line(text))
