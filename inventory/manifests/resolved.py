"""What lock files say of direct dependencies: versions that moved, each lock file's net over all commits."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ...core.errors import NotFoundError
from ...core.ids import Oid
from ..changes import Changes, Delta, Side
from ..model import Evidence, Item
from .asking import Reading, lock_of
from .lines import place, shown
from .model import Asking, Lock, UnreadableError, folded

# Large projects have lock files beyond what is read of other files; they are scanned or parsed quickly.
_LARGEST = 20_000_000
# What leaves the version to the lock file: anything, and what a branch of a repository has.
_OPEN = frozenset({"", "*", "any", "latest"})
_BRANCH = re.compile(r"(?:github|git|gitlab|bitbucket): (?!.*\b(?:ref|tag): )")


@dataclass(frozen=True, kw_only=True)
class Relocked:
    """A lock file that a target changed; what came between two of its changes, others did.

    Attributes:
        path: from the root.
        lock: its format.
        steps: the changes, each with the commit it ended with.
    """

    path: str
    lock: Lock
    steps: Sequence[Delta]


def lock_files(changes: Changes) -> list[Relocked]:
    """The lock files of a target; of changes that follow each other one is made."""
    found: dict[str, Relocked] = {}
    for delta in changes.deltas:
        lock = lock_of(delta.path)
        if lock is None:
            continue
        known = found.get(delta.path)
        steps = list(known.steps) if known else []
        joins = bool(steps) and _same(steps[-1].new, delta.old)
        step = replace(delta, old=steps.pop().old) if joins else delta
        found[delta.path] = Relocked(path=delta.path, lock=lock, steps=[*steps, step])
    return [one for one in found.values() if any(not _same(step.old, step.new) for step in one.steps)]


def _same(first: Side | None, second: Side | None) -> bool:
    return (first.entry.oid if first else None) == (second.entry.oid if second else None)


def moved(changes: Changes, reading: Reading, files: Sequence[Relocked]) -> Iterator[Item]:
    """An item for each direct dependency whose locked version is another one, lock file by lock file."""
    for file in files:
        for step in file.steps:
            if step.old is None or step.new is None or file.lock.resolved is None:
                continue
            texts, asked = (whole_text(step.old), whole_text(step.new)), partial(reading.asked, file.lock, file.path)
            try:
                old, new = (file.lock.resolved(text, asked) for text in texts)
            except UnreadableError as error:
                changes.unread("dependencies", file.path, f"it does not parse: {error}"[:300])
                continue
            yield from _compared(file, step, texts[1], (old, new), asked)


def _compared(
    file: Relocked, step: Delta, text: str, sides: tuple[Mapping[str, str], Mapping[str, str]], asking: Asking
) -> Iterator[Item]:
    old, new = sides
    others = [name for name, version in new.items() if old.get(name) and old[name] != version]
    asked = asking() if others else {}
    for name in others:
        before, version = old[name], new[name]
        line = place(text, name, version.rpartition(", ")[2].partition(" ")[0])
        row = text.splitlines()[line - 1] if line else ""
        yield Item(
            domain="dependencies",
            kind="package",
            name=folded(file.lock.ecosystem, name),
            scope=file.path,
            change="changed",
            before=before,
            after=version,
            evidence=[Evidence(path=file.path, line=line, commit=step.commit, text=shown(row))],
            details={
                "name": name,
                "ecosystem": file.lock.ecosystem,
                "locked": True,
                "open": all(_is_open(one) for one in asked.get(folded(file.lock.ecosystem, name), ())),
            },
        )


def _is_open(spec: str) -> bool:
    """Whether a spec leaves the version to the lock file."""
    return spec in _OPEN or _BRANCH.match(spec) is not None


def whole_text(side: Side) -> str:
    """The text of a lock file, up to a size far beyond that of other files; empty if it is larger, or binary."""
    if side.data is not None:
        return side.text
    try:
        data = side.contents.whole(Oid(side.entry.oid))
    except NotFoundError:
        return ""
    return data.decode("utf-8", "replace") if len(data) <= _LARGEST else ""
