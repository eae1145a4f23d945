"""Files that say which runtime to use: version managers' own, and those of single languages."""

import re
from collections.abc import Iterator

from .documents import json_of, table, toml_of
from .model import Manifest, Requirement, named

_SINGLE = {
    ".nvmrc": "node",
    ".node-version": "node",
    ".ruby-version": "ruby",
    ".python-version": "python",
    ".java-version": "java",
    ".go-version": "go",
    ".bun-version": "bun",
    ".deno-version": "deno",
    ".terraform-version": "terraform",
    ".php-version": "php",
    ".elixir-version": "elixir",
    "rust-toolchain": "rust",
    "runtime.txt": "python",
}
_SAME = {"nodejs": "node", "golang": "go"}
_DISTRIBUTION = re.compile(r"\s*distributionUrl\s*=.*/(gradle|apache-maven)-(\d[\w.-]*?)-(?:bin|all)\.")
_PREFIX = re.compile(r"(?:v(?=\d)|(?:node|ruby|python|go)-)")


def _single(path: str, text: str) -> Iterator[Requirement]:
    name = path.rpartition("/")[2]
    if name == "rust-toolchain" and "[toolchain]" in text:
        yield from _rust(path, text)
        return
    versions = [row.split("#")[0].strip() for row in text.splitlines()]
    spec = ", ".join(_PREFIX.sub("", version, count=1) for version in versions if version)
    if spec:
        yield Requirement(name=_SINGLE[name], spec=spec, kind="runtime", line=1)


def _tool_versions(_: str, text: str) -> Iterator[Requirement]:
    for number, row in enumerate(text.splitlines(), 1):
        name, *versions = row.partition("#")[0].split()[:5] or [""]
        if versions:
            yield Requirement(name=_SAME.get(name, name), spec=" ".join(versions), kind="runtime", line=number)


def _mise(_: str, text: str) -> Iterator[Requirement]:
    for name, value in table(toml_of(text).get("tools")).items():
        version = table(value).get("version", "") if isinstance(value, dict) else value
        yield Requirement(name=_SAME.get(name, name), spec=str(version), kind="runtime", under="[tools]")


def _rust(_: str, text: str) -> Iterator[Requirement]:
    channel = table(toml_of(text).get("toolchain")).get("channel")
    if isinstance(channel, str):
        yield Requirement(name="rust", spec=channel, kind="runtime", under="channel")


def _dotnet(_: str, text: str) -> Iterator[Requirement]:
    version = table(json_of(text).get("sdk")).get("version")
    if isinstance(version, str):
        yield Requirement(name="dotnet", spec=version, kind="runtime", under='"sdk"')


def _sdkman(_: str, text: str) -> Iterator[Requirement]:
    for number, row in enumerate(text.splitlines(), 1):
        name, equals, version = row.partition("#")[0].partition("=")
        if equals:
            yield Requirement(name=name.strip(), spec=version.strip(), kind="runtime", line=number)


def _wrapper(_: str, text: str) -> Iterator[Requirement]:
    for number, row in enumerate(text.splitlines(), 1):
        if found := _DISTRIBUTION.match(row):
            name = "gradle" if found[1] == "gradle" else "maven"
            yield Requirement(name=name, spec=found[2], kind="runtime", line=number)


SINGLE = Manifest(ecosystem="runtime", claims=named(*_SINGLE), read=_single)
TOOL_VERSIONS = Manifest(ecosystem="runtime", claims=named(".tool-versions"), read=_tool_versions)
MISE = Manifest(ecosystem="runtime", claims=named("mise.toml", ".mise.toml"), read=_mise)
RUST_TOOLCHAIN = Manifest(ecosystem="runtime", claims=named("rust-toolchain.toml"), read=_rust)
DOTNET = Manifest(ecosystem="runtime", claims=named("global.json"), read=_dotnet)
WRAPPER = Manifest(
    ecosystem="runtime", claims=named("gradle-wrapper.properties", "maven-wrapper.properties"), read=_wrapper
)
SDKMAN = Manifest(ecosystem="runtime", claims=named(".sdkmanrc"), read=_sdkman)
