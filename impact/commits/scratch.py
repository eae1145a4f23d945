"""A git directory that is thrown away: it reads the repository's objects, and what it writes goes with it."""

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from ...core.gate.objects import ObjectWriter
from ...core.gate.repository import Repository
from ...core.gate.runner import Git

# Files as bytes, as reverts are built, and each compared by its lines where the repository says `-diff`.
_ATTRIBUTES = "* -text -eol -crlf -filter -ident -working-tree-encoding !diff\n"


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """It.

    Attributes:
        git: git there; the worktree's `.gitattributes` apply, the user's and the repository's configuration do not.
        writer: writes objects there.
        repository: whose objects are read.
        cut: the commits at which a shallow clone ends.
    """

    git: Git
    writer: ObjectWriter
    repository: Repository
    cut: frozenset[str]


@contextlib.contextmanager
def scratch(repository: Repository) -> Iterator[Scratch]:
    """Make one; it is deleted at the end."""
    folder = tempfile.mkdtemp(prefix="safe-rollback-")
    _OPEN.add(folder)
    try:
        yield _made(repository, folder)
    finally:
        _delete(folder)


_OPEN: set[str] = set()


def _delete(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _OPEN.discard(folder)


@atexit.register
def _delete_all() -> None:
    """A thread that a process does not wait for never comes to its end."""
    for folder in list(_OPEN):
        _delete(folder)


def _made(repository: Repository, folder: str) -> Scratch:
    objects = os.path.join(folder, "objects")
    for name in ("refs", "info", "objects/info", "objects/pack"):
        os.makedirs(os.path.join(folder, name))
    sha256 = repository.object_format == "sha256"
    config = f"[core]\n\trepositoryFormatVersion = {int(sha256)}\n\tbare = false\n\tattributesFile = {os.devnull}\n"
    if sha256:
        config += "[extensions]\n\tobjectFormat = sha256\n"
    shallow = _read(os.path.join(repository.common_dir, "shallow"))
    files = {
        "HEAD": b"ref: refs/heads/none\n",
        "config": config.encode(),
        "info/attributes": _ATTRIBUTES.encode(),
        "objects/info/alternates": os.fsencode(repository.objects_dir) + b"\n",
        **({"shallow": shallow} if shallow else {}),
    }
    for name, content in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
    return Scratch(
        # Nothing here has to survive: with syncing, 500 trials took five times as long.
        git=Git(git_dir=folder, work_tree=repository.root, cwd=repository.root, settings=("core.fsync=none",)),
        writer=ObjectWriter(directory=objects, object_format=repository.object_format, durable=False),
        repository=repository,
        cut=frozenset(shallow.decode("ascii", "replace").split()),
    )


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
