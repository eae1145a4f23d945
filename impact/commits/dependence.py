"""The graph of commits: who needs a commit, directly or through others, and along which chains."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...core.ids import Oid
from ...core.text import plural, show_path
from ..graphs import reachable
from .model import Needs, Reason

_WORDS = {
    "path": "changes {path}, which git merges only as a whole or whose name was free",
    "created": "changes {path}, which it created",
    "deleted": "deletes {path}, which it changed",
    "renamed": "renames {path}, which it had renamed",
    "mode": "changes the mode of {path}, which it had changed",
}


@dataclass(frozen=True, slots=True)
class Chain:
    """Commits of which each builds on the one before.

    Attributes:
        commits: from the one that would go to the last that falls with it.
        links: why, one for each step.
    """

    commits: tuple[Oid, ...]
    links: tuple[Reason, ...]


def merged(needs: Iterable[Needs], extra: Iterable[Needs]) -> list[Needs]:
    """Both, with the reasons of a pair of commits together.

    Args:
        needs: from the lines.
        extra: from elsewhere: a commit uses a name that an earlier one introduced.
    """
    found: dict[tuple[Oid, Oid], dict[Reason, None]] = {}
    for one in (*needs, *extra):
        found.setdefault((one.commit, one.needs), {}).update(dict.fromkeys(one.reasons))
    return [Needs(commit, other, tuple(reasons)) for (commit, other), reasons in found.items()]


def dependents(needs: Iterable[Needs]) -> dict[Oid, list[Oid]]:
    """A commit to the later ones that need it."""
    found: dict[Oid, list[Oid]] = {}
    for one in needs:
        found.setdefault(one.needs, []).append(one.commit)
    return found


def closure(needs: Iterable[Needs], targets: Iterable[Oid]) -> set[Oid]:
    """The targets and every commit that needs one of them, directly or through others."""
    return set(reachable(dependents(needs), targets))


def concerning(needs: Iterable[Needs], commits: Collection[Oid]) -> list[Needs]:
    """What of it is about commits that go, as the earlier or the later one."""
    return [one for one in needs if one.needs in commits or one.commit in commits]


def cascades(needs: Sequence[Needs], targets: Iterable[Oid], order: Sequence[Oid], *, limit: int = 10) -> list[Chain]:
    """For each commit that falls last, the longest chain from a target to it; the longest ones first.

    Args:
        needs: the graph; a commit needs only commits that stand before it in `order`.
        targets: the commits that would go.
        order: all commits, oldest first.
        limit: at most so many chains.
    """
    links = {(one.needs, one.commit): one.reasons[0] for one in needs}
    later = dependents(needs)
    length: dict[Oid, int] = dict.fromkeys(targets, 0)
    before: dict[Oid, Oid] = {}
    for commit in order:
        if commit not in length:
            continue
        for other in later.get(commit, ()):
            if length[commit] + 1 > length.get(other, 0):
                length[other], before[other] = length[commit] + 1, commit
    place = {commit: number for number, commit in enumerate(order)}
    ends = [commit for commit in length if commit in before and not later.get(commit)]
    ends.sort(key=lambda commit: (-length[commit], place[commit]))
    return [_chain(end, before, links) for end in ends[:limit]]


def _chain(end: Oid, before: Mapping[Oid, Oid], links: Mapping[tuple[Oid, Oid], Reason]) -> Chain:
    commits = [end]
    while commits[-1] in before:
        commits.append(before[commits[-1]])
    commits.reverse()
    return Chain(tuple(commits), tuple(links[step] for step in pairwise(commits)))


def why(reason: Reason) -> str:
    """A reason as a person reads it: what the later commit does."""
    path = show_path(reason.path)
    if reason.kind == "symbol":
        return f"uses {reason.detail} in {path}" if reason.detail else f"uses it in {path}"
    if reason.kind in ("lines", "gap"):
        single = reason.first == reason.last
        where = (
            f"line {reason.first}"
            if single
            else f"{plural(reason.last - reason.first + 1, 'line')} from {reason.first}"
        )
        what = "changes or touches lines of it" if reason.kind == "lines" else "changes where it deleted lines"
        return f"{what} in {path}, {where}"
    return _WORDS[reason.kind].format(path=path)
