"""What an agent is told when a client's session begins, and before it stops."""

import os
from collections.abc import Sequence

from ..core.files import read_json, write_atomically
from ..core.ledger.events import ActionRecorded, GateRun
from ..core.session import Session
from ..core.text import clean
from ..core.workspace import Workspace
from .protocol.force import InForce

_MAX_LINES = 40
_RULES = """\
safe-rollback guards this repository: your commands and edits are checkpointed, attributed and undoable, and \
commands that destroy a human's work are refused.
- Before you change anything call start_session (MCP server `rollback`). The uncommitted changes that are here \
already are the human's.
- Use run_git for git. Never reset --hard, clean, checkout -- <path>, stash drop, push --force or --no-verify.
- To take something back: plan_rollback then safe_revert (commits), restore_checkpoint (files), undo (the last \
operation). Call end_session when the task is done.
- A refusal names what to do instead; do that and do not look for a way around."""


def briefing(session: Session | None, force: InForce) -> str:
    """The rules in force, for an agent that has just begun or forgot."""
    lines = [_RULES]
    if session is not None:
        lines.append(f"Session {session.id} runs here: {clean(session.task, limit=300)}")
        if session.paths:
            lines.append(f"It declared these paths: {clean(', '.join(session.paths), limit=500)}")
    enforced = [f"- {one.text}" for one in force.enforced[:_MAX_LINES]]
    if enforced:
        lines += [f"Enforced, from {force.source}:", *enforced]
    left = [f"- {one.text}" for one in force.not_enforced[:_MAX_LINES]]
    if left:
        lines += ["Not enforced by the guard; follow them yourself:", *left]
    return "\n".join([*lines, *force.warnings])


def reminder(workspace: Workspace, session: Session | None, force: InForce) -> str:
    """What is open before the agent stops; empty if nothing is, or if it was said since the last action."""
    if session is None:
        return ""
    gates = _open_gates(workspace, session, force.protocol.gates)
    actions = sum(
        1
        for record in workspace.ledger.records(ActionRecorded)
        if isinstance(record.event, ActionRecorded) and record.event.session == session.id
    )
    path = os.path.join(workspace.worktree_dir, "reminded.json")
    if not gates or not actions or read_json(path) == [session.id, actions]:
        return ""
    write_atomically(path, f'["{session.id}",{actions}]'.encode())
    named = "; ".join(clean(gate, limit=200) for gate in gates)
    return (
        f"Session {session.id} is still open and these checks have not passed since your last change: {named}. "
        "If the task is done, call end_session, which runs them. If you are waiting for the human, say so and stop."
    )


def _open_gates(workspace: Workspace, session: Session, commands: Sequence[str]) -> list[str]:
    """Checks that did not pass since the session's last action."""
    passed: set[str] = set()
    for record in workspace.ledger.records(ActionRecorded, GateRun):
        event = record.event
        if isinstance(event, ActionRecorded) and event.session == session.id:
            passed.clear()
        elif isinstance(event, GateRun) and event.session == session.id and event.status == "passed":
            passed.add(event.name)
    return [command for command in commands if command not in passed]
