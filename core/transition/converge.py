"""Brings a worktree to the far side of a draft, from wherever an attempt stopped.

Every step asks what stands there, does what is missing and leaves alone what is neither
side: so the same code applies a draft, finishes it after a crash, and takes it back.
The index comes last, under git's own lock; once everything else is done, a mark says so.
"""

import contextlib
import os
from collections.abc import Callable, Generator, Mapping, Sequence

from ..errors import SafeRollbackError, StateMovedError
from ..files import write_atomically
from ..gate.objects import MODE_EXECUTABLE
from ..gate.refs import read_head
from ..ids import MaybeOid
from ..snapshot.head import STATE_DIRECTORIES, state_files
from ..snapshot.modes import default_mode
from ..text import show_path
from ..workspace import Workspace
from .draft import FileChange
from .filesystem import Filesystem, MovedError
from .indexlock import IndexLock
from .indexside import index_side, put_shared
from .intent import Intent, is_written, mark_written, unmark_written
from .moverefs import move_refs, move_refs_back, points
from .world import World

Progress = Callable[[int, int], None]

INDEX = ".git/index"


def begin(workspace: Workspace, intent: Intent, seen: World) -> None:
    """Take git's lock on the index: until it is released, git changes neither index nor worktree.

    Args:
        workspace: the worktree.
        intent: what is to be done.
        seen: the state its draft was made for.

    Raises:
        BusyError: if git holds it.
        StateMovedError: if the index is neither side of the draft. Nothing was changed then.
    """
    lock = _index_lock(workspace, intent)
    lock.acquire()
    try:
        if intent.draft.index is not None and index_side(workspace, intent.draft.index, seen) is None:
            raise StateMovedError("What is staged changed meanwhile.", hint="Plan again.")
    except BaseException:
        lock.release()
        raise


def forward(workspace: Workspace, intent: Intent, seen: World, progress: Progress | None = None) -> None:
    """Apply a draft for the first time; `begin` came before. After an error, call `backward`.

    Raises:
        StateMovedError: if HEAD, a ref, a file or an operation in progress is not what the draft saw.
        SafeRollbackError: if a file cannot be written.
    """
    move_refs(workspace, intent.draft, intent.operation)
    moved = _files(workspace, intent, intent.draft.files, progress)
    if moved:
        raise StateMovedError(f"{show_path(moved[0])} changed meanwhile.", hint="Plan again.")
    moved = _rest(workspace, intent, seen)
    if moved:
        raise StateMovedError(f"{moved[0]} changed meanwhile.", hint="Plan again.")
    mark_written(workspace, intent.operation)
    _install(workspace, intent)


def resume(workspace: Workspace, intent: Intent, seen: World) -> list[str]:
    """Finish a draft that a crash interrupted.

    Returns:
        Paths that somebody changed since; they were left as they are.

    Raises:
        StateMovedError: if the index, HEAD or a ref is neither side. Call `backward` then.
        BusyError: if git holds the index or a ref; nothing was changed.
    """
    if is_written(workspace, intent.operation):
        return _resume_install(workspace, intent, seen)
    begin(workspace, intent, seen)
    move_refs(workspace, intent.draft, intent.operation)
    kept = _filesystem(workspace, intent).remove_leftovers(intent.draft.files)
    moved = _files(workspace, intent, intent.draft.files, None)
    moved += _rest(workspace, intent, seen)
    mark_written(workspace, intent.operation)
    _install(workspace, intent)
    return [*moved, *kept]


def _resume_install(workspace: Workspace, intent: Intent, seen: World) -> list[str]:
    """All but the index was done; what happened to other things since is the human's."""
    index = intent.draft.index
    side = "after" if index is None else index_side(workspace, index, seen)
    if side == "before":
        _index_lock(workspace, intent).acquire()
        _install(workspace, intent)
    else:
        _index_lock(workspace, intent).release()
    return [INDEX] if side is None else []


def backward(workspace: Workspace, intent: Intent, seen: World) -> list[str]:
    """Take back what an attempt did; the index was not installed yet.

    Returns:
        Paths and refs that somebody changed since; they were left as they are.

    Raises:
        BusyError: if git holds the index or a ref; the rest is taken back next time.
        SafeRollbackError: if a file cannot be written; likewise.
    """
    draft = intent.draft
    lock = _index_lock(workspace, intent)
    lock.acquire()
    unmark_written(workspace, intent.operation)
    files = _filesystem(workspace, intent)
    kept = files.remove_leftovers(draft.files)
    moved = _files(workspace, intent, [_inverse(one, seen) for one in draft.files], None)
    _directories(files, make=draft.remove, remove=draft.make)
    moved += _state(workspace, {path: seen.state.get(path) for path in draft.state}, draft.state)
    moved += move_refs_back(workspace, draft, f"{intent.operation} taken back")
    lock.release()
    return [*moved, *kept]


def _inverse(change: FileChange, seen: World) -> FileChange:
    mode = seen.modes.get(change.path)
    if mode is None and change.before is not None and change.mode is not None:
        mode = default_mode(change.before.mode == MODE_EXECUTABLE)
    return FileChange(path=change.path, before=change.after, after=change.before, mode=mode, why=change.why)


def _rest(workspace: Workspace, intent: Intent, seen: World) -> list[str]:
    """Empty directories and the files of an operation in progress."""
    draft = intent.draft
    _directories(_filesystem(workspace, intent), make=draft.make, remove=draft.remove)
    return _state(workspace, draft.state, seen.state)


def _install(workspace: Workspace, intent: Intent) -> None:
    lock, index = _index_lock(workspace, intent), intent.draft.index
    if index is None:
        lock.release()
    elif index.raw is None:
        lock.remove_index()
    else:
        put_shared(workspace, index)
        lock.install()


def _index_lock(workspace: Workspace, intent: Intent) -> IndexLock:
    index = intent.draft.index
    content = None if index is None or index.raw is None else workspace.reader.read(index.raw).data
    return IndexLock(workspace, intent.operation, content)


def _files(
    workspace: Workspace, intent: Intent, changes: Sequence[FileChange], progress: Progress | None
) -> list[str]:
    """Make every change that is missing; returns the paths that were neither side."""
    files = _filesystem(workspace, intent)
    # Deepest deletions first: what replaces a directory finds it empty.
    deletions = sorted((one for one in changes if one.after is None), key=lambda one: -one.path.count("/"))
    writes = sorted((one for one in changes if one.after is not None), key=lambda one: one.path)
    moved = []
    for number, change in enumerate([*deletions, *writes], start=1):
        try:
            _one(workspace, files, change)
        except MovedError:
            moved.append(change.path)
        except OSError as error:
            raise SafeRollbackError(
                f"{show_path(change.path)} cannot be written: {error.strerror}.",
                hint="See to that (space, permissions), then plan again.",
            ) from error
        if progress is not None:
            progress(number, len(changes))
    keep = frozenset(intent.draft.make)
    for folder in {os.path.dirname(change.path) for change in deletions}:
        files.remove_empty(folder, keep=keep)
    files.sync()
    return moved


def _one(workspace: Workspace, files: Filesystem, change: FileChange) -> None:
    now = files.observe(change.path)
    if now == change.after:
        if change.after is not None and change.mode is not None:
            files.chmod(change.path, change.mode)
        return
    if now != change.before:
        raise MovedError(f"{show_path(change.path)} is neither side.")
    after = change.after
    if after is None:
        assert change.before is not None
        files.delete(change.path, change.before)
        return
    name = after.oid

    def content() -> Generator[bytes, None, None]:
        return workspace.reader.stream(name)

    files.write(change.path, change.before, after, change.mode, content)


def _filesystem(workspace: Workspace, intent: Intent) -> Filesystem:
    return Filesystem(workspace.root, workspace.repository.object_format, intent.operation)


def _directories(files: Filesystem, *, make: Sequence[str], remove: Sequence[str]) -> None:
    for path in make:
        with contextlib.suppress(MovedError):
            files.make_directory(path)
    for path in remove:
        files.remove_empty(path, keep=frozenset(make))
    files.sync()


def _state(workspace: Workspace, wanted: Mapping[str, MaybeOid], expected: Mapping[str, MaybeOid]) -> list[str]:
    """Write and delete files of an operation in progress; returns those that are neither side."""
    if not wanted:
        return []
    folder, moved = workspace.repository.git_dir, []
    standing = state_files(workspace.repository)
    for path, blob in wanted.items():
        target = os.path.join(folder, path)
        now = workspace.writer.name("blob", standing[path]) if path in standing else None
        if now == blob:
            continue
        if now != expected.get(path):
            moved.append(f".git/{path}")
        elif blob is None:
            os.unlink(target)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            write_atomically(target, workspace.reader.read(blob).data, mode=0o644)
    for name in STATE_DIRECTORIES:
        for parent, _, _ in os.walk(os.path.join(folder, name), topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(parent)
    return moved


def verify(workspace: Workspace, intent: Intent) -> list[str]:
    """Read back everything a draft changed; names what is not as planned."""
    draft, files = intent.draft, _filesystem(workspace, intent)
    wrong = [one.path for one in draft.files if files.observe(one.path) != one.after]
    if draft.state:
        states = state_files(workspace.repository)
        for path, blob in draft.state.items():
            expected = None if blob is None else workspace.reader.read(blob).data
            if states.get(path) != expected:
                wrong.append(f".git/{path}")
    if draft.head is not None and not points(read_head(workspace.repository), draft.head):
        wrong.append("HEAD")
    return wrong
