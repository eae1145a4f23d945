"""npm, pnpm, Yarn and Bun: package.json, pnpm's workspace file with its catalogs, Yarn's settings."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .documents import Yaml, json_of, table, yaml_of
from .model import Manifest, Requirement, named

GROUPS = {
    "dependencies": "",
    "devDependencies": "dev",
    "peerDependencies": "peer",
    "optionalDependencies": "optional",
}
"""The sections of package.json that name dependencies, and for what they are."""

# Packages of the same repository: nothing comes from a registry.
_INTERNAL = ("workspace:", "link:", "file:", "portal:", "./", "../", "~/")
# What an override is about is the last package it names: `**/a`, `b/a`, `b>a`, `a@^1`.
_OVERRIDDEN = re.compile(r"((?:@[^/@>\s]+/)?[^/@>\s*]+)(?:@[^>]*)?$")
_YARN = re.compile(r"yarn-([\w.+-]+?)\.c?js$")


def _package_json(_: str, text: str) -> Iterator[Requirement]:
    data = json_of(text)
    for section, group in GROUPS.items():
        yield from packages(table(data.get(section)), group, f'"{section}"')
    for section in ("overrides", "resolutions"):
        yield from overrides(table(data.get(section)), f'"{section}"')
    yield from overrides(table(table(data.get("pnpm")).get("overrides")), '"overrides"')
    workspaces = table(data.get("workspaces"))
    for holder in (data, workspaces):
        yield from packages(table(holder.get("catalog")), "", '"catalog"')
        for name, catalog in table(holder.get("catalogs")).items():
            yield from packages(table(catalog), f"catalog {name}", f'"{name}"')
    for section in ("engines", "volta"):
        for name, version in table(data.get(section)).items():
            if isinstance(version, str) and name != "extends":
                yield Requirement(name=name, spec=version, kind="runtime", under=f'"{section}"')
    manager = data.get("packageManager")
    if isinstance(manager, str) and "@" in manager:
        name, _, version = manager.partition("@")
        yield Requirement(name=name, spec=version.partition("+")[0], kind="runtime", under='"packageManager"')


def packages(section: Mapping[str, Any], group: str, under: str) -> Iterator[Requirement]:
    """What a table of names and specs asks for, without packages of the same repository."""
    for name, spec in section.items():
        if isinstance(spec, str) and not spec.startswith(_INTERNAL):
            yield Requirement(name=name, spec=spec, group=group, under=under)


def overrides(section: Mapping[str, Any], under: str) -> Iterator[Requirement]:
    """What npm's, pnpm's and Yarn's ways to force a version say, each for the package whose version it is."""
    todo: list[tuple[str, object]] = list(section.items())
    for key, value in todo:
        if isinstance(value, dict):
            todo += [(key if inner == "." else inner, spec) for inner, spec in value.items()]
            continue
        found = _OVERRIDDEN.search(key)
        if found and isinstance(value, str) and not value.startswith(_INTERNAL):
            yield Requirement(name=found[1], spec=value, group="override", under=under)


def _workspace_file(_: str, text: str) -> Iterator[Requirement]:
    data = yaml_of(text)
    yield from _entries(data.get("catalog"), "")
    for name, catalog in data.get("catalogs").items():
        yield from _entries(catalog, "" if name == "default" else f"catalog {name}")
    for key, value in data.get("overrides").items():
        found = _OVERRIDDEN.search(key)
        if found and not value.text.startswith(_INTERNAL):
            yield Requirement(name=found[1], spec=value.text, group="override", line=value.line)
    for key in ("useNodeVersion", "nodeVersion"):
        if version := data.get(key).text:
            yield Requirement(name="node", spec=version, kind="runtime", line=data.get(key).line)


def _entries(section: Yaml, group: str) -> Iterable[Requirement]:
    for name, value in section.items():
        if not value.text.startswith(_INTERNAL):
            yield Requirement(name=name, spec=value.text, group=group, line=value.line)


def _yarn_settings(_: str, text: str) -> Iterator[Requirement]:
    data = yaml_of(text)
    path = data.get("yarnPath")
    if version := _YARN.search(path.text):
        yield Requirement(name="yarn", spec=version[1], kind="runtime", line=path.line)
    yield from _entries(data.get("catalog"), "")
    for name, catalog in data.get("catalogs").items():
        yield from _entries(catalog, f"catalog {name}")


PACKAGE_JSON = Manifest(ecosystem="npm", claims=named("package.json"), read=_package_json)
PNPM_WORKSPACE = Manifest(
    ecosystem="npm", claims=named("pnpm-workspace.yaml", "pnpm-workspace.yml"), read=_workspace_file
)
YARN_SETTINGS = Manifest(ecosystem="npm", claims=named(".yarnrc.yml"), read=_yarn_settings)
