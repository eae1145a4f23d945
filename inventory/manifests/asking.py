"""Which manifests a lock file speaks for, and what they ask for."""

import posixpath
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from ..changes import Changes, Side
from ..generated import is_vendored
from . import LOCKS, MANIFESTS
from .documents import json_of
from .model import Asked, Lock, Manifest, Requirement, UnreadableError, folded

_SYMLINK = "120000"
_VERSION = re.compile(r"(?<![\d.])(\d{1,9})\.\d{1,9}\.\d{1,9}")
_LOCK_NAMES: Mapping[str, frozenset[str]] = {
    ecosystem: frozenset().union(*(lock.names for lock in LOCKS if lock.ecosystem == ecosystem))
    for ecosystem in {lock.ecosystem for lock in LOCKS}
}
_BY_NAME = {name: lock for lock in LOCKS for name in lock.names}


def manifest_of(path: str) -> Manifest | None:
    """The format of a manifest; None if a path is none, or is in other people's code."""
    if is_vendored(path):
        return None
    return next((one for one in MANIFESTS if one.claims(path)), None)


def lock_of(path: str) -> Lock | None:
    """The format of a lock file; None if a path is none, or is in other people's code."""
    return None if is_vendored(path) else _BY_NAME.get(path.rpartition("/")[2])


class Reading:
    """What manifests ask for; each content is read once.

    Args:
        changes: named what does not parse.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._known: dict[tuple[str, str], list[Requirement] | None] = {}
        self._internal: dict[str, set[str]] | None = None

    def requirements(self, side: Side, manifest: Manifest) -> list[Requirement] | None:
        """What a manifest asks for; None if it could not be read at all."""
        key = (side.path, side.entry.oid)
        if key not in self._known:
            self._known[key] = self._read(side, manifest)
        return self._known[key]

    def _read(self, side: Side, manifest: Manifest) -> list[Requirement] | None:
        if side.entry.mode == _SYMLINK:
            return []
        if side.data is None:
            self._changes.unread("dependencies", side.path, "it is too large, or not there")
            return None
        found: list[Requirement] = []
        try:
            found.extend(manifest.read(side.path, side.text))
        except UnreadableError as error:
            self._changes.unread("dependencies", side.path, f"it does not parse: {error}"[:300])
            return found or None
        return found

    def is_internal(self, ecosystem: str, name: str, specs: Iterable[str]) -> bool:
        """Whether a package is one of the repository's own, which others of it may ask for by name.

        A private application may have the name of a package of the registry (`storybook`): what asks for a version
        that the repository's own never had means the other one.
        """
        if ecosystem != "npm":
            return False
        if self._internal is None:
            self._internal = {}
            for side in self._sides(("package.json",)):
                own, version = _npm_name(side)
                if own:
                    self._internal.setdefault(own, set()).add(version)
        versions = self._internal.get(name)
        if versions is None:
            return False
        # A name with a scope is its owner's; of others another major version is another package.
        asked = {match[1] for spec in specs if (match := _VERSION.search(spec))}
        majors = {match[1] if (match := _VERSION.search(version)) else "" for version in versions}
        return name.startswith("@") or not asked or "" in majors or bool(asked & majors)

    def asked(self, lock: Lock, path: str) -> Asked:
        """What the manifests that a lock file speaks for ask for, before or after the target."""
        found: dict[str, set[str]] = {}
        for side in self._sides(lock.manifests):
            if home(side.path, lock.ecosystem, self._changes.before.files) != posixpath.dirname(path):
                continue
            manifest = manifest_of(side.path)
            for one in (self.requirements(side, manifest) or ()) if manifest else ():
                if one.kind == "package":
                    found.setdefault(folded(lock.ecosystem, one.name), set()).add(one.spec)
        return {name: frozenset(specs) for name, specs in found.items()}

    def _sides(self, names: Sequence[str]) -> Iterator[Side]:
        """The files of some names, of the tree before the target and as the target made them."""
        for path in (one for name in names for one in self._changes.before.by_name.get(name, ())):
            side = None if is_vendored(path) else self._changes.before.read(path)
            if side is not None:
                yield side
        for delta in self._changes.deltas:
            if delta.new is not None and delta.name in names and not is_vendored(delta.path):
                yield delta.new


def home(path: str, ecosystem: str, files: Container[str]) -> str | None:
    """The nearest directory above a manifest that has a lock file; None if there is none."""
    folder = posixpath.dirname(path)
    while True:
        if any(posixpath.join(folder, name) in files for name in _LOCK_NAMES.get(ecosystem, ())):
            return folder
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _npm_name(side: Side) -> tuple[str, str]:
    """The name and version that a package.json gives its own package; empty where it says nothing."""
    try:
        data = json_of(side.text)
    except UnreadableError:
        return "", ""
    name, version = data.get("name"), data.get("version")
    return (name if isinstance(name, str) else "", version if isinstance(version, str) else "")
