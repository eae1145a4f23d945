"""Gemini CLI, as of 0.61: hooks and server in `.gemini/settings.json` (comments allowed there).

Exit code 2 blocks with standard error as the reason; every other failure lets the tool run. A timeout is
in milliseconds and lets the tool run too. Tools of a server are called `mcp_<server>_<tool>`. A call has
no id: before and after are paired by order. Versions that do not know "ask" take it for a yes, so an ask
is a deny.
"""

import re
from collections.abc import Mapping
from typing import Any

from ...core.late import late
from ...policies.hook import HookAnswer, HookEvent, Moment, ToolKind
from .client import (
    HOOK_PROGRAM,
    NO_REASON,
    OR_BLOCK,
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

NAME = "gemini"
MOMENTS: dict[str, Moment] = {
    "BeforeTool": "before",
    "AfterTool": "after",
    "SessionStart": "session start",
    "AfterAgent": "stop",
    "SessionEnd": "session end",
    "PreCompress": "compact",
}
WRITERS = ("write_file", "replace")
READERS = (
    "activate_skill", "ask_user", "complete_task", "enter_plan_mode", "exit_plan_mode", "get_internal_docs", "glob",
    "google_web_search", "grep_search", "invoke_agent", "list_directory", "list_mcp_resources", "read_file",
    "read_many_files", "read_mcp_resource", "search_file_content", "update_topic", "web_fetch", "write_todos",
)  # fmt: skip
OURS = rf"mcp__?{SERVER_NAME}__?\w+"
MATCHER = rf"^(?!(?:{'|'.join(READERS)}|{OURS})$)"
EXITED = late(r"^Exit Code: (\d+)$", re.MULTILINE)


def parse(data: Mapping[str, Any]) -> HookEvent:
    """The event in what Gemini CLI sends.

    Raises:
        ValueError: if it cannot be used.
    """
    moment = MOMENTS.get(string(data, "hook_event_name"), "other")
    agent = string(data, "session_id")
    cwd = directory(data.get("cwd"))
    if moment not in ("before", "after"):
        return HookEvent(moment=moment, cwd=cwd, agent=agent, again=data.get("stop_hook_active") is True)
    tool = string(data, "tool_name")
    kind, command, paths = classify(tool, data)
    if kind == "shell" and data["tool_input"].get("dir_path"):
        # `dir_path` is relative to the project.
        folder = string(data["tool_input"], "dir_path")
        cwd = folder if folder.startswith("/") else f"{cwd.rstrip('/')}/{folder}"
    return HookEvent(
        moment=moment,
        cwd=cwd,
        kind=kind,
        tool=tool,
        command=command,
        paths=paths,
        agent=agent,
        exit_code=exit_code(data) if moment == "after" and kind == "shell" else None,
    )


def classify(tool: str, data: Mapping[str, Any]) -> tuple[ToolKind, str, tuple[str, ...]]:
    """What a tool does, the command it runs, the files it names."""
    if tool == "run_shell_command":
        return "shell", string(mapping(data, "tool_input"), "command"), ()
    if tool in WRITERS:
        return "write", "", (string(mapping(data, "tool_input"), "file_path"),)
    return "read" if tool in READERS or re.fullmatch(OURS, tool) else "other", "", ()


def exit_code(data: Mapping[str, Any]) -> int | None:
    """The code its answer for the model names; it names none when that is 0."""
    answer = data.get("tool_response")
    if not isinstance(answer, dict):
        return None
    told = whole(answer.get("exitCode"))
    if told is not None:
        return told
    found = EXITED.search(str(answer.get("llmContent", "")))
    return int(found[1]) if found else None


def render(event: HookEvent, answer: HookAnswer) -> Rendered:
    """Silence lets the client go on by its own rules."""
    if event.moment == "before" and answer.decision != "pass":
        return printed({"decision": "deny", "reason": answer.reason or NO_REASON})
    if event.moment == "stop" and answer.decision != "pass" and not event.again:
        return printed({"decision": "deny", "reason": answer.reason or NO_REASON})
    if event.moment == "session start" and answer.context:
        return printed({"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": answer.context}})
    return Rendered()


def _groups() -> tuple[Entry, ...]:
    found = []
    for event, moment in MOMENTS.items():
        group: dict[str, Any] = {"matcher": MATCHER} if moment in ("before", "after") else {}
        command = f"{HOOK_PROGRAM} {NAME}" + (OR_BLOCK if moment == "before" else "")
        handler = {"type": "command", "command": command, "name": "safe-rollback", "timeout": 60000}
        found.append(Entry(path=("hooks", event), value=group | {"hooks": [handler]}, append=True))
    return tuple(found)


CLIENT = Client(
    name=NAME,
    title="Gemini CLI",
    parse=parse,
    render=render,
    files=(
        JsonFile(
            paths=(".gemini/settings.json",),
            entries=(
                *_groups(),
                Entry(
                    path=("mcpServers", SERVER_NAME),
                    value={"command": SERVER_ARGV[0], "args": [*SERVER_ARGV[1:]]},
                ),
            ),
        ),
    ),
    note="Gemini CLI lets a tool run if a hook takes longer than its timeout.",
)
