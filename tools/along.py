"""What has to go along with commits that cannot go alone, as a target that plan_rollback takes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..core.errors import GitError, InvalidInputError, NotFoundError
from ..core.history import History
from ..core.ids import Oid, PlanId
from ..core.revert.attribution import attribute
from ..core.revert.grouping import commit_tree
from ..core.revert.plan import Rollback
from ..core.revert.targets import Selection
from ..core.revert.together import SEPARATOR, as_target
from ..core.text import plural
from ..impact.going import Going
from ..recovery.assessment.severity import level_of
from .assess import reach_level
from .authority import needs_human
from .desk import Desk
from .reach import going_with, left_broken, library_of, reach_of
from .rollbacks import request_of, rollback_of

# Cut out of more commits, a rollback is none that a person can look over.
_MOST = 20
_DIGITS = 12
# A set that takes long to make small is too large to be proposed.
_SECONDS = 0.25
_KINDS = frozenset({"commit", "commits", "merge", "range"})


@dataclass(frozen=True, kw_only=True)
class Along:
    """Commits that come out together, as was tried here and now.

    Attributes:
        target: all of them, for `plan_rollback`.
        more: how many of them were not asked for.
        others: those that are not known to be an agent's, abbreviated.
        human: whether a human has to allow that plan.
    """

    target: str
    more: int
    others: Sequence[str]
    human: bool

    @property
    def ask(self) -> str:
        """What to add to a sentence that proposes it; empty if nobody has to be asked."""
        said = f"; ask first, not known to be an agent's: {', '.join(self.others)}" if self.others else ""
        return f"{said}; a human has to allow it" if self.human else said

    def __str__(self) -> str:
        """The way on, as a sentence."""
        return (
            f"plan_rollback target {self.target} takes along what needs it ({plural(self.more, 'commit')}){self.ask}."
        )


def along(desk: Desk, selection: Selection) -> Along | None:
    """What needs a selection's commits and has to go with them.

    Returns:
        None if nothing has to, if it is not known, is too much, or would be refused as well.
    """
    workspace, tip = desk.workspace, selection.head.oid
    if tip is None:
        return None
    try:
        library = library_of(workspace)
        with library.helped():
            graph = library.graph(commit_tree(workspace, tip))
            gone = going_with(workspace, library, graph, selection, _SECONDS)
        target = None if gone is None else target_of(gone, selection)
        if gone is None or target is None:
            return None
        rollback = _planned(desk, target)
    except (GitError, NotFoundError, InvalidInputError):
        # A partial clone may lack what would have to be read.
        return None
    if not rollback.draft.applicable or left_broken(reach_of(desk, rollback)):
        return None
    more = set(gone.together.commits) - {one.oid for one in selection.commits}
    return Along(
        target=target,
        more=len(more),
        others=_not_agents(desk, more),
        human=needs_human(desk, level_of(reach_level(desk, rollback))),
    )


def _planned(desk: Desk, target: str) -> Rollback:
    data = {"target": as_target(desk.workspace, target), "reason": "", "granularity": "one", "seconds": 0}
    return rollback_of(desk, request_of(desk, PlanId("plan-00000000"), data))


def _not_agents(desk: Desk, commits: Collection[Oid]) -> list[str]:
    with History(desk.workspace) as history:
        infos = [history.commit(one) for one in commits]
    return sorted(one.commit.short for one in attribute(desk.workspace, None, infos) if one.evidence is None)


def target_of(gone: Going, selection: Selection) -> str | None:
    """A selection's commits with those that have to go along, as a target.

    Returns:
        None if nothing has to go along, if it was tried and is not clean, is too much, or is about other things.
    """
    commits, asked = gone.together.commits, {one.oid for one in selection.commits}
    if selection.kind not in _KINDS or not gone.together.proven or len(commits) > _MOST:
        return None
    if not asked < set(commits):
        return None
    return SEPARATOR.join(one[:_DIGITS] for one in commits)
