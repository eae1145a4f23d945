"""Cargo: Cargo.toml with its workspaces and targets, and Cargo.lock."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .documents import table, toml_of
from .model import Asking, Lock, Manifest, Requirement, named

_GROUPS = {"dependencies": "", "dev-dependencies": "dev", "build-dependencies": "build"}
_PACKAGE = re.compile(r'^\[\[package\]\]\r?\nname = "([^"\n]+)"\r?\nversion = "([^"\n]+)"\r?\nsource', re.MULTILINE)
_NUMBER = re.compile(r"\d+")


def _cargo_toml(_: str, text: str) -> Iterator[Requirement]:
    data = toml_of(text)
    workspace, package = table(data.get("workspace")), table(data.get("package"))
    holders = [(data, ""), (workspace, "workspace."), *_targets(data)]
    for holder, prefix in holders:
        for section, group in _GROUPS.items():
            yield from _dependencies(table(holder.get(section)), group, f"{prefix}{section}")
    for owner in (package, table(workspace.get("package"))):
        if isinstance(version := owner.get("rust-version"), str):
            yield Requirement(name="rust", spec=version, kind="runtime", under="rust-version")
    for section in table(data.get("patch")).values():
        yield from _dependencies(table(section), "patch", "[patch")


def _targets(data: Mapping[str, Any]) -> list[tuple[dict[str, Any], str]]:
    return [(table(one), "") for one in table(data.get("target")).values()]


def _dependencies(section: Mapping[str, Any], group: str, under: str) -> Iterator[Requirement]:
    for name, value in section.items():
        options = table(value)
        # With a version a path is for developing only; without one nothing comes from a registry.
        if "path" in options and "git" not in options:
            continue
        spec = value if isinstance(value, str) else _spec(options)
        yield Requirement(name=str(options.get("package", name)), spec=spec, group=group, under=under)


def _spec(options: Mapping[str, Any]) -> str:
    if options.get("workspace"):
        return "workspace"
    source = [f"{key} {options[key]}" for key in ("git", "branch", "tag", "rev") if key in options]
    return " ".join([*filter(None, [str(options.get("version", ""))]), *source])


def _cargo_lock(text: str, asked: Asking) -> Mapping[str, str]:
    wanted = asked()
    found: dict[str, set[str]] = {}
    for name, version in _PACKAGE.findall(text):
        # Several versions of a crate may be locked: those that others ask for are not ours.
        if name in wanted and any(_fits(spec, version) for spec in wanted[name]):
            found.setdefault(name, set()).add(version)
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


def _fits(spec: str, version: str) -> bool:
    """Whether a version may be what a spec asks for: equal up to the first number that is not zero."""
    for wanted, has in zip(_NUMBER.findall(spec), _NUMBER.findall(version), strict=False):
        if wanted != has:
            return False
        if wanted != "0":
            return True
    return True


CARGO_TOML = Manifest(ecosystem="cargo", claims=named("Cargo.toml"), read=_cargo_toml)
CARGO_LOCK = Lock(ecosystem="cargo", names=frozenset({"Cargo.lock"}), resolved=_cargo_lock, manifests=("Cargo.toml",))
