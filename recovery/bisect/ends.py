"""Between which commits to search."""

from dataclasses import dataclass

from ...core.errors import InvalidInputError
from ...core.gate.refs import is_ancestor, resolve
from ...core.ids import Oid
from ...core.session import Session
from ...core.verified import known_greens
from ...core.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Ends:
    """A good commit and a bad one, as they are claimed to be.

    Attributes:
        good: where it worked.
        bad: where it does not.
        why_good: what says so: `given`, `passed its checks` or `start of the session`.
    """

    good: Oid
    bad: Oid
    why_good: str


_LOOK_BACK = 50


def ends_of(workspace: Workspace, session: Session | None, good: str | None, bad: str, check: str | None) -> Ends:
    """The commits a caller names; for `good` otherwise the last one that passed its checks, or the session's start.

    Args:
        workspace: the repository.
        session: the one that runs here.
        good: a revision, or None.
        bad: a revision.
        check: the check that has to have passed; None for any.

    Raises:
        InvalidInputError: if a name means no commit, or nothing says where it worked.
    """
    broken = resolve(workspace.repository, bad)
    if good is not None:
        return Ends(good=resolve(workspace.repository, good), bad=broken, why_good="given")
    for green in known_greens(workspace, (check,) if check else ())[:_LOOK_BACK]:
        if green.commit != broken and _contains(workspace, broken, green.commit):
            return Ends(good=green.commit, bad=broken, why_good="passed its checks")
    start = None if session is None else session.base_commit
    if start is not None and start != broken and _contains(workspace, broken, start):
        return Ends(good=start, bad=broken, why_good="start of the session")
    raise InvalidInputError(
        "Nothing recorded says where it worked last.",
        hint="Name a commit in good, such as a release's tag or HEAD~20; it is tried before it is believed.",
    )


def _contains(workspace: Workspace, tip: Oid, commit: Oid) -> bool:
    """Whether a recorded commit still exists, and `tip` comes from it."""
    git = workspace.repository.git
    stands = git.run("cat-file", "-e", f"{commit}^{{commit}}", ok=(0, 1, 128)).exit_code == 0
    return stands and is_ancestor(workspace.repository, commit, tip)
