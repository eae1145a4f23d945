"""Small files of the user's own for one repository, in their XDG state directory: no repository brings them along."""

import contextlib
import hashlib
import os
from typing import Any

from ..core.files import canonical_json, read_json, write_atomically
from ..core.lock import locked
from ..core.workspace import Workspace


def folder(workspace: Workspace) -> str:
    """Where they stand."""
    base = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):  # a relative one, which XDG says to ignore, would lie in the repository
        base = os.path.join(os.path.expanduser("~"), ".local", "state")
    key = hashlib.sha256(os.fsencode(workspace.repository.common_dir)).hexdigest()[:16]
    return os.path.join(base, "safe-rollback", key)


def load(workspace: Workspace, name: str) -> dict[str, Any]:
    """The object in a file; empty if it is missing or damaged."""
    data = read_json(os.path.join(folder(workspace), name))
    return data if isinstance(data, dict) else {}


def save(workspace: Workspace, name: str, data: dict[str, Any]) -> None:
    """Replace a file, mode 0600. The caller holds the lock."""
    os.makedirs(folder(workspace), mode=0o700, exist_ok=True)
    write_atomically(os.path.join(folder(workspace), name), canonical_json(data).encode())


def locked_for(workspace: Workspace, purpose: str) -> contextlib.AbstractContextManager[None]:
    """Exclude other writers of these files."""
    return locked(os.path.join(folder(workspace), "lock"), purpose)
