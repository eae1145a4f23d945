"""PHP: which file declares a class or a function, and where Composer expects one."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ..model import Confidence, Files, Hit, Name, Reference, Resolved, Resolver
from .lexing import folder, within


def resolver(files: Files) -> Resolver:
    """Where each reference of a PHP file leads."""
    return _Tree(files).resolve


class _Tree:
    def __init__(self, files: Files) -> None:
        self.files = files
        # Classes and functions do not distinguish case.
        self.declaring: dict[str, list[str]] = defaultdict(list)
        self.namespaces: set[str] = set()
        for path in sorted(files.facts):
            provides = [one.removeprefix("php:") for one in files.facts[path].provides if one.startswith("php:")]
            for one in provides[1:]:
                self.declaring[one.lower()].append(path)
                self.namespaces.add(one.rpartition("\\")[0])
        self.expected = sorted(self._expected(), key=lambda pair: -len(pair[0]))

    def _expected(self) -> Iterator[tuple[str, str]]:
        """Prefixes of class names and the folders that hold them (PSR-4)."""
        for path in sorted(self.files.paths):
            if path != "composer.json" and not path.endswith("/composer.json"):
                continue
            try:
                manifest = json.loads(self.files.read(path))
            except (ValueError, RecursionError):
                continue
            for section in ("autoload", "autoload-dev"):
                prefixes = _table(_table(manifest).get(section)).get("psr-4")
                for prefix, places in _table(prefixes).items():
                    for place in places if isinstance(places, list) else [places]:
                        home = within(folder(path), str(place))
                        if home is not None:
                            yield str(prefix), home

    def resolve(self, path: str, reference: Reference) -> Resolved:
        target = reference.target
        if reference.kind == "include":
            return self._included(path, target)
        if target.endswith("*"):
            return self._near(target.removesuffix("*"), reference.names)
        declaring = self._declaring(target)
        if declaring:
            confidence: Confidence = "sure" if len(declaring) == 1 else "likely"
            names = () if reference.kind == "test" else reference.names
            return Resolved(tuple(Hit(one, names, confidence=confidence) for one in declaring))
        bound = any(one.local for one in reference.names)
        above = target.rpartition("\\")[0]
        inside = (above and above in self.namespaces) or any(
            target.startswith(prefix) for prefix, _ in self.expected if prefix
        )
        is_namespace = target in self.namespaces or any(one.startswith(f"{target}\\") for one in self.namespaces)
        return Resolved(why=f"no file declares {target}" if bound and inside and not is_namespace else "")

    def _declaring(self, full: str) -> list[str]:
        found = self.declaring.get(full.lower(), [])
        if len(found) < 2:
            return found
        places = {
            f"{home}/{full[len(prefix) :]}.php".lstrip("/").replace("\\", "/")
            for prefix, home in self.expected
            if full.startswith(prefix)
        }
        return [one for one in found if one in places] or found

    def _near(self, prefix: str, names: tuple[Name, ...]) -> Resolved:
        taken: dict[str, list[Name]] = defaultdict(list)
        several: set[str] = set()
        for name in names:
            called = name.name.endswith("()")
            # A function that the namespace does not have is looked for outside of any.
            declaring = self._declaring(prefix + name.name) or (self._declaring(name.name) if called else [])
            if len(declaring) > 1:
                several.update(declaring)
            plain = name.name.removesuffix("()")
            for one in declaring:
                taken[one].append(Name(plain, plain))
        hits = (
            Hit(one, tuple(found), confidence="likely" if one in several else "sure") for one, found in taken.items()
        )
        return Resolved(tuple(hits))

    def _included(self, path: str, target: str) -> Resolved:
        if not target:
            return Resolved(why="includes a computed path")
        place = within(folder(path), target)
        if place in self.files.paths and place is not None:
            return Resolved((Hit(place),))
        # Plain paths are looked for along `include_path` and from where the program started.
        if not target.startswith("./") and not target.startswith("../"):
            place = within("", target)
            if place in self.files.paths and place is not None:
                return Resolved((Hit(place, confidence="likely"),))
        installed = "vendor/" in target or target.startswith("/")
        return Resolved(why="" if installed else f"includes {target}, which is not there")


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
