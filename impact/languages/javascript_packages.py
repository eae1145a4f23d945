"""Packages of the tree: which one a name means from where, and which file a package answers with."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from fnmatch import translate
from typing import Any

from ..model import Files
from .javascript_configs import Package, join, parents, read_json, strings, workspaces

_FIELDS = ("source", "types", "typings", "module", "main", "browser", "svelte", "style")
_LINKS = ("file:", "link:", "portal:", "workspace:")
_NEEDS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_BUILT = re.compile(r"\.(?:d\.[cm]?ts|d\.\w+\.ts|[cm]?[jt]sx?)$")


def split_name(specifier: str) -> tuple[str, str]:
    """A package's name and the path within it, from `@scope/name/path`."""
    parts = specifier.split("/")
    size = 2 if specifier.startswith("@") else 1
    return "/".join(parts[:size]), "/".join(parts[size:])


class Packages:
    """The packages of one tree."""

    def __init__(self, files: Files) -> None:
        self._files = files
        # `node_modules` that are kept in the tree are looked up by path, not by name.
        self.manifests: dict[str, Package] = {
            posixpath.dirname(path): Package(posixpath.dirname(path), read_json(files, path))
            for path in sorted(files.paths)
            if (path == "package.json" or path.endswith("/package.json")) and "node_modules/" not in path
        }
        self.installed = frozenset(
            path.rpartition("node_modules/")[0] for path in files.paths if "node_modules/" in path
        )
        self._members = self._all_members()

    def _all_members(self) -> dict[str, dict[str, Package]]:
        found: dict[str, dict[str, Package]] = {}
        for root, listed in workspaces(self._files, self.manifests):
            prefix = f"{root}/" if root else ""
            inside = [one for one in self.manifests.values() if one.folder.startswith(prefix) and one.name]
            wanted = [_folders(one) for one in listed if not one.startswith("!")]
            unwanted = [_folders(one[1:]) for one in listed if one.startswith("!")]
            members = found.setdefault(root, {})
            for package in inside:
                path = package.folder[len(prefix) :]
                listed_so = any(one.match(path) for one in wanted) and not any(one.match(path) for one in unwanted)
                if listed_so or package.folder == root:
                    members.setdefault(package.name, package)
        return found

    @property
    def telling(self) -> Iterator[str]:
        """The folders that say what names of packages mean for what is in them."""
        yield from self.manifests
        yield from self._members
        yield from (prefix.rstrip("/") for prefix in self.installed)

    def mode(self, path: str) -> str:
        """How a file without types is loaded: `import` or `require`."""
        if path.endswith((".mjs", ".cjs")):
            return "import" if path.endswith(".mjs") else "require"
        own = self.nearest(posixpath.dirname(path))
        return "import" if own is not None and own.data.get("type") == "module" else "require"

    def nearest(self, folder: str) -> Package | None:
        """The package that a folder belongs to."""
        for one in (folder, *parents(folder)):
            if one in self.manifests:
                return self.manifests[one]
        return None

    def named(self, folder: str, name: str) -> Package | None:
        """The package of the tree that a name means for files of a folder: itself, a member, a link."""
        own = self.nearest(folder)
        if own is not None and own.name == name:
            return own
        if own is not None:
            for need in _NEEDS:
                listed = own.data.get(need)
                version = listed.get(name) if isinstance(listed, dict) else None
                if isinstance(version, str) and version.startswith(_LINKS):
                    linked = self.manifests.get(join(own.folder, version.split(":", 1)[1]))
                    if linked is not None:
                        return linked
        for root in (folder, *parents(folder)):
            if name in self._members.get(root, ()):
                return self._members[root][name]
        return None

    def file(self, folder: str, specifier: str) -> str:
        """The file of a package of the tree that a path with an extension names; empty if there is none."""
        name, within = split_name(specifier)
        package = self.named(folder, name)
        if package is None:
            return ""
        options = (join(package.folder, within), join(package.folder, within + ".json"))
        found = next((one for one in options if one in self._files.paths), "")
        return found or next(
            (one for one in (join(package.folder, "tsconfig.json"),) if one in self._files.paths), ""
        )


def _folders(pattern: str) -> re.Pattern[str]:
    """A pattern of folders: `*` stays within one, `**` does not."""
    cleaned = posixpath.normpath(pattern)
    if "**" in cleaned:
        return re.compile(translate(cleaned.replace("/**", "*").replace("**/", "*")))
    return re.compile(translate(cleaned).replace(".*", "[^/]*"))


def entries(package: Package, within: str, mode: str) -> Iterator[str]:
    """The paths, from the package's folder, that it says a path within it is, best first."""
    exports = package.data.get("exports")
    if exports is not None:
        yield from mapped(exports, f"./{within}" if within else ".", mode)
    elif within:
        yield within
    else:
        yield from list(fields(package)) or ["index"]


def fields(package: Package) -> Iterator[str]:
    """The paths a package names as its own file, as they stood before `exports`."""
    for key in _FIELDS:
        yield from (one for one in strings(package.data.get(key)) if one)


def mapped(table: Any, wanted: str, mode: str) -> Iterator[str]:
    """What `exports` or `imports` maps a subpath to, under any condition, in their order.

    `mode` is `import` or `require` where it is known that the other condition cannot hold, else empty.
    """
    if not isinstance(table, dict) or not any(key.startswith((".", "#")) for key in table):
        table = {".": table}
    if wanted in table:
        yield from _leaves(table[wanted], mode)
        return
    patterns = [key for key in table if key.count("*") == 1 or key.endswith("/")]
    for key in sorted(patterns, key=lambda one: -len(one.split("*")[0])):
        before, _, after = key.partition("*")
        if wanted.startswith(before) and wanted.endswith(after) and len(wanted) >= len(before) + len(after):
            star = wanted[len(before) : len(wanted) - len(after)]
            yield from (one.replace("*", star) if "*" in key else one + star for one in _leaves(table[key], mode))
            return


def _leaves(value: Any, mode: str) -> Iterator[str]:
    other = {"import": "require", "require": "import"}.get(mode)
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting.extend(reversed([value for key, value in one.items() if key != other]))
        elif isinstance(one, list):
            waiting.extend(reversed(one))


def sources(path: str) -> Iterator[str]:
    """Where the source of a built file may be: `dist/esm/x.js` comes of `src/x`, `src/esm/x`, `x`, ….

    Paths are without extension, from the package's folder.
    """
    parts = posixpath.normpath(_BUILT.sub("", path)).split("/")
    for drop in range(1, min(len(parts), 4)):
        rest = "/".join(parts[drop:])
        yield f"src/{rest}"
        yield rest
    if len(parts) == 1:
        yield f"src/{parts[0]}"
