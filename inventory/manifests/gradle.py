"""Gradle: build files in either language, read by their usual forms, and version catalogs."""

import re
from collections.abc import Iterator

from .documents import table, toml_of
from .model import Lock, Manifest, Requirement

_BUILD = re.compile(r"(?:^|/)[^/]+\.gradle(?:\.kts)?$")
# `implementation("group:name:version")`, `api 'group:name'`, `testImplementation platform("…")`.
_NOTATION = re.compile(
    r"^\s*(?:add\(\s*)?[\"']?(\w+)[\"']?\s*[(,\s]\s*(?:(?:platform|enforcedPlatform|kotlin)\s*\(?\s*)?"
    r"[\"']([\w.-]+:[\w.-]+)(?::([^\"':@]+))?(?:[:@][^\"']*)?[\"']"
)
_MAP = re.compile(
    r"^\s*(\w+)\s*\(?\s*group\s*[:=]\s*[\"']([^\"']+)[\"']\s*,\s*name\s*[:=]\s*[\"']([^\"']+)[\"']"
    r"(?:\s*,\s*version\s*[:=]\s*[\"']?([^\"',)]+))?"
)
_PLUGIN = re.compile(r"^\s*id\s*\(?\s*[\"']([\w.-]+)[\"']\s*\)?\s+version\s*\(?\s*[\"']([^\"']+)[\"']")
_KOTLIN = re.compile(r"^\s*kotlin\s*\(\s*\"([\w.-]+)\"\s*\)\s+version\s+\"([^\"]+)\"")
_VARIABLE = re.compile(
    r"^\s*(?:(?:def|val|var|ext\.|extra\.|set\()\s*)*[\"']?([\w.]+)[\"']?\s*[=,]\s*[\"']([^\"'$]+)[\"']"
)
_USE = re.compile(r"\$\{?([\w.]+)\}?")
_COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\"'/])//[^\n]*", re.DOTALL)
_BLOCK = re.compile(r"^.*\bdependencies\s*\{")
_TEST = re.compile(r"(?i)test")


def _build(_: str, text: str) -> Iterator[Requirement]:
    # Comments are blanked and not cut, so that lines keep their numbers.
    code = _COMMENTS.sub(lambda found: "\n" * found[0].count("\n"), text)
    rows = [row[:500] for row in code.splitlines()]
    known = {found[1].rpartition(".")[2]: found[2] for row in rows if (found := _VARIABLE.match(row))}

    def filled(version: str | None) -> str:
        return _USE.sub(lambda found: known.get(found[1].rpartition(".")[2], found[0]), (version or "").strip())

    depth = 0  # Of braces, from where a block of dependencies begins.
    for number, row in enumerate(rows, 1):
        inside = depth > 0 or _BLOCK.search(row)
        depth = max(0, depth + row.count("{") - row.count("}")) if inside else 0
        if inside and (found := _NOTATION.match(_BLOCK.sub("", row))):
            yield Requirement(name=found[2], spec=filled(found[3]), group=_group(found[1]), line=number)
        elif inside and (found := _MAP.match(row)):
            name = f"{found[2]}:{found[3]}"
            yield Requirement(name=name, spec=filled(found[4]), group=_group(found[1]), line=number)
        elif found := _PLUGIN.match(row):
            yield Requirement(name=found[1], spec=filled(found[2]), group="plugin", line=number)
        elif found := _KOTLIN.match(row):
            name = f"org.jetbrains.kotlin.{found[1]}"
            yield Requirement(name=name, spec=filled(found[2]), group="plugin", line=number)


def _group(configuration: str) -> str:
    return "test" if _TEST.search(configuration) else ""


def _catalog(_: str, text: str) -> Iterator[Requirement]:
    data = toml_of(text)
    versions = table(data.get("versions"))
    for value in table(data.get("libraries")).values():
        options = table(value)
        name = value if isinstance(value, str) else options.get("module", "")
        name = name or f"{options.get('group', '')}:{options.get('name', '')}"
        name, short = _split(str(name))
        spec = short or _version(options.get("version", ""), versions)
        yield Requirement(name=name, spec=spec, under="[libraries]")
    for value in table(data.get("plugins")).values():
        options = table(value)
        name, _, short = str(value if isinstance(value, str) else options.get("id", "")).partition(":")
        spec = short or _version(options.get("version", ""), versions)
        yield Requirement(name=name, spec=spec, group="plugin", under="[plugins]")


def _split(name: str) -> tuple[str, str]:
    """`group:name` and a version, empty if a text has none."""
    parts = name.split(":")
    return ":".join(parts[:2]), parts[2] if len(parts) > 2 else ""


def _version(value: object, versions: dict[str, object]) -> str:
    options = table(value)
    if "ref" in options:
        return _version(versions.get(str(options["ref"]), ""), {})
    if options:
        return " ".join(f"{key} {one}" for key, one in options.items())
    return str(value)


GRADLE = Manifest(ecosystem="maven", claims=lambda path: _BUILD.search(path) is not None, read=_build)
GRADLE_CATALOG = Manifest(ecosystem="maven", claims=lambda path: path.endswith(".versions.toml"), read=_catalog)
GRADLE_LOCK = Lock(ecosystem="maven", names=frozenset({"gradle.lockfile", "buildscript-gradle.lockfile"}))
