"""Which part of a repository a file belongs to: what is deployed together needs the same variables."""

import posixpath
from collections.abc import Container, Mapping

from ..changes import Changes
from .facts import Role, words

_MANIFESTS = words(
    "package.json pyproject.toml setup.py requirements.txt Pipfile Gemfile go.mod Cargo.toml composer.json mix.exs"
    " pom.xml build.gradle build.gradle.kts deno.json Package.swift"
)
_SHOWN: tuple[Container[Role], ...] = (("example",), ("sets", "build"))
_ANY: Container[Role] = ("read", "example", "sets", "build")
# Every part has these; that one begins to ask for them tells nobody anything.
EVERYWHERE = words("NODE_ENV RAILS_ENV RACK_ENV APP_ENV FLASK_ENV MIX_ENV PORT HOST DEBUG")
"""Names that every part may read."""

Roles = Mapping[str, Role]
"""What files do with a variable, by path."""


class Parts:
    """The parts of a repository: the directories with a manifest of their own, before and after a target.

    Args:
        changes: the target's.
    """

    def __init__(self, changes: Changes) -> None:
        """Lists the manifests, once."""
        found = {posixpath.dirname(path) for name in _MANIFESTS for path in changes.before.by_name.get(name, ())}
        found.update(
            posixpath.dirname(delta.path) for delta in changes.deltas if delta.new and delta.name in _MANIFESTS
        )
        self._folders = found - {""}
        self._known: dict[str, str] = {}

    def __bool__(self) -> bool:
        """Whether there is more than one."""
        return bool(self._folders)

    def of(self, path: str) -> str:
        """The directory of the part that a file is in; empty for what belongs to the whole."""
        begun = folder = posixpath.dirname(path)
        if begun not in self._known:
            while folder and folder not in self._folders:
                folder = posixpath.dirname(folder)
            self._known[begun] = folder
        return self._known[begun]

    def gained(self, was: Roles, now: Roles, steady: Roles) -> set[str]:
        """The parts that have a variable only now; swap the first two for those that have it no more.

        Args:
            was: the files that speak of it before the target, of those that it changed.
            now: those after it.
            steady: those that it did not change.
        """
        return self._new(was, now, steady, _ANY)

    def declared(self, was: Roles, now: Roles, steady: Roles) -> set[str]:
        """The parts of which a file says only now what the variable is, or shows people that it is needed."""
        return set[str]().union(*(self._new(was, now, steady, roles) for roles in _SHOWN))

    def _new(self, was: Roles, now: Roles, steady: Roles, roles: Container[Role]) -> set[str]:
        here, there = self._having(now, roles), self._having({**was, **steady}, roles)
        return here - there

    def _having(self, said: Roles, roles: Container[Role]) -> set[str]:
        return {self.of(path) for path, role in said.items() if role in roles}
