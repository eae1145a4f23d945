"""Changes files so that no byte is lost, whoever else writes at the same moment.

Directories are opened one by one without following links (CVE-2025-68145 and kin went
through a symlinked parent). A file is replaced by renaming over it while a second link
keeps the old one; if the old one turns out not to be what was expected, it goes back.
"""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Generator, Iterator, Sequence

from ..errors import ConflictError
from ..files import names_git_dir
from ..gate.objects import MODE_EXECUTABLE, MODE_FILE, MODE_SYMLINK, Entry
from ..ids import Oid, oid
from ..records import dataclass
from ..snapshot.modes import default_mode
from ..text import show_path
from .draft import FileChange

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})


Content = Callable[[], Generator[bytes, None, None]]
"""A file's bytes in pieces, from the start each time."""


class MovedError(ConflictError):
    """A path is not what the plan saw; it was left alone."""


class _ParentError(MovedError):
    """A parent of a path is a link or a file: nothing of this worktree stands at the path."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A name in an opened directory."""

    folder: int
    name: str


class Filesystem:
    """File changes below one root.

    Args:
        root: the directory nothing may leave.
        object_format: `sha1` or `sha256`.
        token: marks our temporary names, so that recovery finds them.
    """

    def __init__(self, root: str, object_format: str, token: str) -> None:
        self._root = root
        self._format = object_format
        self.prefix = f".safe-rollback-{token}-"
        self._counter = 0
        self.touched: set[str] = set()

    @contextlib.contextmanager
    def place(self, path: str, *, create: bool = False) -> Iterator[Place | None]:
        """The opened parent of a path; None if a parent does not exist and `create` is off.

        Raises:
            MovedError: if a parent is a link or a file.
        """
        *folders, name = path.split("/")
        if any(one in ("", ".", "..") or names_git_dir(one) for one in (*folders, name)):
            raise MovedError(f"{show_path(path)} is not a path inside the worktree.")
        folder = os.open(self._root, _DIRECTORY)
        try:
            for one in folders:
                try:
                    if create:
                        with contextlib.suppress(FileExistsError):
                            os.mkdir(one, dir_fd=folder)
                    below = os.open(one, _DIRECTORY, dir_fd=folder)
                except FileNotFoundError:
                    yield None
                    return
                except OSError as error:
                    if error.errno in (errno.ELOOP, errno.ENOTDIR):
                        raise _ParentError(f"A parent of {show_path(path)} is no directory any more.") from error
                    raise
                os.close(folder)
                folder = below
            yield Place(folder=folder, name=name)
        finally:
            os.close(folder)

    def observe(self, path: str) -> Entry | None:
        """What stands at a path: None for nothing, a directory, or what lies behind a link.

        Raises:
            MovedError: if it is neither file, link nor directory.
        """
        try:
            with self.place(path) as place:
                return None if place is None else self._observe(place, path)
        except _ParentError:
            return None

    def _observe(self, place: Place, path: str) -> Entry | None:
        try:
            info = os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if stat.S_ISDIR(info.st_mode):
            return None
        if stat.S_ISLNK(info.st_mode):
            return Entry(mode=MODE_SYMLINK, oid=self._hash_link(place))
        if not stat.S_ISREG(info.st_mode):
            raise MovedError(f"{show_path(path)} is no regular file any more.")
        mode = MODE_EXECUTABLE if info.st_mode & 0o100 else MODE_FILE
        return Entry(mode=mode, oid=self._hash_file(place))

    def _hash_link(self, place: Place) -> Oid:
        target = os.fsencode(os.readlink(place.name, dir_fd=place.folder))
        return self._hash(len(target), iter((target,)))

    def _hash_file(self, place: Place) -> Oid:
        handle = os.open(place.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place.folder)
        with os.fdopen(handle, "rb") as file:
            return self._hash(os.fstat(file.fileno()).st_size, iter(lambda: file.read(1 << 20), b""))

    def _hash(self, size: int, pieces: Iterator[bytes]) -> Oid:
        digest = hashlib.new(self._format, f"blob {size}\0".encode(), usedforsecurity=False)
        for piece in pieces:
            digest.update(piece)
        return oid(digest.hexdigest())

    def _temporary(self, kind: str) -> str:
        """A name for a file of ours: `new` is content we wrote, `old` what stood there before."""
        self._counter += 1
        return f"{self.prefix}{os.getpid()}-{self._counter}-{kind}"

    def write(
        self,
        path: str,
        before: Entry | None,
        after: Entry,
        mode: int | None,
        content: Content,
    ) -> None:
        """Make a path `after`, if it is `before` now.

        Raises:
            MovedError: if it is something else; it was left as it is.
        """
        with self.place(path, create=True) as place:
            assert place is not None
            self._clear_directory(place, path)
            temporary = self._stage(place, after, self._mode(place, before, after, mode), content)
            try:
                if before is None:
                    self._put_new(place, temporary, path)
                else:
                    self._swap(place, temporary, before, path)
            finally:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=place.folder)
        self.touched.add(os.path.dirname(path))

    def _mode(self, place: Place, before: Entry | None, after: Entry, mode: int | None) -> int:
        executable = after.mode == MODE_EXECUTABLE
        if mode is not None:
            return mode
        if before is not None and before.mode in (MODE_FILE, MODE_EXECUTABLE):
            with contextlib.suppress(FileNotFoundError):
                now = stat.S_IMODE(os.stat(place.name, dir_fd=place.folder, follow_symlinks=False).st_mode)
                # x for whoever may read, as git and chmod +x do.
                return now | ((now & 0o444) >> 2) if executable else now & ~0o111
        return default_mode(executable)

    def _stage(self, place: Place, after: Entry, mode: int, content: Content) -> str:
        temporary = self._temporary("new")
        if after.mode == MODE_SYMLINK:
            os.symlink(os.fsdecode(b"".join(content())), temporary, dir_fd=place.folder)
            return temporary
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        handle = os.open(temporary, flags, 0o600, dir_fd=place.folder)
        with os.fdopen(handle, "wb") as file, contextlib.closing(content()) as pieces:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        return temporary

    def _put_new(self, place: Place, temporary: str, path: str) -> None:
        try:
            os.link(temporary, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder, follow_symlinks=False)
        except FileExistsError as error:
            raise MovedError(f"{show_path(path)} was created meanwhile; it was left alone.") from error
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if _exists(place):
                raise MovedError(f"{show_path(path)} was created meanwhile; it was left alone.") from error
            os.rename(temporary, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)

    def _swap(self, place: Place, temporary: str, before: Entry, path: str) -> None:
        if self._observe(place, path) != before:
            raise MovedError(f"{show_path(path)} changed meanwhile; it was left alone.")
        old = self._temporary("old")
        linked = True
        try:
            os.link(place.name, old, src_dir_fd=place.folder, dst_dir_fd=place.folder, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            linked = False
        os.rename(temporary, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
        if linked:
            if self._observe(Place(folder=place.folder, name=old), path) != before:
                # Somebody wrote between the look and the rename: their bytes go back.
                os.rename(old, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
                raise MovedError(f"{show_path(path)} changed meanwhile; it was left alone.")
            os.unlink(old, dir_fd=place.folder)

    def _clear_directory(self, place: Place, path: str) -> None:
        """A directory whose files are gone makes room; one that still holds something does not."""
        try:
            info = os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)
        except FileNotFoundError:
            return
        if not stat.S_ISDIR(info.st_mode):
            return
        for _, folders, files, inside in os.fwalk(place.name, topdown=False, dir_fd=place.folder):
            if files or any(_is_link(one, inside) for one in folders):
                raise MovedError(f"The directory {show_path(path)} still holds files; it was left alone.")
            for one in folders:
                os.rmdir(one, dir_fd=inside)
        os.rmdir(place.name, dir_fd=place.folder)

    def delete(self, path: str, before: Entry) -> None:
        """Remove a path, if it is `before` now.

        Raises:
            MovedError: if it is something else; it was left as it is.
        """
        with self.place(path) as place:
            if place is None or not _exists(place):
                return
            if self._observe(place, path) != before:
                raise MovedError(f"{show_path(path)} changed meanwhile; it was left alone.")
            old = self._temporary("old")
            os.rename(place.name, old, src_dir_fd=place.folder, dst_dir_fd=place.folder)
            if self._observe(Place(folder=place.folder, name=old), path) != before:
                # If the name was taken meanwhile, the bytes stay under ours, and are reported.
                with contextlib.suppress(MovedError):
                    self._put_new(place, old, path)
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(old, dir_fd=place.folder)
                raise MovedError(f"{show_path(path)} changed meanwhile; it was left alone.")
            os.unlink(old, dir_fd=place.folder)
        self.touched.add(os.path.dirname(path))

    def chmod(self, path: str, mode: int) -> None:
        """Set a regular file's permission bits."""
        with self.place(path) as place:
            if place is None:
                return
            handle = os.open(place.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place.folder)
            try:
                os.fchmod(handle, mode)
            finally:
                os.close(handle)

    def make_directory(self, path: str) -> None:
        """Create a directory and its parents; existing ones stay."""
        with self.place(path, create=True) as place:
            assert place is not None
            with contextlib.suppress(FileExistsError):
                os.mkdir(place.name, dir_fd=place.folder)
        self.touched.add(os.path.dirname(path))

    def remove_empty(self, path: str, *, keep: frozenset[str]) -> None:
        """Remove a directory and its parents as far as they are empty and not to be kept."""
        while path and path not in keep:
            try:
                # One that is gone already may be so since a crash, before its parents went.
                with self.place(path) as place, contextlib.suppress(FileNotFoundError):
                    if place is not None:
                        os.rmdir(place.name, dir_fd=place.folder)
            except (OSError, MovedError):
                return
            path = os.path.dirname(path)
            self.touched.add(path)

    def sync(self) -> None:
        """Make every rename durable."""
        for path in sorted(self.touched):
            with contextlib.suppress(OSError):
                handle = os.open(os.path.join(self._root, path), _DIRECTORY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        self.touched.clear()

    def remove_leftovers(self, changes: Sequence[FileChange]) -> list[str]:
        """Remove temporary files of an attempt that died.

        Returns:
            Those that hold bytes no checkpoint knows; they stay.
        """
        known = {entry for one in changes for entry in (one.before, one.after)}
        kept = []
        for folder in sorted({os.path.dirname(one.path) for one in changes}):
            with contextlib.suppress(MovedError), self.place(f"{folder}/x" if folder else "x") as place:
                if place is None:
                    continue
                ours = [name for name in os.listdir(place.folder) if name.startswith(self.prefix)]
                stay = [name for name in ours if not self._remove_leftover(place.folder, name, known)]
                kept += [f"{folder}/{name}" if folder else name for name in stay]
        return kept

    def _remove_leftover(self, folder: int, name: str, known: set[Entry | None]) -> bool:
        # Whatever is called new we wrote; an old one is a second link, or is captured.
        info = os.stat(name, dir_fd=folder, follow_symlinks=False)
        place = Place(folder=folder, name=name)
        if name.endswith("-new") or info.st_nlink > 1 or self._observe(place, name) in known:
            os.unlink(name, dir_fd=folder)
            return True
        return False


def _is_link(name: str, folder: int) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _exists(place: Place) -> bool:
    try:
        os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
