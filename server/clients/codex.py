"""Codex, as of 0.169: hooks in `.codex/hooks.json`, the server in `.codex/config.toml`.

Its matchers know no lookahead, and a matcher that does not compile switches the hook off: ours is absent,
so every tool starts the hook. It takes an "ask" for a broken hook and goes on, so an ask is a deny.
`apply_patch` sends its patch as `tool_input.command`. Codex loads project hooks once a person trusts them.
"""

import re
from collections.abc import Mapping
from typing import Any

from ...core.late import late
from ...policies.hook import HookAnswer, HookEvent, Moment, ToolKind
from . import jsonanswer
from .client import (
    HOOK_PROGRAM,
    OR_BLOCK,
    SERVER_ARGV,
    SERVER_NAME,
    Client,
    Entry,
    JsonFile,
    Rendered,
    TomlFile,
    directory,
    mapping,
    string,
    whole,
)

NAME = "codex"
MOMENTS: dict[str, Moment] = {
    "PreToolUse": "before",
    "PostToolUse": "after",
    "SessionStart": "session start",
    "Stop": "stop",
    "PreCompact": "compact",
}
SHELLS = ("Bash", "shell", "local_shell", "shell_command", "exec_command")
READERS = ("update_plan", "view_image", "web_search", "list_mcp_resources", "read_mcp_resource", "request_user_input")
PATCHED = late(r"^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+?)\s*$", re.MULTILINE)


def parse(data: Mapping[str, Any]) -> HookEvent:
    """The event in what Codex sends.

    Raises:
        ValueError: if it cannot be used.
    """
    moment = MOMENTS.get(string(data, "hook_event_name"), "other")
    agent = string(data, "session_id")
    if isinstance(data.get("agent_id"), str) and data["agent_id"]:
        agent += "/" + data["agent_id"]
    cwd = directory(data.get("cwd"))
    if moment not in ("before", "after"):
        return HookEvent(moment=moment, cwd=cwd, agent=agent, again=data.get("stop_hook_active") is True)
    tool = string(data, "tool_name")
    kind, command, paths = classify(tool, data)
    call = data.get("tool_use_id")
    answer = data.get("tool_response")
    return HookEvent(
        moment=moment,
        cwd=cwd,
        kind=kind,
        tool=tool,
        command=command,
        paths=paths,
        call=call if isinstance(call, str) else "",
        agent=agent,
        exit_code=whole(answer.get("exit_code")) if isinstance(answer, dict) else None,
    )


def classify(tool: str, data: Mapping[str, Any]) -> tuple[ToolKind, str, tuple[str, ...]]:
    """What a tool does, the command it runs, the files it names."""
    if tool in SHELLS:
        return "shell", string(mapping(data, "tool_input"), "command"), ()
    if tool == "apply_patch":
        fields = mapping(data, "tool_input")
        patch = next((fields[key] for key in ("command", "input", "patch") if isinstance(fields.get(key), str)), "")
        paths = tuple(PATCHED.findall(patch))
        if not paths:
            raise ValueError("the patch names no file")
        return "write", "", paths
    return "read" if tool in READERS or tool.startswith(f"mcp__{SERVER_NAME}__") else "other", "", ()


def render(event: HookEvent, answer: HookAnswer) -> Rendered:
    """As for Claude Code, but nobody can be asked."""
    if answer.decision == "ask":
        answer = HookAnswer(decision="deny", reason=answer.reason, context=answer.context)
    return jsonanswer.render(event, answer)


def _groups() -> tuple[Entry, ...]:
    found = []
    for event, moment in MOMENTS.items():
        command = f"{HOOK_PROGRAM} {NAME}" + (OR_BLOCK if moment == "before" else "")
        handler = {"type": "command", "command": command, "timeout": 60}
        found.append(Entry(path=("hooks", event), value={"hooks": [handler]}, append=True))
    return tuple(found)


CLIENT = Client(
    name=NAME,
    title="Codex",
    parse=parse,
    render=render,
    files=(
        JsonFile(paths=(".codex/hooks.json",), entries=_groups()),
        TomlFile(
            path=".codex/config.toml",
            table=("mcp_servers", SERVER_NAME),
            body=f'command = "{SERVER_ARGV[0]}"\nargs = ["{SERVER_ARGV[1]}"]\n',
        ),
    ),
    note="Codex runs a project's hooks after you trust the project and review them with /hooks.",
)
