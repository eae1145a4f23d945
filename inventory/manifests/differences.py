"""What a target did to the requirements of manifests: the net over all commits, for each manifest, and for all."""

import dataclasses
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from ..changes import Changes, Delta, Side
from ..fold import fold
from ..model import Change, Evidence, Item
from .asking import Reading, manifest_of
from .lines import line_of, shown, without_credentials
from .model import Manifest, Requirement, folded
from .python_requirements import is_export

# Manifests that only tests read: what they name is never installed.
_FIXTURE = re.compile(r"(?:^|/)(?:__)?(?:fixtures?|testdata|test[-_]fixtures|mocks)(?:__)?/", re.IGNORECASE)
# Lock files that can be written out as requirements.
_EXPORTS = ("poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock")
# An entry that says that another manifest has the version.
_ELSEWHERE = re.compile(r"catalog:.*|workspace")
# Stands between the specs of one manifest; a spec may have commas of its own.
_BETWEEN = " | "
_Key = tuple[str, str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Pair:
    """A manifest before and after a commit; two paths if it was moved."""

    manifest: Manifest
    old: Side | None
    new: Side | None
    commit: str


def findings(changes: Changes, reading: Reading) -> list[Item]:
    """An item for each manifest and requirement; its scope is the manifest, its `details` say `ecosystem`."""
    return fold(item for pair in _pairs(changes, reading) for item in _compared(pair, reading))


def _pairs(changes: Changes, reading: Reading) -> Iterator[_Pair]:
    deltas = (one for one in changes.deltas if not _FIXTURE.search(one.path) and not _is_exported(one, changes))
    touched = ((delta, manifest_of(delta.path)) for delta in deltas)
    for commit, rows in groupby((row for row in touched if row[1]), key=lambda row: row[0].commit):
        gone: list[tuple[Delta, Manifest]] = []
        come: list[tuple[Delta, Manifest]] = []
        for delta, manifest in rows:
            assert manifest is not None
            if delta.old and delta.new:
                yield _Pair(manifest=manifest, old=delta.old, new=delta.new, commit=commit)
            else:
                (come if delta.new else gone).append((delta, manifest))
        yield from _moved(gone, come, commit, reading)


def _is_exported(delta: Delta, changes: Changes) -> bool:
    """Whether a file of requirements repeats the lock file that changed beside it, which speaks for itself."""
    if not delta.path.endswith(".txt") or not all(is_export(side.text) for side in delta.sides):
        return False
    folder = posixpath.dirname(delta.path)
    locks = {posixpath.join(folder, name) for name in _EXPORTS}
    return any(one.path in locks and one.new is not None and one.commit == delta.commit for one in changes.deltas)


def _moved(
    gone: Sequence[tuple[Delta, Manifest]], come: Sequence[tuple[Delta, Manifest]], commit: str, reading: Reading
) -> Iterator[_Pair]:
    """Manifests that a commit removed and added; one that asks for much the same elsewhere was moved."""
    left = list(come)
    for delta, manifest in gone:
        names = _names(delta.old, manifest, reading)
        best, shared = None, len(names) // 2
        for row in left:
            common = len(names & _names(row[0].new, row[1], reading))
            if row[1] is manifest and row[0].name == delta.name and common > shared:
                best, shared = row, common
        if best is not None:
            left.remove(best)
        yield _Pair(manifest=manifest, old=delta.old, new=best[0].new if best else None, commit=commit)
    for delta, manifest in left:
        yield _Pair(manifest=manifest, old=None, new=delta.new, commit=commit)


def _names(side: Side | None, manifest: Manifest, reading: Reading) -> set[str]:
    return {one.name for one in reading.requirements(side, manifest) or ()} if side else set()


def _compared(pair: _Pair, reading: Reading) -> Iterator[Item]:
    sides = [{} if side is None else _by_key(side, pair.manifest, reading) for side in (pair.old, pair.new)]
    old, new = sides
    if old is None or new is None:
        return
    for key in dict.fromkeys([*new, *old]):
        before, after = _values(old.get(key, ()), new.get(key, ()))
        if before == after:
            continue
        change: Change = "changed" if key in old and key in new else "added" if key in new else "removed"
        side, listed = (pair.new, new[key]) if key in new else (pair.old, old[key])
        assert side is not None
        changed = next((one for one in listed if one not in old.get(key, ())), listed[0])
        name = listed[0].name
        specs = [one.spec for one in (*old.get(key, ()), *new.get(key, ()))]
        if listed[0].kind == "package" and reading.is_internal(pair.manifest.ecosystem, name, specs):
            continue
        yield Item(
            domain="dependencies",
            kind=key[0],
            name=key[1],
            scope=side.path,
            change=change,
            before=without_credentials(before),
            after=without_credentials(after),
            evidence=[evidence(side, line_of(side.lines, changed), pair.commit)],
            details={
                "name": name,
                "ecosystem": pair.manifest.ecosystem,
                "group": changed.group,
                "gone": pair.new is None,
            },
        )


def _by_key(side: Side, manifest: Manifest, reading: Reading) -> dict[_Key, list[Requirement]] | None:
    listed = reading.requirements(side, manifest)
    if listed is None:
        return None
    found: dict[_Key, list[Requirement]] = {}
    for one in listed:
        found.setdefault((one.kind, folded(manifest.ecosystem, one.name)), []).append(one)
    return found


def _values(old: Sequence[Requirement], new: Sequence[Requirement]) -> tuple[str, str]:
    """Both sides in words: the specs, and what they are for where only that differs."""
    before, after = _specs(old), _specs(new)
    return (before, after) if before != after else (_groups(old), _groups(new))


def _specs(listed: Iterable[Requirement]) -> str:
    return _BETWEEN.join(sorted({one.spec or "any" for one in listed}))


def _groups(listed: Iterable[Requirement]) -> str:
    return _BETWEEN.join(sorted({f"{one.spec or 'any'} ({one.group or 'main'})" for one in listed}))


def evidence(side: Side, line: int, commit: str) -> Evidence:
    """A line of a manifest or lock file."""
    text = side.lines[line - 1] if 0 < line <= len(side.lines) else ""
    return Evidence(path=side.path, line=line, commit=commit, text=shown(text))


def united(items: Sequence[Item]) -> Iterator[Item]:
    """One item for each package, whichever manifests have it; its scope is the ecosystem.

    Args:
        items: of `findings`.
    """
    grouped: dict[tuple[str, str, str], list[Item]] = {}
    for item in items:
        scope = "runtime" if item.kind == "runtime" else str(item.details["ecosystem"])
        grouped.setdefault((item.kind, scope, item.name), []).append(item)
    for (_, scope, _), members in grouped.items():
        before, after = _distinct(one.before for one in members), _distinct(one.after for one in members)
        if _only_elsewhere(before, after):
            continue
        if before == after:
            if not _asked_elsewhere(members):
                continue
            before, after = _placed(members)
        kinds = {one.change for one in members}
        yield dataclasses.replace(
            members[0],
            name=str(members[0].details["name"]),
            scope=scope,
            change=members[0].change if len(kinds) == 1 else "changed",
            before=", ".join(before),
            after=", ".join(after),
            evidence=[one.evidence[0] for one in members][:5],
            details=_details(members),
        )


def _asked_elsewhere(members: Sequence[Item]) -> bool:
    """Whether what went from one manifest to another is asked for by others now: of another package, or purpose.

    A project that gives up one kind of manifest for another asks for the same.
    """
    if any("gone" not in one.details for one in members):
        return False  # Of lock files: one moved it there, and another back.
    if len({posixpath.dirname(one.scope) for one in members}) > 1:
        return True
    kinds: dict[str, set[Change]] = {}
    for one in members:
        if not one.details["gone"]:
            kinds.setdefault(posixpath.splitext(one.scope)[1], set()).add(one.change)
    return any({"added", "removed"} <= several for several in kinds.values())


def _details(members: Sequence[Item]) -> Mapping[str, object]:
    return {**members[0].details, "manifests": [one.scope for one in members]}


def _distinct(values: Iterable[str]) -> list[str]:
    found = {part for value in values for part in value.split(_BETWEEN) if part}
    # Where one manifest has the version for others, these ask for any.
    return sorted(found - {"any"} or found)


def _placed(members: Sequence[Item]) -> tuple[list[str], list[str]]:
    """The values with their manifests, where that is all that changed."""
    before = [f"{one.before} in {one.scope}" for one in members if one.before]
    return before, [f"{one.after} in {one.scope}" for one in members if one.after]


def _only_elsewhere(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a version only went to or came from the place that several manifests share."""
    if not any(_ELSEWHERE.fullmatch(one) for one in (*before, *after)):
        return False
    plain = [[one for one in side if not _ELSEWHERE.fullmatch(one)] for side in (before, after)]
    return plain[0] == plain[1] and bool(plain[0])
