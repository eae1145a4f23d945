"""Reads refs from git's own files, in the place of a process.

Only what is plain is read here. Where anything is not as git itself writes it (another ref store, odd names,
broken or symbolic links), the answer is None and git has to be asked.
"""

import os
from collections.abc import Iterator, Mapping

from ..errors import NotFoundError
from ..ids import Oid
from ..late import late
from .reader import ObjectReader
from .repository import Repository

_PLAIN = late(r"refs(?:/(?!\.)[A-Za-z0-9._@+=#,%-]+(?<!\.lock)(?<!\.))+")
_NAME = late(rb"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_OWN_FOLDERS = ("bisect", "worktree", "rewritten")
_DEPTH = 5
# More objects than this that nothing is known of: git reads them faster.
_MAX_UNKNOWN = 32

_packed: dict[str, tuple[tuple[int, ...], Mapping[str, Oid]]] = {}
_kinds: dict[str, dict[Oid, tuple[str, Oid | None]]] = {}


def read_ref_files(repository: Repository) -> dict[str, Oid] | None:
    """Every ref and its object, symbolic ones resolved; None if git has to be asked."""
    if os.path.isdir(os.path.join(repository.common_dir, "reftable")):
        return None
    linked = repository.git_dir != repository.common_dir
    links: dict[str, str] = {}
    found: dict[str, Oid] = {}
    try:
        # Loose before packed, as git does: packing writes a ref there before it is taken away here.
        for name, data in _loose(repository.common_dir, _OWN_FOLDERS if linked else ()):
            _take(name, data, found, links)
        if linked:
            for folder in _OWN_FOLDERS:
                for name, data in _loose(repository.git_dir, (), f"refs/{folder}"):
                    _take(name, data, found, links)
        refs = {**_packed_refs(os.path.join(repository.common_dir, "packed-refs")), **found}
        for name in links:
            refs[name] = refs[_end_of(name, links)]
    except (OSError, KeyError, ValueError):
        return None
    return refs


def learn(repository: Repository, name: Oid, kind: str, peeled: Oid | None) -> None:
    """Remember what git said about an object."""
    _kinds.setdefault(repository.objects_dir, {})[name] = kind, peeled


def kinds_of(
    repository: Repository, reader: ObjectReader, names: set[Oid]
) -> Mapping[Oid, tuple[str, Oid | None]] | None:
    """The kinds of objects, and what tags lead to in the end; None if git has to be asked."""
    known = _kinds.setdefault(repository.objects_dir, {})
    unknown = names - known.keys()
    if len(unknown) > _MAX_UNKNOWN:
        return None
    try:
        for name in unknown:
            known[name] = _kind_of(reader, name)
    except (NotFoundError, ValueError):
        return None
    return known


def _kind_of(reader: ObjectReader, name: Oid) -> tuple[str, Oid | None]:
    first = read = reader.read(name)
    target = None
    while read.kind == "tag":
        target = Oid(read.data.partition(b"\n")[0].removeprefix(b"object ").decode("ascii"))
        read = reader.read(target)
    return first.kind, target


def _take(name: str, data: bytes, found: dict[str, Oid], links: dict[str, str]) -> None:
    text = data.rstrip(b" \t\r\n")
    if text.startswith(b"ref:"):
        links[name] = text[4:].strip().decode("ascii")
    elif _NAME.match(text):
        found[name] = Oid(text.decode("ascii"))
    else:
        raise ValueError(name)


def _end_of(name: str, links: Mapping[str, str]) -> str:
    for _ in range(_DEPTH):
        if name not in links:
            return name
        name = links[name]
    raise ValueError(name)


def _loose(git_dir: str, left_out: tuple[str, ...], top: str = "refs") -> Iterator[tuple[str, bytes]]:
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(os.path.join(git_dir, folder)) as entries:
                listed = list(entries)
        except FileNotFoundError:
            continue
        for entry in listed:
            name = f"{folder}/{entry.name}"
            if entry.is_symlink():
                raise ValueError(name)
            if entry.is_dir():
                if folder != "refs" or entry.name not in left_out:
                    folders.append(name)
            elif not name.endswith(".lock"):
                _check(name)
                try:
                    handle = os.open(entry.path, os.O_RDONLY | os.O_CLOEXEC)
                except FileNotFoundError:
                    continue  # deleted meanwhile, or packed: then it stands there
                try:
                    yield name, os.read(handle, 4096)
                finally:
                    os.close(handle)


def _check(name: str) -> None:
    if not _PLAIN.fullmatch(name) or ".." in name:
        raise ValueError(name)


def _packed_refs(path: str) -> Mapping[str, Oid]:
    try:
        with open(path, "rb") as file:
            # It is only ever replaced as a whole, by renaming; git tells one from another by the same.
            info = os.fstat(file.fileno())
            stamp = (info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino)
            known = _packed.get(path)
            if known is not None and known[0] == stamp:
                return known[1]
            lines = file.read().decode("utf-8").split("\n")
    except FileNotFoundError:
        return {}
    refs: dict[str, Oid] = {}
    for line in filter(None, lines):
        if line[0] in "#^":
            continue
        oid, _, name = line.partition(" ")
        _check(name)
        refs[name] = Oid(oid)
    _packed[path] = stamp, refs
    return refs
