"""Moves HEAD and refs to the far side of a draft, and back; what somebody else moved stays."""

from ..errors import StateMovedError
from ..gate.refs import Head, RefUpdate, list_refs, read_head, set_head, update_refs
from ..ids import MaybeOid
from ..workspace import Workspace
from .draft import Draft


def move_refs(workspace: Workspace, draft: Draft, reason: str) -> None:
    """Refs in one transaction, then HEAD; what is there already is passed over.

    Raises:
        StateMovedError: if HEAD or a ref is neither side.
        BusyError: if somebody holds a ref's lock.
    """
    if not draft.refs and draft.head is None:
        return
    repository = workspace.repository
    refs = list_refs(repository)
    now: dict[str, MaybeOid] = {ref.name: ref.oid for ref in refs}
    head = read_head(repository, refs)
    wanted = draft.head or draft.head_before
    if not (points(head, wanted) or points(head, draft.head_before)):
        raise StateMovedError(f"HEAD moved to {head.short or head.oid} meanwhile.", hint="Plan again.")
    missing = [one for one in draft.refs if now.get(one.name) != one.new]
    if missing:
        update_refs(repository, missing, reason=reason)
    if draft.head is not None and not points(head, draft.head):
        set_head(repository, draft.head, reason=reason)


def move_refs_back(workspace: Workspace, draft: Draft, reason: str) -> list[str]:
    """Take back what `move_refs` did.

    Returns:
        Refs that are neither side, HEAD among them: somebody moved them, and they stay.
    """
    if not draft.refs and draft.head is None:
        return []
    repository = workspace.repository
    refs = list_refs(repository)
    now: dict[str, MaybeOid] = {ref.name: ref.oid for ref in refs}
    head = read_head(repository, refs)
    back = [RefUpdate(name=one.name, new=one.old, old=one.new) for one in draft.refs if now.get(one.name) == one.new]
    if back:
        update_refs(repository, back, reason=reason)
    moved = [one.name for one in draft.refs if now.get(one.name) not in (one.new, one.old)]
    if draft.head is not None and not points(head, draft.head_before):
        if points(head, draft.head):
            set_head(repository, draft.head_before, reason=reason)
        else:
            moved.append("HEAD")
    return moved


def points(now: Head, wanted: Head) -> bool:
    """Whether HEAD is where it should be: on the branch, or detached at the commit."""
    return now.branch == wanted.branch and (now.branch is not None or now.oid == wanted.oid)
