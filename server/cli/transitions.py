"""How `restore` and `undo` show a plan, ask, and do it."""

import sys
from collections.abc import Callable

import typer
from rich.markup import escape

from ...tools.transitions import Transition
from .common import EXIT_UNCHANGED, console, errors, say, show

_SHOWN = 40


def run(do: Callable[[str | None], Transition], *, digest: str | None, yes: bool, as_json: bool) -> None:
    """Plan, show, ask, do.

    Args:
        do: the tool, with the digest or None for the plan.
        digest: of a plan seen before; then nothing is asked.
        yes: do not ask.
        as_json: print JSON; then a plan is done only with `digest` or `yes`.
    """
    if digest is not None:
        done(do(digest), as_json)
        return
    answer = do(None)
    plan = answer.plan
    assert plan is not None
    blocked = bool(plan.conflicts or plan.blocked)
    asks = not (yes or as_json) and sys.stdin.isatty()
    if not as_json:
        _show_plan(answer)
    if blocked or not plan.changes:
        _stop(answer, as_json, EXIT_UNCHANGED if blocked else 0)
    if asks and not typer.confirm("Do it?"):
        errors.print("Nothing was changed.")
        raise typer.Exit(EXIT_UNCHANGED)
    if asks or yes:
        done(do(plan.digest), as_json)
        return
    if not as_json:
        say(f"Nothing was changed. To do it: --digest {plan.digest}")
    _stop(answer, as_json, 0)


def _stop(answer: Transition, as_json: bool, code: int) -> None:
    if as_json:
        show(answer, True, lambda: None)
    raise typer.Exit(code)


def _show_plan(answer: Transition) -> None:
    plan = answer.plan
    assert plan is not None
    colours = {"delete": "red", "create": "green"}
    for row in plan.changes[:_SHOWN]:
        colour = colours.get(row.action, "yellow")
        say(f"  [{colour}]{row.action:8}[/] {escape(row.path)}  [dim]{escape(row.why)}[/]")
    if plan.changes_total > _SHOWN:
        say(f"  … and {plan.changes_total - _SHOWN} more")
    for kept in plan.keeps[:_SHOWN]:
        say(f"  [cyan]keep[/]     {escape(kept.path)}  [dim]{escape(kept.why)}[/]")
    for conflict in plan.conflicts:
        say(f"  [red]conflict[/] {escape(conflict.path)}  {escape(conflict.why)}")
        for hunk in conflict.hunks:
            console.print(escape(hunk))
    for one in plan.blocked:
        say(f"  [red]blocked[/]  {escape(one.path)}  {escape(one.why)}")
    if not plan.changes:
        say(escape(answer.next_step))


def done(answer: Transition, as_json: bool) -> None:
    """Show what was done."""

    def human() -> None:
        say(f"[green]Done[/] as {answer.operation_id}. Before it: {answer.before_checkpoint_id or '–'}.")
        for path in answer.not_as_planned:
            say(f"  [red]not as planned[/]: {escape(path)}")
        say(f"Take it back: safe-rollback undo {answer.operation_id}")

    show(answer, as_json, human)
    if not answer.verified:
        raise typer.Exit(1)
