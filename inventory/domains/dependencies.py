"""Dependencies: direct packages, images and runtimes that manifests ask for, lock files, and patches of packages."""

import dataclasses
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator

from ..changes import Changes, Delta
from ..detector import Domain
from ..generated import is_vendored
from ..manifests.asking import Reading
from ..manifests.differences import findings, united
from ..manifests.installing import installer, within
from ..manifests.model import folded
from ..manifests.resolved import Relocked, lock_files, moved
from ..model import Change, Evidence, Item, Step

_PATCH = re.compile(r"(?:^|/)(?:\.yarn/)?patches/[^/]+\.patch$")
_DATA_IMAGE = re.compile(
    r"(?:^|/)(?:postgres|postgis|pgvector|timescaledb|mysql|mariadb|mongo|elasticsearch|opensearch|redis|valkey|"
    r"clickhouse|cassandra|rabbitmq|kafka|minio|meilisearch|typesense)",
    re.IGNORECASE,
)
_VERSION_COMMANDS = {
    "node": "node --version", "npm": "npm --version", "pnpm": "pnpm --version", "yarn": "yarn --version",
    "bun": "bun --version", "deno": "deno --version", "ruby": "ruby --version", "python": "python --version",
    "go": "go version", "rust": "rustc --version", "java": "java -version", "php": "php --version",
    "dotnet": "dotnet --version", "elixir": "elixir --version", "erlang": "erl -version", "dart": "dart --version",
    "flutter": "flutter --version", "gradle": "./gradlew --version", "maven": "./mvnw --version",
    "terraform": "terraform version",
}  # fmt: skip
_MANAGERS = frozenset({"npm", "pnpm", "yarn", "bun"})
# Runtimes first: package managers need them. One install for all packages of a lock file.
_RUNTIME, _LOCKFILE, _PACKAGE, _IMAGE = 0, 10, 20, 30


def _detect(changes: Changes) -> Iterator[Item]:
    reading = Reading(changes)
    asked = list(united(findings(changes, reading)))
    known = {(item.scope, folded(item.scope, item.name)) for item in asked}
    files = lock_files(changes)
    locked = list(united(list(moved(changes, reading, files))))
    for item in asked:
        yield _finished(item, changes)
    for item in locked:
        if (item.scope, folded(item.scope, item.name)) not in known:
            yield _finished(item, changes)
    for file in files:
        yield _lock_file(file, changes)
    yield from _patches(changes.deltas, changes)


def _finished(item: Item, changes: Changes) -> Item:
    if item.kind == "image":
        return _image(item)
    return _runtime(item) if item.kind == "runtime" else _package(item, changes)


def _package(item: Item, changes: Changes) -> Item:
    path = item.evidence[0].path
    manager, folder = installer(str(item.details["ecosystem"]), path, changes.before.files)
    cautions = [manager.caution] if manager and manager.caution else []
    if item.details.get("group") == "override":
        cautions.append("It forces a version upon packages that others depend on.")
    if re.search(r"(?:git|github|://)", item.before) and not re.search(r"rev|tag|[0-9a-f]{7}", item.before):
        cautions.append("The source is a branch, which may have moved since.")
    install = within(folder, manager.install) if manager else ""
    check = within(folder, manager.check.format(shlex.quote(item.name))) if manager else ""
    return dataclasses.replace(
        item,
        reversible="yes",
        action=Step(
            text="Once the old manifest and lock file are back, install exactly what they say.", command=install
        ),
        inverse=Step(text="Once the newer ones are back, install again.", command=install),
        verify=check,
        cautions=cautions,
        rank=_PACKAGE,
    )


def _image(item: Item) -> Item:
    path = item.evidence[0].path
    compose = path.endswith((".yml", ".yaml"))
    command = (
        f"docker compose -f {shlex.quote(path)} up -d" if compose else f"docker build --pull -f {shlex.quote(path)} ."
    )
    data = bool(compose and _DATA_IMAGE.search(item.name))
    cautions = ["A tag may point to another image than it did: compare digests."]
    if data:
        cautions.insert(
            0, "What the newer version wrote to its volume an older one may not read: dump before going back."
        )
    verify = f"docker image inspect {shlex.quote(f'{item.name}:{item.before}')}" if item.before else ""
    return dataclasses.replace(
        item,
        reversible="lossy" if data else "yes",
        action=Step(
            text="Start the containers again from the old image." if compose else "Build the image again.",
            command=command,
        ),
        inverse=Step(text="The same with the newer file.", command=command),
        verify=verify if re.fullmatch(r"[\w.@:-]+", item.before) else "",
        cautions=cautions,
        rank=_IMAGE,
    )


def _runtime(item: Item) -> Item:
    cautions = ["Machines, images and CI that run this need the switch too, and what is compiled is built again."]
    if item.name in _MANAGERS:
        cautions = ["The lock file's format may be of another version: take manager and lock file back together."]
    text = f"Switch to {item.name} {item.before}." if item.before else f"{item.name} need not be pinned any more."
    return dataclasses.replace(
        item,
        reversible="yes",
        action=Step(text=text),
        inverse=Step(text=f"Switch to {item.name} {item.after}." if item.after else "Remove it."),
        verify=_VERSION_COMMANDS.get(item.name, ""),
        cautions=cautions,
        rank=_RUNTIME,
    )


def _lock_file(file: Relocked, changes: Changes) -> Item:
    first, last = file.steps[0], file.steps[-1]
    manager, folder = installer(
        file.lock.ecosystem, file.path, changes.before.files if first.old else changes.after.files
    )
    install = within(folder, manager.install) if manager else ""
    cautions = [manager.caution] if manager and manager.caution else []
    if first.old is None or last.new is None:
        cautions.append("The package manager may be another one: remove what the newer one installed first.")
    return Item(
        domain="dependencies",
        kind="lockfile",
        name=file.path,
        change=_change(first.old is not None, last.new is not None),
        before=first.old.entry.oid[:10] if first.old else "",
        after=last.new.entry.oid[:10] if last.new else "",
        evidence=[Evidence(path=file.path, commit=step.commit) for step in reversed(file.steps)][:5],
        reversible="yes",
        action=Step(text="Once the old lock file is back, install exactly what it says.", command=install),
        inverse=Step(text="Once the newer one is back, install again.", command=install),
        verify=within(folder, manager.check_all) if manager else "",
        cautions=cautions,
        rank=_LOCKFILE,
        details={"ecosystem": file.lock.ecosystem},
    )


def _change(before: bool, after: bool) -> Change:
    if before and after:
        return "changed"
    return "added" if after else "removed"


def _patches(deltas: Iterable[Delta], changes: Changes) -> Iterator[Item]:
    for delta in deltas:
        if not _PATCH.search(delta.path) or is_vendored(delta.path):
            continue
        manifest = posixpath.join(_PATCH.sub("", delta.path), "package.json")
        if manifest not in changes.before.files and manifest not in changes.after.files:
            continue  # Distributions keep patches of other things in such directories.
        manager, folder = installer("npm", manifest, changes.before.files)
        install = within(folder, manager.install) if manager else ""
        yield Item(
            domain="dependencies",
            kind="patch",
            name=delta.path,
            change=_change(delta.old is not None, delta.new is not None),
            before=delta.old.entry.oid[:10] if delta.old else "",
            after=delta.new.entry.oid[:10] if delta.new else "",
            evidence=[Evidence(path=delta.path, commit=delta.commit)],
            reversible="yes",
            action=Step(text="Install again: an installed package keeps the newer patch.", command=install),
            inverse=Step(text="Install again with the newer patch.", command=install),
            cautions=["Remove the patched package from node_modules first if the manager takes it for installed."],
            rank=_PACKAGE,
        )


DEPENDENCIES = Domain(name="dependencies", detect=_detect)
