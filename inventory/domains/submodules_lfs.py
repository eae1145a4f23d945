"""Submodules and files in Git LFS: what git stores a pointer of, and keeps elsewhere."""

import configparser
import re
import shlex
from collections.abc import Iterator, Mapping

from ...core.gate.objects import MODE_GITLINK
from ..changes import Changes, Delta, Side
from ..detector import Domain
from ..manifests.lines import shown, without_credentials
from ..model import Change, Evidence, Item, Step

_POINTER = re.compile(
    rb"version https://(?:git-lfs|hawser)\.github\.com/spec/v\d\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\nsize (\d+)"
)
_LARGEST_POINTER = 1024
_FILTER = re.compile(r"^[ \t]*([^#\s]\S*)[ \t]+.*\bfilter=lfs\b", re.MULTILINE)


def _detect(changes: Changes) -> Iterator[Item]:
    large = _has_lfs(changes)
    for delta in changes.deltas:
        if any(side.entry.mode == MODE_GITLINK for side in delta.sides):
            yield _submodule(delta)
        elif delta.path == ".gitmodules":
            yield from _addresses(delta, changes)
        elif delta.name == ".gitattributes":
            yield from _patterns(delta)
        elif large and (pointers := _pointers(delta)):
            yield _large(delta, pointers)


def _has_lfs(changes: Changes) -> bool:
    """Whether anything is kept in LFS, before the target or after it; else no content has to be looked at."""
    if any(delta.name == ".gitattributes" for delta in changes.deltas):
        return True
    view = changes.before
    sides = (view.read(path) for path in view.by_name.get(".gitattributes", ()))
    return any("filter=lfs" in side.text for side in sides if side)


def _change(before: bool, after: bool) -> Change:
    if before and after:
        return "changed"
    return "added" if after else "removed"


def _submodule(delta: Delta) -> Item:
    before, after = (
        side.entry.oid[:10] if side and side.entry.mode == MODE_GITLINK else "" for side in (delta.old, delta.new)
    )
    path = shlex.quote(delta.path)
    update = f"git submodule update --init --recursive {path}"
    text = (
        f"Check {before} out in it once the code is back."
        if before
        else "Take its directory out once the code is back."
    )
    return Item(
        domain="submodules_lfs",
        kind="submodule",
        name=delta.path,
        change=_change(bool(before), bool(after)),
        before=before,
        after=after,
        evidence=[Evidence(path=delta.path, commit=delta.commit, text=f"Subproject commit {after or before}")],
        reversible="yes",
        action=Step(text=text, command=update if before else f"git submodule deinit {path}"),
        inverse=Step(text="Once the newer commit is recorded again, check it out.", command=update),
        verify=f"git submodule status {path}",
        cautions=[
            "A revert or reset of this repository leaves the submodule's own files as they are.",
            "Uncommitted work in it is lost by an update with --force only; without it git refuses.",
        ],
    )


def _addresses(delta: Delta, changes: Changes) -> Iterator[Item]:
    old, new = _urls(delta.old, changes), _urls(delta.new, changes)
    for path in dict.fromkeys([*new, *old]):
        if old.get(path) == new.get(path):
            continue
        # An added or removed submodule is an item by its own entry in the tree.
        if path in old and path in new:
            yield Item(
                domain="submodules_lfs",
                kind="submodule address",
                name=path,
                change="changed",
                before=without_credentials(old[path]),
                after=without_credentials(new[path]),
                evidence=[_line_of(delta.new, new[path], delta.commit)],
                reversible="yes",
                action=Step(
                    text="Have the submodule's clone follow the old address again.",
                    command=f"git submodule sync --recursive -- {shlex.quote(path)}",
                ),
                inverse=Step(text="The same once the newer address is back."),
                verify=f"git -C {shlex.quote(path)} remote get-url origin",
                cautions=["A clone keeps the address it was made with until it is told."],
            )


def _urls(side: Side | None, changes: Changes) -> Mapping[str, str]:
    """The addresses of submodules by their paths."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string("\n".join(line.strip() for line in side.lines) if side else "")
    except configparser.Error as error:
        changes.unread("submodules_lfs", ".gitmodules", f"it does not parse: {error}"[:300])
        return {}
    sections = [parser[name] for name in parser.sections()]
    return {section["path"]: section.get("url", "") for section in sections if "path" in section}


def _line_of(side: Side | None, text: str, commit: str) -> Evidence:
    lines = side.lines if side else []
    number = next((at for at, row in enumerate(lines, 1) if text in row), 0)
    return Evidence(
        path=side.path if side else "", line=number, commit=commit, text=shown(lines[number - 1]) if number else ""
    )


def _pointer(side: Side | None) -> tuple[str, int] | None:
    """What a pointer points to: the content's hash and its size; None for a file that is none."""
    if (
        side is None
        or side.data is None
        or len(side.data) > _LARGEST_POINTER
        or not side.data.startswith(b"version ")
    ):
        return None
    found = _POINTER.match(side.data.replace(b"\r\n", b"\n"))
    return (found[1].decode(), int(found[2])) if found else None


def _pointers(delta: Delta) -> Mapping[str, tuple[str, int]]:
    sides = (("old", delta.old), ("new", delta.new))
    return {name: found for name, side in sides if (found := _pointer(side))}


def _large(delta: Delta, pointers: Mapping[str, tuple[str, int]]) -> Item:
    before, after = (
        f"{found[0][:10]}, {found[1]:,} bytes" if (found := pointers.get(side)) else "" for side in ("old", "new")
    )
    path = shlex.quote(delta.path)
    cautions = ["The old content has to be in the LFS store yet: git lfs fetch gets it from the server."]
    if (delta.old and "old" not in pointers) or (delta.new and "new" not in pointers):
        cautions.append("The file went into LFS, or out of it: its attributes have to go back with it.")
    return Item(
        domain="submodules_lfs",
        kind="lfs file",
        name=delta.path,
        change=_change(delta.old is not None, delta.new is not None),
        before=before or (delta.old.entry.oid[:10] if delta.old else ""),
        after=after or (delta.new.entry.oid[:10] if delta.new else ""),
        evidence=[Evidence(path=delta.path, line=2, commit=delta.commit, text="oid and size of the content in LFS")],
        reversible="yes",
        action=Step(
            text="Get the old content and put it in the pointer's place.",
            command=f"git lfs fetch && git lfs checkout {path}",
        ),
        inverse=Step(text="The same once the newer pointer is back.", command=f"git lfs checkout {path}"),
        verify="git lfs fsck --pointers",
        cautions=cautions,
    )


def _patterns(delta: Delta) -> Iterator[Item]:
    old, new = (set(_FILTER.findall(side.text)) if side else set() for side in (delta.old, delta.new))
    for pattern in sorted(old ^ new):
        yield Item(
            domain="submodules_lfs",
            kind="lfs pattern",
            name=pattern,
            scope=delta.path,
            change="added" if pattern in new else "removed",
            before="filter=lfs" if pattern in old else "",
            after="filter=lfs" if pattern in new else "",
            evidence=[_line_of(delta.new if pattern in new else delta.old, pattern, delta.commit)],
            reversible="yes",
            action=Step(
                text="The revert brings the attribute back; files are stored by it when they are added next."
            ),
            inverse=Step(text="Undo the revert."),
            verify="git lfs ls-files",
            cautions=[
                "Files that were committed meanwhile stay as they were stored: git lfs migrate rewrites commits."
            ],
            when="with code",
        )


SUBMODULES_LFS = Domain(name="submodules_lfs", detect=_detect)
