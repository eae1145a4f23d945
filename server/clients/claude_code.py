"""Claude Code, as of 2.1.328: hooks in `.claude/settings.json`, the server in `.mcp.json`.

`onFailure` is known since 2.1.295; the shell's exit code 2 blocks in older ones too. A tool call that
succeeds sends PostToolUse, one that fails PostToolUseFailure; neither has a field for the exit code.
"""

import re
from collections.abc import Mapping
from typing import Any

from ...core.late import late
from ...policies.hook import HookEvent, Moment, ToolKind
from .client import (
    HOOK_PROGRAM,
    OR_BLOCK,
    SERVER_ARGV,
    SERVER_NAME,
    Client,
    Entry,
    JsonFile,
    directory,
    mapping,
    string,
    whole,
)
from .jsonanswer import render

NAME = "claude-code"
MOMENTS: dict[str, Moment] = {
    "PreToolUse": "before",
    "PostToolUse": "after",
    "PostToolUseFailure": "after",
    "SessionStart": "session start",
    "Stop": "stop",
    "SessionEnd": "session end",
    "PreCompact": "compact",
}
# Each takes a command for a POSIX shell; Monitor runs one in the background.
SHELLS = ("Bash", "Monitor")
WRITERS = {"Write": "file_path", "Edit": "file_path", "MultiEdit": "file_path", "NotebookEdit": "notebook_path"}
# Tools that write nothing in a project. Agent and Task start agents whose tools send events of their own.
READERS = (
    "Agent", "AskUserQuestion", "BashOutput", "CronList", "EnterPlanMode", "ExitPlanMode", "Glob", "Grep",
    "KillShell", "LS", "ListMcpResourcesTool", "NotebookRead", "Read", "ReadMcpResourceTool", "Task", "TaskCreate",
    "TaskGet", "TaskList", "TaskOutput", "TaskStop", "TaskUpdate", "TodoWrite", "ToolSearch", "WebFetch", "WebSearch",
)  # fmt: skip
# The server registered by `init`, and the plugin's: they guard themselves.
OURS = rf"mcp__(?:plugin_{SERVER_NAME}_)?{SERVER_NAME}__\w+"
MATCHER = rf"^(?!(?:{'|'.join(READERS)}|{OURS})$)"
FAILED = late(r"(?:Error: )?Exit code (\d+)\b")


def parse(data: Mapping[str, Any]) -> HookEvent:
    """The event in what Claude Code sends.

    Raises:
        ValueError: if it cannot be used.
    """
    name = string(data, "hook_event_name")
    moment = MOMENTS.get(name, "other")
    agent = string(data, "session_id")
    if isinstance(data.get("agent_id"), str) and data["agent_id"]:
        agent += "/" + data["agent_id"]
    cwd = directory(data.get("cwd"))
    if moment not in ("before", "after"):
        return HookEvent(moment=moment, cwd=cwd, agent=agent, again=data.get("stop_hook_active") is True)
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
        exit_code=exit_code(name, data) if kind == "shell" else None,
    )


def classify(tool: str, data: Mapping[str, Any]) -> tuple[ToolKind, str, tuple[str, ...]]:
    """What a tool does, the command it runs, the files it names."""
    if tool in SHELLS:
        return "shell", string(mapping(data, "tool_input"), "command"), ()
    if tool in WRITERS:
        return "write", "", (string(mapping(data, "tool_input"), WRITERS[tool]),)
    return "read" if tool in READERS or re.fullmatch(OURS, tool) else "other", "", ()


def exit_code(name: str, data: Mapping[str, Any]) -> int | None:
    """The command's exit code, as far as it is told: success says 0, a failure begins with its code."""
    if name == "PostToolUseFailure":
        found = FAILED.match(str(data.get("error", "")))
        return int(found[1]) if found else None
    answer = data.get("tool_response")
    if name != "PostToolUse" or not isinstance(answer, dict):
        return None
    told = [whole(answer.get(key)) for key in ("exit_code", "exitCode")]
    if any(code is not None for code in told):
        return next(code for code in told if code is not None)
    unknown = ("interrupted", "backgroundTaskId", "returnCodeInterpretation")
    return None if any(answer.get(key) for key in unknown) else 0


def hook_groups(timeout: int = 60) -> dict[str, dict[str, Any]]:
    """The entry for each event, as settings and plugin have it."""
    command = f"{HOOK_PROGRAM} {NAME}"
    groups: dict[str, dict[str, Any]] = {}
    for event, moment in MOMENTS.items():
        handler: dict[str, Any] = {"type": "command", "command": command, "timeout": timeout}
        group: dict[str, Any] = {"matcher": MATCHER} if moment in ("before", "after") else {}
        if moment == "before":
            handler |= {"command": command + OR_BLOCK, "onFailure": "block"}
        groups[event] = group | {"hooks": [handler]}
    return groups


CLIENT = Client(
    name=NAME,
    title="Claude Code",
    parse=parse,
    render=render,
    files=(
        JsonFile(
            paths=(".claude/settings.json",),
            entries=tuple(
                Entry(path=("hooks", event), value=group, append=True) for event, group in hook_groups().items()
            ),
        ),
        JsonFile(
            paths=(".mcp.json",),
            entries=(
                Entry(
                    path=("mcpServers", SERVER_NAME),
                    value={"command": SERVER_ARGV[0], "args": [*SERVER_ARGV[1:]]},
                ),
            ),
        ),
    ),
)
