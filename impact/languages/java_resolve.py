"""Java: which file declares a type."""

from collections import defaultdict
from collections.abc import Iterable

from ..model import Confidence, Files, Hit, Name, Reference, Resolved, Resolver
from .lexing import folder


def resolver(files: Files) -> Resolver:
    """Where each reference of a Java file leads."""
    return _Tree(files).resolve


class _Tree:
    def __init__(self, files: Files) -> None:
        self.files = files
        # A package's types, each with the files that declare it.
        self.packages: dict[str, dict[str, list[str]]] = {}
        for path in sorted(files.facts):
            if path.endswith(".java"):
                package = self._package(path)
                types = self.packages.setdefault(package, defaultdict(list))
                for one in files.facts[path].provides[1:]:
                    types[one.rpartition(".")[2].removeprefix("java:")].append(path)

    def _package(self, path: str) -> str:
        return self.files.facts[path].provides[0].removeprefix("java:")

    def resolve(self, path: str, reference: Reference) -> Resolved:
        target = reference.target
        if reference.kind == "test":
            return Resolved(tuple(Hit(one) for one in self._declaring(target)[0]))
        static = target.startswith("static ")
        target = target.removeprefix("static ")
        if target.endswith("*") and target.removesuffix("*").removesuffix(".") in self.packages and not static:
            return self._package_wide(path, target.removesuffix("*").removesuffix("."), reference.names)
        declaring, below = self._declaring(target)
        if declaring:
            return Resolved(_hits(declaring, _through(target, below, reference.names)))
        above = target.rpartition(".")[0]
        lost = reference.names and reference.names[0].local and above in self.packages and not static
        return Resolved(why=f"no file of the package {above} declares {target.rpartition('.')[2]}" if lost else "")

    def _package_wide(self, path: str, package: str, names: tuple[Name, ...]) -> Resolved:
        types = self.packages[package]
        if names == (Name("*"),):
            names = self.files.facts[path].references[0].names
            own = self.packages.get(self._package(path), {})
            names = tuple(one for one in names if one.name not in own)
        taken: dict[str, list[Name]] = defaultdict(list)
        several: set[str] = set()
        for name in names:
            declaring = types.get(name.name, [])
            if not package:
                declaring = [one for one in declaring if folder(one) == folder(path)]
            if len(declaring) > 1:
                several.update(declaring)
            for one in declaring:
                taken[one].append(name)
        hits = (
            Hit(one, tuple(found), confidence="likely" if one in several else "sure") for one, found in taken.items()
        )
        return Resolved(tuple(hits))

    def _declaring(self, target: str) -> tuple[list[str], str]:
        """The files that declare a type or the type around it, and what of the name is left below the type."""
        package, _, last = target.rpartition(".")
        below = ""
        while package:
            found = self.packages.get(package, {}).get(last)
            if found:
                return found, below
            below = f"{last}.{below}".rstrip(".")
            package, _, last = package.rpartition(".")
        return [], ""


def _through(target: str, below: str, names: tuple[Name, ...]) -> tuple[Name, ...]:
    """The names as the file's definitions call them: what is below a type, with the type before it."""
    type_ = target.removesuffix(f".{below}").rpartition(".")[2]
    if not below or names == (Name("*"),):
        return names
    return tuple(Name(f"{type_}.{below}", one.local) for one in names)


def _hits(paths: Iterable[str], names: tuple[Name, ...]) -> tuple[Hit, ...]:
    paths = list(paths)
    confidence: Confidence = "likely" if len(paths) > 1 else "sure"
    return tuple(Hit(one, names, confidence=confidence) for one in paths)
