"""The commits between a good one and a bad one, and who comes from whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...core.errors import InvalidInputError
from ...core.gate.refs import is_ancestor
from ...core.ids import Oid, oid
from ...core.text import plural
from ...core.workspace import Workspace

MAX_COMMITS = 20_000
"""So many ancestor sets of so many bits are 25 MB; more are not searched at once."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """The commits that may have broken it. A set of them is an integer whose bit n stands for `commits[n]`.

    Attributes:
        commits: parents before children; the last one is the bad end.
        parents: of each, first parent first, those outside of `commits` included.
        good: where it is claimed to have worked; no commit of `commits` is an ancestor of one.
    """

    commits: Sequence[Oid]
    parents: Sequence[Sequence[Oid]]
    good: Sequence[Oid]

    @property
    def bad(self) -> Oid:
        """Where it is claimed to be broken."""
        return self.commits[-1]

    @cached_property
    def number(self) -> Mapping[Oid, int]:
        """The bit of each commit."""
        return {name: number for number, name in enumerate(self.commits)}

    @cached_property
    def ancestors(self) -> Sequence[int]:
        """For each commit its ancestors among `commits`, itself included."""
        found: list[int] = []
        for number, parents in enumerate(self.parents):
            own = 1 << number
            for parent in parents:
                if parent in self.number:
                    own |= found[self.number[parent]]
            found.append(own)
        return found

    @property
    def everything(self) -> int:
        """All of `commits`."""
        return (1 << len(self.commits)) - 1

    def names(self, chosen: int) -> list[Oid]:
        """The commits of a set, oldest first."""
        return [self.commits[number] for number in members(chosen)]


def members(chosen: int) -> Iterator[int]:
    """The numbers in a set, ascending."""
    while chosen:
        lowest = chosen & -chosen
        yield lowest.bit_length() - 1
        chosen ^= lowest


def read_graph(workspace: Workspace, good: Oid, bad: Oid) -> Graph:
    """The commits that `bad` contains and `good` does not.

    If `bad` does not come from `good`, it is their common ancestors that have to be good.

    Raises:
        InvalidInputError: if there are none, or more than `MAX_COMMITS`.
    """
    repository = workspace.repository
    if is_ancestor(repository, bad, good):
        same = good == bad
        raise InvalidInputError(
            f"Good and bad are the same commit {good[:12]}."
            if same
            else f"Bad {bad[:12]} is older than good {good[:12]}.",
            hint="Name a commit where it worked, and a later one where it does not.",
        )
    ends = [good]
    if not is_ancestor(repository, good, bad):
        ends = [oid(one) for one in repository.git.out("merge-base", "--all", good, bad, ok=(0, 1)).split()]
    limit = f"--max-count={MAX_COMMITS + 1}"
    lines = repository.git.out("rev-list", "--topo-order", "--parents", limit, bad, f"^{good}").split("\n")
    if len(lines) > MAX_COMMITS:
        raise InvalidInputError(
            f"More than {plural(MAX_COMMITS, 'commit')} lie between good {good[:12]} and bad {bad[:12]}.",
            hint="Name a good commit that is nearer.",
        )
    rows = [[oid(word) for word in line.split(" ")] for line in reversed(lines)]
    return Graph(commits=[row[0] for row in rows], parents=[row[1:] for row in rows], good=ends)
