"""Who started git: an agent or a human."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from ...core.clock import parse_stamp
from ...core.ledger.events import GrantMinted, GrantUsed
from ...core.workspace import Workspace
from ..human import command_subject

if TYPE_CHECKING:
    from ...core.actions import Action

ACTION = "SAFE_ROLLBACK_ACTION"
"""Set by run_git: the grant it spent for the command, or its own name."""

MARKERS = (
    ACTION,
    "CLAUDECODE",
    "CODEX_SANDBOX",
    "CODEX_SANDBOX_NETWORK_DISABLED",
    "CODEX_THREAD_ID",
    "CODEX_CI",
    "GEMINI_CLI",
    "CURSOR_AGENT",
    "OPENCODE",
)
"""Variables that clients set for what their agents run, and not for a human's terminal."""

# Clients stop a command long before; what is older was never finished, and no reason to stop a human.
_UNDER_WAY = timedelta(hours=1)
_GRANTED = timedelta(minutes=15)


def marker(environ: Mapping[str, str]) -> str:
    """The variable that shows an agent; empty if none does."""
    return next((name for name in MARKERS if environ.get(name)), "")


def agent_of(environ: Mapping[str, str], workspace: Callable[[], Workspace]) -> str:
    """What shows that an agent started git: a variable, or an action under way; empty for a human.

    Args:
        environ: of the hook.
        workspace: opens the worktree; called only where the answer needs it.
    """
    return marker(environ) or next((one.id for one in _under_way(workspace())), "")


def is_granted(environ: Mapping[str, str], workspace: Workspace) -> bool:
    """Whether a human granted this very command, and the grant was just spent.

    The ledger says so, not the environment: for run_git by the grant's id, for a client's shell by
    the line of the action under way.
    """
    oldest = workspace.clock.now() - _GRANTED
    used: set[str] = set()
    minted: dict[str, str] = {}
    for record in workspace.ledger.records(GrantUsed, GrantMinted):
        if isinstance(record.event, GrantUsed) and parse_stamp(record.at) > oldest:
            used.add(record.event.grant)
        elif isinstance(record.event, GrantMinted) and record.event.kind == "command":
            minted[record.event.grant] = record.event.subject
    spent = used & minted.keys()
    if not spent or environ.get(ACTION) in spent:
        return bool(spent)
    return any(minted[one] == _subject(action.command) for one in spent for action in _under_way(workspace))


def _subject(line: str) -> str:
    try:
        return command_subject(line)
    except ValueError:
        return line


def _under_way(workspace: Workspace) -> "list[Action]":
    from ...core.actions import under_way

    oldest = workspace.clock.now() - _UNDER_WAY
    return [one for one in under_way(workspace) if parse_stamp(one.begun) > oldest]
