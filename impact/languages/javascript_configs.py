"""The files that say what a specifier means: `tsconfig.json`, `package.json` and the lists of workspaces."""

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..model import Files

_TOKENS = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])', re.DOTALL)
_YAML_ITEM = re.compile(r"^\s*+-\s*+['\"]?([^'\"#\n]+?)['\"]?\s*+(?:#.*)?$")
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Alias:
    """What `paths` of a tsconfig maps: a pattern with at most one `*`, and paths of the tree to try."""

    pattern: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """What a tsconfig or jsconfig says about specifiers; `base` is None without a `baseUrl`."""

    aliases: tuple[Alias, ...] = ()
    base: str | None = None
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """A `package.json` of the tree and the folder it is in."""

    folder: str
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What others import it by; empty if it has none."""
        name = self.data.get("name")
        return name if isinstance(name, str) else ""


def join(folder: str, path: str) -> str:
    """A path of the tree; it starts with `..` if it leaves the tree."""
    joined = posixpath.normpath(posixpath.join(folder, path)) if folder else posixpath.normpath(path)
    return "" if joined == "." else joined


def parents(path: str) -> Iterator[str]:
    """The folders that hold a path, nearest first; the tree itself is the empty one."""
    while path:
        path = posixpath.dirname(path)
        yield path


def read_json(files: Files, path: str) -> dict[str, Any]:
    """An object with comments and trailing commas allowed; empty if it cannot be read."""
    try:
        text = files.read(path).decode("utf-8-sig", "replace")
        try:
            found = json.loads(text)
        except ValueError:
            found = json.loads(_TOKENS.sub(lambda one: one[0] if one[0][0] == '"' else "", text))
    except (OSError, ValueError, KeyError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def strings(value: object) -> list[str]:
    """The strings of a list, or the string alone."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


_NAMES = ("tsconfig.json", "jsconfig.json", "tsconfig.base.json")


class Configs:
    """The tsconfigs of a tree, read when they are asked for."""

    def __init__(self, files: Files, package_file: Callable[[str, str], str]) -> None:
        self._files = files
        self._package_file = package_file
        self._chains: dict[str, tuple[Config, ...]] = {}
        self._configs: dict[str, tuple[Config, ...]] = {}

    @property
    def telling(self) -> Iterator[str]:
        """The folders that have one."""
        for path in self._files.paths:
            if path.endswith(_NAMES) and posixpath.basename(path) in _NAMES:
                yield posixpath.dirname(path)

    def chain(self, folder: str) -> tuple[Config, ...]:
        """The configs that may hold for files of a folder, nearest first."""
        found = self._chains.get(folder)
        if found is None:
            found = tuple(config for each in (folder, *parents(folder)) for config in self._own(each))
            self._chains[folder] = found
        return found

    def _own(self, folder: str) -> tuple[Config, ...]:
        for name in _NAMES:
            path = join(folder, name)
            if path in self._files.paths:
                return self._with_references(path)
        return ()

    def _with_references(self, path: str) -> tuple[Config, ...]:
        if path not in self._configs:
            configs = [self._config(path, 0)]
            references = read_json(self._files, path).get("references")
            for one in references if isinstance(references, list) else ():
                target = one.get("path") if isinstance(one, dict) else None
                found = self._file(posixpath.dirname(path), target) if isinstance(target, str) else ""
                # A project in a folder of its own holds for the files there, and is found from there.
                if found and posixpath.dirname(found) == posixpath.dirname(path):
                    configs.append(self._config(found, 0))
            self._configs[path] = tuple(one for one in configs if one != Config())
        return self._configs[path]

    def _file(self, folder: str, target: str) -> str:
        if not target.startswith(("./", "../", "/")) and target not in (".", ".."):
            return self._package_file(folder, target)
        base = join(folder, target)
        options = (base, base + ".json", join(base, "tsconfig.json"))
        return next((one for one in options if one in self._files.paths), "")

    def _config(self, path: str, depth: int) -> Config:
        data = read_json(self._files, path)
        folder = posixpath.dirname(path)
        inherited = Config()
        for parent in strings(data.get("extends")) if depth < _DEEPEST else ():
            found = self._file(folder, parent)
            if found:
                above = self._config(found, depth + 1)
                inherited = Config(
                    above.aliases or inherited.aliases,
                    above.base if above.base is not None else inherited.base,
                    above.roots or inherited.roots,
                )
        options = data.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        base = options.get("baseUrl")
        base = join(folder, _here(base)) if isinstance(base, str) else inherited.base
        paths = options.get("paths")
        aliases = inherited.aliases
        if isinstance(paths, dict):
            aliases = _aliases(paths, base if base is not None else folder)
        roots = strings(options.get("rootDirs"))
        return Config(aliases, base, tuple(join(folder, _here(root)) for root in roots) or inherited.roots)


def _here(path: str) -> str:
    return path.replace("${configDir}", ".")


def _aliases(paths: Mapping[str, object], base: str) -> tuple[Alias, ...]:
    """Exact ones first, then the longest part before the `*`: the order TypeScript tries them in."""
    found = [
        Alias(pattern, tuple(join(base, _here(one)) for one in strings(targets)))
        for pattern, targets in paths.items()
    ]
    return tuple(sorted(found, key=lambda one: ("*" in one.pattern, -len(one.pattern.split("*")[0]))))


def workspaces(files: Files, manifests: Mapping[str, Package]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each folder that is the root of a workspace, with the patterns of its members' folders."""
    for folder, package in manifests.items():
        listed = package.data.get("workspaces")
        listed = listed.get("packages") if isinstance(listed, dict) else listed
        if strings(listed):
            yield folder, strings(listed)
    for path in files.paths:
        folder, _, name = path.rpartition("/")
        if name == "pnpm-workspace.yaml":
            yield folder, _yaml_packages(files.read(path))
        elif name == "lerna.json":
            yield folder, strings(read_json(files, path).get("packages"))
        elif name == "rush.json":
            projects = read_json(files, path).get("projects")
            folders = [one.get("projectFolder") for one in projects or () if isinstance(one, dict)]
            yield folder, strings(folders)


def _yaml_packages(data: bytes) -> list[str]:
    found: list[str] = []
    within = False
    for line in data.decode("utf-8", "replace").splitlines():
        if line[:1] not in (" ", "-", "#", "\t", ""):
            within = line.startswith("packages:")
            found += re.findall(r"['\"]?([^'\",\[\]\s]+)['\"]?", line.partition(":")[2]) if within else []
            continue
        item = _YAML_ITEM.match(line) if within else None
        if item is not None:
            found.append(item[1])
    return found
