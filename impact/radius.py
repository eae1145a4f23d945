"""The blast radius of a change: what it reaches, in tiers, and how much of that is known."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.gate.objects import Entry
from ..core.text import plural
from .breakage import Breakage
from .dependents import ORDER, Dependent, Via
from .garbage import uncollected
from .graph import ABSENT, Graph, Listed
from .languages import language_of
from .library import Library
from .mentioned import mentioned

Level = Literal["exact", "partial", "unresolved"]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How much of an answer is known.

    Attributes:
        level: `exact`: every file that could matter was read. `partial`: those in `files` were not, or not
            wholly. `unresolved`: nobody reads what changes, so only mentions of it are known.
        files: path and reason.
    """

    level: Level
    files: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Radius:
    """What a change reaches.

    Attributes:
        changed: files the change touches.
        dependents: files that break surely or likely, nearest first.
        reachable: files that only reach a changed one, nearest first.
        direct: how many files need a changed one directly, without those that change themselves.
        coverage: how much of this is known.
    """

    changed: Sequence[str]
    dependents: Sequence[Dependent]
    reachable: Sequence[Dependent]
    direct: int
    coverage: Coverage

    def count(self, tier: str) -> int:
        """How many files of a tier."""
        return sum(one.tier == tier for one in (*self.dependents, *self.reachable))

    @property
    def estimate(self) -> str:
        """The size in a sentence."""
        total = plural(len(self.changed) + self.direct, "file")
        about = f"About {total}" if self.coverage.level == "exact" else f"At least {total}"
        return (
            f"{about}: {len(self.changed)} change, {self.direct} use them directly. "
            f"{self.count('will_break')} will break, {self.count('likely')} are likely to; "
            f"{len(self.reachable)} more can be reached."
        )


@uncollected()
def radius(
    library: Library,
    before: Graph,
    changes: Mapping[str, Entry | None],
    *,
    words: bool = False,
    depth: int | None = None,
) -> Radius:
    """What a change reaches.

    Args:
        library: reads trees.
        before: today's graph.
        changes: by path the entry after the change, None where the file goes.
        words: whether to look for names that vanish in every file.
        depth: how many steps away a file may be that is only reachable; None for any.
    """
    breakage = Breakage(library, before, changes)
    dependents = breakage.run()
    named = {one.path for one in dependents}
    if words:
        said = mentioned(library, before, changes)
        dependents = sorted(
            [*dependents, *(one for one in said if one.path not in named)],
            key=lambda one: (ORDER.index(one.tier), one.distance, one.path),
        )
        named |= {one.path for one in said}
    reached = before.reached(changes, depth)
    reachable = [
        Dependent(
            path=path,
            tier="reachable",
            via=[
                Via(
                    source=edge.source,
                    target=edge.target,
                    line=edge.line,
                    kind=edge.kind,
                    names=tuple(name.name for name in edge.names),
                    text="",
                )
            ],
            distance=distance,
            changes=False,
        )
        for path, (distance, edge) in reached.items()
        if path not in named
    ]
    direct = {edge.source for path in changes for edge in before.dependents.get(path, ())} | named
    return Radius(
        changed=sorted(changes),
        dependents=dependents,
        reachable=sorted(reachable, key=lambda one: (one.distance, one.path)),
        direct=len(direct - set(changes)),
        coverage=_coverage(before, changes, breakage.after),
    )


def _coverage(before: Graph, changes: Mapping[str, Entry | None], after: Mapping[str, Listed]) -> Coverage:
    files: dict[str, str] = {}
    strange = [path for path in changes if language_of(path) is None]
    for path in strange:
        kind = os.path.splitext(path)[1] or os.path.basename(path)
        files.setdefault(path, f"nobody reads {kind} files; only mentions of it are known")
    for path in before.listed:
        for why in before.unread(path):
            files.setdefault(path, why)
    for path in changes:
        now, then = before.listed.get(path), after.get(path)
        if now is not None and not now.here:
            files.setdefault(path, ABSENT)
        if then is not None and (then.unread or not then.here):
            files.setdefault(path, f"as it would be then: {then.unread or ABSENT}")
    stems = {_stem(path) for path in changes}
    for path, rows in before.unresolved.items():
        for line, text in rows:
            # Only what could mean a changed file leaves the answer open.
            if any(stem in text for stem in stems):
                files.setdefault(path, f"line {line}: {text}")
    if changes and len(strange) == len(changes):
        return Coverage(level="unresolved", files=list(files.items()))
    return Coverage(level="partial" if files else "exact", files=list(files.items()))


def _stem(path: str) -> str:
    name = os.path.basename(path)
    stem = name.partition(".")[0]
    # A package is called by its directory.
    return os.path.basename(os.path.dirname(path)) or name if stem in ("__init__", "index", "mod", "") else stem
