"""The bytes of blobs, many at a time."""

from collections.abc import Iterator, Mapping, Sequence

from ..core.errors import GitError
from ..core.gate.runner import Git
from ..core.ids import Oid
from ..core.snapshot.seed import lacks_object, objects_here

_BATCH = 32 << 20


def contents(git: Git, sizes: Mapping[Oid, int]) -> Iterator[tuple[Oid, bytes]]:
    """Blobs with their bytes; those that are absent (a partial clone) are left out.

    Args:
        git: where they are.
        sizes: the blobs, with their size in bytes.
    """
    batch: list[Oid] = []
    size = 0
    for blob, length in sizes.items():
        batch.append(blob)
        size += length
        if size >= _BATCH:
            yield from _batch(git, batch)
            batch, size = [], 0
    if batch:
        yield from _batch(git, batch)


def _batch(git: Git, blobs: Sequence[Oid]) -> Iterator[tuple[Oid, bytes]]:
    try:
        said = _said(git, blobs)
    except GitError as error:
        if not lacks_object(error):
            raise
        # One alone is the absent one: no need to list what is here.
        here = objects_here(git) if len(blobs) > 1 else ()
        blobs = [one for one in blobs if one in here]
        said = _said(git, blobs)
    position = 0
    for blob in blobs:
        end = said.index(b"\n", position)
        header = said[position:end].split(b" ")
        position = end + 1
        if len(header) == 3:
            size = int(header[2])
            yield blob, said[position : position + size]
            position += size + 1


def _said(git: Git, blobs: Sequence[Oid]) -> bytes:
    return git.run("cat-file", "--batch", "--buffer", stdin="".join(f"{one}\n" for one in blobs).encode()).stdout
