"""What a client's hook asks and what it is answered, whichever client it is."""

from collections.abc import Sequence
from typing import Literal

from ..core.records import dataclass

Moment = Literal["before", "after", "session start", "stop", "session end", "compact", "other"]
ToolKind = Literal["shell", "write", "read", "other"]
WHOLE_FILE_TOOLS = frozenset({"write", "write_file"})
"""Lower-cased names of clients' tools that write a file anew; their others change a part of it."""


@dataclass(frozen=True, kw_only=True)
class HookEvent:
    """One event of a client.

    Attributes:
        moment: when in the client's life.
        cwd: the directory the client works in, absolute.
        kind: what the tool does; `other` for tools nothing is known of.
        tool: the client's name of the tool.
        command: the shell line, for a `shell` tool.
        paths: the files a `write` tool names.
        call: the client's id of this call; pairs `before` with `after`. Empty if it has none.
        agent: the client's id of the session and, if there is one, of the subagent.
        exit_code: of the command, where the client says it.
        again: for `stop`: whether a hook has kept the agent going already.
    """

    moment: Moment
    cwd: str
    kind: ToolKind = "other"
    tool: str = ""
    command: str = ""
    paths: Sequence[str] = ()
    call: str = ""
    agent: str = ""
    exit_code: int | None = None
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class HookAnswer:
    """What the guard says.

    Attributes:
        decision: `pass` leaves the client's own rules in place; `ask` wants a human; `deny` refuses;
            for `stop`, `deny` keeps the agent going.
        reason: for the agent, with the way on.
        context: text for the agent to read, at `session start`.
    """

    decision: Literal["pass", "ask", "deny"] = "pass"
    reason: str = ""
    context: str = ""
