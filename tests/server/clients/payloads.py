"""Events as the clients send them."""

from typing import Any

CLAUDE = {
    "session_id": "0b6f",
    "transcript_path": "/home/u/.claude/projects/p/0b6f.jsonl",
    "cwd": "/p",
    "permission_mode": "default",
}
CODEX = {
    "session_id": "0199",
    "turn_id": "3",
    "transcript_path": None,
    "cwd": "/p",
    "model": "m",
    "permission_mode": "default",
}
GEMINI = {
    "session_id": "9c1d",
    "transcript_path": "/home/u/.gemini/tmp/x.json",
    "cwd": "/p",
    "timestamp": "2026-11-01T10:00:00.000Z",
}
CURSOR = {
    "conversation_id": "668320d2",
    "generation_id": "490b90b7",
    "model": "default",
    "cursor_version": "3.9.16",
    "workspace_roots": ["/p"],
    "user_email": None,
    "session_id": "668320d2",
}
OPENCODE = {"directory": "/p", "session": "ses_1"}


def claude(event: str, tool: str | None = None, given: Any = None, **more: Any) -> dict[str, Any]:
    """An event of Claude Code's."""
    named = {} if tool is None else {"tool_name": tool, "tool_input": given, "tool_use_id": "toolu_1"}
    return {**CLAUDE, "hook_event_name": event, **named, **more}


def codex(event: str, tool: str | None = None, given: Any = None, **more: Any) -> dict[str, Any]:
    """An event of Codex's."""
    named = {} if tool is None else {"tool_name": tool, "tool_input": given, "tool_use_id": "call_1"}
    return {**CODEX, "hook_event_name": event, **named, **more}


def gemini(event: str, tool: str | None = None, given: Any = None, **more: Any) -> dict[str, Any]:
    """An event of Gemini CLI's."""
    return {
        **GEMINI,
        "hook_event_name": event,
        **({} if tool is None else {"tool_name": tool, "tool_input": given}),
        **more,
    }


def cursor(event: str, tool: str | None = None, given: Any = None, **more: Any) -> dict[str, Any]:
    """An event of Cursor's."""
    named = {} if tool is None else {"tool_name": tool, "tool_input": given, "tool_use_id": "d024", "cwd": ""}
    return {**CURSOR, "hook_event_name": event, **named, **more}


def opencode(event: str, tool: str | None = None, given: Any = None, **more: Any) -> dict[str, Any]:
    """An event of our plugin's for opencode."""
    return {
        **OPENCODE,
        "event": event,
        **({} if tool is None else {"tool": tool, "args": given, "call": "c1"}),
        **more,
    }
