"""Where a Python file's references lead in one tree.

`from package import name` leads to the module `package.name` if there is one, else to the package: as grimp has it.
"""

from ..model import Confidence, Files, Hit, Name, Reference, Resolved, Resolver
from .python_roots import Modules, Roots, joined, parent
from .python_scan import FIXTURES, TESTED
from .python_tests import Tests

_OUTSIDE = Resolved()
_DEEPEST = 3
"""Attributes that a dotted text may name in a module: `module.Class.method.__name__`."""


def resolver(files: Files) -> Resolver:
    """The resolver of one tree."""
    return _Resolver(files).resolve


class _Resolver:
    def __init__(self, files: Files) -> None:
        self._modules = Modules(files)
        self._paths = self._modules.paths
        self._roots = Roots(files, self._modules)
        self._tests = Tests(files, self._paths)
        self._outside: set[str] = set()
        self._found: dict[tuple[str, str], tuple[str | None, bool]] = {}

    def resolve(self, path: str, reference: Reference) -> Resolved:
        """Where a reference of the file at a path leads."""
        target = reference.target
        if reference.kind == "load":
            if target == FIXTURES.target and reference == FIXTURES:
                return self._tests.fixtures(path)
            return self._load(parent(path), reference)
        if reference.kind == TESTED.kind:
            return self._tests.tested(path, self.resolve)
        if target in self._outside:
            return _OUTSIDE
        if target[0] != "." and not self._roots.knows(target.partition(".")[0]):
            self._outside.add(target)
            return _OUTSIDE
        folder = path.rpartition("/")[0]
        stem, sure = self._found.get((folder, target)) or self._stem(folder, target)
        if stem is None:
            return self._unknown(folder, reference)
        confidence: Confidence = reference.confidence if sure else "likely"
        if reference.names:
            return self._members(stem, reference, confidence)
        return self._module(stem, reference, confidence)

    def _stem(self, folder: str, target: str) -> tuple[str | None, bool]:
        """The stem of a module, or of the folder it would be; None if there is neither. And whether it is sure."""
        key = (folder, target)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._relative(folder, target) if target[0] == "." else self._absolute(*key)
        return found

    def _relative(self, folder: str, target: str) -> tuple[str | None, bool]:
        rest = target.lstrip(".")
        for _ in range(len(target) - len(rest) - 1):
            if not folder:
                return None, True
            folder = parent(folder)
        stem = joined(folder, rest.replace(".", "/")) if rest else folder
        return (stem if self._exists(stem) else None), True

    def _absolute(self, folder: str, target: str) -> tuple[str | None, bool]:
        for name, there in self._roots.aliases.items():
            if target == name or target.startswith(name + "."):
                stem = there + target[len(name) :].replace(".", "/")
                if self._exists(stem):
                    return stem, True
        top = target.partition(".")[0]
        if not self._roots.knows(top):
            return None, True
        below = target.replace(".", "/")
        spread: tuple[str | None, bool] = (None, True)
        for root, sure in self._roots.order(folder, top):
            stem = joined(root, below)
            if stem in self._paths:
                return stem, sure
            if spread[0] is None and stem in self._modules.folders:
                spread = (stem, sure)
        return spread

    def _exists(self, stem: str) -> bool:
        return stem in self._paths or stem in self._modules.folders

    def _module(self, stem: str, reference: Reference, confidence: Confidence) -> Resolved:
        files = self._paths.get(stem, ())
        return Resolved(tuple(Hit(file, (), reference.local, confidence) for file in files))

    def _members(self, stem: str, reference: Reference, confidence: Confidence) -> Resolved:
        """Names that may be modules below a package, or are the package's own."""
        files = self._paths.get(stem, ())
        if stem not in self._modules.folders:
            if len(files) == 1:
                return Resolved((Hit(files[0], reference.names, "", confidence),))
            return Resolved(tuple([Hit(file, reference.names, "", confidence) for file in files]))
        hits: list[Hit] = []
        own: list[Name] = []
        missing = ""
        for name in reference.names:
            below = self._paths.get(joined(stem, name.name), ())
            if below:
                hits += [Hit(file, (), name.local, confidence) for file in below]
            elif files:
                own.append(name)
            elif joined(stem, name.name) not in self._modules.folders:
                missing = missing or name.name
        if own:
            hits += [Hit(file, tuple(own), "", confidence) for file in files]
        why = f"{stem} has no module {missing}" if missing and reference.target[0] == "." else ""
        return Resolved(tuple(hits), why)

    def _unknown(self, folder: str, reference: Reference) -> Resolved:
        """What no module was found for: outside, a name in the module above, or a module that is missing."""
        target = reference.target
        if target[0] == ".":
            return Resolved(why=f"no module {target} here")
        above = target.rpartition(".")[0]
        if not above:
            return _OUTSIDE
        stem, sure = self._stem(folder, above)
        if stem is not None and not reference.names and (files := self._paths.get(stem)):
            confidence: Confidence = reference.confidence if sure else "likely"
            return Resolved(tuple(Hit(file, (), "", confidence) for file in files), f"no module {target}")
        top = self._stem(folder, target.partition(".")[0])[0]
        return Resolved(why=f"no module {target}") if top is not None and top in self._paths else _OUTSIDE

    def _load(self, folder: str, reference: Reference) -> Resolved:
        """A module that is named as text, perhaps with something in it."""
        target = reference.target.partition(":")[0]
        words = target.split(".")
        if target[0] == ".":
            stem = self._stem(folder, target)[0]
            return self._module(stem, reference, reference.confidence) if stem is not None else _OUTSIDE
        if not self._roots.knows(words[0]):
            return _OUTSIDE
        for taken in range(len(words), max(0, len(words) - 1 - _DEEPEST), -1):
            stem, sure = self._stem(folder, ".".join(words[:taken]))
            files = self._paths.get(stem, ()) if stem is not None else ()
            if not files:
                continue
            if not sure or (taken == 1 and len(words) > 1):
                return _OUTSIDE
            return self._module(stem or "", reference, reference.confidence)
        return _OUTSIDE
