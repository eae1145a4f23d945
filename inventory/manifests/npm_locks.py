"""npm's, pnpm's, Yarn's and Bun's lock files: the versions of direct dependencies."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .documents import json_of, table, yaml_of
from .model import Asking, Lock
from .npm import GROUPS

_MANIFESTS = ("package.json", ".yarnrc.yml")
_YARN_ENTRY = re.compile(r'^(?![ #])(\S[^\n]*):\r?\n  version:? "?([^"\r\n]+)"?', re.MULTILINE)
_YARN_KEY = re.compile(r"(@?[^@]+)@(.+)")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_PNPM_SECTION = re.compile(r"^(importers|dependencies|devDependencies|optionalDependencies):[^\n]*\n", re.MULTILINE)
_NEXT_SECTION = re.compile(r"^[^\s#]", re.MULTILINE)
# What follows a version says which peers it was resolved with.
_PEERS = re.compile(r"[(_].*", re.DOTALL)


def joined(versions: Mapping[str, set[str]]) -> dict[str, str]:
    """Versions by name, several of them as a list in words."""
    return {name: ", ".join(sorted(found)) for name, found in versions.items() if found}


def _package_lock(text: str, asked: Asking) -> Mapping[str, str]:
    data = json_of(text)
    installed = table(data.get("packages"))
    if not installed:
        old = table(data.get("dependencies"))
        return {name: str(table(old[name]).get("version", "")) for name in asked() if name in old}
    found: dict[str, set[str]] = {}
    for folder, package in installed.items():
        # What is neither below node_modules nor a link to it is a package of this repository.
        if "node_modules/" in folder or not isinstance(package, dict):
            continue
        inside = f"{folder}/node_modules/" if folder else "node_modules/"
        for name in _direct(package):
            entry = installed.get(inside + name) or installed.get(f"node_modules/{name}")
            if isinstance(entry, dict) and not entry.get("link") and entry.get("version"):
                found.setdefault(name, set()).add(str(entry["version"]))
    return joined(found)


def _direct(package: Mapping[str, Any]) -> Iterator[str]:
    for section in GROUPS:
        yield from table(package.get(section))


def _yarn_lock(text: str, asked: Asking) -> Mapping[str, str]:
    wanted = asked()
    found: dict[str, set[str]] = {}
    for keys, version in _YARN_ENTRY.findall(text):
        for key in keys.replace('"', "").split(", "):
            parts = _YARN_KEY.fullmatch(key)
            if parts and parts[2].removeprefix("npm:") in wanted.get(parts[1], ()):
                found.setdefault(parts[1], set()).add(version)
    return joined(found)


def _pnpm_lock(text: str, _: Asking) -> Mapping[str, str]:
    found: dict[str, set[str]] = {}
    for start in _PNPM_SECTION.finditer(text):
        end = _NEXT_SECTION.search(text, start.end())
        section = yaml_of(text[start.start() : end.start() if end else len(text)]).get(start[1])
        importers = list(section.values()) if start[1] == "importers" else []
        for listed in [one.get(group) for one in importers for group in GROUPS] or [section]:
            for name, value in listed.items():
                version = _PEERS.sub("", value.get("version").text or value.text)
                if version and not version.startswith(("link:", "file:")):
                    found.setdefault(name, set()).add(version.rpartition("@")[2])
    return joined(found)


def _bun_lock(text: str, _: Asking) -> Mapping[str, str]:
    data = json_of(_without_trailing_commas(text))
    resolved = table(data.get("packages"))
    found: dict[str, set[str]] = {}
    for package in table(data.get("workspaces")).values():
        for name in _direct(table(package)):
            entry = resolved.get(name)
            if isinstance(entry, list) and entry and isinstance(entry[0], str) and "@workspace:" not in entry[0]:
                found.setdefault(name, set()).add(entry[0].rpartition("@")[2])
    return joined(found)


def _without_trailing_commas(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return _TRAILING_COMMA.sub("", text)
    return text


NPM_LOCK = Lock(
    ecosystem="npm",
    names=frozenset({"package-lock.json", "npm-shrinkwrap.json"}),
    resolved=_package_lock,
    manifests=_MANIFESTS,
)
YARN_LOCK = Lock(ecosystem="npm", names=frozenset({"yarn.lock"}), resolved=_yarn_lock, manifests=_MANIFESTS)
PNPM_LOCK = Lock(ecosystem="npm", names=frozenset({"pnpm-lock.yaml"}), resolved=_pnpm_lock, manifests=_MANIFESTS)
BUN_LOCK = Lock(ecosystem="npm", names=frozenset({"bun.lock"}), resolved=_bun_lock, manifests=_MANIFESTS)
BUN_BINARY_LOCK = Lock(ecosystem="npm", names=frozenset({"bun.lockb"}))
