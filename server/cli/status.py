"""`status`: what runs here and what can be gone back to."""

from rich.markup import escape

from ...tools import list_checkpoints
from ...tools.scope import examine
from ...tools.scope_check import show_scope
from .common import Json, Root, desk, say, show


def status(root: Root = ".", json: Json = False) -> None:
    """Show the running session, its scope, and the newest checkpoints."""
    here = desk(root)
    session = here.session
    scope = show_scope(here, examine(here, session)) if session is not None else None
    checkpoints = list_checkpoints.list_checkpoints(here, limit=5).checkpoints
    data = {
        "root": here.workspace.root,
        "branch": here.head.short,
        "session": None
        if session is None
        else {"id": session.id, "task": session.task, "branch": session.branch, "checkpoint": session.checkpoint},
        "scope": None if scope is None else scope.model_dump(mode="json"),
        "protocol": {"source": here.force.source, "digest": here.protocol.digest()},
        "warnings": list(here.force.warnings),
        "checkpoints": [one.model_dump(mode="json") for one in checkpoints],
    }

    def human() -> None:
        if session is None:
            say(f"No session runs in {escape(here.workspace.root)} (on {here.head.short}).")
        else:
            say(f"Session [green]{session.id}[/] on {session.branch}: {escape(session.task)}")
        if scope is not None:
            limit = "" if scope.counts.max_files is None else f" of {scope.counts.max_files}"
            colour = {"within": "green", "warn": "yellow", "refused": "red"}[scope.verdict]
            say(f"Scope: [{colour}]{scope.verdict}[/], {scope.counts.files}{limit} files changed")
            for violation in scope.violations:
                say(f"  [red]{violation.rule}[/]: {escape(violation.why)}")
                for path in violation.paths[:10]:
                    say(f"    {escape(path)}")
        say(f"Protocol: {here.force.source}")
        for warning in here.force.warnings:
            say(f"  [yellow]{escape(warning)}[/]")
        for one in checkpoints:
            say(f"  {one.checkpoint_id}  {one.created}  {escape(one.name or one.reason)}")

    show(data, json, human)
