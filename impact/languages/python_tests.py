"""What a Python test file needs without saying so: what it tests by its name, and the `conftest.py` above it."""

from collections import defaultdict
from collections.abc import Mapping

from ..model import Files, Hit, Reference, Resolved, Resolver
from .python_roots import joined, parent

_NONE = Resolved()


class Tests:
    """The tests of one tree."""

    def __init__(self, files: Files, modules: Mapping[str, tuple[str, ...]]) -> None:
        self._files = files
        self._modules = modules
        self._named: dict[str, list[str]] | None = None
        self._above: dict[str, Resolved] = {}

    def fixtures(self, path: str) -> Resolved:
        """The nearest `conftest.py` of a test file, or the one above a `conftest.py`."""
        folder, _, name = path.rpartition("/")
        if name == "conftest.py":
            return self._nearest(parent(folder)) if folder else _NONE
        return self._nearest(folder) if subject(name) or name == "tests.py" else _NONE

    def tested(self, path: str, resolve: Resolver) -> Resolved:
        """The only module of a test file's name, unless the file imports it anyway."""
        name = subject(path.rpartition("/")[2])
        if not name:
            return _NONE
        found = self._by_name().get(name, [])
        if len(found) != 1 or self._imports(path, found[0], resolve):
            return _NONE
        return Resolved((Hit(found[0], confidence="likely"),))

    def _nearest(self, folder: str) -> Resolved:
        known = self._above.get(folder)
        if known is None:
            path = joined(folder, "conftest.py")
            if path in self._files.paths:
                known = Resolved((Hit(path, confidence="likely"),))
            else:
                known = self._nearest(parent(folder)) if folder else _NONE
            self._above[folder] = known
        return known

    def _by_name(self) -> dict[str, list[str]]:
        if self._named is None:
            self._named = defaultdict(list)
            for stem, paths in self._modules.items():
                self._named[stem.rpartition("/")[2]].append(paths[0])
        return self._named

    def _imports(self, path: str, target: str, resolve: Resolver) -> bool:
        return any(
            hit.path == target
            for one in self._references(path)
            if one.kind != "test"
            for hit in resolve(path, one).hits
        )

    def _references(self, path: str) -> tuple[Reference, ...]:
        facts = self._files.facts.get(path)
        return facts.references if facts else ()


def subject(name: str) -> str:
    """What a test file is called after: `foo` for `test_foo.py` and `foo_test.py`; empty if it is no test."""
    if not name.endswith(".py"):
        return ""
    stem = name.removesuffix(".py")
    if stem.startswith("test_"):
        return stem.removeprefix("test_")
    return stem.removesuffix("_test") if stem.endswith("_test") else ""
