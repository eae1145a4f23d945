"""`log`: sessions, operations, agents' actions and checkpoints."""

import itertools
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.markup import escape

from ...core.ledger.events import ActionRecorded, OperationFinished, OperationStarted
from ...core.session import sessions
from ...core.text import one_line
from ...core.workspace import Workspace
from ...tools import list_checkpoints, session_report
from .common import Json, Root, desk, say, show

_COMMAND = 100


def log(
    session: Annotated[str | None, typer.Argument(help="A session's whole story.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Rows of each kind, up to 100.")] = 15,
    root: Root = ".",
    json: Json = False,
) -> None:
    """List sessions, operations, agents' actions and checkpoints, newest first; or tell one session's story."""
    here = desk(root)
    if session is not None:
        report = session_report.session_report(here, session, format="markdown")
        show(report, json, lambda: say(escape(report.markdown or "")))
        return
    runs = [
        {
            "id": one.id,
            "task": one.task,
            "branch": one.branch,
            "outcome": one.outcome or "running",
            "started": f"{one.started:%Y-%m-%dT%H:%M:%SZ}",
        }
        for one in reversed(sessions(here.workspace))
    ][:limit]
    operations = _operations(here.workspace)[:limit]
    actions = list(itertools.islice(_actions(here.workspace), limit))
    checkpoints = [
        one.model_dump(mode="json") for one in list_checkpoints.list_checkpoints(here, limit=limit).checkpoints
    ]

    def human() -> None:
        say("[bold]Sessions[/]")
        for run in runs:
            say(f"  {run['id']}  {run['outcome']:9} {run['branch']}  {escape(str(run['task']))}")
        say("[bold]Operations[/]")
        for one in operations:
            say(f"  {one['id']}  {one['at']}  {one['outcome']:10} {escape(one['summary'])}")
        say("[bold]Actions of agents[/]")
        for act in actions:
            failed = f" (exit {act['exit_code']})" if act["exit_code"] else ""
            did = escape(f"{act['agent']}: {act['command']}")
            say(f"  {act['id']}  {act['at']}  {did}{failed}")
        say("[bold]Checkpoints[/]")
        for row in checkpoints:
            say(f"  {row['checkpoint_id']}  {row['created']}  {escape(row['name'] or row['reason'])}")

    rows = {"sessions": runs, "operations": operations, "actions": actions, "checkpoints": checkpoints}
    show(rows, json, human)


def _actions(workspace: Workspace) -> Iterator[dict[str, Any]]:
    """What agents did, newest first; `safe-rollback restore --only action/<id>` takes one back."""
    for record in workspace.ledger.records(ActionRecorded, newest_first=True):
        if isinstance(event := record.event, ActionRecorded):
            yield {
                "id": event.action,
                "at": record.at,
                "agent": event.agent,
                "tool": event.tool,
                "command": one_line(event.command, limit=_COMMAND),
                "commits": list(event.commits),
                "exit_code": event.exit_code,
            }


def _operations(workspace: Workspace) -> list[dict[str, str]]:
    ends = {
        event.operation: event.outcome
        for record in workspace.ledger.records(OperationFinished)
        if isinstance(event := record.event, OperationFinished)
    }
    return [
        {
            "id": event.operation,
            "at": record.at,
            "kind": event.kind,
            "summary": event.summary,
            "outcome": ends.get(event.operation, "never ran"),
        }
        for record in workspace.ledger.records(OperationStarted, newest_first=True)
        if isinstance(event := record.event, OperationStarted)
    ]
