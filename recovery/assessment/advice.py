"""Which way out the figures argue for: the decision table.

It only advises. What was planned can be carried out all the same where no rule refuses it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...core.recovery import Thresholds
from ...core.text import plural
from .facts import Reach, Symptoms
from .runbook import leaked_secret
from .severity import Severity

WAYS = {
    "rotate_first": "a secret was committed: a revert leaves it in the history",
    "archive_branch": "the branch was never merged: nothing of it is in use",
    "do_not_batch": "the target mixes the work of several sessions",
    "find_first": "a check fails, and which commit broke it is not known",
    "take_along": "later commits need it, and together they come out cleanly",
    "hold": "the rollback would lose data, or much was built on top",
    "fix_forward": "taking it out costs more than mending it",
    "revert": "taking it out is clean",
}
"""What may be advised, and when."""


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A way out.

    Attributes:
        way: one of `WAYS`.
        why: the figures that argue for it.
        next_step: what to call or do.
        runbook: steps for a human, where there are any; never run from here.
    """

    way: str
    why: Sequence[str]
    next_step: str
    runbook: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is to be decided on."""

    symptoms: Symptoms
    reach: Reach
    severity: Severity
    thresholds: Thresholds


def advise(case: Case) -> Advice:
    """The first row of the table that fits."""
    for row in _TABLE:
        found = row(case)
        if found is not None:
            return found
    return _revert(case)


def _secret(case: Case) -> Advice | None:
    secrets = case.symptoms.secrets
    if not secrets:
        return None
    return Advice(
        way="rotate_first",
        why=[
            f"{plural(len(secrets), 'place')} hold what looks like a secret: {', '.join(secrets[:5])}.",
            "A revert takes it out of the files; every clone still has it.",
        ],
        next_step="Tell a human to rotate it now; then revert, and follow the runbook if history must not keep it.",
        runbook=leaked_secret(secrets),
    )


def _unmerged(case: Case) -> Advice | None:
    if case.reach.kind != "branch":
        return None
    return Advice(
        way="archive_branch",
        why=["Nothing of the branch is in the current one: archiving and deleting it changes no file."],
        next_step="safe_revert archives it under refs/safe-rollback/archive; undo brings it back.",
    )


def _drift(case: Case) -> Advice | None:
    sessions = case.reach.sessions
    # Commits that were named one by one are no batch, whoever made them.
    if len(sessions) < 2 or case.reach.kind == "commits":
        return None
    return Advice(
        way="do_not_batch",
        why=[
            (
                f"{plural(case.reach.commits, 'commit')} of {len(sessions)} sessions ({', '.join(sessions[:4])}) "
                "would go together, what is good in them too."
            ),
        ],
        next_step="find_breaking_commit names the commit, and what to plan so that what needs it goes along.",
    )


def _unknown_cause(case: Case) -> Advice | None:
    reach, failing = case.reach, case.symptoms.checks_failing
    several = reach.kind in ("session", "agent", "range", "checkpoint") and reach.commits > 1
    if not several or not failing:
        return None
    if reach.breaking:
        return Advice(
            way="find_first",
            why=[f"{reach.breaking[:7]} broke it; the other {reach.commits - 1} of the target did not."],
            next_step=f"plan_rollback target {reach.breaking}; it names what has to go along.",
        )
    if case.severity.needed not in ("component", None):
        return None  # much is broken: searching for one commit costs time that nobody has
    return Advice(
        way="find_first",
        why=[
            f"{plural(failing, 'check')} fail, and which of {plural(reach.commits, 'commit')} broke them is unknown."
        ],
        next_step="find_breaking_commit with that check, then plan what it names.",
    )


def _along(case: Case) -> Advice | None:
    reach = case.reach
    if not reach.way:
        return None
    return Advice(
        way="take_along",
        why=[
            (
                f"Alone it leaves {plural(reach.will_break, 'file')} broken and {plural(reach.conflicts, 'path')} "
                "conflicting; with what was built on it, it comes out cleanly."
            )
        ],
        next_step=reach.way,
    )


def _lossy(case: Case) -> Advice | None:
    lost = case.reach.irreversible
    if not lost:
        return None
    return Advice(
        way="hold",
        why=[f"{plural(len(lost), 'item')} cannot be taken back without loss: {', '.join(lost[:5])}."],
        next_step="Have a human back up what those items hold, or mend forward; then plan again.",
    )


def _hold(case: Case) -> Advice | None:
    reach = case.reach
    if reach.on_top < case.thresholds.hold_commits or not (reach.conflicts or reach.will_break):
        return None
    return Advice(
        way="hold",
        why=[
            (
                f"{plural(reach.on_top, 'commit')} were made on top (held from {case.thresholds.hold_commits} on), "
                f"{plural(reach.conflicts, 'path')} conflict and {plural(reach.will_break, 'file')} would break."
            )
        ],
        next_step="Mend forward, or let a human decide with blast_radius before them.",
    )


def _forward(case: Case) -> Advice | None:
    reach, severity = case.reach, case.severity
    dear = reach.conflicts + reach.will_break
    if not dear or severity.tier in ("high", "critical"):
        return None
    return Advice(
        way="fix_forward",
        why=[
            (
                f"Taking it out: {plural(reach.files, 'file')} change, {plural(reach.conflicts, 'path')} conflict, "
                f"{plural(reach.will_break, 'file')} would break, {plural(reach.open_items, 'item')} beyond the code."
            ),
            f"Leaving it in: severity {severity.tier}.",
        ],
        next_step="Mend what fails in a new commit and verify.",
    )


def _revert(case: Case) -> Advice:
    reach = case.reach
    why = [
        (
            f"{plural(reach.commits, 'commit')} go, {plural(reach.files, 'file')} change, "
            f"{plural(reach.conflicts, 'path')} conflict, {plural(reach.will_break, 'file')} would break, "
            f"{plural(reach.open_items, 'item')} beyond the code."
        )
    ]
    if reach.squash:
        why.append("It is the one commit a session became: one revert takes the session out.")
    if reach.kind == "merge":
        why.append("It is a merge: the revert goes back to its first parent (-m 1).")
    if reach.kept:
        why.append(f"{plural(reach.kept, 'commit')} of others among them stay.")
    if case.symptoms.checks_failing is None:
        why.append("No check is known to have run on HEAD itself: verify with target HEAD says what fails.")
    return Advice(way="revert", why=why, next_step="safe_revert with plan_id and digest.")


_TABLE: tuple[Callable[[Case], Advice | None], ...] = (
    _secret,
    _unmerged,
    _drift,
    _unknown_cause,
    _lossy,
    _along,
    _hold,
    _forward,
)
"""Rows in the order they are tried; a revert if none fits."""
