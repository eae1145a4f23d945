"""`approve`: a human allows a rollback that only they may allow."""

from typing import Annotated

import typer
from rich.markup import escape

from ...core.errors import StateMovedError
from ...core.ids import plan_id
from ...core.text import clean
from ...policies.human import mint
from ...tools.authority import impact_line, record_authority
from ...tools.proof import failed_before, known_failure
from ...tools.rollbacks import find_plan, request_of, rollback_of
from .common import Json, Root, confirm_on_terminal, desk, require_terminal, say, show


def approve(
    plan: Annotated[str, typer.Argument(help="A plan's id, as plan_rollback answered it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; goes into the record. Asked for if left out.")] = "",
    root: Root = ".",
    json: Json = False,
) -> None:
    """Allow one rollback plan once (terminal only), after seeing what it does.

    Who, when, why and what was shown are recorded. If anything moved since the plan was made, plan again.
    """
    require_terminal("An approval")
    here = desk(root)
    parsed = plan_id(plan)
    made = find_plan(here, parsed)
    rollback = rollback_of(here, request_of(here, parsed, dict(made.request)))
    if rollback.draft.digest() != made.digest:
        raise StateMovedError(
            f"Something moved since {plan} was made; it would not be carried out.",
            hint="Plan again and approve that.",
        )
    for line in _lines(dict(made.plan)):
        say(escape(clean(line, limit=1000)))
    failure = failed_before(here, parsed, rollback)
    if failure is not None:
        say(f"[red]{escape(known_failure(failure, made.digest).why)}[/] It would land all the same.")
    say(escape(impact_line(rollback)))
    why = reason.strip() or input("Why is it allowed? ").strip() or "no reason given"
    confirm_on_terminal("An approval")
    minted = mint(here.workspace, "plan", made.digest)
    record_authority(here, parsed, made.digest, rollback, "terminal", why)
    result = {"plan_id": plan, "digest": made.digest, "grant": minted.id, "reason": why}
    show(result, json, lambda: say(f"{plan} may be carried out once: the agent calls safe_revert again."))


def _lines(shown: dict[str, object]) -> list[str]:
    """What the plan said of itself when it was made."""
    assessment = shown.get("assessment")
    rows = [
        f"Reason: {_field(shown, 'strategy', 'why')}",
        f"Level {shown.get('level')}, severity {shown.get('tier')}.",
    ]
    if isinstance(assessment, dict):
        rows.append(f"Advice: {assessment.get('advice')}. " + " ".join(map(str, assessment.get("why", []))))
        rows += [str(one) for one in assessment.get("findings", [])]
    refusals = shown.get("refusals")
    return rows + [str(one) for one in (refusals if isinstance(refusals, list) else [])]


def _field(shown: dict[str, object], table: str, key: str) -> str:
    found = shown.get(table)
    return str(found.get(key, "")) if isinstance(found, dict) else ""
