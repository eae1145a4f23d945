"""Package registries: whether a version is out, by the address a project names or the tool's own client."""

import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..model import Item, Live
from .commands import Said, run
from .http import Api, MissingError
from .probe import Connection, Probe, ProbeError, presence, read_file, unknown

_MAX_CONFIGURATION = 64 << 10
_UNSURE = ": it is not out, or yanked; set url_env to the registry's address to be sure"
_SAYING = ("ecosystem", "registry", "manifest")

State = str | None
"""None if the version is not out; else empty, or why nobody gets it by accident any more: `yanked`, `deprecated`."""


@dataclass(frozen=True)
class Registry:
    """How one registry is asked.

    Attributes:
        kind: of the probe.
        names: words for it in items: the ecosystem, the manifest.
        path: of a version, from the address of the registry; with `{name}` and `{version}`.
        state: what the answer at that path says.
        ask: what the tool's own client says.
        own: files of the worktree that set up another registry; with one, the client's word would be about the wrong.
    """

    kind: str
    names: Sequence[str]
    path: str
    state: Callable[[Any], State]
    ask: Callable[[Connection, str, str], State]
    own: Sequence[str] = ()


def _npm_state(found: Any) -> State:
    _ = found["version"]
    return "deprecated" if found.get("deprecated") else ""


def _npm(connection: Connection, name: str, version: str) -> State:
    argv = ["npm", "view", f"{name}@{version}", "version", "deprecated", "--json"]
    said = _client(connection, argv, ok=(0, 1))
    found = _json(said.text) if said.text.strip() else {}
    if said.code:
        if isinstance(found, dict) and "E404" in json.dumps(found.get("error")):
            return None
        raise ProbeError("`npm view` failed")
    if not found:
        return None
    return "deprecated" if isinstance(found, dict) and found.get("deprecated") else ""


def _pypi_state(found: Any) -> State:
    files = found["urls"]
    return "yanked" if files and all(one.get("yanked") for one in files) else ""


def _pip(connection: Connection, name: str, version: str) -> State:
    argv = ["pip", "index", "versions", "--disable-pip-version-check", "--pre", name]
    said = _client(connection, argv, ok=(0, 1))
    listed = re.search(r"^Available versions: (.*)$", said.text, re.MULTILINE)
    if listed and version in re.split(r",\s*", listed[1].strip()):
        return ""
    # What is yanked is not listed, and neither is what does not run on this Python.
    raise ProbeError(f"`pip index versions` does not list {version}{_UNSURE}")


def _crates_state(found: Any) -> State:
    return "yanked" if found["version"].get("yanked") else ""


def _cargo(connection: Connection, name: str, version: str) -> State:
    argv = ["cargo", "info", "--quiet", "--registry", "crates-io", f"{name}@{version}"]
    if _client(connection, argv, ok=(0, 101)).code:
        raise ProbeError(f"`cargo info` does not find {version}{_UNSURE}")
    return ""


def _gems_state(found: Any) -> State:
    return "yanked" if found["yanked"] else ""


def _gem(connection: Connection, name: str, version: str) -> State:
    said = _client(connection, ["gem", "list", "--remote", "--all", "--exact", "--prerelease", name])
    listed = re.search(rf"^{re.escape(name)} \((.*)\)$", said.text, re.MULTILINE)
    if listed is None and (said.notes.strip() or re.sub(r"\*\*\* REMOTE GEMS \*\*\*", "", said.text).strip()):
        raise ProbeError("`gem list` gave no list")
    versions = re.split(r"[,\s]+", listed[1]) if listed else []
    return "" if version in versions else None


REGISTRIES = (
    Registry("npm", ("npm", "package.json"), "{name}/{version}", _npm_state, _npm, (".npmrc",)),
    Registry(
        "pypi", ("pypi", "python", "pyproject.toml", "setup.py", "setup.cfg"), "pypi/{name}/{version}/json",
        _pypi_state, _pip,
    ),
    Registry(
        "crates", ("crates", "cargo", "rust", "cargo.toml"), "api/v1/crates/{name}/{version}",
        _crates_state, _cargo, (".cargo/config.toml", ".cargo/config"),
    ),
    Registry(
        "rubygems", ("rubygems", "gem", "ruby"), "api/v2/rubygems/{name}/versions/{version}.json", _gems_state, _gem
    ),
)  # fmt: skip


def version_of(item: Item) -> tuple[str, str]:
    """Name and version of what an item published; the version is empty if nothing says it."""
    name, _, version = item.name.rpartition("@") if "@" in item.name[1:] else (item.name, "", "")
    name = str(item.details.get("name") or name)
    version = str(item.details.get("version") or version or item.after).strip()
    return name, version.removeprefix("v") if re.match(r"v\d", version) else version


def _answers(registry: Registry, item: Item) -> bool:
    if item.domain != "published":
        return False
    said = [
        item.kind,
        item.scope,
        *(str(item.details.get(key) or "") for key in ("ecosystem", "registry", "manifest")),
    ]
    words = {word for text in said for word in (text.lower(), *re.split(r"[\s/:]+", text.lower()))}
    return bool(words & set(registry.names))


def _ask(registry: Registry, connection: Connection, items: Sequence[Item]) -> Mapping[str, Live]:
    return {item.id: _live(registry, connection, item) for item in items}


def _live(registry: Registry, connection: Connection, item: Item) -> Live:
    name, version = version_of(item)
    if not re.fullmatch(r"@?[\w.-]+(?:/[\w.-]+)?", name) or not re.fullmatch(r"\d[\w.+!-]*", version):
        return unknown("no name and version to ask for")
    try:
        state = _state(registry, connection, name, version)
    except ProbeError as error:
        return unknown(error.why)
    if state is None:
        return presence(item, False, f"{name} {version} is not out")
    if state:
        return Live(checked=True, state="present", detail=f"{name} {version} is out, and {state}", clean=True)
    return presence(item, True, f"{name} {version} is out")


def _state(registry: Registry, connection: Connection, name: str, version: str) -> State:
    if not connection.source.url_env:
        _no_other(registry, connection)
        return registry.ask(connection, name, version)
    path = registry.path.format(name=quote(name, safe="@"), version=quote(version, safe=""))
    try:
        return registry.state(Api(connection, connection.address()).get(path))
    except MissingError:
        return None
    except (AttributeError, KeyError, TypeError):
        raise ProbeError("its answer is not as expected") from None


def _client(connection: Connection, argv: Sequence[str], ok: Sequence[int] = (0,)) -> Said:
    """Run a registry's client in an empty directory: files of the worktree could send its token elsewhere."""
    with tempfile.TemporaryDirectory(prefix="safe-rollback-") as folder:
        return run(connection, argv, ok=ok, folder=folder)


def _no_other(registry: Registry, connection: Connection) -> None:
    """The client's word counts only if the project publishes where the client looks."""
    for path in registry.own:
        try:
            text = read_file(f"{connection.path()}/{path}", _MAX_CONFIGURATION)
        except ProbeError:
            continue
        if b"registr" in text:
            raise ProbeError(f"{path} sets up a registry of its own: set url_env to its address")


def _json(said: str) -> Any:
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        raise ProbeError("its client gave no JSON") from None


def _fingerprint(connection: Connection) -> Mapping[str, str]:  # noqa: ARG001
    # What is out stays out: there is nothing to compare later.
    return {}


def _probe(registry: Registry) -> Probe:
    return Probe(
        kind=registry.kind,
        domain="published",
        answers=lambda item: _answers(registry, item),
        ask=lambda connection, items: _ask(registry, connection, items),
        fingerprint=_fingerprint,
    )


NPM, PYPI, CRATES, RUBYGEMS = map(_probe, REGISTRIES)
