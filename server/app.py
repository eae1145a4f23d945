"""The MCP server: tools, resources, prompts."""

import json
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from .. import __version__
from ..core.clock import stamp
from ..core.errors import NotFoundError, SafeRollbackError
from ..core.ids import checkpoint_id, plan_id, session_id
from ..core.session import find_session
from ..core.snapshot.checkpoint import encode
from ..core.snapshot.take import find
from ..tools import TOOLS
from ..tools.desk import Desk
from ..tools.rollbacks import find_plan
from . import texts
from .adapt import to_tool
from .host import Host

NAME = "rollback"


def build(host: Host) -> MCPServer[Any]:
    """The server for a host, ready to run on any transport."""
    server: MCPServer[Any] = MCPServer(
        NAME,
        title="safe-rollback",
        description="Makes whatever an AI coding agent does undoable.",
        instructions=texts.INSTRUCTIONS,
        version=__version__,
        tools=[to_tool(spec, host) for spec in TOOLS],
        log_level="WARNING",
    )
    _resources(server, host)
    _prompts(server)
    return server


def _resources(server: MCPServer[Any], host: Host) -> None:
    @server.resource(
        "rollback://session/{session}", name="session", description="A session", mime_type="application/json"
    )
    def session(session: str) -> str:
        def read() -> dict[str, Any]:
            found = find_session(host.workspace(), session_id(session))
            data = dict(vars(found))
            data["started"] = stamp(found.started)
            data["ended"] = None if found.ended is None else stamp(found.ended)
            return data

        return _json(read)

    @server.resource(
        "rollback://checkpoint/{checkpoint}",
        name="checkpoint",
        description="What a checkpoint holds",
        mime_type="application/json",
    )
    def checkpoint(checkpoint: str) -> str:
        def read() -> dict[str, Any]:
            found = find(host.workspace(), checkpoint_id(checkpoint))
            return {"commit": found.commit, **json.loads(encode(found))}

        return _json(read)

    @server.resource(
        "rollback://plan/{plan}", name="plan", description="A rollback plan", mime_type="application/json"
    )
    def plan(plan: str) -> str:
        return _json(lambda: dict(find_plan(Desk(host.workspace()), plan_id(plan)).plan))


def _json(read: Any) -> str:
    try:
        return json.dumps(read(), indent=1, sort_keys=True)
    except NotFoundError as error:
        raise ResourceNotFoundError(str(error)) from error
    except SafeRollbackError as error:
        raise ResourceError(str(error)) from error


def _prompts(server: MCPServer[Any]) -> None:
    @server.prompt(name="start_guarded_work", title="Start guarded work", description="Open a session for a task")
    def start(task: str) -> str:
        return texts.START.format(task=task)

    @server.prompt(name="undo_last", title="Undo the last thing", description="Show and then undo the last operation")
    def undo() -> str:
        return texts.UNDO

    @server.prompt(
        name="roll_back_session", title="Roll back the session", description="Take the session's commits out"
    )
    def roll_back(reason: str) -> str:
        return texts.ROLL_BACK.format(reason=reason)
