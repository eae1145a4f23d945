"""Cursor, as of 3.9: hooks in `.cursor/hooks.json`, the server in `.cursor/mcp.json`.

Only the general tool events are used: those for shell and MCP fire for the same call a second time. With
`failClosed` a hook that says nothing blocks, so a pass is said. An "ask" is not enforced for tools, so
an ask is a deny. The model reads `user_message`. `cwd` may be empty; the first workspace root stands in.
"""

import json
from collections.abc import Mapping
from typing import Any

from ...policies.hook import HookAnswer, HookEvent, Moment, ToolKind
from .client import (
    HOOK_PROGRAM,
    NO_REASON,
    SERVER_ARGV,
    SERVER_NAME,
    Client,
    Entry,
    JsonFile,
    Rendered,
    directory,
    mapping,
    string,
    whole,
)
from .jsonanswer import printed

NAME = "cursor"
MOMENTS: dict[str, Moment] = {
    "preToolUse": "before",
    "postToolUse": "after",
    "postToolUseFailure": "after",
    "sessionStart": "session start",
    "stop": "stop",
    "sessionEnd": "session end",
    "preCompact": "compact",
}
WRITERS = ("Write", "Edit", "StrReplace", "Delete", "EditNotebook", "TabWrite")
READERS = ("Read", "Grep", "Glob", "LS", "SemanticSearch", "ReadLints", "TodoWrite", "WebSearch", "WebFetch", "Task")
PATHS = ("file_path", "path", "target_file", "target_notebook")


def parse(data: Mapping[str, Any]) -> HookEvent:
    """The event in what Cursor sends.

    Raises:
        ValueError: if it cannot be used.
    """
    moment = MOMENTS.get(string(data, "hook_event_name"), "other")
    agent = string(data, "conversation_id")
    cwd = _cwd(data)
    if moment == "stop":
        # Only a turn that ended by itself can be followed by another one.
        again = bool(data.get("loop_count")) or data.get("status", "completed") != "completed"
        return HookEvent(moment=moment, cwd=cwd, agent=agent, again=again)
    if moment not in ("before", "after"):
        return HookEvent(moment=moment, cwd=cwd, agent=agent)
    tool = string(data, "tool_name")
    kind, command, paths = classify(tool, data)
    call = data.get("tool_use_id")
    return HookEvent(
        moment=moment,
        cwd=cwd,
        kind=kind,
        tool=tool,
        command=command,
        paths=paths,
        call=call if isinstance(call, str) else "",
        agent=agent,
        exit_code=exit_code(data.get("tool_output")) if kind == "shell" else None,
    )


def _cwd(data: Mapping[str, Any]) -> str:
    fields = data.get("tool_input")
    roots = data.get("workspace_roots")
    named = [
        fields.get("cwd") or fields.get("working_directory") if isinstance(fields, dict) else None,
        data.get("cwd"),
        roots[0] if isinstance(roots, list) and roots else None,
    ]
    return directory(next((one for one in named if one), None))


def classify(tool: str, data: Mapping[str, Any]) -> tuple[ToolKind, str, tuple[str, ...]]:
    """What a tool does, the command it runs, the files it names."""
    if tool == "Shell":
        return "shell", string(mapping(data, "tool_input"), "command"), ()
    if tool in WRITERS:
        fields = mapping(data, "tool_input")
        paths = tuple(fields[key] for key in PATHS if isinstance(fields.get(key), str) and fields[key])
        if not paths:
            raise ValueError(f"the client's {tool} names no file")
        return "write", "", paths
    return "read" if tool in READERS else "other", "", ()


def exit_code(output: object) -> int | None:
    """The exit code in a tool's output, which is JSON within the JSON."""
    try:
        answer = json.loads(output) if isinstance(output, str) else output
    except ValueError:
        return None
    return whole(answer.get("exitCode")) if isinstance(answer, dict) else None


def render(event: HookEvent, answer: HookAnswer) -> Rendered:
    """A tool always gets an answer, the rest only when there is something to say."""
    reason = answer.reason or NO_REASON
    if event.moment == "before":
        if answer.decision == "pass":
            return printed({"permission": "allow"})
        return printed({"permission": "deny", "user_message": reason, "agent_message": reason})
    if event.moment == "session start" and answer.context:
        return printed({"additional_context": answer.context})
    if event.moment == "stop" and answer.decision != "pass" and not event.again:
        return printed({"followup_message": reason})
    return printed({})


def _hooks() -> tuple[Entry, ...]:
    found = []
    for event, moment in MOMENTS.items():
        handler: dict[str, Any] = {"command": f"{HOOK_PROGRAM} {NAME}", "timeout": 60}
        if moment == "before":
            handler["failClosed"] = True
        found.append(Entry(path=("hooks", event), value=handler, append=True))
    return tuple(found)


CLIENT = Client(
    name=NAME,
    title="Cursor",
    parse=parse,
    render=render,
    files=(
        JsonFile(paths=(".cursor/hooks.json",), entries=_hooks(), version=1),
        JsonFile(
            paths=(".cursor/mcp.json",),
            entries=(
                Entry(
                    path=("mcpServers", SERVER_NAME),
                    value={"command": SERVER_ARGV[0], "args": [*SERVER_ARGV[1:]]},
                ),
            ),
        ),
    ),
)
