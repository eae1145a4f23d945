"""What stands where a transition wants to write, and no checkpoint holds."""

import os
from collections.abc import Sequence

from ..files import names_git_dir
from ..gate.objects import Entry
from ..records import replace
from ..snapshot.index import staged
from ..text import show_path
from ..workspace import Workspace
from .draft import FileChange, Note


def obstacles(workspace: Workspace, changes: Sequence[FileChange]) -> list[Note]:
    """Uncaptured files in the way: ignored ones, skipped ones, those of a nested repository.

    `read-tree -u` overwrites an ignored file without a word; here it stays, and blocks.
    """
    leaving = {one.path for one in changes if one.after is None}
    created = [one for one in changes if one.before is None and one.after is not None]
    found: dict[str, Note] = {}
    for change in changes:
        if any(map(names_git_dir, change.path.split("/"))):
            why = "some file systems take this name for .git, so it is never written: move or delete it yourself"
            found[change.path] = Note(path=change.path, why=why)
    for change in created:
        for path in _ancestry(change.path):
            absolute = os.path.join(workspace.root, path)
            if path in leaving or not os.path.lexists(absolute):
                break  # nothing stands below it: what lies behind a leaving link is somewhere else
            real_directory = os.path.isdir(absolute) and not os.path.islink(absolute)
            if path != change.path and real_directory:
                continue
            culprit = _stays(workspace.root, path, leaving) if real_directory else path
            if culprit is not None:
                why = f"stands where {show_path(change.path)} belongs and was not captured: move it away"
                found[culprit] = Note(path=culprit, why=why)
    return list(found.values())


def _ancestry(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def _stays(root: str, folder: str, leaving: set[str]) -> str | None:
    """A file below a directory that the transition does not delete."""
    for parent, folders, names in os.walk(os.path.join(root, folder)):
        links = [one for one in folders if os.path.islink(os.path.join(parent, one))]
        for name in (*names, *links):
            path = os.path.relpath(os.path.join(parent, name), root)
            if path not in leaving:
                return path
    return None


def outside_sparse(workspace: Workspace, changes: Sequence[FileChange]) -> list[FileChange]:
    """The changes without files that a sparse checkout leaves out.

    One that stood there all the same, and with other content than the index has, comes back.
    """
    absent = left_out(workspace, [one.path for one in changes])
    if not absent:
        return list(changes)
    as_staged = {path: Entry(mode=mode, oid=name) for mode, name, _, path in staged(workspace.repository.git)}
    kept = [one for one in changes if one.path not in absent or one.after not in (None, as_staged.get(one.path))]
    return [replace(one, before=None) if one.path in absent else one for one in kept]


def left_out(workspace: Workspace, paths: Sequence[str]) -> set[str]:
    """Those of the paths that are absent on purpose: a sparse checkout leaves them out."""
    if not workspace.repository.sparse:
        return set()
    skipped = {line[2:] for line in workspace.repository.git.fields("ls-files", "-t", "-z") if line.startswith("S ")}
    return {path for path in skipped.intersection(paths) if not os.path.lexists(os.path.join(workspace.root, path))}
