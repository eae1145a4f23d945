"""What a protocol says about recovery: checks, how they are run, when to stop, who may allow what, incidents."""

from collections.abc import Mapping
from typing import Any

from .records import asdict, dataclass, field

LEVELS = ("component", "phase", "project")
"""How far a rollback reaches: part of a session, a whole session or phase, the whole project."""

METRICS = (
    "checks_failing",
    "failing_tests_percent",
    "commits_since_green",
    "session_commits",
    "session_files",
    "session_minutes",
    "error_rate_percent",
)
"""What a trigger may watch. `error_rate_percent` is given by the caller, all others are measured."""

RESPONSES = ("stop", "checkpoint", "notify", "plan")
"""What a trigger may do: refuse further commits, take a checkpoint, tell people, propose a plan."""


@dataclass(frozen=True, kw_only=True)
class CheckSpec:
    """A check of the project, run by `/bin/sh -c` and only if a human trusted exactly this text.

    Attributes:
        name: short, `tests` or `lint`, say.
        run: the command line; `{junit}` stands for a file it may write JUnit XML to.
        timeout: seconds.
        memory: bytes each of its processes may have; None for no limit.
        junit: a file from the root that it writes JUnit XML to; empty if it writes none, or to `{junit}`.
    """

    name: str
    run: str
    timeout: int = 1800
    memory: int | None = None
    junit: str = ""


@dataclass(frozen=True, kw_only=True)
class VerifySettings:
    """How checks are run beside the worktree.

    Attributes:
        link: dependency folders, from the root, that a scratch worktree gets as the worktree has them.
        before_revert: names of the checks that a rollback's result must pass; None for all, none of them for ().
        at_once: how many run at the same time; None for one per core.
    """

    link: tuple[str, ...] = ("node_modules", ".venv", "venv", "vendor/bundle")
    before_revert: tuple[str, ...] | None = None
    at_once: int | None = None


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From where on a symptom counts; shares in percent.

    Attributes:
        phase_failing_tests: failing tests that make it a matter of the whole session.
        project_failing_tests: and of the whole project.
        phase_error_rate: the same for an error rate the caller gives.
        project_error_rate: and of the whole project.
        commits_since_green: commits after the last one that passed its checks, from which on a warning is due.
        hold_commits: commits others made on top, from which on a revert is not argued for.
    """

    phase_failing_tests: float = 10.0
    project_failing_tests: float = 50.0
    phase_error_rate: float = 1.0
    project_error_rate: float = 5.0
    commits_since_green: int = 10
    hold_commits: int = 20


@dataclass(frozen=True, kw_only=True)
class TriggerSpec:
    """A rule that acts while a session runs.

    Attributes:
        id: its name.
        metric: one of `METRICS`.
        above: it fires when the metric is greater.
        do: some of `RESPONSES`.
        why: shown when it fires.
    """

    id: str
    metric: str
    above: float
    do: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class IncidentSettings:
    """Where incidents are written and who is told.

    Attributes:
        directory: from the root; post-mortems go there.
        logs: files and patterns whose tail goes into the diagnostic bundle.
        notify: tags of the targets a human configured for this user; nothing of them stands in the protocol.
        messages: templates of status messages by name, which replace or add to the built-in ones.
    """

    directory: str = "docs/incidents"
    logs: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    messages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RecoverySettings:
    """`[[check]]`, `[verify]`, `[assess]`, `[[trigger]]`, `[authority]` and `[incident]`.

    Attributes:
        checks: by name.
        verify: how they are run.
        assess: thresholds.
        triggers: by id.
        authority: who may allow a rollback of each level: `agent`, or `human` for a person on a terminal or
            through the client.
        incident: where incidents go.
    """

    checks: tuple[CheckSpec, ...] = ()
    verify: VerifySettings = field(default_factory=VerifySettings)
    assess: Thresholds = field(default_factory=Thresholds)
    triggers: tuple[TriggerSpec, ...] = ()
    authority: Mapping[str, str] = field(
        default_factory=lambda: {"component": "agent", "phase": "agent", "project": "human"}
    )
    incident: IncidentSettings = field(default_factory=IncidentSettings)

    def to_data(self) -> dict[str, Any]:
        """Plain values, for the ledger."""
        return asdict(self)


def from_data(data: Mapping[str, Any]) -> RecoverySettings:
    """The settings behind `to_data`; what an older version did not write has its default."""
    verify = dict(data.get("verify", {}))
    if verify.get("before_revert") is not None:
        verify["before_revert"] = tuple(verify["before_revert"])
    if "link" in verify:
        verify["link"] = tuple(verify["link"])
    incident = dict(data.get("incident", {}))
    for name in ("logs", "notify"):
        if name in incident:
            incident[name] = tuple(incident[name])
    return RecoverySettings(
        checks=tuple(CheckSpec(**one) for one in data.get("checks", ())),
        verify=VerifySettings(**verify),
        assess=Thresholds(**data.get("assess", {})),
        triggers=tuple(TriggerSpec(**{**one, "do": tuple(one["do"])}) for one in data.get("triggers", ())),
        authority={**RecoverySettings().authority, **data.get("authority", {})},
        incident=IncidentSettings(**incident),
    )
