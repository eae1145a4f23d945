"""The head of a bundle file, read without git: which refs it has, and where its pack begins.

Source: git's Documentation/gitformat-bundle.
"""

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ...core.errors import DamagedError, InvalidInputError
from ...core.ids import OURS, Oid, oid
from ...core.text import show_path

_SIGNATURES = {b"# v2 git bundle": 2, b"# v3 git bundle": 3}
_MAX_HEADER = 32 << 20
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a bundle says of itself; nothing of it is checked yet.

    Attributes:
        object_format: `sha1` or `sha256`.
        refs: full name, or `HEAD`, to object.
        pack: the byte at which its pack begins.
    """

    object_format: Literal["sha1", "sha256"]
    refs: Mapping[str, Oid]
    pack: int


@contextlib.contextmanager
def opened(path: str) -> Iterator[tuple[int, Header]]:
    """A bundle, opened for reading, and its head.

    Raises:
        InvalidInputError: if it cannot be read, is no bundle, or needs commits that it does not have.
    """
    name = show_path(os.path.basename(path))
    try:
        # A pipe of that name would block for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise InvalidInputError(f"{name} cannot be read: {error.strerror}.", hint="Name a bundle file.") from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise InvalidInputError(f"{name} is no file.", hint="Name a bundle file.")
        yield handle, _parse(_head(handle), name)
    finally:
        os.close(handle)


def holds_checkpoints(path: str) -> bool:
    """Whether a file is a bundle with refs of ours."""
    try:
        with opened(path) as (_, header):
            return any(ref.startswith(OURS) for ref in header.refs)
    except (InvalidInputError, DamagedError):
        return False


def _head(handle: int) -> bytes:
    """Everything up to the empty line, with it; as much as there is if there is none."""
    data = b""
    while len(data) < _MAX_HEADER and (chunk := os.pread(handle, _CHUNK, len(data))):
        seen = max(len(data) - 1, 0)
        data += chunk
        if not data.startswith(tuple(_SIGNATURES)):
            break
        if (end := data.find(b"\n\n", seen)) >= 0:
            return data[: end + 2]
    return data


def _parse(data: bytes, name: str) -> Header:
    signature, _, rest = data.partition(b"\n")
    if signature not in _SIGNATURES or not data.endswith(b"\n\n"):
        raise InvalidInputError(f"{name} is no git bundle.", hint="`safe-rollback backup --bundle` writes one.")
    form: Literal["sha1", "sha256"] = "sha1"
    refs: dict[str, Oid] = {}
    for line in rest[:-2].split(b"\n") if rest.strip() else []:
        if line.startswith(b"@"):
            if _SIGNATURES[signature] == 3 and line in (b"@object-format=sha1", b"@object-format=sha256"):
                form = "sha256" if line.endswith(b"sha256") else "sha1"
                continue
            raise InvalidInputError(
                f"{name} has a capability that is not understood here.", hint="Make a whole bundle, without a filter."
            )
        if line.startswith(b"-"):
            raise InvalidInputError(
                f"{name} builds on commits that are not in it.",
                hint="Name a bundle that stands alone; `safe-rollback backup --bundle` writes such ones.",
            )
        object_name, _, ref = os.fsdecode(line).partition(" ")
        try:
            refs[ref] = oid(object_name)
        except ValueError as error:
            raise DamagedError(f"{name} has a damaged head: {error}.", hint="Use another copy of it.") from error
    return Header(object_format=form, refs=refs, pack=len(data))
