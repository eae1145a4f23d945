"""Tails of a project's log files, found without following a link."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ...core import globs
from ...core.errors import ConflictError
from ...core.files import names_git_dir
from ...core.text import clean, show_path
from ...core.transition.filesystem import Filesystem
from ...core.workspace import Workspace

MAX_FILES = 20
MAX_TAIL = 64 << 10
MARGIN = 16 << 10
"""Read above a tail: a secret that begins there is recognised by what stands there."""

_MAX_ENTRIES = 50_000


@dataclass(frozen=True, kw_only=True)
class Tail:
    """The end of a log file.

    Attributes:
        path: from the root.
        text: at most `MAX_TAIL` bytes, whole lines, without secrets.
        size: of the whole file.
    """

    path: str
    text: str
    size: int


def tails(
    workspace: Workspace, patterns: Sequence[str], hide: Callable[[str], str]
) -> tuple[list[Tail], list[tuple[str, str]]]:
    """The tails of the newest files that match, and what is left out with the reason.

    Args:
        workspace: the worktree.
        patterns: as `core.globs` reads them.
        hide: takes secrets out.
    """
    left: list[tuple[str, str]] = []
    found: dict[str, float] = {}
    for path, entry in _files(workspace.root, patterns, left):
        if entry.is_symlink():
            left.append((show_path(path), "is a link; none is followed"))
        elif entry.is_file(follow_symlinks=False):
            found[path] = entry.stat(follow_symlinks=False).st_mtime
    newest = sorted(found, key=lambda path: (-found[path], path))
    left += [(show_path(path), f"older than the {MAX_FILES} files taken") for path in newest[MAX_FILES:][:100]]
    files = Filesystem(workspace.root, workspace.repository.object_format, "logs")
    taken = []
    for path in newest[:MAX_FILES]:
        try:
            taken.append(_tail(files, path, hide))
        except (OSError, ConflictError) as error:
            left.append((show_path(path), f"could not be read: {clean(str(error), limit=200)}"))
    return taken, left


def read_text(workspace: Workspace, path: str, *, limit: int) -> str:
    """The beginning of a file of the worktree, no link on the way; empty if it cannot be read."""
    files = Filesystem(workspace.root, workspace.repository.object_format, "read")
    try:
        data, _ = _bytes(files, path, lambda _: 0, limit)
    except (OSError, ConflictError):
        return ""
    return clean(_decoded(data), limit=limit)


def _files(
    root: str, patterns: Sequence[str], left: list[tuple[str, str]]
) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """Everything that matches, and links that do."""
    if not patterns:
        return
    starts = {globs.literal_root(pattern) for pattern in patterns}
    pending = sorted(one for one in starts if not any(one != other and _below(one, other) for other in starts))
    pending = [one for one in pending if not _through_link(root, one)]
    seen = 0
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(os.scandir(os.path.join(root, folder)), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if seen > _MAX_ENTRIES:
                left.append(("*", f"only the first {_MAX_ENTRIES} files were looked at"))
                return
            path = f"{folder}/{entry.name}" if folder else entry.name
            if names_git_dir(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(path)
            elif globs.first_match(path, patterns) is not None:
                yield path, entry


def _below(path: str, folder: str) -> bool:
    return folder == "" or path.startswith(f"{folder}/")


def _through_link(root: str, folder: str) -> bool:
    """Whether a directory is reached through a link, or is git's own."""
    parts = [part for part in folder.split("/") if part]
    places = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    return any(map(names_git_dir, parts)) or any(os.path.islink(os.path.join(root, one)) for one in places)


def _tail(files: Filesystem, path: str, hide: Callable[[str], str]) -> Tail:
    data, size = _bytes(files, path, lambda size: max(0, size - MAX_TAIL - MARGIN), MAX_TAIL + MARGIN)
    text = _decoded(data)
    if size > len(data):
        text = text.partition("\n")[2]  # a line cut in two may hold half a secret
    text = hide(text)
    safe = clean(text, limit=len(text))
    if len(safe.encode()) > MAX_TAIL:
        safe = safe.encode()[-MAX_TAIL:].decode("utf-8", "ignore").partition("\n")[2]
    return Tail(path=show_path(path), text=safe, size=size)


def _bytes(files: Filesystem, path: str, start: Callable[[int], int], limit: int) -> tuple[bytes, int]:
    """A piece of a regular file, and the size of the whole.

    Raises:
        OSError: if it cannot be read, or is a link or no regular file.
        ConflictError: if a directory on the way is a link.
    """
    with files.place(path) as place:
        if place is None:
            raise FileNotFoundError(path)
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(place.name, flags, dir_fd=place.folder)
    with os.fdopen(handle, "rb") as file:
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode):
            raise OSError("it is no regular file")
        file.seek(start(info.st_size))
        return file.read(limit), info.st_size


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")
