"""The user's index: its raw bytes, and trees that keep what it stages alive."""

import os
import struct
from collections.abc import Mapping, Sequence

from ..errors import GitError
from ..gate.objects import Entry, ObjectWriter
from ..gate.repository import Repository
from ..gate.runner import Git
from ..ids import MaybeOid, Oid, oid
from ..records import dataclass, field

COPY = "users-index"
"""Our copy of the user's index, in the scratch directory."""

# Flags of an entry; skip-worktree stands in the first byte of the extended ones.
_ASSUMED, _EXTENDED, _STAGE, _LENGTH = 0x8000, 0x4000, 0x3000, 0x0FFF
_SKIPPED = 0x40 << 24


@dataclass(frozen=True, kw_only=True)
class IndexState:
    """The index as it was.

    Attributes:
        raw: blob with the file's bytes; None if there is no index file.
        tree: what it stages at stage 0.
        stages: trees of the conflict stages 1, 2, 3, where there are conflicts.
        shared: blobs of `sharedindex.*` files a split index needs, by file name.
        entries: number of entries.
        signature: identifies the bytes without reading all of them.
    """

    raw: MaybeOid
    tree: Oid
    stages: Mapping[str, Oid] = field(default_factory=dict)
    shared: Mapping[str, Oid] = field(default_factory=dict)
    entries: int
    signature: str

    @property
    def meaning(self) -> str:
        """Names what it says, whatever its cached file times."""
        return " ".join([self.tree, *(f"{stage}:{tree}" for stage, tree in sorted(self.stages.items()))])


def index_signature(repository: Repository) -> str:
    """Identifies the index file's content: size and trailing checksum, or its stat where that is off.

    git ends an index with a hash of the rest, unless index.skipHash (2.40) left zeros there.
    """
    path = os.path.join(repository.git_dir, "index")
    length = 20 if repository.object_format == "sha1" else 32
    try:
        with open(path, "rb") as file:
            info = os.fstat(file.fileno())
            file.seek(-min(length, info.st_size), os.SEEK_END)
            tail = file.read()
    except FileNotFoundError:
        return "none"
    if any(tail):
        return f"{info.st_size}:{tail.hex()}"
    return f"{info.st_size}:{info.st_mtime_ns}:{info.st_ctime_ns}:{info.st_ino}"


@dataclass(frozen=True, kw_only=True)
class Copied:
    """The user's index file as it was read.

    Attributes:
        path: our copy, which git reads.
        data: its bytes.
        signature: see `index_signature`.
    """

    path: str
    data: bytes
    signature: str


def copy_index(repository: Repository, scratch: str) -> Copied | None:
    """Copy the user's index into a directory of ours, without locking or refreshing it; None if there is none."""
    signature = index_signature(repository)
    if signature == "none":
        return None
    with open(os.path.join(repository.git_dir, "index"), "rb") as file:
        info = os.fstat(file.fileno())
        data = file.read()
    path = os.path.join(scratch, COPY)
    with open(path + ".new", "wb") as target:
        target.write(data)
    # git takes a file as old as its index for one that may have changed since.
    os.utime(path + ".new", ns=(info.st_atime_ns, info.st_mtime_ns))
    os.rename(path + ".new", path)
    return Copied(path=path, data=data, signature=signature)


def capture_index(
    repository: Repository, writer: ObjectWriter, copied: Copied | None, *, missing_ok: bool
) -> IndexState:
    """Keep what the user's index holds.

    Args:
        repository: whose index.
        writer: takes the objects.
        copied: the index.
        missing_ok: whether staged objects may be absent (a partial clone).
    """
    if copied is None:
        return IndexState(raw=None, tree=writer.tree({}), entries=0, signature="none")
    data = copied.data
    tree, stages = _trees(repository.git.using(env={"GIT_INDEX_FILE": copied.path}), writer, missing_ok=missing_ok)
    entries = struct.unpack(">I", data[8:12])[0] if len(data) >= 12 else 0
    return IndexState(
        raw=writer.blob(data),
        tree=tree,
        stages=stages,
        shared=_shared(repository, writer, data),
        entries=entries,
        signature=copied.signature,
    )


def _trees(git: Git, writer: ObjectWriter, *, missing_ok: bool) -> tuple[Oid, dict[str, Oid]]:
    try:
        return oid(git.out("write-tree", *(["--missing-ok"] if missing_ok else []))), {}
    except GitError as error:
        if "unmerged" not in error.stderr:
            raise
    by_stage: dict[str, dict[str, Entry]] = {"0": {}}
    for mode, name, stage, path in staged(git):
        by_stage.setdefault(stage, {})[path] = Entry(mode=mode, oid=name)
    trees = {stage: writer.tree_of(files) for stage, files in by_stage.items()}
    return trees.pop("0"), trees


def staged(git: Git, paths: Sequence[str] = ()) -> list[tuple[str, Oid, str, str]]:
    """Entries of an index: mode, object, stage, path."""
    entries = []
    for line in git.fields("ls-files", "--stage", "-z", "--", *paths):
        info, path = line.split("\t", 1)
        mode, name, stage = info.split(" ")
        entries.append((mode, oid(name), stage, path))
    return entries


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """What an index file remembers of its entries, by their places in it.

    Attributes:
        sizes: of each file modulo 2^32; git forgets that of a file it has to compare anyway.
        assumed: entries marked assume-unchanged.
        skipped: entries marked skip-worktree.
        unmerged: entries of a conflict.
    """

    sizes: Sequence[int]
    assumed: Sequence[int]
    skipped: Sequence[int]
    unmerged: Sequence[int]


def remembered(data: bytes, object_format: str) -> Remembered:
    """Read an index file, version 2 to 4; git prints the same ten times as slowly.

    Source: git's Documentation/gitformat-index.
    """
    version, count = struct.unpack_from(">II", data, 4)
    name = 20 if object_format == "sha1" else 32
    unpack, fixed = struct.Struct(f">I{name}xH").unpack_from, 42 + name
    sizes: list[int] = []
    marked: list[tuple[int, int]] = []
    place = 12
    for number in range(count):
        size, flags = unpack(data, place + 36)
        sizes.append(size)
        end = place + fixed
        if flags > _LENGTH:
            extended = flags & _EXTENDED
            marked.append((number, flags | (data[end] << 24 if extended else 0)))
            end += 2 if extended else 0
        length = flags & _LENGTH
        if version == 4:
            # How much of the name before is kept, in bytes of which the last is below 128; then the rest.
            while data[end] & 0x80:
                end += 1
            place = data.index(b"\0", end + 1) + 1
        else:
            end = end + length if length < _LENGTH else data.index(b"\0", end)
            place += (end - place + 8) & ~7
    return Remembered(
        sizes=sizes,
        assumed=[number for number, flags in marked if flags & _ASSUMED],
        skipped=[number for number, flags in marked if flags & _SKIPPED],
        unmerged=[number for number, flags in marked if flags & _STAGE],
    )


def _shared(repository: Repository, writer: ObjectWriter, data: bytes) -> dict[str, Oid]:
    """A split index names its base file by hash in the `link` extension."""
    if b"link" not in data:
        return {}
    kept = {}
    for name in os.listdir(repository.git_dir):
        if name.startswith("sharedindex.") and bytes.fromhex(name.removeprefix("sharedindex.")) in data:
            with open(os.path.join(repository.git_dir, name), "rb") as file:
                kept[name] = writer.blob(file.read())
    return kept
