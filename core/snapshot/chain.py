"""Walks the checkpoints a ref keeps."""

from collections.abc import Iterator

from ..errors import DamagedError
from ..gate.reader import ObjectReader
from ..ids import Oid, oid
from .checkpoint import Checkpoint, decode


def walk(reader: ObjectReader, tip: Oid) -> Iterator[Checkpoint]:
    """The checkpoints of a chain, newest first.

    Raises:
        DamagedError: if a commit holds none.
        NotFoundError: if an object is missing.
    """
    commit: Oid | None = tip
    while commit is not None:
        checkpoint = load_through(reader, commit)
        yield checkpoint
        above = parents(reader, commit)
        # The first parent is the checkpoint before, unless this is the chain's first: then it is HEAD.
        commit = above[0] if above and above[0] != checkpoint.head.oid and _is_checkpoint(reader, above[0]) else None


def load_through(reader: ObjectReader, commit: Oid) -> Checkpoint:
    """The checkpoint a commit holds, without a process of its own."""
    return decode(meta_file(reader, commit, "checkpoint.json"), commit)


def meta_file(reader: ObjectReader, commit: Oid, name: str) -> bytes:
    """A file of a checkpoint's `meta/` tree.

    Raises:
        DamagedError: if the commit is no checkpoint.
    """
    try:
        meta = reader.tree(tree_of(reader, commit))["meta"].oid
        return reader.read(reader.tree(meta)[name].oid).data
    except KeyError as error:
        raise DamagedError(
            f"{commit} is no checkpoint of safe-rollback, and one of its refs has it.",
            hint="`git for-each-ref refs/safe-rollback` shows which; delete that ref if you know who made it.",
        ) from error


def tree_of(reader: ObjectReader, commit: Oid) -> Oid:
    """A commit's tree."""
    return oid(reader.read(commit).data.split(b"\n", 1)[0].removeprefix(b"tree ").decode("ascii"))


def parents(reader: ObjectReader, commit: Oid) -> list[Oid]:
    """A commit's parents."""
    header = reader.read(commit).data.partition(b"\n\n")[0].splitlines()
    return [oid(line[7:].decode("ascii")) for line in header if line.startswith(b"parent ")]


def _is_checkpoint(reader: ObjectReader, commit: Oid) -> bool:
    return "meta" in (entries := reader.tree(tree_of(reader, commit))) and {"worktree", "index"} <= entries.keys()
