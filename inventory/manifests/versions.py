"""What a project publishes itself as: the name and version that its own manifest gives it, registry by registry."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .documents import json_of, strings, table, toml_of, xml_of, yaml_of
from .model import named


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """A package as its own manifest names it.

    Attributes:
        name: as the registry has it.
        version: as it is written.
        private: whether the manifest says that it is not to be published.
        word: what stands on the line of the version, to find it by.
    """

    name: str
    version: str
    private: bool = False
    word: str = "version"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A format that names a package's own version.

    Attributes:
        registry: where such packages go: `npm`, `pypi` …
        claims: whether a path is one.
        read: the packages, from the path and the text.

    Raises (`read`):
        UnreadableError: the text does not parse.
    """

    registry: str
    claims: Callable[[str], bool]
    read: Callable[[str, str], Iterator[Published]]


_GEMSPEC_NAME = re.compile(r"\.name\s*=\s*[\"']([^\"']+)[\"']")
_GEMSPEC_VERSION = re.compile(r"\.version\s*=\s*[\"']([^\"']+)[\"']")
_MIX_APP = re.compile(r"\bapp:\s*:(\w+)")
_MIX_VERSION = re.compile(r"(?:\bversion:|@version)\s+\"([^\"]+)\"")
_SETUP_CALL = re.compile(r"\bsetup\s*\(")
_SETUP_NAME = re.compile(r"\bname\s*=\s*[\"']([^\"']+)[\"']")
_SETUP_VERSION = re.compile(r"\bversion\s*=\s*[\"']([^\"']+)[\"']")


def _package_json(_: str, text: str) -> Iterator[Published]:
    data = json_of(text)
    name, version = data.get("name"), data.get("version")
    if isinstance(name, str) and isinstance(version, str):
        yield Published(name=name, version=version, private=data.get("private") is True, word='"version"')


def _pyproject(_: str, text: str) -> Iterator[Published]:
    data = toml_of(text)
    project, poetry = table(data.get("project")), table(table(data.get("tool")).get("poetry"))
    for owner in (project, poetry):
        name, version = owner.get("name") or project.get("name"), owner.get("version")
        if isinstance(name, str) and isinstance(version, str):
            private = owner.get("package-mode") is False or any(
                one.startswith("Private ::") for one in strings(owner.get("classifiers"))
            )
            yield Published(name=name, version=version, private=private)
            return


def _setup(_: str, text: str) -> Iterator[Published]:
    call = _SETUP_CALL.search(text)
    name, version = (pattern.search(text, call.end()) if call else None for pattern in (_SETUP_NAME, _SETUP_VERSION))
    if name and version:
        yield Published(name=name[1], version=version[1])


def _gemspec(path: str, text: str) -> Iterator[Published]:
    name, version = _GEMSPEC_NAME.search(text), _GEMSPEC_VERSION.search(text)
    if version:
        stem = path.rpartition("/")[2].removesuffix(".gemspec")
        yield Published(name=name[1] if name else stem, version=version[1])


def _cargo(_: str, text: str) -> Iterator[Published]:
    package = table(toml_of(text).get("package"))
    name, version = package.get("name"), package.get("version")
    if isinstance(name, str) and isinstance(version, str):
        yield Published(name=name, version=version, private=package.get("publish") in (False, []))


def _chart(_: str, text: str) -> Iterator[Published]:
    data = yaml_of(text)
    if (name := data.get("name").text) and (version := data.get("version").text):
        yield Published(name=name, version=version)


def _composer(_: str, text: str) -> Iterator[Published]:
    data = json_of(text)
    name, version = data.get("name"), data.get("version")
    if isinstance(name, str) and isinstance(version, str):
        yield Published(name=name, version=version, private=data.get("type") == "project", word='"version"')


def _pom(_: str, text: str) -> Iterator[Published]:
    project = xml_of(text)
    parent = next((one for one in project.children if one.tag == "parent"), project)
    group, name = project.child("groupId") or parent.child("groupId"), project.child("artifactId")
    version = project.child("version")
    # Snapshots are made to be overwritten.
    if name and version and "${" not in version and not version.endswith("-SNAPSHOT"):
        yield Published(name=f"{group}:{name}", version=version)


def _csproj(path: str, text: str) -> Iterator[Published]:
    project = xml_of(text)
    values = {one.tag: one.text.strip() for group in project.all("PropertyGroup") for one in group.children}
    version = values.get("PackageVersion") or values.get("Version") or values.get("VersionPrefix")
    if version and "$(" not in version:
        stem = path.rpartition("/")[2].rpartition(".")[0]
        private = values.get("IsPackable", "").lower() == "false"
        yield Published(name=values.get("PackageId") or stem, version=version, private=private, word="Version")


def _mix(_: str, text: str) -> Iterator[Published]:
    name, version = _MIX_APP.search(text), _MIX_VERSION.search(text)
    if name and version:
        # Only a project with a description of a package is meant for the registry.
        yield Published(name=name[1], version=version[1], private="package:" not in text)


def _pubspec(_: str, text: str) -> Iterator[Published]:
    data = yaml_of(text)
    if (name := data.get("name").text) and (version := data.get("version").text):
        yield Published(name=name, version=version, private=data.get("publish_to").text == "none")


SOURCES: tuple[Source, ...] = (
    Source(registry="npm", claims=named("package.json"), read=_package_json),
    Source(registry="pypi", claims=named("pyproject.toml"), read=_pyproject),
    Source(registry="pypi", claims=named("setup.py", "setup.cfg"), read=_setup),
    Source(registry="rubygems", claims=lambda path: path.endswith(".gemspec"), read=_gemspec),
    Source(registry="cargo", claims=named("Cargo.toml"), read=_cargo),
    Source(registry="helm", claims=named("Chart.yaml"), read=_chart),
    Source(registry="packagist", claims=named("composer.json"), read=_composer),
    Source(registry="maven", claims=named("pom.xml"), read=_pom),
    Source(registry="nuget", claims=lambda path: path.endswith((".csproj", ".fsproj")), read=_csproj),
    Source(registry="hex", claims=named("mix.exs"), read=_mix),
    Source(registry="pub", claims=named("pubspec.yaml"), read=_pubspec),
)
"""The first that claims a path reads it."""
