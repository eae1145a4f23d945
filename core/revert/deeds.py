"""Who changed which files when: each action's own, and what the human did in between."""

from collections.abc import Sequence

from ..errors import GitError, NotFoundError
from ..gate.trees import diff_trees
from ..records import dataclass, field
from ..session import Session
from ..workspace import Workspace
from .timeline import Act, Stretch, actions, moments, operations, owns, stretches

# Each stretch in which something changed costs a process.
_MAX_STRETCHES = 500


@dataclass(frozen=True, kw_only=True)
class Human:
    """Files that changed while no action ran, or beside one that names others.

    Attributes:
        seq: place in the ledger before which it happened.
        at: when it was seen.
        files: which.
    """

    seq: int
    at: str
    files: Sequence[str]


@dataclass(kw_only=True)
class Deeds:
    """Who changed what.

    Attributes:
        acts: by the ledger record of an action or the end of an operation, the files it changed.
        humans: what changed between them, oldest first.
        unclear: by record, files that may be this action's or another's that ran at the same time.
    """

    acts: dict[int, set[str]] = field(default_factory=dict)
    humans: list[Human] = field(default_factory=list)
    unclear: dict[int, set[str]] = field(default_factory=dict)


def deeds(workspace: Workspace, session: Session) -> Deeds:
    """Who changed what in a session, from its start to its last checkpoint."""
    known = moments(workspace)
    own = [one for one in known.values() if one.id.startswith(f"{session.id}.")]
    found = Deeds()
    if not own:
        return found
    first, last = min(one.seq for one in own), max(one.seq for one in own)
    acts = [
        act
        for act in (*actions(workspace), *operations(workspace))
        if act.before in known
        and act.after in known
        and known[act.after].seq >= first
        and known[act.before].seq <= last
    ]
    ends = [one for one in own if one.seq in (first, last)]
    for stretch in stretches(acts, known, ends)[-_MAX_STRETCHES:]:
        if stretch.before.tree != stretch.after.tree:
            _tell(workspace, stretch, found)
    return found


def _tell(workspace: Workspace, stretch: Stretch, found: Deeds) -> None:
    try:
        rows = diff_trees(workspace.repository.git, stretch.before.tree, stretch.after.tree)
    except (GitError, NotFoundError):
        return  # retention dropped it
    human = []
    for row in rows:
        who = [act for act in stretch.acts if owns(row.path, [act], _but(stretch.acts, act))]
        able = [act for act in stretch.acts if not act.paths]
        for act in who:
            found.acts.setdefault(act.seq, set()).add(row.path)
        if not who and not able:
            human.append(row.path)
        for act in able if not who else ():
            found.unclear.setdefault(act.seq, set()).add(row.path)
    if human:
        found.humans.append(Human(seq=stretch.after.seq, at=stretch.after.at, files=human))


def _but(acts: Sequence[Act], one: Act) -> list[Act]:
    return [act for act in acts if act is not one]
