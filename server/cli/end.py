"""`end`: a human closes or gives up a session."""

from typing import Annotated

import typer
from rich.markup import escape

from ...core.errors import NotFoundError
from ...core.ledger.events import SessionEnded
from ...core.snapshot.take import Label, take
from ...tools import end_session as tool
from .common import Json, Root, confirm_on_terminal, desk, say, show


def end(
    summary: Annotated[str, typer.Option("--summary", "-m", help="What was done.")] = "",
    abandon: Annotated[
        bool, typer.Option("--abandon", help="Give it up without its checks (terminal only).")
    ] = False,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Close the running session, or give it up; its branch and checkpoints stay."""
    here = desk(root)
    session = here.session
    if session is None:
        raise NotFoundError("No session runs here.", hint="`safe-rollback status` shows what does.")
    if not abandon:
        ended = tool.end_session(here, summary or "closed by a human")
        show(ended, json, lambda: say(f"Session {ended.session_id} is closed; {ended.retained_branch} stays."))
        return
    say(f"Session {session.id} on {session.branch}: {escape(session.task)}")
    confirm_on_terminal("Giving up a session")
    last = take(here.workspace, here.chain, here.policy, Label(reason="session abandoned"))
    with here.workspace.repository_lock("end"):
        here.workspace.ledger.append(
            SessionEnded(
                session=session.id,
                outcome="abandoned",
                summary=summary or "given up by a human",
                commit=None,
                checkpoint=last.id,
            )
        )
    data = {"session_id": session.id, "checkpoint_id": last.id}
    show(data, json, lambda: say(f"Session {session.id} is given up; its state is checkpoint {last.id}."))
