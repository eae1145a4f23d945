"""Files as blobs, remembered by their stat so that an unchanged one is not read twice."""

import os
import stat
import time
from collections.abc import Sequence

from ..errors import CaptureError, GitError
from ..files import canonical_json, read_json, write_atomically
from ..gate.objects import MODE_EXECUTABLE, MODE_FILE, MODE_SYMLINK, Entry
from ..gate.process import Limits
from ..ids import Oid, oid
from ..records import dataclass
from ..text import show_path
from .directories import settled
from .site import Site

_LARGE = 1 << 20
_LONG = Limits(seconds=900)
_Key = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class Hashed:
    """Blobs for files.

    Attributes:
        entries: by path; a file that vanished is None.
        fresh: paths that had to be read, or are no longer among those asked for.
    """

    entries: dict[str, Entry | None]
    fresh: Sequence[str]


class FileHasher:
    """Hashes and stores files of a site.

    Args:
        site: where the files are.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._file = os.path.join(site.private, "hashes.json")
        data = read_json(self._file)
        self._known: dict[str, list[int | str]] = data if isinstance(data, dict) else {}

    def run(self, paths: Sequence[str]) -> Hashed:
        """Store every file that is not remembered; forget all others.

        Raises:
            CaptureError: if one cannot be read.
        """
        entries: dict[str, Entry | None] = {}
        fresh: list[str] = []
        kept: dict[str, list[int | str]] = {}
        standing = self._standing({str(known[6]) for known in self._known.values()})
        for path in paths:
            info = self._lstat(path)
            if info is None:
                entries[path] = None
                continue
            key = _key(info)
            known = self._known.get(path)
            remembered = known is not None and known[:4] == list(key) and known[6] in standing
            if known is not None and remembered and settled(info, int(known[4])):
                entries[path] = Entry(mode=str(known[5]), oid=Oid(str(known[6])))
                kept[path] = known
                continue
            now = time.time_ns()
            entry = store_file(self._site, path)
            entries[path] = entry
            fresh.append(path)
            if entry is not None:
                kept[path] = [*key, now, entry.mode, entry.oid]
        # One that no longer differs from the base may have changed its permission bits.
        fresh += [path for path in self._known if path not in entries]
        if kept != self._known:
            self._known = kept
            write_atomically(self._file, canonical_json(kept).encode(), durable=False)
        return Hashed(entries=entries, fresh=fresh)

    def _standing(self, names: set[str]) -> set[str]:
        """The blobs that still exist: one that no ref keeps may have been pruned."""
        loose = {name for name in names if self._site.writer.freshen(Oid(name))}
        packed = sorted(names - loose)
        if not packed:
            return loose
        answer = self._site.git.out("cat-file", "--batch-check", stdin="\n".join(packed).encode() + b"\n")
        return loose | {line.split(" ")[0] for line in answer.splitlines() if not line.endswith(" missing")}

    def _lstat(self, path: str) -> os.stat_result | None:
        try:
            return os.lstat(self._site.path(path))
        except (FileNotFoundError, NotADirectoryError):
            return None


def store_file(site: Site, path: str) -> Entry | None:
    """Store one file or link as a blob, raw; None if it is gone or neither.

    Raises:
        CaptureError: if it cannot be read.
    """
    absolute = site.path(path)
    try:
        info = os.lstat(absolute)
        if stat.S_ISLNK(info.st_mode):
            return Entry(mode=MODE_SYMLINK, oid=site.writer.blob(os.fsencode(os.readlink(absolute))))
        if not stat.S_ISREG(info.st_mode):
            return None
        mode = MODE_EXECUTABLE if info.st_mode & 0o100 else MODE_FILE
        if info.st_size > _LARGE:
            # git streams it into the object directory; we would hold it in memory.
            done = site.git.run("hash-object", "-w", "--no-filters", "--", f"./{path}", limits=_LONG)
            return Entry(mode=mode, oid=oid(os.fsdecode(done.stdout).strip()))
        with open(os.open(absolute, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
            return Entry(mode=mode, oid=site.writer.blob(file.read()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, GitError) as error:
        if not os.path.lexists(absolute):
            return None
        why = error.stderr.strip() if isinstance(error, GitError) else error.strerror
        raise CaptureError(
            f"{show_path(path)} cannot be read: {why}.",
            hint="Make it readable or ignore it in .gitignore; no checkpoint was taken.",
        ) from error


def _key(info: os.stat_result) -> _Key:
    return info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino
