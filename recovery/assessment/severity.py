"""How bad it is and how far a rollback reaches, against the protocol's thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.recovery import LEVELS, Thresholds
from ...core.text import plural
from .facts import Reach, Symptoms

TIERS = ("none", "low", "medium", "high", "critical")
"""Severities, the mildest first."""

_SMALL = frozenset({"commit", "paths", "action", "branch"})


@dataclass(frozen=True, kw_only=True)
class Severity:
    """An assessment's verdict.

    Attributes:
        tier: one of `TIERS`.
        level: one of `LEVELS`: how far the rollback itself reaches, which says who may allow it.
        needed: the level that the symptoms ask for; None if none was measured.
        findings: sentences, each with its figure.
    """

    tier: str
    level: str
    needed: str | None
    findings: Sequence[str]


def judge(symptoms: Symptoms, reach: Reach, thresholds: Thresholds, given: str | None = None) -> Severity:
    """Weigh symptoms.

    Args:
        symptoms: what is wrong.
        reach: what the rollback takes.
        thresholds: the protocol's.
        given: the tier a caller claims; it can only raise.
    """
    found = [*_checks(symptoms, thresholds), *_rates(symptoms, thresholds), *_others(symptoms, thresholds)]
    tier = max((one[0] for one in found), key=TIERS.index, default="none")
    levels = [one[1] for one in found if one[1] is not None]
    findings = [one[2] for one in found]
    if given is not None and TIERS.index(given) > TIERS.index(tier):
        findings.append(f"The caller rates it {given}; what was measured says {tier}.")
        tier = given
    needed = max(levels, key=LEVELS.index, default=None)
    return Severity(tier=tier, level=level_of(reach), needed=needed, findings=findings)


def level_of(reach: Reach) -> str:
    """How far a rollback reaches.

    More than one session's work is the project's; one session, branch or range is a phase of it.
    """
    if len(reach.sessions) > 1:
        return "project"
    return "component" if reach.kind in _SMALL and not reach.squash else "phase"


_Finding = tuple[str, str | None, str]


def _checks(symptoms: Symptoms, limits: Thresholds) -> list[_Finding]:
    failing, ran, share = symptoms.checks_failing, symptoms.checks_run, symptoms.failing_tests_percent
    found: list[_Finding] = []
    if failing is not None and ran is not None:
        text = f"{failing} of {plural(ran, 'check')} failed in the newest verification of HEAD."
        tier, level = ("none", None) if not failing else ("low", "component")
        found.append((tier, level, text))
    if share is not None and share > 0:
        said = f"{share:.1f} % of the tests fail"
        found.append(_graded(share, limits.phase_failing_tests, limits.project_failing_tests, said))
    return found


def _rates(symptoms: Symptoms, limits: Thresholds) -> list[_Finding]:
    found: list[_Finding] = []
    if symptoms.error_rate_percent is not None:
        rate = symptoms.error_rate_percent
        said = f"the error rate is {rate:.2f} % (as the caller says)"
        found.append(_graded(rate, limits.phase_error_rate, limits.project_error_rate, said))
    if symptoms.slower_percent is not None and symptoms.slower_percent > 0:
        slower = symptoms.slower_percent
        tier = "medium" if slower >= 100 else "low"
        found.append((tier, "component", f"It is {slower:.0f} % slower (as the caller says)."))
    return found


def _graded(value: float, phase: float, project: float, said: str) -> _Finding:
    said = said[0].upper() + said[1:]
    if value >= project:
        return "critical", "project", f"{said}: from {project:g} % on it concerns the whole project."
    if value >= phase:
        return "high", "phase", f"{said}: from {phase:g} % on it concerns the whole session."
    return "medium", "component", f"{said}: below {phase:g} %, a matter of a part."


def _others(symptoms: Symptoms, limits: Thresholds) -> list[_Finding]:
    found: list[_Finding] = []
    since = symptoms.commits_since_green
    if since is not None and since > limits.commits_since_green:
        text = f"{plural(since, 'commit')} since the last one that passed its checks; more than "
        found.append(("low", None, f"{text}{limits.commits_since_green}."))
    if symptoms.secrets:
        text = f"The commits added {plural(len(symptoms.secrets), 'secret')}: {', '.join(symptoms.secrets[:5])}."
        found.append(("critical", None, text))
    return found
