"""The Python modules of a tree, and the folders that absolute imports start from."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ..model import Files

PROJECT_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "manage.py", "requirements.txt"})
SUFFIXES = (".py", ".pyi", ".pyx")
_SOURCES = frozenset({"src", "lib", "python"})


def parent(path: str) -> str:
    """The folder of a path; empty at the top."""
    return path.rpartition("/")[0]


def joined(folder: str, name: str) -> str:
    """A path below a folder."""
    return f"{folder}/{name}" if folder else name


class Modules:
    """Every module by its stem: its path without suffix, or its package's folder.

    Attributes:
        paths: the files of a stem, the one that runs first. A package hides a module of the same stem.
        packages: the folders that have an `__init__`.
        folders: every folder with modules below it.
        projects: the folders that have a project's file.
    """

    def __init__(self, files: Files) -> None:
        found: dict[str, dict[str, str]] = {}
        self.packages: set[str] = set()
        self.folders: set[str] = set()
        self.projects: set[str] = {parent(path) for path in files.paths if path.rpartition("/")[2] in PROJECT_FILES}
        for path in files.paths:
            if not path.endswith(SUFFIXES):
                continue
            stem, _, suffix = path.rpartition(".")
            folder, _, name = stem.rpartition("/")
            self.folders.add(folder)
            if name == "__init__":
                self.packages.add(folder)
                stem = folder
            found.setdefault(stem, {})[("0" if name == "__init__" else "1") + suffix] = path
        for folder in tuple(self.folders):
            while folder and (folder := parent(folder)) not in self.folders:
                self.folders.add(folder)
        self.paths: Mapping[str, tuple[str, ...]] = {stem: _files(kinds) for stem, kinds in found.items()}


def _files(kinds: Mapping[str, str]) -> tuple[str, ...]:
    """The files of a stem, of those that hide the others: a module beside its stub, or a package beside its own."""
    if len(kinds) == 1:
        return tuple(kinds.values())
    first = min(kinds)[0]
    return tuple(path for kind, path in sorted(kinds.items()) if kind[0] == first)


class Roots:
    """Where absolute imports start: the folders that hold packages and are none, or that belong to a project."""

    def __init__(self, files: Files, modules: Modules) -> None:
        self._modules = modules
        self._regular: dict[str, set[str]] = defaultdict(set)
        self._spread: dict[str, set[str]] = defaultdict(set)
        self._inside: dict[str, bool] = {}
        for stem in modules.paths:
            folder, _, name = stem.rpartition("/")
            if self._is_root(folder):
                self._regular[name].add(folder)
        for folder in modules.folders:
            above, _, name = folder.rpartition("/")
            if folder and folder not in modules.packages and self._is_root(above):
                self._spread[name].add(above)
        self.aliases = _aliases(files, modules)
        self._renamed = {name.partition(".")[0] for name in self.aliases}
        self._orders: dict[tuple[str, str], tuple[tuple[str, bool], ...]] = {}

    def knows(self, top: str) -> bool:
        """Whether any folder could be the start of a module whose first word this is."""
        return top in self._regular or top in self._spread or top in self._renamed

    def order(self, folder: str, top: str) -> tuple[tuple[str, bool], ...]:
        """The roots that a file of a folder may find a module in, best first, and whether that is sure."""
        key = (folder, top)
        found = self._orders.get(key)
        if found is None:
            found = self._orders[key] = tuple(self._candidates(folder, top))
        return found

    def _candidates(self, folder: str, top: str) -> Iterator[tuple[str, bool]]:
        regular, spread = self._regular.get(top, set()), self._spread.get(top, set())
        near = [one for above in _upwards(folder) for one in (above, *(joined(above, name) for name in _SOURCES))]
        yield from ((one, True) for one in near if one in regular)
        yield from ((one, True) for one in near if one in spread)
        if top in sys.stdlib_module_names:
            return
        far = regular.difference(near)
        if len(far) == 1 and not regular.intersection(near):
            yield from ((one, self._belongs(one)) for one in far)

    def _belongs(self, root: str) -> bool:
        """Whether a root is one by its name or its project."""
        return root in self._modules.projects or (
            root.rpartition("/")[2] in _SOURCES and parent(root) in self._modules.projects
        )

    def _is_root(self, folder: str) -> bool:
        known = self._inside.get(folder)
        if known is None:
            known = not folder or folder in self._modules.projects or not self._is_packaged(folder)
            self._inside[folder] = known
        return known

    def _is_packaged(self, folder: str) -> bool:
        """Whether a folder is a package or a part of one; a tree that is a package as a whole does not count."""
        return any(above and above in self._modules.packages for above in self._upto_project(folder))

    def _upto_project(self, folder: str) -> Iterator[str]:
        for above in _upwards(folder):
            yield above
            if above in self._modules.projects:
                return


def _upwards(folder: str) -> Iterator[str]:
    """A folder and those above it."""
    yield folder
    while folder:
        folder = parent(folder)
        yield folder


def _aliases(files: Files, modules: Modules) -> dict[str, str]:
    """Packages that a project keeps in folders of other names: the folder of each dotted name."""
    found: dict[str, str] = {}
    for folder in sorted(modules.projects):
        path = joined(folder, "pyproject.toml")
        if path in files.paths:
            found |= {name: joined(folder, there) for name, there in _package_folders(files, path)}
    return {name: there for name, there in found.items() if there in modules.folders}


def _package_folders(files: Files, path: str) -> Iterable[tuple[str, str]]:
    import tomllib

    try:
        settings: object = tomllib.loads(files.read(path).decode())
    except (ValueError, OSError, LookupError, RecursionError):
        return ()
    for part in ("tool", "setuptools", "package-dir"):
        settings = settings.get(part) if isinstance(settings, dict) else None
    if not isinstance(settings, dict):
        return ()
    return [
        (name, there.strip("./"))
        for name, there in settings.items()
        if name and isinstance(there, str) and there.strip("./")
    ]
