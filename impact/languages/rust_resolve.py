"""Rust: which file is which module, and where paths lead through them."""

import posixpath
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..model import Files, Hit, Name, Reference, Resolved, Resolver
from .lexing import folder, within

_DEPTH = 8
"""Inline modules around a declared one; deeper ones are not looked for."""
_ROOTS = ("tests", "examples", "benches", "src/bin")


@dataclass
class _Crate:
    """A package of the tree: its folder, its library's file, what it calls others."""

    home: str
    name: str
    library: str
    roots: set[str]
    needs: dict[str, str] = field(default_factory=dict)


def resolver(files: Files) -> Resolver:
    """Where each reference of a Rust file leads."""
    return _Tree(files).resolve


class _Tree:
    def __init__(self, files: Files) -> None:
        self.files = files
        self.sources = {path for path in files.facts if path.endswith(".rs")}
        self.crates = {crate.home: crate for crate in self._crates()}
        self.named = {crate.name: crate for crate in self.crates.values() if crate.library}
        self.children: dict[str, dict[str, str]] = {}
        self.parents: dict[str, str] = {}
        self.depth: dict[str, int] = {}
        self.home: dict[str, _Crate] = {}
        for crate in self.crates.values():
            for root in sorted(crate.roots, key=lambda one: one != crate.library):
                self._grow(root, crate)

    def _crates(self) -> Iterator[_Crate]:
        for path in sorted(self.files.paths):
            if posixpath.basename(path) != "Cargo.toml":
                continue
            home = folder(path)
            manifest = _toml(self.files, path)
            package = manifest.get("package")
            if isinstance(package, dict):
                yield self._crate(home, manifest, str(package.get("name", "")))

    def _crate(self, home: str, manifest: dict[str, Any], name: str) -> _Crate:
        def there(path: object) -> str:
            place = within(home, str(path))
            return place if place in self.sources and place is not None else ""

        library = manifest.get("lib") if isinstance(manifest.get("lib"), dict) else {}
        assert isinstance(library, dict)
        root = there(library.get("path", "src/lib.rs"))
        roots = {root, there("src/main.rs"), there("build.rs")}
        for kind in ("bin", "example", "test", "bench"):
            targets = manifest.get(kind)
            for one in targets if isinstance(targets, list) else ():
                if isinstance(one, dict) and "path" in one:
                    roots.add(there(one["path"]))
        for place in _ROOTS:
            start = f"{within(home, place)}/"
            inside = (one for one in self.sources if one.startswith(start))
            roots.update(one for one in inside if _is_root(one.removeprefix(start)))
        crate = _Crate(home, str(library.get("name") or name).replace("-", "_"), root, roots - {""})
        for section in ("dependencies", "dev-dependencies", "build-dependencies"):
            needs = manifest.get(section)
            for alias, what in needs.items() if isinstance(needs, dict) else ():
                package = what.get("package", alias) if isinstance(what, dict) else alias
                crate.needs[str(alias).replace("-", "_")] = str(package).replace("-", "_")
        return crate

    def _grow(self, root: str, crate: _Crate) -> None:
        """The modules below a root; each file is in one place, the first that declares it."""
        todo = [(root, True)]
        self.home.setdefault(root, crate)
        while todo:
            path, is_root = todo.pop()
            if path in self.children:
                continue
            known = self.children[path] = {}
            for one in self.files.facts[path].references:
                if one.target.startswith("mod "):
                    name, child = self._declared(path, one.target, is_root or path.endswith("/mod.rs"))
                    if child:
                        known[name] = child
                        self.parents.setdefault(child, path)
                        self.depth.setdefault(child, name.count("::") + 1)
                        self.home.setdefault(child, crate)
                        todo.append((child, " = " in one.target))

    def _declared(self, path: str, target: str, owns_folder: bool) -> tuple[str, str]:
        """The name of a declared module, and its file; empty if there is none."""
        name, _, placed = target.removeprefix("mod ").partition(" = ")
        base = folder(path) if owns_folder else path.removesuffix(".rs")
        parts = name.split("::")
        if placed:
            inner = "/".join([base, *parts[:-1]]) if len(parts) > 1 else folder(path)
            candidates = [within(inner, placed)]
        else:
            inner = "/".join(parts)
            candidates = [within(base, f"{inner}.rs"), within(base, f"{inner}/mod.rs")]
        return name, next((one for one in candidates if one in self.sources and one is not None), "")

    def resolve(self, path: str, reference: Reference) -> Resolved:
        target = reference.target
        if reference.kind == "path":
            return self._included(path, target)
        if target.startswith("mod "):
            return self._module(path, target, reference.local)
        start, parts = self._start(path, target.split("::"))
        if start is None:
            why = f"{target} leads above the crate" if parts else ""
            return Resolved(why=why)
        return self._walk(path, start, parts, reference)

    def _module(self, path: str, target: str, local: str) -> Resolved:
        name = target.removeprefix("mod ").partition(" = ")[0]
        child = self.children.get(path, {}).get(name, "")
        if not child and path not in self.children:  # a file that no root declares
            owns = posixpath.basename(path) in {"mod.rs", "lib.rs", "main.rs"}
            child = self._declared(path, target, owns)[1] or self._declared(path, target, not owns)[1]
        if not child:
            return Resolved(why=f"declares module {name}, but there is no file for it")
        return Resolved((Hit(child, (), local),))

    def _start(self, path: str, parts: list[str]) -> tuple[str | None, list[str]]:
        """The file a path starts from and what remains of it; None and nothing if it is out of the tree."""
        first, rest = parts[0], parts[1:]
        crate = self.home.get(path)
        if first == "crate":
            return self._top(path), rest
        if first in {"self", "super"}:
            at: str | None = path
            parts = parts[1:] if first == "self" else parts
            while parts and parts[0] == "super":
                if at is None or at not in self.parents:
                    return None, parts if crate else []
                if self.depth[at] > 1:  # declared within inline modules: the file above still holds them
                    return self.parents[at], parts[1:]
                at, parts = self.parents[at], parts[1:]
            return at, parts
        if first in self.children.get(path, {}):
            return path, parts
        if crate is None:
            return None, []
        named = self.named.get(crate.needs.get(first, ""))
        if named is None and first == crate.name and crate.library != path:
            named = crate
        return (named.library, rest) if named is not None and named.library else (None, [])

    def _top(self, path: str) -> str:
        seen = set()
        while path in self.parents and path not in seen:
            seen.add(path)
            path = self.parents[path]
        return path

    def _walk(self, path: str, start: str, parts: list[str], reference: Reference) -> Resolved:
        at, rest = self._down(start, parts)
        found: dict[str, list[Name]] = {}
        wholes: dict[str, str] = {}
        for name in reference.names:
            # `use a::b` may bring module b itself, and `a::b::*` or `a::b::C` what is within it.
            last, left = self._down(at, [name.name]) if not rest else (at, [name.name])
            if not left:
                wholes[last] = name.local
                found.setdefault(at, []).append(name)  # the module above may have a function of that name as well
            elif rest and rest[0][:1].isupper():  # Type::member
                found.setdefault(at, []).append(Name(rest[0]))
            else:
                # What follows may be a module within this file, or one that it passes on.
                found.setdefault(at, []).extend((name, *map(Name, rest[:1])))
        if not reference.names:
            wholes[at] = reference.local
        hits = [Hit(one, tuple(dict.fromkeys(names))) for one, names in found.items() if one != path]
        hits += [Hit(one, (), local) for one, local in wholes.items() if one != path]
        return Resolved(tuple(hits))

    def _down(self, at: str, parts: list[str]) -> tuple[str, list[str]]:
        """As far as a path walks through files; inline modules only if a file is declared within them."""
        parts = list(parts)
        while parts:
            known = self.children.get(at, {})
            length = next((n for n in range(1, min(len(parts), _DEPTH) + 1) if "::".join(parts[:n]) in known), 0)
            if not length:
                break
            at, parts = known["::".join(parts[:length])], parts[length:]
        return at, parts

    def _included(self, path: str, target: str) -> Resolved:
        if target.startswith("/"):
            crate = self.home.get(path)
            place = within(crate.home if crate else "", target[1:])
        else:
            place = within(folder(path), target)
        if place in self.files.paths and place is not None:
            return Resolved((Hit(place),))
        return Resolved(why=f"includes {target}, which is not there")


def _is_root(path: str) -> bool:
    """Whether a file below `tests` and the like is a crate of its own: `x.rs` or `x/main.rs`."""
    return "/" not in path or (path.count("/") == 1 and path.endswith("/main.rs"))


def _toml(files: Files, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(files.read(path).decode("utf-8", "replace"))
    except tomllib.TOMLDecodeError:
        return {}
