"""safe_revert: does what a plan says, if nothing moved since."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from ..core.errors import Refusal
from ..core.ids import PlanId
from ..core.ids import plan_id as parse_id
from ..core.revert.plan import Request, Rollback
from ..core.text import plural, show_path
from ..core.transition.operation import Job, Performed, check, perform
from ..inventory.inventory import Inventory
from ..inventory.model import Item
from ..policies.human import granted
from .along import along
from .authority import lacks_authority, record_authority
from .before_code import down_first, inventory_for, open_items
from .desk import Desk
from .proof import checks_before, failed_before, known_failure, left_out, prove, unproven
from .reach import humans_in, leaves_broken, left_broken, reach_of, surgical, takes_humans
from .results import Part, Result, show_paths
from .rollback_inventory import Turn, turn
from .rollbacks import computing, find_plan, request_of, rollback_of, sensitive_paths
from .spec import ToolSpec
from .verify import Tests, Verification

_SHOWN = 50


class Checked(Part):
    """A check of the result."""

    name: str
    status: str
    duration_s: float
    tests: Tests | None


class Proof(Part):
    """What was checked before the branch moved, and read back after writing."""

    files_read_back: int
    as_planned: bool
    not_as_planned: list[str]
    checks: list[Checked]


class SafeRevert(Result):
    """A rollback of the code, done."""

    operation_id: str
    branch: str | None
    commits: list[str]
    before_checkpoint_id: str
    verification: Proof
    sensitive: list[str]
    remaining_items: list[Turn]
    remaining_total: int
    complete: bool
    notes: list[str]
    undo: str


def safe_revert(
    desk: Desk,
    plan_id: str,
    digest: Annotated[str, Field(description="of that plan")],
    verify: Annotated[bool, Field(description="false leaves the checks out; a human has to agree")] = True,
) -> SafeRevert:
    """Execute a plan; see `SPEC.description`."""
    plan = parse_id(plan_id)
    made = find_plan(desk, plan)
    request = request_of(desk, plan, dict(made.request))
    rollback = rollback_of(desk, request)
    check(rollback.draft, digest)
    inventory = inventory_for(
        desk, request.target if isinstance(request.target, str) else list(request.target), rollback
    )
    sensitive, against = _against(desk, plan, rollback, inventory, digest)
    proof = _proven(desk, plan, rollback, against, digest, verify)
    if against:
        desk.require_human("plan", digest, _together(against))
        if desk.answer == "accept":
            record_authority(desk, plan, digest, rollback, "client", made.request["reason"])

    names = checks_before(desk, rollback) if proof is None else ()  # before the branch moves: then there are none
    done = perform(desk.workspace, _job(desk, rollback, request), computing(desk, request), digest, _progress(desk))
    return _show(rollback, done, inventory, sensitive, proof, _unchecked(names))


def _against(
    desk: Desk, plan: PlanId, rollback: Rollback, inventory: Inventory, digest: str
) -> tuple[list[str], list[Refusal]]:
    """Sensitive paths a plan changes, and everything known before the checks that only a human may allow."""
    sensitive = sensitive_paths(desk, rollback)
    broken = _broken(desk, rollback, digest) if surgical(rollback) else None
    theirs = humans_in(desk, rollback)
    found = [
        _refusal(sensitive, digest) if sensitive else None,
        takes_humans(theirs, digest) if theirs else None,
        broken,
        down_first(inventory, digest),
        lacks_authority(desk, plan, rollback),
    ]
    return sensitive, [one for one in found if one is not None]


def _broken(desk: Desk, rollback: Rollback, digest: str) -> Refusal | None:
    files = left_broken(reach_of(desk, rollback))
    more = along(desk, rollback.selection) if files else None
    return leaves_broken(rollback, files, digest, "" if more is None else str(more))


def _proven(
    desk: Desk, plan: PlanId, rollback: Rollback, against: list[Refusal], digest: str, wanted: bool
) -> Verification | None:
    """What the checks say of the result; adds to `against` if it is not what it has to be."""
    names = checks_before(desk, rollback)
    if not names:
        return None
    if not wanted:
        against.append(left_out(names, digest))
        return None
    failure = failed_before(desk, plan, rollback)
    grant = None if desk.answer == "decline" else granted(desk.workspace, "plan", digest)
    allowed = desk.answer == "accept" or (grant is not None and failure is not None and grant.minted > failure.at)
    if failure is not None and allowed:
        return None  # a human was told that it fails, and allowed it
    if against and desk.answer != "accept" and grant is None:
        return None  # refused anyway: the checks may take long
    proof = prove(desk, plan, rollback)
    refusal = None if proof is None else unproven(proof, digest)
    if refusal is not None:
        # What a human agreed to before was not this; the next question and the next grant are.
        desk.refuse("safe_revert", plan, refusal)
    return proof


def _together(against: Sequence[Refusal]) -> Refusal:
    """Several refusals as one: what a human allows, they allow knowing all of it."""
    if len(against) == 1:
        return against[0]
    return Refusal(
        rule=" and ".join(one.rule for one in against),
        why=" ".join(one.why for one in against),
        evidence=[row for one in against for row in one.evidence],
        instead=" ".join(one.instead for one in against),
    )


def _progress(desk: Desk) -> Any:
    return lambda n, total: desk.report(n, total, f"revert: {n} of {total} files")


def _job(desk: Desk, rollback: Rollback, request: Request) -> Job:
    return Job(
        kind="revert",
        summary=rollback.selection.title,
        chain=desk.chain,
        policy=desk.policy,
        session=desk.session.id if desk.session else None,
        commits=list(rollback.built.commits),
        operation=request.operation,
    )


def _refusal(sensitive: list[str], digest: str) -> Refusal:
    return Refusal(
        rule="sensitive-paths",
        why="The rollback changes security-sensitive paths, and no human has agreed.",
        evidence=show_paths(sensitive)[:20],
        instead=f"Ask a human to run `safe-rollback grant --plan {digest}` on a terminal, then call again.",
    )


def _show(
    rollback: Rollback,
    done: Performed,
    inventory: Inventory,
    sensitive: list[str],
    proof: Verification | None,
    unchecked: str,
) -> SafeRevert:
    left = open_items(inventory)
    notes = [*rollback.notes, *(proof.notes if proof is not None else []), unchecked, _publish(rollback), _left(left)]
    return SafeRevert(
        operation_id=done.operation,
        branch=rollback.branch,
        commits=list(rollback.built.commits),
        before_checkpoint_id=done.before.id,
        verification=Proof(
            files_read_back=len(rollback.draft.files),
            as_planned=not done.wrong,
            not_as_planned=[show_path(path) for path in done.wrong],
            checks=[
                Checked(name=one.name, status=one.status, duration_s=one.duration_s, tests=one.tests)
                for one in (proof.checks if proof is not None else [])
            ],
        ),
        sensitive=show_paths(sensitive),
        remaining_items=[turn(one) for one in left[:_SHOWN]],
        remaining_total=len(left),
        complete=not left,
        notes=[note for note in notes if note],
        undo=f"undo with operation_id {done.operation} takes this back.",
    )


def _unchecked(names: Sequence[str]) -> str:
    """What to say of checks that did not pass on the result."""
    if not names:
        return ""
    return (
        f"A human allowed it without its checks ({', '.join(names)}): they fail on it, or were not run. Run verify."
    )


def _left(left: Sequence[Item]) -> str:
    if not left:
        return ""
    return (
        f"Not complete: {plural(len(left), 'item')} beyond the code are open. Take each back, then close it with "
        "close_item."
    )


def _publish(rollback: Rollback) -> str:
    if not rollback.built.commits or rollback.branch is None:
        return ""
    count = plural(len(rollback.built.commits), "commit")
    if rollback.branch != rollback.selection.head.short:
        return f"Nothing was pushed. Push {rollback.branch} ({count}) and open a pull request."
    return f"Nothing was pushed. If {rollback.branch} is published, push it: {count} to add, none rewritten."


def _question(desk: Desk, arguments: dict[str, Any]) -> str | None:
    plan = parse_id(arguments["plan_id"])
    made = find_plan(desk, plan)
    rollback = rollback_of(desk, request_of(desk, plan, dict(made.request)))
    if rollback.draft.digest() != arguments["digest"] or not rollback.draft.applicable:
        return None
    target = made.request["target"]
    digest = arguments["digest"]
    _, against = _against(desk, plan, rollback, inventory_for(desk, target, rollback), digest)
    failed = failed_before(desk, plan, rollback)
    against += [] if failed is None else [known_failure(failed, digest)]
    names = checks_before(desk, rollback)
    against += [left_out(names, digest)] if names and not arguments.get("verify", True) else []
    if not against:
        return None
    rows = [f"{one.why} ({', '.join(one.evidence[:10])})" for one in against]
    return f"Roll back all the same? {' '.join(rows)} Plan {plan}, digest {arguments['digest']}."


SPEC = ToolSpec(
    name="safe_revert",
    title="Revert safely",
    description=(
        "Does what plan_rollback planned: adds a revert commit built without touching the worktree, runs the "
        "protocol's checks on it in a scratch copy, moves the branch only if they pass and nobody else moved it, and "
        "keeps uncommitted edits. If anything moved since the plan, nothing happens. "
        "On a protected branch the revert gets a branch of its own. Never pushes, never rewrites; undo takes it back."
    ),
    run=safe_revert,
    question=_question,
)
