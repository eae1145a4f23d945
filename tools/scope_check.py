"""scope_check: whether a session is within its bounds, before and while it works."""

from typing import Annotated, Literal

from pydantic import Field

from ..core import globs
from ..core.errors import NotFoundError
from ..core.session import Session
from ..core.text import clean, read_path, show_path
from .desk import Desk
from .reach import broken_since
from .results import MAX_ROWS, Part, Result, show_paths
from .scope import Scoped, examine
from .spec import ToolSpec


class ScopedFile(Part):
    """One changed or proposed file."""

    path: str
    layer: str
    status: str
    in_scope: bool
    protected: bool
    sensitive: bool


class Counts(Part):
    """How much of the limits is used."""

    files: int
    max_files: int | None
    layers: int
    max_layers: int | None


class ScopeViolation(Part):
    """What a rule has against it."""

    rule: str
    paths: list[str]
    why: str
    instead: str


class Overlap(Part):
    """A path another running session declared."""

    path: str
    session_id: str


class ScopeCheck(Result):
    """Where a session stands."""

    verdict: Literal["within", "warn", "refused"]
    files: list[ScopedFile]
    counts: Counts
    violations: list[ScopeViolation]
    overlaps: list[Overlap]
    warnings: list[str]


def scope_check(
    desk: Desk,
    paths: Annotated[list[str], Field(description="what you are about to change as well")] = [],  # noqa: B006
    include_dependents: Annotated[bool, Field(description="look also for files your changes break")] = False,
) -> ScopeCheck:
    """Check the scope; see `SPEC.description`."""
    if desk.session is None:
        raise NotFoundError("No session runs here.", hint="Call start_session first.")
    scoped = examine(desk, desk.session, [read_path(path) for path in paths])
    answer = show_scope(desk, scoped)
    if include_dependents:
        answer.warnings += _broken_outside(desk, desk.session, scoped)
        if answer.warnings and answer.verdict == "within":
            answer.verdict = "warn"
    return answer


def _broken_outside(desk: Desk, session: Session, scoped: Scoped) -> list[str]:
    """Files the session did not change and its changes break, each a sentence with the line."""
    said = []
    for one in broken_since(desk, session):
        if one.path not in scoped.status:
            via = one.via[0]
            names = ", ".join(clean(name, limit=80) for name in via.names[:3])
            where = f"{show_path(one.path)}:{via.line}"
            declared = scoped.situation.declared
            outside = bool(declared) and globs.first_match(one.path, declared) is None
            scope = ", which is outside the declared paths" if outside else ""
            said.append(
                f"{where} uses {names or 'it'} of {show_path(via.target)}, which your changes take away{scope}."
            )
    return said[:MAX_ROWS]


def show_scope(desk: Desk, scoped: Scoped) -> ScopeCheck:
    """A session's standing for a reader."""
    situation = scoped.situation
    refused = any(one.decision == "refuse" for one in scoped.violations)
    return ScopeCheck(
        verdict="refused" if refused else "warn" if scoped.violations or scoped.overlaps else "within",
        files=[
            ScopedFile(
                path=show_path(path),
                layer=situation.layer(path),
                status=status,
                in_scope=not situation.declared or globs.first_match(path, situation.declared) is not None,
                protected=globs.first_match(path, situation.protocol.paths) is not None,
                sensitive=globs.first_match(path, situation.protocol.sensitive) is not None,
            )
            for path, status in list(scoped.status.items())[:MAX_ROWS]
        ],
        counts=Counts(
            files=len(scoped.status),
            max_files=situation.file_limit,
            layers=len(situation.touched_layers),
            max_layers=situation.protocol.max_layers,
        ),
        violations=[
            ScopeViolation(rule=one.rule, paths=show_paths(one.paths), why=one.why, instead=one.instead)
            for one in scoped.violations
        ],
        overlaps=[Overlap(path=show_path(path), session_id=other) for path, other in scoped.overlaps[:MAX_ROWS]],
        warnings=list(desk.force.warnings),
    )


SPEC = ToolSpec(
    name="scope_check",
    title="Check the scope",
    description=(
        "Whether the session is within its limits: files, layers, declared and protected paths. Name in `paths` what "
        "you are about to change to know before you do; include_dependents warns of files your changes break. "
        "end_session refuses what this refuses."
    ),
    run=scope_check,
    reads_only=True,
    repeatable=True,
)
