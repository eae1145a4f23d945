"""The JavaScript packages of a repository: which holds a path, and which use another."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..changes import Changes, Side
from ..generated import is_vendored
from ..manifests.documents import json_of, table
from ..manifests.model import UnreadableError
from ..manifests.npm import GROUPS

_NAME = "package.json"


@dataclass(frozen=True, kw_only=True, eq=False)
class Package:
    """A package.

    Attributes:
        folder: its directory, from the root; empty for the root.
        name: as other packages call it; empty if it has none.
        scripts: its scripts by name.
        needs: the names of what it depends on.
        browser: whether it names a file for browsers.
    """

    folder: str
    name: str
    scripts: Mapping[str, str] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    browser: bool = False

    @property
    def path(self) -> str:
        """Its package.json."""
        return posixpath.join(self.folder, _NAME)


class Packages:
    """All packages, as they were before the target; new ones as the target made them.

    Args:
        changes: the target's.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    @cached_property
    def by_folder(self) -> Mapping[str, Package]:
        """The packages by their directories."""
        found: dict[str, Package] = {}
        for side in self._sides():
            if side.path not in found and (package := _read(side)):
                found.setdefault(package.folder, package)
        return found

    def _sides(self) -> Iterator[Side]:
        for path in self._changes.before.by_name.get(_NAME, ()):
            side = None if is_vendored(path) else self._changes.before.read(path)
            if side is not None:
                yield side
        for delta in reversed(self._changes.deltas):
            if delta.name == _NAME and delta.new is not None and not is_vendored(delta.path):
                yield delta.new

    @cached_property
    def _users(self) -> Mapping[str, list[Package]]:
        names = {package.name for package in self.by_folder.values() if package.name}
        users: dict[str, list[Package]] = {}
        for package in self.by_folder.values():
            for name in package.needs & names:
                users.setdefault(name, []).append(package)
        return users

    def holder(self, path: str) -> Package | None:
        """The nearest package above a path."""
        folder = posixpath.dirname(path)
        while folder not in self.by_folder:
            if not folder:
                return None
            folder = posixpath.dirname(folder)
        return self.by_folder[folder]

    def with_users(self, package: Package) -> list[Package]:
        """A package and all that use it, directly or through others."""
        found = [package]
        for one in found:
            found += [user for user in self._users.get(one.name, ()) if user not in found]
        return found


def _read(side: Side) -> Package | None:
    try:
        data = json_of(side.text)
    except UnreadableError:
        return None  # The dependencies say that it does not parse.
    name = data.get("name")
    scripts = {key: value for key, value in table(data.get("scripts")).items() if isinstance(value, str)}
    needs = frozenset(name for section in GROUPS for name in table(data.get(section)))
    return Package(
        folder=posixpath.dirname(side.path),
        name=name if isinstance(name, str) else "",
        scripts=scripts,
        needs=needs,
        browser=bool(data.keys() & {"browser", "unpkg", "jsdelivr"}),
    )
