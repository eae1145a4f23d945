"""Artifacts: what was built from the changed code and does not go back with it, and generated files that do."""

import shlex
from collections.abc import Iterable, Iterator

from ..building.bundles import Bundle, bundles
from ..building.group import grouped
from ..building.outputs import CONFIGURATION, Output, outputs
from ..building.tracked import Maker, maker_of
from ..changes import Changes, Delta
from ..detector import Domain
from ..manifests.installing import within
from ..model import Change, Item, Step

GENERATED = "artifacts: generated files"
"""Under what it is remembered that nobody generates a file."""
_NO_OLD = "What serves the old bundle's file names may still be cached: keep the newer files for a while."


def _detect(changes: Changes) -> Iterator[Item]:
    return _items(changes, bundles(changes))


def _items(changes: Changes, bundled: Iterable[Bundle]) -> Iterator[Item]:
    tracked = list(_tracked(changes))
    yield from tracked
    # An output that is tracked comes back with the code.
    written = {item.name for item in tracked}
    built = list(outputs(changes))
    configured = {output.name for output in built if output.kind == CONFIGURATION}
    for bundle in bundled:
        # What is only configured otherwise is told of the configuration.
        told = all(delta.path in configured for delta in bundle.sources.deltas)
        if bundle.output not in written and not told:
            yield _bundle(bundle, changes)
    for output in built:
        if output.name not in written:
            yield _built(output)


def _tracked(changes: Changes) -> Iterator[Item]:
    makers: dict[str, Maker] = {}

    def name_of(path: str, maker: Maker) -> str:
        makers.setdefault(path, maker)
        return path

    found = {id(delta): _maker(delta, changes) for delta in changes.deltas}
    groups = grouped(
        changes.deltas, lambda delta: name_of(known[1], known[0]) if (known := found[id(delta)]) else None
    )
    for name, group in groups.items():
        maker = makers[name]
        command = maker.command
        yield Item(
            domain="artifacts",
            kind=maker.kind,
            name=name,
            change=_really(group.change, name, changes),
            before=group.before,
            after=group.after,
            evidence=group.evidence,
            reversible="yes",
            action=Step(
                text=f"The revert brings the {maker.what} back. Where it differs, make it again.", command=command
            ),
            inverse=Step(text="Undoing the revert brings the newer one back.", command=command),
            verify=f"git diff --stat {group.base} -- {shlex.quote(name)}",
            cautions=[maker.caution] if maker.caution else [],
            when="with code",
            details={"what": maker.what, "files": group.files},
        )


def _maker(delta: Delta, changes: Changes) -> tuple[Maker, str] | None:
    """As `maker_of`; that nobody generates a file is remembered, for it is asked of nearly every file."""
    quiet = changes.quiet
    if quiet is not None and quiet.holds(GENERATED, delta):
        return None
    known = maker_of(delta)
    if quiet is not None and known is None and not any(side.is_missed for side in delta.sides):
        quiet.add(GENERATED, delta)
    return known


def _really(change: Change, name: str, changes: Changes) -> Change:
    """A directory is only new, or gone, if nothing was, or is, in it beside what changed."""
    if change == "changed" or name in changes.before.files:
        return change
    rest = any(path.startswith(f"{name}/") for path in changes.before.files)
    gone = {delta.path for delta in changes.deltas if delta.new is None}
    left = any(path.startswith(f"{name}/") and path not in gone for path in changes.before.files)
    return "changed" if (change == "added" and rest) or (change == "removed" and left) else change


def _bundle(bundle: Bundle, changes: Changes) -> Item:
    folder = bundle.package.folder if bundle.package else bundle.name.removesuffix("public/assets").rstrip("/")
    command = within(folder, _build_command(bundle))
    tool = bundle.bundler.name if bundle.bundler else "Rails"
    return Item(
        domain="artifacts",
        kind="frontend bundle",
        name=bundle.name,
        scope=bundle.package.name if bundle.package else "",
        change=_bundle_change(bundle, changes),
        before=bundle.sources.before,
        after=bundle.sources.after,
        evidence=bundle.sources.evidence,
        reversible="yes",
        action=Step(text=f"Build the bundle ({tool}) from the reverted sources and deploy it.", command=command),
        inverse=Step(text="Build and deploy it from the newer sources.", command=command),
        cautions=[_NO_OLD, "Variables that are read at build time are baked in: build with the old values."],
        details={"tool": tool, "output": bundle.output, "files": bundle.sources.files},
    )


def _bundle_change(bundle: Bundle, changes: Changes) -> Change:
    """Whether the package itself is new, or gone."""
    if bundle.package is None:
        return "changed"
    own = [delta for delta in changes.deltas if delta.path == bundle.package.path]
    if own and own[-1].new is None:
        return "removed"
    return "added" if own and own[0].old is None else "changed"


def _build_command(bundle: Bundle) -> str:
    if bundle.package is None:
        return "RAILS_ENV=production bin/rails assets:precompile"
    script = "build" if "build" in bundle.package.scripts else next(iter(bundle.package.scripts), "build")
    return f"npm run {script}"


def _built(output: Output) -> Item:
    image = output.kind == "image build"
    quoted = shlex.quote(output.name)
    command = f"docker build -f {quoted} ." if image else within(output.folder, output.command)
    folder, _, file = output.name.rpartition("/")
    if file == ".dockerignore":
        command = f"docker build {shlex.quote(folder or '.')}"
    elif file.endswith(".dockerignore"):
        command = f"docker build -f {shlex.quote(output.name.removesuffix('.dockerignore'))} ."
    cautions = []
    if image:
        cautions = [
            "Build arguments are baked in: pass the old ones.",
            "The image of the old commit may still be in the registry.",
        ]
    return Item(
        domain="artifacts",
        kind=output.kind,
        name=output.name,
        scope=output.scope,
        change="changed",
        before=output.sources.before,
        after=output.sources.after,
        evidence=output.sources.evidence,
        reversible="yes",
        action=Step(
            text="Build it again from the reverted files, or deploy what was built of the old commit.",
            command=command,
        ),
        inverse=Step(text="Build it from the newer files.", command=command),
        cautions=cautions,
        details={"files": output.sources.files},
    )


ARTIFACTS = Domain(name="artifacts", detect=_detect)
