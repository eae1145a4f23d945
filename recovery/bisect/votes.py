"""What the probes of each commit said, and what that comes to."""

from collections import Counter
from typing import Literal

from ...core.ids import Oid

Verdict = Literal["good", "bad", "skip"]

MOST = 5
"""A commit whose probes disagree is probed up to so many times; the majority counts."""

_MAJORITY = MOST // 2 + 1


class Votes:
    """Verdicts by commit."""

    def __init__(self) -> None:
        self._cast: dict[Oid, Counter[Verdict]] = {}

    def cast(self, commit: Oid, verdict: Verdict) -> None:
        """One probe's verdict."""
        self._cast.setdefault(commit, Counter())[verdict] += 1

    def of(self, commit: Oid) -> Counter[Verdict]:
        """All verdicts of a commit."""
        return self._cast.get(commit, Counter())

    def number(self, commit: Oid) -> int:
        """How often a commit was probed."""
        return self.of(commit).total()

    def disputed(self, commit: Oid) -> bool:
        """Whether its probes disagree and more are needed to decide."""
        cast = self.of(commit)
        return len(cast) > 1 and cast.total() < MOST and max(cast.values()) < _MAJORITY

    def missing(self, commit: Oid) -> int:
        """How many more at least decide a disputed commit."""
        cast = self.of(commit)
        return min(_MAJORITY - max(cast.values()), MOST - cast.total())

    def verdict(self, commit: Oid) -> Verdict | None:
        """What counts: the majority; None if it was not probed or is disputed; `skip` if there is no majority."""
        cast = self.of(commit)
        if not cast or self.disputed(commit):
            return None
        first, *rest = cast.most_common(2)
        return "skip" if rest and rest[0][1] == first[1] else first[0]

    def settled(self, verdict: Verdict) -> list[Oid]:
        """The commits with this verdict, in the order they were probed."""
        return [commit for commit in self._cast if self.verdict(commit) == verdict]

    def disagreeing(self) -> list[Oid]:
        """The commits whose probes did not all say the same."""
        return [commit for commit, cast in self._cast.items() if len(cast) > 1]

    def open(self) -> list[Oid]:
        """The disputed commits."""
        return [commit for commit in self._cast if self.disputed(commit)]
