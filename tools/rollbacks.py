"""From a recorded plan back to the request it was made of."""

from typing import Any

from ..core.errors import NotFoundError
from ..core.globs import first_match
from ..core.ids import OperationId, PlanId
from ..core.ledger.events import PlanMade
from ..core.revert.only import plan_only
from ..core.revert.plan import Request, Rollback, plan_revert
from ..core.transition.draft import Draft
from ..core.transition.operation import look
from ..core.transition.requests import Compute
from ..core.transition.world import World
from ..policies.human import trusted
from .desk import Desk


def operation_of(plan: PlanId) -> OperationId:
    """The operation a plan becomes: both carry the same digits."""
    return OperationId(f"op-{plan.removeprefix('plan-')}")


def request_of(desk: Desk, plan: PlanId, data: dict[str, Any]) -> Request:
    """The request behind a plan, under the rules and the trust of this moment."""
    return Request(
        target=data["target"],
        reason=data["reason"],
        granularity=data["granularity"],
        operation=operation_of(plan),
        seconds=data["seconds"],
        only=data.get("only"),
        guard=desk.branch_guard,
        trusted=trusted(desk.workspace),
    )


def rollback_of(desk: Desk, request: Request) -> Rollback:
    """Compute a request's plan from the state now; changes nothing."""
    if request.only is None:
        with desk.workspace.worktree_lock("plan"):
            return plan_revert(desk.workspace, request)
    found: list[Rollback] = []

    def compute(current: World) -> Draft:
        found.append(plan_only(desk.workspace, request, current))
        return found[-1].draft

    look(desk.workspace, desk.policy, compute)
    return found[-1]


def computing(desk: Desk, request: Request) -> Compute:
    """What computes a request's draft again when it is carried out."""
    if request.only is None:
        return lambda _: plan_revert(desk.workspace, request).draft
    return lambda current: plan_only(desk.workspace, request, current).draft


def find_plan(desk: Desk, plan: PlanId) -> PlanMade:
    """A plan that was made in this worktree.

    Raises:
        NotFoundError: if there is none.
    """
    worktree = desk.workspace.repository.worktree_id
    for record in desk.workspace.ledger.records(PlanMade, containing=plan, newest_first=True):
        event = record.event
        if isinstance(event, PlanMade) and (event.plan_id, event.worktree) == (plan, worktree):
            return event
    raise NotFoundError(f"There is no plan {plan} here.", hint="Call plan_rollback.")


def sensitive_paths(desk: Desk, rollback: Rollback) -> list[str]:
    """Security-sensitive paths a rollback changes: a human has to authorise it."""
    patterns = desk.protocol.sensitive
    return [one.path for one in rollback.changed if first_match(one.path, patterns)]
