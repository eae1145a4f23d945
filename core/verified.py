"""Which commits passed their checks: a fold over the ledger."""

from collections.abc import Collection, Iterable

from .ids import MaybeOid, Oid
from .ledger.recovery_events import Verified
from .ledger.store import Record
from .records import dataclass
from .workspace import Workspace

_LOOK_BACK = 2000
_FAILING = ("failed", "timed out", "out of memory")


@dataclass(frozen=True, kw_only=True)
class Green:
    """A state that passed its checks.

    Attributes:
        commit: it.
        tree: its files.
        session: the session it was checked in, if any.
        at: when, as the ledger dates it.
    """

    commit: Oid
    tree: Oid
    session: str | None
    at: str


def greens(records: Iterable[Record], names: Collection[str] = ()) -> list[Green]:
    """Commits that passed, oldest first; nothing runs, nothing is read.

    One that failed a check later is none any more; a check that did not run says nothing.

    Args:
        records: in order; those that are not of `Verified` are passed over.
        names: checks that must be among those that passed; none means any.
    """
    wanted = set(names)
    found: dict[str, Green] = {}
    for record in records:
        event = record.event
        if not isinstance(event, Verified) or event.commit is None:
            continue
        if any(one.get("status") in _FAILING for one in event.checks):
            found.pop(event.commit, None)
        elif event.passed and event.checks and wanted <= {one.get("name") for one in event.checks}:
            found.pop(event.commit, None)  # the newest comes last
            found[event.commit] = Green(
                commit=Oid(event.commit), tree=Oid(event.tree), session=event.session, at=record.at
            )
    return list(found.values())


def known_greens(workspace: Workspace, names: Collection[str] = (), session: str | None = None) -> list[Green]:
    """Every commit of the repository that is known to have passed, the newest check first.

    Args:
        workspace: the repository.
        names: checks that must be among those that passed; none means any.
        session: only what was checked in this session.
    """
    return greens(workspace.ledger.records(Verified, session=session), names)[::-1]


def newest_of(workspace: Workspace, commit: str) -> Verified | None:
    """The newest verification of a commit's own state, passed or not."""
    for record in workspace.ledger.records(Verified, containing=commit, newest_first=True):
        if isinstance(record.event, Verified) and record.event.commit == commit:
            return record.event
    return None


def commits_since_green(
    workspace: Workspace, head: MaybeOid, names: Collection[str] = (), since: MaybeOid = None
) -> int | None:
    """How many commits `head` has that no green commit among its ancestors has.

    Args:
        workspace: the repository.
        head: a commit; None for an unborn branch.
        names: see `greens`.
        since: counts as green, too: where a session began, say.

    Returns:
        0 if it is green itself; None if no green commit is among the newest 2,000 it has.
    """
    if head is None:
        return None
    green = {one.commit for one in known_greens(workspace, names)} | ({since} if since else set())
    if not green:
        return None  # saves the process: most repositories were never verified
    words = ("rev-list", "--topo-order", "--parents", f"--max-count={_LOOK_BACK}", head)
    lines = [line.split(" ") for line in workspace.repository.git.out(*words).splitlines()]
    if not any(name in green for name, *_ in lines):
        return None
    count = 0
    for name, *parents in lines:  # children come first
        if name in green:
            green.update(Oid(one) for one in parents)
        else:
            count += 1
    return count
