"""Which commit needs which, and which can be taken out alone: one pass over the diffs of a stretch of history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ...core.gate.runner import Git, nul
from ...core.ids import Oid
from ..garbage import uncollected
from .files import Met, Trace, Tree
from .model import Diff, Needs, Reason, Step
from .reading import Kept, read_diffs
from .scratch import Scratch
from .verdict import Verdict

_MAX_REASONS = 20


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """What the commits of a stretch of history are to each other.

    Attributes:
        steps: the commits, oldest first.
        needs: for a later commit, an earlier one it builds on; in the order of the later ones.
        conflicts: for a commit that cannot be taken out of the newest state alone, the paths in the way.
        files: for each commit, the paths it changed.
        unread: commits of which the lines could not be read: their files count as wholes.
    """

    steps: Sequence[Step]
    needs: Sequence[Needs]
    conflicts: Mapping[Oid, Sequence[str]]
    files: Mapping[Oid, Sequence[str]]
    unread: Sequence[Oid]


@uncollected()
def ownership(place: Scratch, steps: Sequence[Step], kept: Kept | None = None) -> Ownership:
    """Read what each commit did, oldest first, and say who needs whom.

    Takes time and memory in proportion to the text of the diffs.

    Args:
        place: where to read.
        steps: the commits, oldest first.
        kept: what is known of commits, and is added to.
    """
    replay = _Replay(steps)
    for diff in read_diffs(place, steps) if kept is None else kept.of(place, steps):
        replay.take(diff)
    return replay.result(place.git)


@dataclass
class _Replay:
    steps: Sequence[Step]
    tree: Tree = field(default_factory=Tree)
    traces: dict[int, list[Trace]] = field(default_factory=dict)
    met: dict[tuple[int, int], dict[tuple[str, str], Reason]] = field(default_factory=dict)
    unread: list[Oid] = field(default_factory=list)
    number: dict[Oid, int] = field(init=False)

    def __post_init__(self) -> None:
        self.number = {step.oid: number for number, step in enumerate(self.steps)}

    def take(self, diff: Diff) -> None:
        """Replay one commit."""
        number = self.number[diff.oid]
        if not diff.read:
            self.unread.append(diff.oid)
        traces = self.traces[number] = []
        for change in diff.changes:
            trace, met = self.tree.apply(number, change)
            traces.append(trace)
            self._note(number, met)

    def _note(self, number: int, met: Iterable[Met]) -> None:
        for earlier, reason in met:
            if earlier == number:
                continue
            known = self.met.setdefault((number, earlier), {})
            key = (reason.kind, reason.path)
            before = known.get(key)
            if before is not None:
                first, last = min(before.first, reason.first), max(before.last, reason.last)
                known[key] = Reason(reason.kind, reason.path, first, last)
            elif len(known) < _MAX_REASONS:
                known[key] = reason

    def result(self, git: Git) -> Ownership:
        """What it comes to."""
        names = [step.oid for step in self.steps]
        merging = merge_attributes(git, self.tree.now)
        self._attributes(merging)
        verdict = Verdict(self.tree, merging)
        conflicts = {
            names[number]: paths for number, traces in self.traces.items() if (paths := verdict.conflicts(traces))
        }
        return Ownership(
            steps=self.steps,
            needs=[
                Needs(names[later], names[earlier], tuple(reasons.values()))
                for (later, earlier), reasons in sorted(self.met.items())
                if reasons
            ],
            conflicts=conflicts,
            files={
                names[number]: list(dict.fromkeys(trace.change.new or trace.change.old or "" for trace in traces))
                for number, traces in self.traces.items()
            },
            unread=self.unread,
        )

    def _attributes(self, merging: Mapping[str, str]) -> None:
        """Lines mean nothing where git merges a file as a whole, and never conflict where it takes both sides."""
        if not merging:
            return
        for reasons in self.met.values():
            for key in [key for key in reasons if key[0] in ("lines", "gap") and key[1] in merging]:
                del reasons[key]
        for path, how in merging.items():
            if how == "union":
                continue
            touched = self.tree.now[path].touched
            for earlier, later in pairwise(touched):
                self._note(later, [(earlier, Reason("path", path))])


def merge_attributes(git: Git, paths: Iterable[str]) -> dict[str, str]:
    """The `merge` attribute of files that are not merged line by line: `union`, `binary` or `unset`."""
    words = git.fields("check-attr", "-z", "--stdin", "merge", stdin=nul(list(paths)))
    found = zip(words[0::3], words[2::3], strict=True)
    return {path: how for path, how in found if how in ("unset", "union", "binary")}
