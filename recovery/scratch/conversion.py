"""Says where the user's files differ from what git stores, which is what a scratch worktree shows."""

from ...core.text import clean
from ...core.workspace import Workspace
from .listing import Listing

_CAP = 1 << 16


def converted(workspace: Workspace, listing: Listing) -> list[str]:
    """A sentence for each kind of conversion that the tree's attributes or the user's settings ask for."""
    asked: set[str] = set()
    for blob in workspace.reader.read_all(sorted(set(listing.attributes.values())), _CAP).values():
        for line in blob.decode("utf-8", "replace").splitlines():
            if not line.lstrip().startswith("#"):
                asked.update(line.split()[1:])
    notes = []
    if "filter=lfs" in asked:
        notes.append("Files of Git LFS stand here as pointers: their content is not in git's objects.")
    filters = sorted(one.removeprefix("filter=") for one in asked - {"filter=lfs"} if one.startswith("filter="))
    if filters:
        names = ", ".join(clean(name, limit=40) for name in filters[:3])
        notes.append(f"Files stand here as git stores them: the filter {names} did not run.")
    autocrlf = (workspace.configuration.get("core.autocrlf") or "false").lower()
    if "eol=crlf" in asked or autocrlf in ("true", "yes", "on", "1"):
        notes.append("Files stand here with the line ends git stores, not with CRLF.")
    if "ident" in asked or any(one.startswith("working-tree-encoding=") for one in asked):
        notes.append("Files stand here as git stores them: ident and working-tree-encoding were not applied.")
    return notes
