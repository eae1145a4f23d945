"""Writes documents into the worktree as an operation: a checkpoint before, an undo after, nothing overwritten."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from ...core.errors import ConflictError, InvalidInputError, StateMovedError
from ...core.gate.objects import MODE_FILE, MODE_SYMLINK, Entry
from ...core.gate.runner import nul
from ...core.ledger.recovery_events import PostmortemWritten
from ...core.snapshot.capture import main_site
from ...core.snapshot.policy import CapturePolicy
from ...core.text import read_path, show_path
from ...core.transition.differences import entry_at, within
from ...core.transition.draft import Draft, FileChange
from ...core.transition.obstacles import obstacles
from ...core.transition.operation import Job, Performed, look, perform
from ...core.transition.requests import normal_path
from ...core.transition.world import World
from ...core.workspace import Workspace
from ...policies.protocol.reading import SOURCES

# Agents take orders from these; a protocol's own files are among them.
_ORDERS = {source.rpartition("/")[2].lower() for source in SOURCES} | {
    "claude.local.md", "copilot-instructions.md", "gemini.md", "skill.md",
}  # fmt: skip


def document_path(path: str) -> str:
    """A caller's path of a Markdown file.

    Raises:
        InvalidInputError: if it leaves the worktree, is no Markdown file, or is one that agents take orders from.
    """
    found = normal_path(read_path(path))
    name = found.rpartition("/")[2].lower()
    if name in _ORDERS:
        raise InvalidInputError(
            f"{show_path(found)} tells agents what to do; nothing is written into it from here.",
            hint="Let a human copy what they want to keep.",
        )
    if not name.endswith(".md") or name == ".md" or found.lower().startswith(".claude/"):
        raise InvalidInputError(
            f"{show_path(found)} is no Markdown document.", hint="Name a file such as DECISIONS.md."
        )
    return found


def content_at(workspace: Workspace, world: World, path: str) -> tuple[Entry | None, bytes]:
    """What a state has at a path.

    Raises:
        ConflictError: if it is a link.
    """
    entry = entry_at(workspace, world, path)
    if entry is None:
        return None, b""
    if entry.mode == MODE_SYMLINK:
        raise ConflictError(f"{show_path(path)} is a link.", hint="Nothing was changed. Name another file.")
    return entry, workspace.reader.read(entry.oid).data


def ours(workspace: Workspace, path: str, content: bytes) -> bool:
    """Whether a file holds what a post-mortem was written with, and nobody edited it since."""
    digest = hashlib.sha256(content).hexdigest()
    return any(
        isinstance(event := record.event, PostmortemWritten) and (event.path, event.digest) == (path, digest)
        for record in workspace.ledger.records(PostmortemWritten, containing=path)
    )


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file and its new content.

    Attributes:
        path: from the root.
        before: what it must hold now; None if it must not exist.
        after: what it gets.
    """

    path: str
    before: bytes | None
    after: bytes


def write_documents(workspace: Workspace, documents: Sequence[Document], job: Job) -> Performed | None:
    """Write files as one operation that can be undone; None if they have their content already.

    Raises:
        StateMovedError: if a file holds something else than it must; nothing was changed.
        ConflictError: if something stands in the way.
        InvalidInputError: if no checkpoint would hold a file.
        SafeRollbackError: see `perform`.
    """

    def compute(current: World) -> Draft:
        found = [_change(workspace, current, one) for one in documents]
        files = sorted((one for one in found if one is not None), key=lambda one: one.path)
        _check_captured(workspace, current, [one.path for one in files])
        return Draft(files=files, head_before=current.head, blocked=obstacles(workspace, files))

    with workspace.worktree_lock("write"):
        _, draft = look(workspace, job.policy, compute)
        return None if draft.empty else perform(workspace, job, compute, draft.digest())


def read_documents(workspace: Workspace, policy: CapturePolicy, paths: Sequence[str]) -> dict[str, bytes | None]:
    """What stands at some paths now; None for nothing."""
    found: dict[str, bytes | None] = {}

    def compute(current: World) -> Draft:
        for path in paths:
            entry, data = content_at(workspace, current, path)
            found[path] = None if entry is None else data
        return Draft(head_before=current.head)

    look(workspace, policy, compute)
    return found


def _change(workspace: Workspace, current: World, document: Document) -> FileChange | None:
    before, data = content_at(workspace, current, document.path)
    if (None if before is None else data) != document.before:
        raise StateMovedError(
            f"{show_path(document.path)} changed meanwhile.", hint="Nothing was written. Call again."
        )
    mode = MODE_FILE if before is None else before.mode
    after = Entry(mode=mode, oid=workspace.writer.blob(document.after))
    return None if before == after else FileChange(path=document.path, before=before, after=after, why="document")


def _check_captured(workspace: Workspace, current: World, paths: Sequence[str]) -> None:
    """A file that no checkpoint holds could not be undone.

    Raises:
        InvalidInputError: naming one that is ignored or in another repository.
    """
    nested = next((path for path in paths if within(path, list(current.nested))), None)
    if nested is not None:
        raise InvalidInputError(
            f"{show_path(nested)} is in another repository.", hint="Set [incident] directory to one of this project."
        )
    if not paths:
        return
    named = {f"./{path}" if path.startswith(":") else path: path for path in paths}
    done = main_site(workspace).git.run(
        "check-ignore", "--no-index", "-z", "--stdin", stdin=nul(list(named)), ok=(0, 1)
    )
    ignored = [named[word] for word in os.fsdecode(done.stdout).split("\0") if word in named]
    if ignored:
        raise InvalidInputError(
            f"{show_path(ignored[0])} is ignored by git, so no checkpoint would hold it.",
            hint="Set [incident] directory to one that is tracked, or change .gitignore.",
        )
