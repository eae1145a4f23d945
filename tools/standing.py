"""Whether the worktree still has what a target did to a file: the check of items that go back with the code."""

import os

from ..core.errors import NotFoundError
from ..core.ids import Oid
from ..inventory.model import Evidence, Item
from .desk import Desk

_SHOWN = 5


def stands(desk: Desk, item: Item) -> list[str]:
    """Places in the worktree where an item still is as the target left it; none where files cannot tell.

    Args:
        desk: the call.
        item: one that goes back with the code; for others the files say nothing.
    """
    if item.when != "with code":
        return []
    places = [one for one in item.evidence if one.path]
    if item.change == "removed":
        # One line that is back is enough: it was taken from one place, and may be seen in several.
        back = any(_present(desk, one) for one in places)
        return [] if back or not places else [f"{places[0].path}: it is not back"]
    return [f"{one.path}:{one.line}: {one.text}" for one in places if _present(desk, one)][:_SHOWN]


def _present(desk: Desk, evidence: Evidence) -> bool:
    path = os.path.join(desk.workspace.root, evidence.path)
    try:
        if os.path.islink(path) or not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return False
    if evidence.line == 0 or not evidence.text:
        return data == _committed(desk, evidence)
    wanted = evidence.text.strip()
    return any(line.strip().startswith(wanted) for line in data.decode("utf-8", "replace").splitlines())


def _committed(desk: Desk, evidence: Evidence) -> bytes | None:
    """The file as the commit has it."""
    workspace = desk.workspace
    if not evidence.commit:
        return None
    name = workspace.repository.git.out(
        "rev-parse", "--verify", "--quiet", f"{evidence.commit}:{evidence.path}", ok=(0, 1, 128)
    )
    try:
        return workspace.reader.read(Oid(name)).data if name else None
    except NotFoundError:
        return None
