"""The dbt projects of a tree: which folder holds what, and where a `ref`, a `source` or a macro leads."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..model import Confidence, Files, Hit, Resolved
from .yaml_values import values

_FOLDERS = {
    "model-paths": ("models",),
    "source-paths": (),
    "seed-paths": ("seeds",),
    "data-paths": (),
    "snapshot-paths": ("snapshots",),
    "macro-paths": ("macros",),
    "test-paths": ("tests",),
}
# What dbt installs or writes: no part of the project, though some commit it.
_MADE_BY_DBT = re.compile(r"(?:^|/)(?:dbt_packages|dbt_modules|target)/")
_VERSIONED = re.compile(r"(.+)[._]v(\d+(?:\.\d+)?)\Z")


@dataclass
class Project:
    """One dbt project.

    Attributes:
        root: its folder with a `/` at the end; empty at the root of the tree.
        name: as other packages call it.
        models: models, seeds and snapshots by name; several if the name is there twice.
        versions: files of a model's versions by its name.
        latest: the version a model's name alone stands for, where that is said.
        defined: files, without suffix, that hold a version of a model: `model@1`.
        macros: files of a macro by its name; `test_x` for a generic test.
        sources: YAML files of `source.table`; `source.` for the source alone.
    """

    root: str
    name: str = ""
    folders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    models: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    versions: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    latest: dict[str, str] = field(default_factory=dict)
    defined: dict[str, str] = field(default_factory=dict)
    macros: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sources: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def within(self, path: str, *settings: str) -> bool:
        """Whether a path lies in one of the folders of these settings."""
        below = path.removeprefix(self.root)
        return any(below.startswith(f"{one}/") for key in settings for one in self.folders[key])


class Projects:
    """Every dbt project of a tree."""

    def __init__(self, files: Files) -> None:
        """Read their settings and sort their files by name."""
        self._all = {
            root: _settings(root, files)
            for path in files.paths
            if posixpath.basename(path) in ("dbt_project.yml", "dbt_project.yaml") and not _MADE_BY_DBT.search(path)
            for root in (path[: path.rfind("/") + 1],)
        }
        if self._all:
            for path in sorted(files.paths):
                self._sort_in(path, files)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._all)

    def every(self) -> list[Project]:
        """All of them."""
        return list(self._all.values())

    def of(self, path: str) -> Project | None:
        """The project a file belongs to: the nearest `dbt_project.yml` above it."""
        folder = path
        while folder:
            folder = folder[: folder.rstrip("/").rfind("/") + 1]
            if folder in self._all:
                return self._all[folder]
        return self._all.get("")

    def _sort_in(self, path: str, files: Files) -> None:
        project = self.of(path)
        if project is None or _MADE_BY_DBT.search(path[len(project.root) :]):
            return
        stem, suffix = posixpath.splitext(posixpath.basename(path))
        known = files.facts.get(path)
        provided = known.provides if known is not None else ()
        if suffix == ".csv" and project.within(path, "seed-paths", "data-paths"):
            project.models[stem].append(path)
        elif suffix in (".sql", ".py", ".yml", ".yaml"):
            snapshots = [one.removeprefix("snapshot:") for one in provided if one.startswith("snapshot:")]
            for name in snapshots:
                project.models[name].append(path)
            in_models = project.within(path, "model-paths", "source-paths")
            if in_models and suffix in (".sql", ".py") and not snapshots:
                project.models[stem].append(path)
                if versioned := _VERSIONED.match(stem):
                    project.versions[versioned[1]][versioned[2]] = path
        for one in provided:
            word, _, name = one.partition(":")
            if word == "macro" and project.within(path, "macro-paths", "test-paths"):
                project.macros[name].append(path)
            elif word == "source":
                project.sources[name].append(path)
            elif word == "latest":
                project.latest[name.partition("@")[0]] = name.partition("@")[2]
            elif word == "version":
                project.defined[name.partition("=")[0]] = name.partition("=")[2]

    def _here_then_elsewhere(self, here: Project | None) -> list[list[Project]]:
        """Projects in the order names are looked up: one's own, then all others."""
        others = [one for one in self._all.values() if one is not here]
        return [[here], others] if here is not None else [others]

    def model(self, path: str, target: str) -> Resolved:
        """Where `ref` leads from a file: `model`, `package.model`, each with `@version`."""
        name, _, version = target.partition("@")
        package, dot, last = name.partition(".")
        if dot and any(one.name == package for one in self._all.values()):
            rounds = [[one for one in self._all.values() if one.name == package]]
        elif dot:
            return Resolved()
        else:
            rounds, last = self._here_then_elsewhere(self.of(path)), name
        for projects in rounds:
            found = [hit for one in projects for hit in _model_in(one, last, version)]
            if found:
                return _resolved(found)
        return Resolved(why=f"there is no model, seed or snapshot called {last} in this tree")

    def named(self, path: str, name: str) -> Resolved:
        """The model of one's own project that has this name, if there is one: a macro was given it as a string."""
        here = self.of(path)
        found = _model_in(here, name, "") if here else []
        return _resolved(found, "likely")

    def source(self, path: str, target: str) -> Resolved:
        """Where `source` leads: the YAML files that declare this table of it."""
        for projects in self._here_then_elsewhere(self.of(path)):
            found = [hit for one in projects for hit in one.sources.get(target, ())]
            if found:
                return _resolved(found)
        return Resolved(why=f"no file declares the source table {target}")

    def macro(self, path: str, target: str) -> Resolved:
        """Where a macro leads: `name` or `package.name`; out of the tree if nobody here makes it."""
        package, dot, last = target.rpartition(".")
        here = self.of(path)
        # Without a package: one's own, then those of the project that uses this one, never those of a package.
        above = [one for one in self._all.values() if here and one is not here and here.root.startswith(one.root)]
        named = [one for one in self._all.values() if one.name == package]
        for projects in [named] if dot else [[here] if here else [], above]:
            found = [hit for one in projects for hit in one.macros.get(last, ())]
            if found:
                return _resolved(found)
        return Resolved()

    def dispatched(self, target: str) -> Resolved:
        """Every macro that `adapter.dispatch` could choose: `default__name`, `postgres__name`, ….

        A project at the root of a tree may override the macros of the packages in it.
        """
        found = [
            file
            for one in self._all.values()
            for name, files in one.macros.items()
            if name.endswith(f"__{target}")
            for file in files
        ]
        return _resolved(sorted(set(found)), "likely")


def _settings(root: str, files: Files) -> Project:
    path = next(root + name for name in ("dbt_project.yml", "dbt_project.yaml") if root + name in files.paths)
    found = defaultdict[str, list[str]](list)
    for where, text, _ in values(files.read(path)).found:
        if where and isinstance(where[0], str) and all(isinstance(one, int) for one in where[1:]):
            found[where[0]].append(posixpath.normpath(text))
    folders = {key: tuple(found[key]) or default for key, default in _FOLDERS.items()}
    return Project(root, name=next(iter(found["name"]), ""), folders=folders)


def _model_in(project: Project, name: str, version: str) -> list[str]:
    """Files of a model; without a version the latest, which is the highest if nothing says otherwise."""
    versions = project.versions.get(name, {})
    wanted = version or project.latest.get(name, "")
    if wanted and f"{name}@{wanted}" in project.defined:
        return project.models.get(project.defined[f"{name}@{wanted}"], [])
    if wanted in versions:
        return [versions[wanted]]
    found = project.models.get(name, [])
    return found or ([versions[max(versions, key=float)]] if versions else [])


def _resolved(paths: Iterable[str], confidence: Confidence = "sure") -> Resolved:
    """Files that are all meant, or of which one is."""
    found = tuple(dict.fromkeys(paths))
    return Resolved(tuple(Hit(one, confidence=confidence if len(found) == 1 else "likely") for one in found))
