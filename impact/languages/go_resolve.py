"""Go: where imports lead, by the modules and workspaces of the tree."""

import re
from collections import defaultdict
from collections.abc import Iterable
from fnmatch import fnmatchcase

from ..model import Confidence, Files, Hit, Name, Reference, Resolved, Resolver
from .lexing import folder, within

_MODULE = re.compile(r"^\s*+module\s++\"?([^\s\"]+)", re.MULTILINE)
_REPLACE = re.compile(r"^\s*+(?:replace\s++)?(\S+)(?:\s++v\S+)?\s*+=>\s*+(\.{1,2}\S*)", re.MULTILINE)
_USE = re.compile(r"^\s*+(?:use\s++)?\(?\s*+(\.\S*)", re.MULTILINE)


def resolver(files: Files) -> Resolver:
    """Where each reference of a Go file leads."""
    return _Tree(files).resolve


class _Tree:
    def __init__(self, files: Files) -> None:
        self.files = files
        # Folder → package → name → files that define it; a package also has its own clause's files under "".
        self.packages: dict[str, dict[str, dict[str, list[str]]]] = {}
        for path, facts in files.facts.items():
            if path.endswith(".go") and facts.provides:
                self._add(path, facts.provides)
        self.modules: dict[str, str] = {}
        self.replaced: dict[str, dict[str, str]] = {}
        self.workspace: set[str] = set()
        for path in sorted(files.paths):
            if path == "go.mod" or path.endswith("/go.mod"):
                self._module(path)
            elif path == "go.work" or path.endswith("/go.work"):
                text = _text(files, path)
                self.workspace.update(w for use in _USE.findall(text) if (w := within(folder(path), use)) is not None)

    def _add(self, path: str, provides: tuple[str, ...]) -> None:
        package = provides[0].removeprefix("go:")
        names = self.packages.setdefault(folder(path), {}).setdefault(package, defaultdict(list))
        names[""].append(path)
        for one in provides[1:]:
            names[one.removeprefix(f"go:{package}.")].append(path)

    def _module(self, path: str) -> None:
        text, home = re.sub(r"//[^\n]*", "", _text(self.files, path)), folder(path)
        if module := _MODULE.search(text):
            self.modules[home] = module[1]
        self.replaced[home] = {
            old: place for old, new in _REPLACE.findall(text) if (place := within(home, new)) is not None
        }

    def resolve(self, path: str, reference: Reference) -> Resolved:
        home = folder(path)
        if reference.kind == "path":
            return self._embedded(home, reference.target)
        if reference.kind == "test":
            tested = path.removesuffix("_test.go") + ".go"
            found = path.endswith("_test.go") and tested in self.files.paths
            return Resolved((Hit(tested),) if found else ())
        package = next((p for p, names in self.packages.get(home, {}).items() if path in names[""]), "")
        if reference.target == ".":
            return Resolved(self._defining(path, home, package, reference.names)[0])
        return self._imported(path, reference)

    def _defining(
        self, path: str, place: str, package: str, names: Iterable[Name], local: str = ""
    ) -> tuple[tuple[Hit, ...], list[str]]:
        """The files of a package that define names, and the names nobody defines.

        A type brings its methods along, wherever they stand, if a word after a dot is one of them.
        """
        known = self.packages.get(place, {}).get(package, {})
        tests = path.endswith("_test.go") and folder(path) == place
        taken: dict[str, list[Name]] = defaultdict(list)
        several, missing = set(), []
        members = [one.name for one in self._words(path) if one.name[0] == "."]
        for name in names:
            if name.name[0] == ".":
                continue
            defining = [one for one in known.get(name.name, ()) if tests or not one.endswith("_test.go")]
            if not defining:
                missing.append(name.name)
            for one in defining:
                taken[one].append(name)
            for member in members:
                for one in known.get(name.name + member, ()):
                    if one not in defining and (tests or not one.endswith("_test.go")):
                        several.update({one}.difference(taken))
                        taken[one].append(Name(name.name + member))
            if len(defining) > 1:  # one for each system it is built for
                several.update(defining)
        hits = tuple(
            Hit(one, tuple(found), local, "likely" if one in several else "sure") for one, found in taken.items()
        )
        return hits, missing

    def _imported(self, path: str, reference: Reference) -> Resolved:
        place, confidence = self._place(path, reference.target)
        if place is None:
            return Resolved()
        all_ = self.packages.get(place, {})
        known = next((one for one in all_ if not one.endswith("_test")), None)
        if known is None:
            return Resolved(why=f"imports {reference.target}, but {place or 'the root'} has no Go files")
        members = [one for one in all_[known][""] if not one.endswith("_test.go")]
        names, local = reference.names, reference.local or known
        if local == "_":
            return Resolved(tuple(Hit(one, (), "", confidence) for one in members))
        if names == (Name("*"),):
            names, local = self._words(path), ""
        hits, missing = self._defining(path, place, known, names, local)
        if confidence != "sure":
            hits = tuple(Hit(one.path, one.names, one.local, confidence) for one in hits)
        if hits and (not missing or not local or reference.confidence != "sure"):
            return Resolved(hits)
        known_paths = {one.path for one in hits}
        rest = tuple(Hit(one, (), local, "likely") for one in members if one not in known_paths)
        why = f"{missing[0]} is defined nowhere in {place or 'the root'}" if missing else ""
        return Resolved(hits + rest, why)

    def _words(self, path: str) -> tuple[Name, ...]:
        return next((one.names for one in self.files.facts[path].references if one.target == "."), ())

    def _place(self, path: str, target: str) -> tuple[str | None, Confidence]:
        """The folder that an import means; None if it is out of the tree."""
        own = _above(folder(path), self.modules)
        if own is not None:
            vendored = within(own, f"vendor/{target}")
            if vendored in self.packages:
                return vendored, "sure"
            for old, place in self.replaced.get(own, {}).items():
                if target == old or target.startswith(f"{old}/"):
                    return within(place, target[len(old) :]), "sure"
        best = max(
            (home for home, name in self.modules.items() if target == name or target.startswith(f"{name}/")),
            key=lambda home: (len(self.modules[home]), home == own),
            default=None,
        )
        if best is None:
            return None, "sure"
        known = best == own or {best, own} <= self.workspace
        return within(best, target[len(self.modules[best]) :]), "sure" if known else "likely"

    def _embedded(self, home: str, pattern: str) -> Resolved:
        hidden = pattern.startswith("all:")
        base = within(home, pattern.removeprefix("all:"))
        if base is None:
            return Resolved(why=f"embeds {pattern}, which is out of the tree")
        if base in self.files.paths:
            return Resolved((Hit(base),))
        found = sorted(one for one in self.files.paths if _embeds(base, one, hidden))
        return Resolved(tuple(map(Hit, found)), "" if found else f"embeds {pattern}, which is not there")


def _embeds(pattern: str, path: str, hidden: bool) -> bool:
    wanted, parts = pattern.split("/") if pattern else [], path.split("/")
    if len(parts) < len(wanted) or not all(map(fnmatchcase, parts, wanted)):
        return False
    return hidden or not any(part[0] in "._" for part in parts[len(wanted) :] if part)


def _above(place: str, known: Iterable[str]) -> str | None:
    """The nearest folder upwards that is known."""
    while place not in known:
        if not place:
            return None
        place = folder(place)
    return place


def _text(files: Files, path: str) -> str:
    return files.read(path).decode("utf-8", "replace")
