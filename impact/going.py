"""What has to go together: the commits that need the ones to be taken out, and the order in which it all goes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..core.ids import MaybeOid, Oid
from .commits.dependence import Chain, cascades, concerning, merged
from .commits.model import Needs
from .commits.ownership import ownership
from .commits.reading import LIMIT, read_line
from .commits.scratch import scratch
from .commits.sets import SECONDS, Comparison, RevertSet, compare, files_of, minimum_revert_set
from .garbage import uncollected
from .graph import Graph
from .graphs import leaf_first
from .introduced import MAX_COMMITS, introduced
from .library import Library


@dataclass(frozen=True, kw_only=True)
class Going:
    """What goes with some commits.

    Attributes:
        needs: who needs whom, of all that is about the commits of the set.
        chains: along which ways it falls, the longest first.
        together: the smallest set that can go.
        order: files of the set, those that nothing needs first; the members of a group need each other.
        against: the set beside all commits of the stretch.
        unread: how many commits were compared by whole files, or not for the names they use.
        beyond: commits that were asked about and are older than what is looked at.
    """

    needs: Sequence[Needs]
    chains: Sequence[Chain]
    together: RevertSet
    order: Sequence[Sequence[str]]
    against: Comparison
    unread: int
    beyond: Sequence[Oid]

    @property
    def alone(self) -> bool:
        """Whether nothing but what was asked for has to go."""
        return not self.chains and self.together.proven


@uncollected()
def going(
    library: Library,
    graph: Graph,
    tip: Oid,
    base: MaybeOid,
    targets: Collection[Oid],
    *,
    limit: int = LIMIT,
    seconds: float = SECONDS,
) -> Going:
    """Work out what goes with some commits. Writes nothing to the repository.

    Args:
        library: of the repository whose commits these are.
        graph: the file graph of the newest state.
        tip: the newest commit.
        base: nothing at or before it is looked at; None for no end.
        targets: the commits to be taken out.
        limit: at most so many commits are looked at.
        seconds: for making the set smaller.
    """
    with scratch(library.repository) as place:
        steps = read_line(place, tip, exclude=base, limit=limit)
        owned = ownership(place, steps, library.kept)
        extra = introduced(place, steps, library, graph)
        known = [step.oid for step in steps]
        wanted = [commit for commit in known if commit in targets]
        together = minimum_revert_set(place, owned, wanted, extra=extra, seconds=seconds)
        needs = merged(owned.needs, extra)
        gone = set(together.commits)
        chains = cascades([one for one in needs if one.commit in gone], wanted, known)
        return Going(
            needs=[one for one in concerning(needs, gone) if one.needs in gone],
            chains=chains,
            together=together,
            order=_order(graph, files_of(owned, gone)),
            against=compare(owned, gone, known),
            unread=len(owned.unread) + max(0, len(steps) - MAX_COMMITS),
            beyond=[commit for commit in targets if commit not in known],
        )


def _order(graph: Graph, files: Sequence[str]) -> list[list[str]]:
    """Files in the order they go: what nothing else of them needs first."""
    wanted = set(files)
    needed = {
        path: sorted({edge.target for edge in graph.edges.get(path, ()) if edge.target in wanted}) for path in files
    }
    return leaf_first(needed)
