"""Writes git objects straight into the object directory.

Every object of a checkpoint's frame (meta files, trees, the commit) would otherwise cost
a process; the format is fixed by git and tested against `git fsck` (docs/decisions/0003).
"""

import contextlib
import hashlib
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence

from ..ids import Oid, oid
from ..records import dataclass

IDENTITY = "safe-rollback <safe-rollback@localhost>"
"""Author and committer of checkpoints: they are the tool's, not the user's."""

MODE_FILE = "100644"
MODE_EXECUTABLE = "100755"
MODE_SYMLINK = "120000"
MODE_GITLINK = "160000"
MODE_TREE = "40000"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a path is: git mode (as git prints it in trees) and object name."""

    mode: str
    oid: Oid


@dataclass(frozen=True, kw_only=True)
class ObjectWriter:
    """Loose objects, written durably: temporary name, fsync, rename.

    Attributes:
        directory: the object directory.
        object_format: `sha1` or `sha256`.
        durable: whether to wait for the disk; only what is thrown away need not.
    """

    directory: str
    object_format: str
    durable: bool = True

    def name(self, kind: str, data: bytes) -> Oid:
        """The name an object would have."""
        header = f"{kind} {len(data)}\0".encode()
        return oid(hashlib.new(self.object_format, header + data, usedforsecurity=False).hexdigest())

    def freshen(self, name: Oid) -> bool:
        """Whether an object stands there loose; if so, it is as good as written now.

        As git does: an old object that no ref reaches must not be pruned under us. Another user's in
        a shared repository cannot be touched; then it has to be written anew.
        """
        try:
            os.utime(os.path.join(self.directory, name[:2], name[2:]))
        except (FileNotFoundError, PermissionError):
            return False
        return True

    def write(self, kind: str, data: bytes, *, level: int = 1) -> Oid:
        """Write one object; a no-op if it stands there loose already.

        Args:
            kind: blob, tree or commit.
            data: the content.
            level: zlib level; 0 for bytes that do not compress.
        """
        name = self.name(kind, data)
        folder = os.path.join(self.directory, name[:2])
        final = os.path.join(folder, name[2:])
        if self.freshen(name):
            return name
        os.makedirs(folder, exist_ok=True)
        # git's own prefix, so that its housekeeping removes what a crash leaves behind.
        temporary = os.path.join(folder, f"tmp_obj_{os.urandom(6).hex()}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(zlib.compress(f"{kind} {len(data)}\0".encode() + data, level))
                file.flush()
                if self.durable:
                    os.fsync(file.fileno())
            os.rename(temporary, final)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        return name

    def blob(self, data: bytes, *, level: int = 1) -> Oid:
        """Write a blob."""
        return self.write("blob", data, level=level)

    def tree(self, entries: Mapping[str, Entry]) -> Oid:
        """Write one tree from names (no slashes) to entries."""

        def order(item: tuple[str, Entry]) -> bytes:
            # git compares directories as if their names ended in a slash.
            return os.fsencode(item[0]) + (b"/" if item[1].mode == MODE_TREE else b"")

        body = b"".join(
            f"{entry.mode} ".encode() + os.fsencode(name) + b"\0" + bytes.fromhex(entry.oid)
            for name, entry in sorted(entries.items(), key=order)
        )
        return self.write("tree", body)

    def tree_of(self, files: Mapping[str, Entry]) -> Oid:
        """Write the nested trees for paths to entries; returns the top one."""
        folders: dict[str, dict[str, Entry]] = {"": {}}
        for path, entry in files.items():
            folder, _, name = path.rpartition("/")
            folders.setdefault(folder, {})[name] = entry
            while folder and folder not in folders.get(folder.rpartition("/")[0], {}):
                parent, _, last = folder.rpartition("/")
                folders.setdefault(parent, {}).setdefault(last, _PLACEHOLDER)
                folder = parent
        written: dict[str, Oid] = {}
        for folder in sorted(folders, key=lambda name: name.count("/") + bool(name), reverse=True):
            entries = {
                name: Entry(mode=MODE_TREE, oid=written[f"{folder}/{name}" if folder else name])
                if entry is _PLACEHOLDER
                else entry
                for name, entry in folders[folder].items()
            }
            written[folder] = self.tree(entries)
        return written[""]

    def commit(
        self,
        tree: Oid,
        parents: Sequence[Oid],
        message: str,
        *,
        seconds: int,
        author: str = IDENTITY,
        committer: str = IDENTITY,
    ) -> Oid:
        """Write a commit dated `seconds` after the epoch, in UTC."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {author} {seconds} +0000", f"committer {committer} {seconds} +0000"]
        text = "\n".join(lines) + "\n\n" + message.rstrip("\n") + "\n"
        return self.write("commit", os.fsencode(text))


_PLACEHOLDER = Entry(mode=MODE_TREE, oid=Oid(""))


def unique(oids: Iterable[Oid | None]) -> list[Oid]:
    """In order, each once, without None."""
    return list(dict.fromkeys(one for one in oids if one is not None))
