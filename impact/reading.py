"""Blobs to facts: from the store where it has them, else by reading them, in several processes where that pays."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..core.errors import GitError
from ..core.gate.process import kill_group, spawn
from ..core.gate.runner import Git
from ..core.ids import Oid
from ..core.snapshot.seed import lacks_object, objects_here
from .model import Facts, Language
from .store import Key, Store, decode, encode, language

MAX_FILE = 2 << 20
"""Larger files are not read: they are generated, or data."""

_BATCH = 32 << 20
_WORTH = 400
_WORKER = "safe_rollback.impact.worker"
_WORKERS = 4


def facts_of(git: Git, store: Store, sizes: Mapping[Key, int]) -> dict[Key, Facts]:
    """The facts of blobs.

    Args:
        git: where the blobs are.
        store: what is known already; what is new is put there.
        sizes: blobs by who reads them, with their size in bytes, at most MAX_FILE.
    """
    found = store.facts(sizes)
    missing = {key: size for key, size in sizes.items() if key not in found}
    if missing:
        fresh = _read(git, missing)
        store.keep_facts(fresh)
        found |= fresh
    return found


def _read(git: Git, sizes: Mapping[Key, int]) -> dict[Key, Facts]:
    workers = min(_WORKERS, os.cpu_count() or 1) if len(sizes) >= _WORTH else 1
    if workers == 1:
        return read_here(git, sizes)
    # The largest first, dealt out in turn: shares of about the same size.
    order = sorted(sizes, key=lambda key: sizes[key], reverse=True)
    shares = [{key: sizes[key] for key in order[place::workers]} for place in range(workers)]
    with ThreadPoolExecutor(max_workers=workers - 1) as pool:
        others = [pool.submit(_in_process, git, share) for share in shares[1:]]
        found = read_here(git, shares[0])
        for share, one in zip(shares[1:], others, strict=True):
            said = one.result()
            found |= said if said is not None else read_here(git, share)
    return found


def read_here(git: Git, sizes: Mapping[Key, int]) -> dict[Key, Facts]:
    """Read blobs in this process."""
    readers: dict[Oid, list[Language]] = {}
    for name, blob in sizes:
        readers.setdefault(blob, []).append(language(name))
    found: dict[Key, Facts] = {}
    for blob, data in contents(git, {blob: size for (_, blob), size in sizes.items()}):
        for reader in readers[blob]:
            found[reader.name, blob] = reader.extract(data)
    return found


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


def _in_process(git: Git, sizes: Mapping[Key, int]) -> dict[Key, Facts] | None:
    """Read blobs in a process of their own; None if it did not do all of it."""
    asked = "".join(f"{name} {blob} {size}\n" for (name, blob), size in sizes.items())
    argv = [sys.executable, "-m", _WORKER, git.git_dir, git.cwd]
    # Where this package was found, the other process finds it too.
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = spawn(argv, cwd=git.cwd, env=env, stderr=subprocess.DEVNULL)
    try:
        said, _ = process.communicate(asked.encode())
    except BaseException:
        kill_group(process)
        raise
    if process.returncode != 0:
        return None
    try:
        rows = [line.split(" ", 2) for line in said.decode("ascii").splitlines()]
        return {(name, Oid(blob)): decode(data) for name, blob, data in rows}
    except (ValueError, TypeError):
        return None


def work(git: Git, asked: str) -> str:
    """What a process of `_in_process` answers.

    Raises:
        GitError: if git fails.
    """
    rows = [line.split(" ") for line in asked.splitlines()]
    sizes = {(name, Oid(blob)): int(size) for name, blob, size in rows}
    return "".join(f"{name} {blob} {encode(facts)}\n" for (name, blob), facts in read_here(git, sizes).items())
