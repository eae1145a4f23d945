"""blast_radius: what taking something back would reach, with the line that proves it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from ..core.errors import InvalidInputError
from ..core.gate.objects import Entry
from ..core.ids import Oid
from ..core.revert.targets import Selection, select
from ..core.revert.together import as_target
from ..core.text import clean, plural, read_path, show_path
from ..core.transition.requests import normal_path
from ..impact.commits.dependence import Chain, why
from ..impact.dependents import Dependent
from ..impact.going import Going
from ..impact.radius import Radius, radius
from .along import target_of
from .desk import Desk
from .reach import View, below, library_of
from .results import MAX_ROWS, Part, PathNote, Result, show_paths
from .spec import ToolSpec

ROWS = 50
_VIA = 5


class Step(Part):
    """Why one file depends on another: `from` says so in `line`."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)

    source: str = Field(alias="from")
    target: str = Field(alias="to")
    line: int
    kind: str
    names: list[str]
    text: str


class DependentFile(Part):
    """A file the change reaches."""

    path: str
    tier: Literal["will_break", "likely", "reachable"]
    via: list[Step]
    distance: int
    in_target: bool


class Known(Part):
    """How much of this is known."""

    level: Literal["exact", "partial", "unresolved"]
    files: list[PathNote]
    files_total: int


class Cascade(Part):
    """Commits of which each needs the one before."""

    commits: list[str]
    why: list[str]


class RevertSet(Part):
    """What has to go together, commits newest first. `proven`: taking it out was tried in a scratch place."""

    commits: list[str]
    files: list[str]
    proven: bool
    minimal: bool
    conflicts: list[str]


class Dependence(Part):
    """A commit and a later one that needs it."""

    commit: str
    needed_by: str
    kind: str
    why: str


class BlastRadius(Result):
    """What it reaches. Lists are cut into pages; the counts are whole."""

    changed: list[str]
    changed_total: int
    dependents: list[DependentFile]
    will_break: int
    likely: int
    reachable: int
    next_page: int | None
    cascades: list[Cascade]
    minimum_revert_set: RevertSet | None
    revert_order: list[list[str]]
    commit_dependencies: list[Dependence]
    estimate: str
    advice: list[str]
    coverage: Known
    duration_ms: int


def blast_radius(
    desk: Desk,
    target: Annotated[
        str | list[str] | None, Field(description="as for plan_rollback, but no action; default: the session")
    ] = None,
    paths: Annotated[
        list[str], Field(description="only these; without a target: what would miss them if they were gone")
    ] = [],  # noqa: B006
    depth: Annotated[int | None, Field(ge=1, description="steps to follow; default: all")] = None,
    page: Annotated[int, Field(ge=1)] = 1,
) -> BlastRadius:
    """Look at the reach; see `SPEC.description`."""
    started = time.monotonic()
    library = library_of(desk.workspace)
    with library.helped():
        looked = _look(View(desk, library), desk, target, paths, depth)
    return show_radius(looked, page, int((time.monotonic() - started) * 1000))


def _look(
    view: View, desk: Desk, target: str | list[str] | None, paths: Sequence[str], depth: int | None
) -> "Looked":
    wanted = [normal_path(read_path(path)) for path in paths]
    selection: Selection | None = None
    if target is None and wanted:
        changes: dict[str, Entry | None] = dict.fromkeys(view.within(wanted))
        if not changes:
            raise InvalidInputError(f"No file stands at {', '.join(show_paths(wanted))}.", hint="Name tracked paths.")
        conflicts: Sequence[str] = ()
    else:
        selection = _selected(desk, "session" if target is None else target)
        changes, conflicts = view.without(selection)
        if wanted:
            changes = {path: entry for path, entry in changes.items() if below(path, wanted)}
    found = radius(view.library, view.today, changes, words=True, depth=depth)
    gone = None if selection is None else view.going(selection)
    together = None if gone is None or selection is None or wanted else target_of(gone, selection)
    asked = frozenset(one.oid for one in selection.commits) if selection is not None else frozenset()
    return Looked(found=found, gone=gone, conflicts=conflicts, asked=asked, together=together)


def _selected(desk: Desk, target: str | list[str]) -> Selection:
    if isinstance(target, str) and target.startswith("action/"):
        raise InvalidInputError(
            "An action is no commit: its lines may lie in none.",
            hint="plan_rollback with that target tells its impact.",
        )
    selection = select(desk.workspace, as_target(desk.workspace, target))
    if selection.branch is not None:
        raise InvalidInputError(
            f"{selection.title}: it was never merged, so taking it out changes no file here.",
            hint="plan_rollback archives and deletes it.",
        )
    return selection


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What was found.

    Attributes:
        found: the files.
        gone: the commits; None if the target has none on this branch.
        conflicts: paths in which later work overlaps.
        asked: the target's commits.
        together: what has to go as one, as a target; None if there is no such plan.
    """

    found: Radius
    gone: Going | None
    conflicts: Sequence[str]
    asked: frozenset[Oid]
    together: str | None


def show_radius(looked: Looked, page: int, milliseconds: int) -> BlastRadius:
    """A reach for a reader."""
    found, gone = looked.found, looked.gone
    rows = [*found.dependents, *found.reachable]
    start = (page - 1) * ROWS
    return BlastRadius(
        changed=show_paths(found.changed),
        changed_total=len(found.changed),
        dependents=[_dependent(one) for one in rows[start : start + ROWS]],
        will_break=found.count("will_break"),
        likely=found.count("likely"),
        reachable=len(found.reachable),
        next_page=page + 1 if start + ROWS < len(rows) else None,
        cascades=[] if gone is None else [_cascade(one) for one in gone.chains],
        minimum_revert_set=None if gone is None else _set(gone),
        revert_order=[] if gone is None else [show_paths(group) for group in gone.order[:ROWS]],
        commit_dependencies=[] if gone is None else _dependences(gone),
        estimate=found.estimate,
        advice=_advice(looked),
        coverage=Known(
            level=found.coverage.level,
            files=[
                PathNote(path=show_path(path), why=clean(why, limit=200))
                for path, why in found.coverage.files[:MAX_ROWS]
            ],
            files_total=len(found.coverage.files),
        ),
        duration_ms=milliseconds,
    )


def _dependent(one: Dependent) -> DependentFile:
    return DependentFile(
        path=show_path(one.path),
        tier=one.tier,
        via=[
            Step.model_validate(
                {
                    "from": show_path(via.source),
                    "to": show_path(via.target),
                    "line": via.line,
                    "kind": via.kind,
                    "names": [clean(name, limit=100) for name in via.names[:10]],
                    "text": clean(via.text, limit=200),
                }
            )
            for via in one.via[:_VIA]
        ],
        distance=one.distance,
        in_target=one.changes,
    )


def _cascade(chain: Chain) -> Cascade:
    return Cascade(commits=[one[:12] for one in chain.commits], why=[why(link) for link in chain.links])


def _set(gone: Going) -> RevertSet:
    one = gone.together
    return RevertSet(
        commits=list(one.commits[:MAX_ROWS]),
        files=show_paths(one.files),
        proven=one.proven,
        minimal=one.minimal,
        conflicts=show_paths(one.conflicts),
    )


def _dependences(gone: Going) -> list[Dependence]:
    return [
        Dependence(
            commit=one.needs[:12], needed_by=one.commit[:12], kind=one.reasons[0].kind, why=why(one.reasons[0])
        )
        for one in gone.needs[:ROWS]
    ]


def _advice(looked: Looked) -> list[str]:
    found, gone, conflicts = looked.found, looked.gone, looked.conflicts
    said = []
    if gone is not None and gone.chains and not looked.asked.issuperset(gone.together.commits):
        longest, together = gone.chains[0], gone.together
        said.append(
            f"Not alone: {plural(len(together.commits), 'commit')} have to go together, for "
            f"{longest.commits[-1][:12]} {why(longest.links[-1])}."
        )
        if gone.against.whole_is_cheaper:
            said.append("That is about all there is since then: take out the whole session, or the range, instead.")
        elif looked.together:
            said.append(f"plan_rollback target {looked.together}: tried on what is committed, and clean.")
    elif conflicts:
        said.append(
            f"Later commits overlap with it in {plural(len(conflicts), 'file')}: it does not come out alone. "
            "Take the commits that need it along, or the whole session."
        )
    covered = gone.together.files if gone is not None and looked.together else ()
    broken = [
        one for one in found.dependents if one.tier == "will_break" and not one.changes and one.path not in covered
    ]
    if broken:
        said.append(
            f"Taking it out leaves {plural(len(broken), 'file')} broken, {show_path(broken[0].path)} first. "
            "Take what uses it along, or mend those files in the same step."
        )
    if gone is not None and gone.beyond:
        said.append(
            f"{plural(len(gone.beyond), 'commit')} of it came with a merge or lie far back: what needs them was not "
            "looked at commit by commit."
        )
    if gone is not None and gone.unread:
        said.append(f"{plural(gone.unread, 'commit')} were compared by whole files, or not for the names they use.")
    sure = found.changed and found.coverage.level != "unresolved" and (gone is None or gone.alone)
    if sure and not conflicts and not found.dependents:
        said.append("Nothing that was read needs it: it can be taken out alone.")
    if found.coverage.level != "exact":
        said.append("Not every file could be read or resolved (coverage): run the project's checks as well.")
    return said


SPEC = ToolSpec(
    name="blast_radius",
    title="Blast radius",
    description=(
        "Before anything is taken back: which files use what it changes, in tiers (will_break: a name they use "
        "disappears; likely: one changes; reachable: a count), each with the line that proves it, and how much of "
        "that is known. Changes nothing."
    ),
    run=blast_radius,
    reads_only=True,
    repeatable=True,
)
