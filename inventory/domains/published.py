"""Published: versions that a target may have sent out, what sends them, and what is noted down to be sent."""

import re
from collections.abc import Iterator

from ..changes import Changes, Delta, Side
from ..detector import Domain
from ..generated import is_vendored
from ..manifests.documents import yaml_of
from ..manifests.lines import shown
from ..manifests.model import UnreadableError
from ..manifests.registries import registry_of
from ..manifests.versions import SOURCES, Published, Source
from ..model import Change, Evidence, Item, Step
from .pipelines import system_of

_PUBLISHES = re.compile(
    r"\b(?:npm|pnpm|yarn npm|lerna|poetry|uv|flit|hatch|pdm|cargo|dart pub|flutter pub|changeset) publish\b|"
    r"changesets/action|gh-action-pypi-publish|twine upload|gem push|rubygems/release-gem|rake release\b|"
    r"nuget push|mvn\b[^\n]*\bdeploy\b|gradlew?\b[^\n]*\bpublish|helm push|chart-releaser|"
    r"docker push|goreleaser|semantic-release|release-please|gh release create|action-gh-release|"
    r"ncipollo/release-action|vsce publish|npm-publish|hex\.publish|crates-io"
)
# It builds images for checks as well: only with this it sends them anywhere.
_IMAGE = re.compile(r"docker/(?:build-push|bake)-action")
_PUSHED = re.compile(r"^[ \t]*push:[ \t]*(?:true|\$\{\{|[\"'])", re.MULTILINE)
_CHANGESET = re.compile(r"(?:^|/)\.changeset/(?!README\.md$)[^/]+\.md$")
_FRONT = re.compile(r"\A---\r?\n(.*?)^---", re.DOTALL | re.MULTILINE)
_NEVER_AGAIN = "A version that was published is used up: go on with a higher one, never with this one again."
_TAGS = "Tags and releases of the code host that carry it stay: delete or mark them as well."


def _detect(changes: Changes) -> Iterator[Item]:
    released = False
    for delta in changes.deltas:
        for item in _versions(delta, changes):
            released = True
            yield item
        system = system_of(delta.path)
        if system is not None and system.kind == "workflow":
            yield from _workflow(delta)
    for delta in changes.deltas:
        # A release uses them up.
        if _CHANGESET.search(delta.path) and not (released and delta.new is None):
            yield _changeset(delta)


def _versions(delta: Delta, changes: Changes) -> Iterator[Item]:
    source = next((one for one in SOURCES if one.claims(delta.path)), None)
    if source is None or delta.new is None or is_vendored(delta.path):
        return
    old = {one.name: one for one in _read(delta.old, source, changes)}
    for now in _read(delta.new, source, changes):
        was = old.get(now.name)
        # A package that is new is published when its version is: most begin with one that never is.
        if was is None or was.version == now.version:
            continue
        if not now.private:
            yield _version(delta, source, was, now)
        elif "/" not in delta.path:
            yield _release(delta, was, now)


def _read(side: Side | None, source: Source, changes: Changes) -> list[Published]:
    if side is None:
        return []
    try:
        return list(source.read(side.path, side.text))
    except UnreadableError as error:
        changes.unread("published", side.path, f"it does not parse: {error}"[:300])
        return []


def _evidence(delta: Delta, now: Published) -> list[Evidence]:
    lines = delta.new.lines if delta.new else []
    number = next((at for at, row in enumerate(lines, 1) if now.version in row and now.word in row), 0)
    return [
        Evidence(path=delta.path, line=number, commit=delta.commit, text=shown(lines[number - 1]) if number else "")
    ]


def _version(delta: Delta, source: Source, was: Published, now: Published) -> Item:
    registry = registry_of(source.registry)
    return Item(
        domain="published",
        kind="package version",
        name=f"{now.name}@{now.version}",
        scope=source.registry,
        change="added",
        before=was.version,
        after=now.version,
        evidence=_evidence(delta, now),
        reversible=registry.reversible,
        action=registry.step(now.name, now.version),
        inverse=registry.back(now.name, now.version),
        verify=registry.check_for(now.name, now.version),
        cautions=[one for one in (_NEVER_AGAIN, registry.caution, _TAGS) if one],
        confidence="medium",
        details={"registry": source.registry, "name": now.name, "version": now.version},
    )


def _release(delta: Delta, was: Published, now: Published) -> Item:
    """A version of what no registry gets: an application's, which tags, images and releases carry."""
    return Item(
        domain="published",
        kind="release",
        name=f"{now.name}@{now.version}",
        scope="application",
        change="added",
        before=was.version,
        after=now.version,
        evidence=_evidence(delta, now),
        reversible="unknown",
        action=Step(
            text=f"If {now.version} went out as tag, image or release: withdraw it, and deploy {was.version}."
        ),
        inverse=Step(text="Release the next version."),
        verify=f"git tag --list '*{now.version}'" if re.fullmatch(r"[\w.+-]+", now.version) else "git tag --list",
        cautions=[_NEVER_AGAIN, _TAGS],
        confidence="low",
        details={"name": now.name, "version": now.version},
    )


def _change(delta: Delta) -> Change:
    if delta.old is None:
        return "added"
    return "removed" if delta.new is None else "changed"


def _workflow(delta: Delta) -> Iterator[Item]:
    found = [(side, number) for side in (delta.new, delta.old) if side and (number := _publishing_line(side))]
    if not found:
        return
    side, number = found[0]
    yield Item(
        domain="published",
        kind="publish workflow",
        name=delta.path,
        change=_change(delta),
        before=delta.old.entry.oid[:10] if delta.old else "",
        after=delta.new.entry.oid[:10] if delta.new else "",
        evidence=[Evidence(path=delta.path, line=number, commit=delta.commit, text=shown(side.lines[number - 1]))],
        reversible="unknown",
        action=Step(text="Look at what its runs published since, and withdraw that; the revert takes the file back."),
        inverse=Step(text="Undo the revert."),
        verify="gh release list --limit 10" if delta.path.startswith(".github/") else "",
        cautions=["Pushing the revert may start it and publish once more.", _NEVER_AGAIN],
        confidence="medium",
    )


def _publishing_line(side: Side) -> int:
    """The first line that sends something out; 0 if there is none."""
    patterns = [_PUBLISHES, _IMAGE] if _PUSHED.search(side.text) else [_PUBLISHES]
    if not any(pattern.search(side.text) for pattern in patterns):
        return 0
    return next((at for at, row in enumerate(side.lines, 1) if any(one.search(row) for one in patterns)), 0)


def _changeset(delta: Delta) -> Item:
    side = delta.new or delta.old
    front = _FRONT.match(side.text) if side else None
    try:
        bumps = ", ".join(f"{name} {bump.text}" for name, bump in yaml_of(front[1] if front else "").items())
    except UnreadableError:
        bumps = ""
    return Item(
        domain="published",
        kind="changeset",
        name=delta.path,
        change=_change(delta),
        before=delta.old.entry.oid[:10] if delta.old else "",
        after=delta.new.entry.oid[:10] if delta.new else "",
        evidence=[Evidence(path=delta.path, line=2 if front else 0, commit=delta.commit, text=shown(bumps))],
        reversible="yes",
        action=Step(
            text="The revert takes it out, if no release has used it up yet; else note the rollback in a new one."
        ),
        inverse=Step(text="Undo the revert."),
        verify="npx changeset status",
        cautions=["What it announces may be in a release already."],
        when="with code",
        details={"bumps": bumps},
    )


PUBLISHED = Domain(name="published", detect=_detect)
