"""Dependencies: direct packages, images and runtimes that manifests ask for, lock files, and patches of packages."""

import dataclasses
import posixpath
import re
import shlex
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from ..changes import Changes, Delta
from ..detector import Domain
from ..generated import is_vendored
from ..manifests.asking import Reading, home
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
_SHOWN = 10
# More packages than this that a commit moves in the lock file alone, beside those it asks for, are one update of all.
_MANY = 8


def _detect(changes: Changes) -> Iterator[Item]:
    reading = Reading(changes)
    files = lock_files(changes)
    found, overrides = _without_overrides(findings(changes, reading), files, changes)
    asked = list(united(found))
    known = {(item.scope, folded(item.scope, item.name)) for item in asked}
    for item in asked:
        yield _finished(item, changes)
    said, along = _told_apart(changes, found, list(moved(changes, reading, files)), known)
    for path, forced in overrides.items():
        along.setdefault(path, []).extend(forced)
    moved_alone = list(united(said))
    for item in moved_alone:
        yield _finished(item, changes)
    told = {manifest for item in moved_alone for manifest in item.details["manifests"]}
    for file in files:
        if _says_more(file, [*found, *(item for item in said if item.scope in told)], along, changes):
            yield _lock_file(file, along.get(file.path, ()), changes)
    yield from _patches(changes.deltas, changes)


def _without_overrides(
    found: Sequence[Item], files: Sequence[Relocked], changes: Changes
) -> tuple[list[Item], dict[str, list[Item]]]:
    """What manifests ask for, and versions that they force upon what others ask for, by the lock file that has them.

    Where no lock file changed, these stay with the others.
    """
    locks = {(posixpath.dirname(file.path), file.lock.ecosystem): file.path for file in files}
    either = _Either(changes)
    kept: list[Item] = []
    forced: dict[str, list[Item]] = {}
    for item in found:
        ecosystem = str(item.details["ecosystem"])
        lock = locks.get((home(item.scope, ecosystem, either) or "", ecosystem))
        if item.details["group"] == "override" and lock is not None:
            forced.setdefault(lock, []).append(item)
        else:
            kept.append(item)
    return kept, forced


class _Either:
    """The files before and after a target."""

    def __init__(self, changes: Changes) -> None:
        self._before, self._new = changes.before.files, {delta.path for delta in changes.deltas if delta.new}

    def __contains__(self, path: object) -> bool:
        return path in self._before or path in self._new


def _told_apart(
    changes: Changes,
    found: Sequence[Item],
    locked: Sequence[Item],
    known: Container[tuple[str, str]],
) -> tuple[list[Item], dict[str, list[Item]]]:
    """What lock files moved: on purpose, and along with what was asked for, by lock file.

    A package that nobody asked for anew, in a commit that asks for others, moved because the resolver could. Where
    its manifest leaves the version open the lock file is where it is asked for; of many at once nobody did.
    """
    asking = {
        (home(item.scope, str(item.details["ecosystem"]), changes.before.files), evidence.commit)
        for item in found
        for evidence in item.evidence
    }
    said: list[Item] = []
    along: dict[str, list[Item]] = {}
    rest = [item for item in locked if (str(item.details["ecosystem"]), item.name) not in known]
    opened = Counter((item.scope, item.evidence[0].commit) for item in rest if item.details["open"])
    for item in rest:
        commit = item.evidence[0].commit
        many = opened[item.scope, commit] > _MANY
        if (posixpath.dirname(item.scope), commit) in asking and (many or not item.details["open"]):
            along.setdefault(item.scope, []).append(item)
        else:
            said.append(item)
    return said, along


def _says_more(file: Relocked, found: Sequence[Item], along: Mapping[str, Sequence[Item]], changes: Changes) -> bool:
    """Whether a lock file tells more than the items of its packages do."""
    if file.path in along or any(step.old is None or step.new is None for step in file.steps):
        return True
    folder = posixpath.dirname(file.path)
    return not any(
        item.scope == file.path or home(item.scope, file.lock.ecosystem, changes.before.files) == folder
        for item in found
        if item.details["ecosystem"] == file.lock.ecosystem
    )


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


def _lock_file(file: Relocked, along: Sequence[Item], changes: Changes) -> Item:
    first, last = file.steps[0], file.steps[-1]
    manager, folder = installer(
        file.lock.ecosystem, file.path, changes.before.files if first.old else changes.after.files
    )
    install = within(folder, manager.install) if manager else ""
    cautions = [manager.caution] if manager and manager.caution else []
    if first.old is None or last.new is None:
        cautions.append("The package manager may be another one: remove what the newer one installed first.")
    if along:
        shown = [f"{one.details['name']} {one.before or 'none'} → {one.after or 'none'}" for one in along[:_SHOWN]]
        more = f" and {len(along) - _SHOWN} more" if len(along) > _SHOWN else ""
        cautions.append(f"It has other versions of what no manifest asks for anew: {', '.join(shown)}{more}.")
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
