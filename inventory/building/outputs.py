"""Outputs that are not tracked and that a change of configuration has built again: libraries, clients, images."""

import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from ..changes import Changes, Delta, Side
from ..generated import is_vendored
from ..manifests.docker import is_dockerfile
from ..manifests.documents import json_of, strings, table
from ..manifests.model import UnreadableError
from .group import Group
from .packages import Packages

_LIBRARY_CONFIG = re.compile(
    r"(?:^|/)(?:tsconfig(?:\.(?:build|prod|lib|app))?\.json|tsup\.config\.[cm]?[jt]s|"
    r"\.?babel(?:rc|\.config)(?:\.[cm]?js(?:on)?)?|\.swcrc|nest-cli\.json|build\.config\.[cm]?[jt]s|ncc\.config\.js)$"
)
_COMPILES = re.compile(r"\b(?:tsc|tsup|rollup|swc|babel|nest build|unbuild|ncc build|tsdown)\b")
_COMMENTS = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMAS = re.compile(r",(?=\s*[}\]])")
CONFIGURATION = "build configuration"
"""The kind of what a bundler is told."""
_BUILD_CONFIG = re.compile(
    r"(?:^|/)(?:(?:next|nuxt|vite|webpack|rollup|rolldown|rspack|rsbuild|esbuild|craco|vue|gatsby|astro|svelte|remix|"
    r"react-router|farm|parcel|metro|snowpack|umi|docusaurus|quasar)(?:[.-]+\w+){0,4}[.-]?config(?:\.\w+)?\.[cm]?[jt]s|"
    r"webpack(?:\.[\w-]+)?\.[cm]?js|angular\.json|\.parcelrc|gulpfile\.[\w.]*[jt]s|Gruntfile\.js|"
    r"config/(?:webpacker|shakapacker)\.yml|config/vite\.json)$"
)
_TRIED = re.compile(r"(?:^|/)(?:examples?|fixtures|e2e|tests?|docs?)/|\.(?:test|spec)\.")
_CONTEXT = re.compile(r"(?:^|/)(?:[\w.-]+)?\.dockerignore$")
_PRISMA = re.compile(r"\.prisma$")
_GENERATOR = re.compile(r"generator\s+(\w+)\s*\{([^}]*)\}")
_SETTING = re.compile(r"^[ \t]*(\w+)[ \t]*=[ \t]*\"([^\"]*)\"", re.MULTILINE)
_PRISMA_COMMENT = re.compile(r"//[^\n]*")
_CLIENTS = ("prisma-client-js", "prisma-client", "prisma-client-py")


@dataclass(frozen=True, kw_only=True)
class Output:
    """Something to build again.

    Attributes:
        kind: `build output`, `build configuration`, `generated client`, `image build`.
        name: its directory, or what its recipe is called.
        command: builds it; empty where that cannot be told.
        sources: the changes that say so.
        folder: where the command is run, from the root.
        scope: what tells several of the same name apart.
    """

    kind: str
    name: str
    command: str
    sources: Group
    folder: str = ""
    scope: str = ""


def outputs(changes: Changes) -> Iterator[Output]:
    """The outputs of a target."""
    found: dict[tuple[str, str, str], Output] = {}
    packages = Packages(changes)
    for delta in changes.deltas:
        if is_vendored(delta.path):
            continue
        for one in _of(delta, packages):
            found.setdefault((one.kind, one.scope, one.name), one).sources.deltas.append(delta)
    return (one for one in found.values() if one.sources.moved)


def _of(delta: Delta, packages: Packages) -> Iterator[Output]:
    if is_dockerfile(delta.path) or _CONTEXT.search(delta.path):
        yield Output(kind="image build", name=delta.path, command="", sources=Group())
    elif _PRISMA.search(delta.path):
        yield from _prisma(delta)
    elif _BUILD_CONFIG.search(delta.path):
        yield from _bundler(delta, packages)
    elif delta.name == "turbo.json":
        yield from _turbo(delta)
    elif _LIBRARY_CONFIG.search(delta.path):
        yield from _library(delta, packages)


def _bundler(delta: Delta, packages: Packages) -> Iterator[Output]:
    holder = packages.holder(delta.path)
    if holder is None or _TRIED.search(delta.path[len(holder.folder) :]):
        return
    scripts = [name for name in holder.scripts if name == "build"] or [
        name for name in holder.scripts if name.startswith("build:")
    ]
    yield Output(
        kind=CONFIGURATION,
        name=delta.path,
        command=f"npm run {shlex.quote(scripts[0])}" if scripts else "",
        sources=Group(),
        folder=holder.folder,
    )


def _prisma(delta: Delta) -> Iterator[Output]:
    texts = ["".join(_PRISMA_COMMENT.sub("", side.text).split()) if side else "" for side in (delta.old, delta.new)]
    if texts[0] == texts[1]:
        return
    folder = posixpath.dirname(delta.path)
    folder = folder.rpartition("/")[0] if folder.endswith(("/schema", "/models")) else folder
    output = next((found for side in delta.sides if (found := _client_output(side))), "")
    name = posixpath.normpath(posixpath.join(folder, output)) if output else "prisma client"
    yield Output(kind="generated client", name=name, command="npx prisma generate", sources=Group(), scope=folder)


def _client_output(side: Side) -> str:
    """Where the client goes, if the schema says so."""
    for _, body in _GENERATOR.findall(side.text):
        settings: dict[str, str] = dict(_SETTING.findall(body))
        if settings.get("provider") in _CLIENTS:
            return settings.get("output", "")
    return ""


def _turbo(delta: Delta) -> Iterator[Output]:
    old, new = (_task_outputs(side) for side in (delta.old, delta.new))
    folder = posixpath.dirname(delta.path)
    if old == new and _hashed(delta.old) != _hashed(delta.new):
        yield Output(kind="build output", name=delta.path, command="turbo run build --force", sources=Group())
    for name in sorted(one.removesuffix("/**") for one in old ^ new if not one.startswith("..")):
        yield Output(
            kind="build output", name=posixpath.join(folder, name), command="turbo run build --force", sources=Group()
        )


def _task_outputs(side: Side | None) -> set[str]:
    data = _loose_json(side)
    tasks = {**table(data.get("pipeline")), **table(data.get("tasks"))}
    return {one for task in tasks.values() for one in strings(table(task).get("outputs")) if not one.startswith("!")}


def _hashed(side: Side | None) -> object:
    """What decides, beside the sources, whether an output that is kept is taken for the same."""
    data = _loose_json(side)
    tasks = {**table(data.get("pipeline")), **table(data.get("tasks"))}
    lists = [sorted(strings(data.get(key))) for key in ("globalEnv", "globalDependencies", "globalPassThroughEnv")]
    return lists, {
        name: (sorted(strings(table(task).get("env"))), table(task).get("cache")) for name, task in tasks.items()
    }


def _library(delta: Delta, packages: Packages) -> Iterator[Output]:
    holder = packages.holder(delta.path)
    if holder is None or posixpath.dirname(delta.path) != holder.folder:
        return
    building = [(name, script) for name, script in holder.scripts.items() if "build" in name or name == "compile"]
    script = next((name for name, script in building if _COMPILES.search(script)), "")
    if not script or (delta.name.startswith("tsconfig") and not _compiles_otherwise(delta)):
        return
    output = next((found for side in (delta.new, delta.old) if (found := _out_dir(side))), "dist")
    name = posixpath.normpath(posixpath.join(holder.folder, output))
    yield Output(kind="build output", name=name, command=f"npm run {script}", sources=Group(), folder=holder.folder)


def _compiles_otherwise(delta: Delta) -> bool:
    """Whether what a compiler makes of the same sources is something else."""
    old, new = (_loose_json(side) for side in (delta.old, delta.new))
    return any(old.get(key) != new.get(key) for key in ("compilerOptions", "extends", "files", "include"))


def _out_dir(side: Side | None) -> str:
    out = table(_loose_json(side).get("compilerOptions")).get("outDir")
    return out if isinstance(out, str) else ""


def _loose_json(side: Side | None) -> dict[str, object]:
    """JSON with comments and trailing commas; empty if it does not parse: then nothing is told of it."""
    if side is None or not side.path.endswith(".json"):
        return {}
    try:
        return json_of(_COMMAS.sub("", _COMMENTS.sub(lambda found: found[1] or "", side.text)))
    except UnreadableError:
        return {}
