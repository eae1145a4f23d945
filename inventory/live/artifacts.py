"""What a build left in the worktree: hashes of the declared outputs, and the revision that some carry inside."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence

from ...core import globs
from ...core.text import one_line, plural
from ..model import Item, Live
from .probe import Connection, Probe, ProbeError, inside

_MAX_FILES = 50_000
_MAX_VISITED = 200_000
_CHUNK = 1 << 20
# Files whose whole content names what was built: Next.js, Capistrano and its kin.
_REVISIONS = ("BUILD_ID", "REVISION", ".revision")
_MAX_REVISION = 200
_MIN_COMMIT = 7


def output_of(item: Item) -> str:
    """The file or directory an item's build writes, from the root."""
    return str(item.details.get("output") or item.name).strip("/")


def _answers(item: Item) -> bool:
    return item.domain == "artifacts" and item.kind != "image build"


def covers(pattern: str, output: str) -> bool:
    """Whether a declared pattern is about an output."""
    literal = globs.literal_root(pattern)
    if literal == output or literal.startswith(f"{output}/"):
        return True
    return globs.first_match(f"{output}/x", [pattern]) is not None


def _ask(connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
    wanted = {item.id: [one for one in connection.artifacts if covers(one, output_of(item))] for item in items}
    states = _states(connection, list(dict.fromkeys(one for found in wanted.values() for one in found)))
    return {item.id: _live(connection, item, wanted[item.id], states) for item in items if wanted[item.id]}


def _live(connection: Connection, item: Item, patterns: Sequence[str], states: Mapping[str, str]) -> Live:
    there = {one: states[one] for one in patterns if one in states}
    said = ", ".join(f"{name}: {state}" for name, state in there.items())
    if connection.recorded:
        before = {one: connection.recorded[one] for one in patterns if one in connection.recorded}
        same = there == before
        detail = said or "nothing is there"
        if not same:
            detail += f"; before: {', '.join(before.values()) or 'nothing'}"
        return Live(checked=True, state="same" if same else "changed", detail=detail, clean=same)
    if not there:
        return Live(checked=True, state="absent", detail="nothing is there: it is built anew")
    commits = {one.commit for one in item.evidence if one.commit}
    for name, state in states.items():
        if os.path.basename(name) in _REVISIONS and any(covers(one, os.path.dirname(name)) for one in patterns):
            said += f"; {name} says {state}"
            if len(state) >= _MIN_COMMIT and any(commit.startswith(state) for commit in commits):
                detail = f"{said}, which is to be rolled back"
                return Live(checked=True, state="present", detail=detail, clean=False)
    return Live(checked=True, state="present", detail=f"{said}; no fingerprint from before to compare with")


def _fingerprint(connection: Connection) -> Mapping[str, str]:
    return _states(connection, connection.artifacts)


def _states(connection: Connection, patterns: Sequence[str]) -> dict[str, str]:
    """Pattern → how many files and their hash, where there are any; file → revision."""
    found: dict[str, str] = {}
    for pattern in patterns:
        digest, count = hashlib.sha256(), 0
        for path, full in _files(connection, pattern):
            count += 1
            if count > _MAX_FILES:
                raise ProbeError(f"{pattern} fits more than {_MAX_FILES} files")
            content = _hash(connection, full)
            digest.update(os.fsencode(path) + b"\0" + content + b"\n")
            if os.path.basename(path) in _REVISIONS and (said := _revision(full)):
                found[path] = said
        if count:
            found[pattern] = f"{plural(count, 'file')} #{digest.hexdigest()[:16]}"
    return found


def _files(connection: Connection, pattern: str) -> Iterator[tuple[str, str]]:
    """The files of a pattern, sorted: from the root, and absolute."""
    base = inside(connection.root, globs.literal_root(pattern))
    root = os.path.realpath(connection.root)
    visited = 0
    for folder, folders, names in os.walk(base):
        folders[:] = sorted(one for one in folders if one != ".git" and not _skipped(one, pattern))
        for name in sorted(names):
            visited += 1
            if visited > _MAX_VISITED:
                raise ProbeError(f"{pattern} has too much to look through: name its directory first")
            full = os.path.join(folder, name)
            path = os.path.relpath(full, root)
            if globs.first_match(path, [pattern]):
                yield path, full


def _skipped(folder: str, pattern: str) -> bool:
    return folder == "node_modules" and folder not in pattern


def _hash(connection: Connection, path: str) -> bytes:
    """The hash of a file's content; of a link's target."""
    try:
        if os.path.islink(path):
            return hashlib.sha256(os.fsencode(os.readlink(path))).digest()
        digest = hashlib.sha256()
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            return b"no file"
        with os.fdopen(handle, "rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                _ = connection.seconds
    except OSError as error:
        raise ProbeError(f"{os.path.basename(path)} cannot be read: {error.strerror}") from None
    return digest.digest()


def _revision(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return one_line(file.read(_MAX_REVISION), limit=80)
    except OSError:
        return ""


ARTIFACTS = Probe(kind="artifacts", domain="artifacts", answers=_answers, ask=_ask, fingerprint=_fingerprint)
