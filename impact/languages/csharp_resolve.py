"""C#: which file declares a type, as a file sees it: its namespace, those around it, those it opens."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ..model import Files, Hit, Name, Reference, Resolved, Resolver
from .lexing import folder, within

_PLATFORM = ("System", "Microsoft", "Windows")


def resolver(files: Files) -> Resolver:
    """Where each reference of a C# file, a project or a solution leads."""
    return _Tree(files).resolve


@dataclass
class _Taken:
    """What is taken from one file."""

    names: dict[Name, None] = field(default_factory=dict)
    sure: bool = True


_Through = dict[str, dict[str, _Taken]]
"""By the namespace they come through (empty: the file's own), then by file."""


class _Tree:
    def __init__(self, files: Files) -> None:
        self.files = files
        self.types: dict[str, dict[str, list[str]]] = {}
        self.extensions: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self.projects = {folder(path) for path in files.paths if path.endswith(".csproj")}
        self.homes: dict[str, str] = {}
        self.globals: dict[str, list[str]] = defaultdict(list)
        self.seen: dict[str, _Through] = {}
        for path in sorted(files.facts):
            for one in files.facts[path].provides[1:]:
                self._add(path, one.removeprefix("csharp:"))
            for reference in files.facts[path].references:
                if reference.target.startswith("global ") and reference.target.endswith(".*"):
                    opened = reference.target.removeprefix("global ").removesuffix(".*")
                    self.globals[self._project(path)].append(opened)
        self.spaces = {space for namespace in self.types for space in _around(namespace)}

    def _add(self, path: str, full: str) -> None:
        type_, _, last = full.removeprefix("this ").rpartition(".")
        if full.startswith("this "):
            namespace, _, name = type_.rpartition(".")
            methods = self.extensions.setdefault(namespace, defaultdict(list))
            methods[last].append((path, f"{name}.{last}"))
        else:
            self.types.setdefault(type_, defaultdict(list))[last].append(path)

    def _project(self, path: str) -> str:
        """The folder of the project that a file belongs to; empty if none has one above it."""
        place = start = folder(path)
        if start not in self.homes:
            while place and place not in self.projects:
                place = folder(place)
            self.homes[start] = place
        return self.homes[start]

    def resolve(self, path: str, reference: Reference) -> Resolved:
        target = reference.target
        if reference.kind == "path":
            return self._path(path, target)
        if target.startswith("global ") and target.endswith(".*"):
            return Resolved()  # what comes through it shows where it is used
        if target.endswith(".*"):
            own = self.files.facts[path].references[0] is reference
            namespace = "" if own else target.removesuffix(".*")
            taken = self._seen(path).get(namespace, {})
            hits = tuple(
                Hit(one, tuple(what.names), confidence="sure" if what.sure else "likely")
                for one, what in taken.items()
                if one != path
            )
            return Resolved(hits, "" if own or hits else self._lost_namespace(path, namespace))
        return self._named(path, target.removeprefix("global ").removeprefix("static "), reference.names)

    def _named(self, path: str, target: str, names: tuple[Name, ...]) -> Resolved:
        """A type, by `using static` or under another name."""
        declaring, sure = self._declaring(path, target)
        if declaring:
            return Resolved(tuple(Hit(one, names, confidence="sure" if sure else "likely") for one in declaring))
        above = target.rpartition(".")[0]
        lost = above in self.types and target not in self.spaces and not above.startswith(_PLATFORM)
        return Resolved(why=f"no file declares {target}" if lost else "")

    def _lost_namespace(self, path: str, namespace: str) -> str:
        above = namespace.rpartition(".")[0]
        if above not in self.types or namespace.startswith(_PLATFORM) or self._space(path, namespace) in self.spaces:
            return ""
        return f"no file has the namespace {namespace}"

    def _own(self, path: str) -> str:
        return self.files.facts[path].provides[0].removeprefix("csharp:")

    def _space(self, path: str, opened: str) -> str:
        """A namespace by its whole name: within another one the beginning may be left out."""
        candidates = (f"{one}.{opened}".lstrip(".") for one in _around(self._own(path)))
        return next((one for one in candidates if one in self.spaces), opened)

    def _declaring(self, path: str, full: str) -> tuple[list[str], bool]:
        """The files that declare a type, those of the same project if it has some; and whether that is sure."""
        namespace, _, name = full.rpartition(".")
        types = self.types.get(namespace, {})
        found = types.get(name) or types.get(f"{name}Attribute") or []
        if len(found) > 1:
            home = self._project(path)
            found = [one for one in found if self._project(one) == home] or found
        return found, len({self._project(one) for one in found}) < 2

    def _seen(self, path: str) -> _Through:
        """What a file takes, by the namespace it comes through."""
        if path in self.seen:
            return self.seen[path]
        facts = self.files.facts[path]
        opened = [
            one.target.removesuffix(".*")
            for one in facts.references[1:]
            if one.target.endswith(".*") and not one.target.startswith("global ")
        ]
        around = [*_around(self._own(path)), *self.globals.get(self._project(path), ())]
        spaces = [("", one) for one in around] + [(one, self._space(path, one)) for one in opened]
        found: _Through = {}
        for name in facts.references[0].names:
            if name.name.startswith("."):
                self._extension(found, spaces, name.name[1:])
                continue
            for through, full, taken in self._meanings(spaces, name.name):
                declaring, sure = self._declaring(path, full)
                if declaring:
                    for one in declaring:
                        # Of a type in parts, the file that is called like it is meant above all.
                        whole = len(declaring) == 1 or one.endswith(f"/{taken.name}.cs")
                        _take(found.setdefault(through, {}), [one], taken, sure and whole)
                    break
        self.seen[path] = found
        return found

    def _meanings(self, spaces: list[tuple[str, str]], chain: str) -> Iterator[tuple[str, str, Name]]:
        """What `A.B.C` may be: the type A, or a type below a namespace A that is in one of the known ones."""
        first, *rest = chain.split(".")
        for through, space in spaces:
            yield through, f"{space}.{first}".lstrip("."), Name(first, first)
        for through, space in spaces:
            below = f"{space}.{first}".lstrip(".")
            for name in rest if below in self.spaces else ():
                yield through, f"{below}.{name}", Name(name)
                below = f"{below}.{name}"

    def _extension(self, found: _Through, spaces: Iterable[tuple[str, str]], method: str) -> None:
        for through, space in spaces:
            for path, full in self.extensions.get(space, {}).get(method, ()):
                _take(found.setdefault(through, {}), [path], Name(full), sure=False)

    def _path(self, path: str, target: str) -> Resolved:
        place = within(folder(path), target)
        if place is None or "$(" in target:
            return Resolved(why=f"names {target}, whose variables are not known" if "$(" in target else "")
        if "*" in place:
            pattern = place.replace("**/", "*")
            found = sorted(one for one in self.files.paths if fnmatchcase(one, pattern))
            return Resolved(tuple(map(Hit, found)))
        if place in self.files.paths:
            return Resolved((Hit(place),))
        return Resolved(why=f"names {target}, which is not there")


def _take(taken: dict[str, _Taken], paths: Iterable[str], name: Name, sure: bool) -> None:
    for path in paths:
        one = taken.setdefault(path, _Taken(sure=sure))
        one.names[name] = None
        one.sure = one.sure or sure


def _around(namespace: str) -> Iterator[str]:
    """A namespace and those around it, inside out."""
    while namespace:
        yield namespace
        namespace = namespace.rpartition(".")[0]
    yield ""
