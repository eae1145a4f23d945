"""`restore`: back to a checkpoint, of this repository or of a bundle."""

import dataclasses
from typing import Annotated, Any

import typer
from rich.markup import escape

from ...core.ids import checkpoint_id
from ...core.snapshot.checkpoint import Checkpoint
from ...core.text import one_line, plural, show_path
from ...core.transition.requests import restoring
from ...core.workspace import Workspace
from ...recovery.backup.bring import Brought, bring_in, lacks_ignored, settle
from ...recovery.backup.into import Made, make_from
from ...tools import restore_checkpoint as tool
from ...tools.desk import Desk
from ...tools.transitions import Transition, plan_or_do
from . import transitions
from .common import EXIT_FAILED, EXIT_UNCHANGED, EXIT_USAGE, Json, Root, Yes, desk, errors, say, show, workspace

_LISTED = 20


def restore(
    checkpoint: Annotated[str | None, typer.Argument(help="Its id, such as 2026-11-20-001.4.")] = None,
    paths: Annotated[list[str] | None, typer.Argument(help="Only these; default everything.")] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", help="Only changes of agent, session, agent/<name> or action/<id>."),
    ] = None,
    digest: Annotated[str | None, typer.Option("--digest", help="Of a plan seen before.")] = None,
    bundle: Annotated[str | None, typer.Option("--from-bundle", help="Take this file's checkpoints first.")] = None,
    into: Annotated[str | None, typer.Option("--into", help="With a bundle: a new or empty directory.")] = None,
    yes: Yes = False,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Bring a checkpoint back: shows the plan, asks, keeps the state before.

    From a bundle its checkpoints and its ledger are taken over first, and listed; a checkpoint named along with
    --into has the new directory begin as things stood then, branches and tags included.
    """
    if bundle is not None:
        if paths or only or digest:
            _usage("With --from-bundle name at most a checkpoint; restore paths of it afterwards.")
        if into is not None:
            _into(bundle, into, checkpoint, as_json=json)
        else:
            _here(bundle, checkpoint, root, yes=yes, as_json=json)
        return
    if into is not None:
        _usage("--into goes with --from-bundle.")
    if checkpoint is None:
        _usage("Name a checkpoint; `safe-rollback log` lists them.")
        return
    _run(root, checkpoint, paths or [], only, digest, yes=yes, as_json=json)


def _usage(text: str) -> None:
    errors.print(text)
    raise typer.Exit(EXIT_USAGE)


def _run(
    root: str, checkpoint: str, paths: list[str], only: str | None, digest: str | None, *, yes: bool, as_json: bool
) -> None:
    transitions.run(
        lambda given: tool.restore_checkpoint(desk(root), checkpoint, paths, given, only),
        digest=digest,
        yes=yes,
        as_json=as_json,
    )


def _as_is(here: Desk, checkpoint: Checkpoint, paths: list[str], digest: str | None) -> Transition:
    """A checkpoint of another machine: without ignored files that stayed there, and for the worktree that is here."""
    workspace = here.workspace
    found = dataclasses.replace(
        checkpoint,
        worktree_id=workspace.repository.worktree_id,
        private=None if lacks_ignored(workspace, checkpoint) else checkpoint.private,
    )
    compute = restoring(workspace, found, paths, here.branch_guard)
    return plan_or_do(here, compute, digest, "restore", f"restore checkpoint {found.id}", None)


def _into(bundle: str, into: str, checkpoint: str | None, *, as_json: bool) -> None:
    made = make_from(bundle, into, None if checkpoint is None else checkpoint_id(checkpoint))
    answer = None
    if made.checkpoint is not None:
        # The directory was empty: there is nothing to ask about.
        here = desk(made.root)
        planned = _as_is(here, made.checkpoint, [], None)
        assert planned.plan is not None
        answer = planned
        if not (planned.plan.conflicts or planned.plan.blocked):
            answer = _as_is(here, made.checkpoint, [], planned.plan.digest)
    show(_data(made.brought, made.root, answer), as_json, lambda: _show_made(made, answer))
    if answer is not None and not answer.verified:
        raise typer.Exit(EXIT_UNCHANGED if not answer.applied else EXIT_FAILED)


def _here(bundle: str, checkpoint: str | None, root: str, *, yes: bool, as_json: bool) -> None:
    here: Workspace = workspace(root)
    brought = bring_in(here, bundle)
    settle(here)
    if checkpoint is None or not as_json:
        show(_data(brought, here.root, None), as_json, lambda: _show(brought))
    if checkpoint is None:
        if not as_json:
            say("Back to one of them: safe-rollback restore <checkpoint>")
        return
    _run(root, checkpoint, [], None, None, yes=yes, as_json=as_json)


def _data(brought: Brought, root: str, answer: Transition | None) -> dict[str, Any]:
    rows = [
        {
            "checkpoint_id": one.id, "created": one.created, "name": one.name, "reason": one.reason,
            "worktree": one.worktree_id, "in_progress": one.in_progress,
        }
        for one in brought.checkpoints
    ]  # fmt: skip
    return {
        "root": root, "refs": brought.refs, "checkpoints": rows, "without_ignored": brought.without_ignored,
        "left_out": brought.left_out, "ledger": brought.ledger,
        "restored": None if answer is None else answer.model_dump(mode="json"),
    }  # fmt: skip


def _show(brought: Brought) -> None:
    for one in brought.checkpoints[:_LISTED]:
        what = one_line(" ".join(filter(None, (one.name, f"({one.reason})"))))
        doing = f" [yellow]{escape(one.in_progress)} in progress[/]" if one.in_progress else ""
        say(f"  {one.id}  {one.created[:16]}  {escape(what)}{doing}")
    if len(brought.checkpoints) > _LISTED:
        say(f"  … and {len(brought.checkpoints) - _LISTED} more: safe-rollback log")
    say(f"{plural(len(brought.checkpoints), 'checkpoint')} of the bundle stand here. {escape(brought.ledger)}")
    if brought.without_ignored:
        say(f"{brought.without_ignored} of them had captured ignored files, which are not in the bundle.")


def _show_made(made: Made, answer: Transition | None) -> None:
    _show(made.brought)
    where = escape(show_path(made.root))
    if answer is None or made.checkpoint is None:
        say(f"[green]{where}[/] is a repository; its worktree is empty until a checkpoint is restored:")
        say(f"  safe-rollback restore <checkpoint> --root {where}")
    elif answer.applied:
        say(f"[green]{where}[/] is as it was at {made.checkpoint.id}.")
        for path in answer.not_as_planned:
            say(f"  [red]not as planned[/]: {escape(path)}")
    else:
        assert answer.plan is not None
        rows = [(one.path, one.why) for one in answer.plan.conflicts]
        for path, why in [*rows, *((one.path, one.why) for one in answer.plan.blocked)]:
            say(f"  [red]in the way[/] {escape(path)}  {escape(why)}")
