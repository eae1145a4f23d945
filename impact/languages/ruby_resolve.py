"""Ruby: the load path, and the files that declare constants."""

import re
from collections import defaultdict
from collections.abc import Iterator

from ..model import Files, Hit, Name, Reference, Resolved, Resolver
from .lexing import folder, within

_MANY = 5
_WORDS = re.compile(r"([A-Z]+)([A-Z][a-z])|([a-z\d])([A-Z])")


def resolver(files: Files) -> Resolver:
    """Where each reference of a Ruby file leads."""
    return _Tree(files).resolve


class _Tree:
    def __init__(self, files: Files) -> None:
        self.files = files
        self.declaring: dict[str, list[str]] = defaultdict(list)
        self.spaces: set[str] = set()
        self.expected: dict[str, list[str]] = defaultdict(list)
        self.roots = {""}
        for path in sorted(files.facts):
            for one in files.facts[path].provides:
                name = one.removeprefix("ruby:")
                if name.endswith("::"):
                    self.spaces.add(name[:-2])
                else:
                    self.declaring[name].append(path)
            for root, rest in _roots(path):
                self.roots.add(root)
                self.expected[rest.removesuffix(".rb")].append(path)
        self.inside = {path.partition("/")[0].removesuffix(".rb") for path in self.expected}

    def resolve(self, path: str, reference: Reference) -> Resolved:
        target = reference.target
        if not target:
            return Resolved(why="requires a computed path")
        if reference.kind != "test" and not reference.names:
            return self._required(path, target)
        return self._constant(path, target.split("|"), reference)

    def _required(self, path: str, target: str) -> Resolved:
        if target.startswith(("./", "../", "/")):
            found = self._file(within(folder(path), target)) if target[0] == "." else None
            return Resolved((Hit(found),)) if found else Resolved(why=f"requires {target}, which is not there")
        roots = sorted(self.roots, key=lambda root: (-_common(root, path), not root.endswith("lib"), root))
        for root in roots:
            if found := self._file(within(root, target)):
                sure = root == "lib" or root.endswith("/lib")
                return Resolved((Hit(found, confidence="sure" if sure else "likely"),))
        inside = "/" in target and target.partition("/")[0] in self.inside
        return Resolved(why=f"requires {target}, which is not there" if inside else "")

    def _file(self, place: str | None) -> str | None:
        return next((one for one in (f"{place}.rb", place) if one in self.files.paths), None)

    def _constant(self, path: str, parts: list[str], reference: Reference) -> Resolved:
        *scopes, name = parts
        first = name.partition("::")[0]
        for scope in (*scopes, ""):
            before = f"{scope}::" if scope else ""
            if self._known(before + first):
                return self._declared(path, before + name, before + first, reference)
        return Resolved()

    def _known(self, full: str) -> bool:
        return full in self.declaring or full in self.spaces or _path_of(full) in self.expected

    def _declared(self, path: str, full: str, least: str, reference: Reference) -> Resolved:
        """The file of the longest beginning of a name that some file declares."""
        name = full
        while len(name) >= len(least):
            found = self.declaring.get(name, [])
            expected = self.expected.get(_path_of(name), [])
            # Others open it again; the file with the path of its name is meant.
            found = [one for one in expected if one in found or not found] or found
            if found:
                if path in found:
                    return Resolved()
                if len(found) > _MANY:
                    return Resolved(why=f"{name} is opened in {len(found)} files")
                names = tuple(Name(full, one.local) for one in reference.names)
                return Resolved(tuple(Hit(one, names, confidence="likely") for one in found))
            if name in self.spaces:
                return Resolved()
            name = name.rpartition("::")[0]
        return Resolved()


def _roots(path: str) -> Iterator[tuple[str, str]]:
    """Folders along which a file may be looked for, each with the rest of its path."""
    parts = path.split("/")
    for index, part in enumerate(parts[:-1]):
        above = parts[index - 1] if index else ""
        if part in {"lib", "spec", "test"} or above == "app" or (part == "concerns" and "app" in parts[:index]):
            yield "/".join(parts[: index + 1]), "/".join(parts[index + 1 :])


def _common(root: str, path: str) -> int:
    """How much of a folder's path a file's path shares."""
    home = root.rpartition("/")[0]
    return len(home) if not home or path.startswith(f"{home}/") else -1


def _path_of(name: str) -> str:
    """The path that a constant's name makes: `A::BigThing` is `a/big_thing`."""
    return _WORDS.sub(r"\1\3_\2\4", name).replace("::", "/").lower()
