"""A rollback's result is checked before the branch moves: what safe_revert runs, and why it stops."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.errors import Refusal
from ..core.ids import PlanId
from ..core.ledger.recovery_events import Verified
from ..core.revert.plan import Rollback
from ..core.text import clean
from .desk import Desk
from .verify import Check, State, Verification, result_of, verify_state

_TAIL = 600


def checks_before(desk: Desk, rollback: Rollback) -> list[str]:
    """Names of the checks that a rollback's result has to pass; none if it changes no file."""
    if not rollback.changed and not rollback.draft.files:
        return []
    recovery = desk.protocol.recovery
    wanted = recovery.verify.before_revert
    return [one.name for one in recovery.checks] if wanted is None else list(wanted)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A verification on record that failed, and when, RFC 3339."""

    event: Verified
    at: str


def failed_before(desk: Desk, plan: PlanId, rollback: Rollback) -> Failure | None:
    """The newest verification of this very result, if it failed: a human may know of it."""
    if not rollback.draft.applicable or not checks_before(desk, rollback):
        return None
    state = result_of(desk, plan, rollback)
    for record in desk.workspace.ledger.records(Verified, containing=state.tree, newest_first=True):
        event = record.event
        if isinstance(event, Verified) and (event.tree, event.subject) == (state.tree, state.subject):
            return None if event.passed else Failure(event=event, at=record.at)
    return None


def prove(desk: Desk, plan: PlanId, rollback: Rollback) -> Verification | None:
    """Run the checks over a plan's result, in a scratch worktree; None if the protocol asks for none."""
    names = checks_before(desk, rollback)
    if not names:
        return None
    state: State = result_of(desk, plan, rollback)
    return verify_state(desk, state, names)


def unproven(found: Verification, digest: str) -> Refusal | None:
    """Why a result is not let through; None if it passed."""
    bad = [one for one in found.checks if one.status != "passed"]
    if not bad:
        return None
    return _refusal(
        [f"{one.name}: {one.status}{_counted(one)}\n{one.tail[-_TAIL:]}".strip() for one in bad], bad, digest
    )


def _refusal(evidence: list[str], bad: Sequence[Check], digest: str) -> Refusal:
    names = ", ".join(clean(one.name, limit=80) for one in bad)
    untrusted = [one for one in bad if one.status == "untrusted"]
    way = (
        "Have a human run `safe-rollback trust`, then call again."
        if len(untrusted) == len(bad)
        else ("Mend it, or take along what belongs with it (blast_radius), and plan again.")
    )
    return Refusal(
        rule="failing-checks",
        why=f"The result does not pass {names}; the branch was not moved.",
        evidence=evidence,
        instead=f"{way} A human may allow it as it is: `safe-rollback grant --plan {digest}`.",
    )


def known_failure(failure: Failure, digest: str) -> Refusal:
    """The same for a verification that is on record."""
    event = failure.event
    bad = [str(one["name"]) for one in event.checks if one["status"] != "passed"]
    return Refusal(
        rule="failing-checks",
        why=f"The result does not pass {', '.join(clean(one, limit=80) for one in bad)}.",
        evidence=[f"{clean(str(one['name']), limit=80)}: {one['status']}" for one in event.checks],
        instead=f"Mend it and plan again. A human may allow it as it is: `safe-rollback grant --plan {digest}`.",
    )


def left_out(names: Sequence[str], digest: str) -> Refusal:
    """Why leaving the checks out needs a human."""
    return Refusal(
        rule="unverified",
        why=f"The checks {', '.join(clean(one, limit=80) for one in names)} would not be run on the result.",
        evidence=["verify = false"],
        instead=f"Leave verify out. A human may allow it: `safe-rollback grant --plan {digest}`.",
    )


def _counted(check: Check) -> str:
    tests = check.tests
    return "" if tests is None else f" ({tests.failed} failed, {tests.errors} errors, {tests.passed} passed)"
