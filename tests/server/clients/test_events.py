"""Each client's events are read as what they are, and anything unusable is an error."""

import json
import re
from typing import Any

import pytest

from safe_rollback.policies.hook import HookEvent
from safe_rollback.server.clients import CLIENTS
from safe_rollback.server.clients.claude_code import MATCHER as CLAUDE_MATCHER
from safe_rollback.server.clients.claude_code import READERS as CLAUDE_READERS
from safe_rollback.server.clients.gemini import MATCHER as GEMINI_MATCHER
from tests.server.clients.payloads import claude, codex, cursor, gemini, opencode

ADAPTERS = {client.name: client for client in CLIENTS}
PATCH = (
    "*** Begin Patch\n*** Update File: a.py\n*** Move to: d/b.py\n@@\n-x\n+*** no\n"
    "*** Add File: c d.py\n+y\n*** End Patch"
)


def event(moment: Any, agent: str, **more: Any) -> HookEvent:
    return HookEvent(moment=moment, cwd=more.pop("cwd", "/p"), agent=agent, **more)


def shell(moment: Any, agent: str, tool: str, **more: Any) -> HookEvent:
    return event(moment, agent, kind="shell", tool=tool, command="git status", **more)


C, X, G, U, O = "0b6f", "0199", "9c1d", "668320d2", "ses_1"  # noqa: E741
COMMAND = {"command": "git status"}
CASES: list[tuple[str, dict[str, Any], HookEvent]] = [
    ("claude-code", claude("PreToolUse", "Bash", COMMAND), shell("before", C, "Bash", call="toolu_1")),
    (
        "claude-code",
        claude("PreToolUse", "Bash", COMMAND, agent_id="a7", agent_type="Explore"),
        shell("before", C + "/a7", "Bash", call="toolu_1"),
    ),
    (
        "claude-code",
        claude("PostToolUse", "Bash", COMMAND, tool_response={"stdout": "", "stderr": "", "interrupted": False}),
        shell("after", C, "Bash", call="toolu_1", exit_code=0),
    ),
    (
        "claude-code",
        claude("PostToolUse", "Bash", COMMAND, tool_response={"interrupted": False, "backgroundTaskId": "b1"}),
        shell("after", C, "Bash", call="toolu_1"),
    ),
    (
        "claude-code",
        claude("PostToolUseFailure", "Bash", COMMAND, error="Exit code 128\nfatal: bad", is_interrupt=False),
        shell("after", C, "Bash", call="toolu_1", exit_code=128),
    ),
    (
        "claude-code",
        claude("PreToolUse", "Write", {"file_path": "/p/a", "content": "x"}),
        event("before", C, kind="write", tool="Write", paths=("/p/a",), call="toolu_1"),
    ),
    (
        "claude-code",
        claude("PreToolUse", "NotebookEdit", {"notebook_path": "/p/n.ipynb", "new_source": ""}),
        event("before", C, kind="write", tool="NotebookEdit", paths=("/p/n.ipynb",), call="toolu_1"),
    ),
    (
        "claude-code",
        claude("PreToolUse", "mcp__rollback__safe_revert", {}),
        event("before", C, kind="read", tool="mcp__rollback__safe_revert", call="toolu_1"),
    ),
    (
        "claude-code",
        claude("PreToolUse", "mcp__files__write_file", {"path": "a"}),
        event("before", C, kind="other", tool="mcp__files__write_file", call="toolu_1"),
    ),
    ("claude-code", claude("SessionStart", source="startup"), event("session start", C)),
    ("claude-code", claude("Stop", stop_hook_active=True), event("stop", C, again=True)),
    ("claude-code", claude("SessionEnd", reason="other"), event("session end", C)),
    ("claude-code", claude("PreCompact", trigger="auto", custom_instructions=""), event("compact", C)),
    ("claude-code", claude("Notification", message="x"), event("other", C)),
    ("codex", codex("PreToolUse", "Bash", COMMAND), shell("before", X, "Bash", call="call_1")),
    (
        "codex",
        codex("PostToolUse", "Bash", COMMAND, tool_response="out"),
        shell("after", X, "Bash", call="call_1"),
    ),
    (
        "codex",
        codex("PreToolUse", "apply_patch", {"command": PATCH}),
        event("before", X, kind="write", tool="apply_patch", paths=("a.py", "d/b.py", "c d.py"), call="call_1"),
    ),
    (
        "codex",
        codex("PreToolUse", "mcp__rollback__undo", {}),
        event("before", X, kind="read", tool="mcp__rollback__undo", call="call_1"),
    ),
    ("codex", codex("SessionStart", source="resume"), event("session start", X)),
    ("codex", codex("Stop", stop_hook_active=False, last_assistant_message="done"), event("stop", X)),
    ("codex", codex("PreCompact", trigger="manual"), event("compact", X)),
    ("gemini", gemini("BeforeTool", "run_shell_command", COMMAND), shell("before", G, "run_shell_command")),
    (
        "gemini",
        gemini("BeforeTool", "run_shell_command", {**COMMAND, "dir_path": "sub"}),
        shell("before", G, "run_shell_command", cwd="/p/sub"),
    ),
    (
        "gemini",
        gemini("AfterTool", "run_shell_command", COMMAND, tool_response={"llmContent": "Output: x\nExit Code: 3"}),
        shell("after", G, "run_shell_command", exit_code=3),
    ),
    (
        "gemini",
        gemini("BeforeTool", "replace", {"file_path": "a.py", "old_string": "a", "new_string": "b"}),
        event("before", G, kind="write", tool="replace", paths=("a.py",)),
    ),
    (
        "gemini",
        gemini("BeforeTool", "mcp_rollback_undo", {}),
        event("before", G, kind="read", tool="mcp_rollback_undo"),
    ),
    ("gemini", gemini("AfterAgent", prompt="x", stop_hook_active=True), event("stop", G, again=True)),
    ("gemini", gemini("SessionStart", source="startup"), event("session start", G)),
    ("gemini", gemini("SessionEnd", reason="exit"), event("session end", G)),
    ("gemini", gemini("PreCompress", trigger="auto"), event("compact", G)),
    (
        "cursor",
        cursor("preToolUse", "Shell", {**COMMAND, "cwd": "/p/sub", "timeout": 30000}),
        shell("before", U, "Shell", call="d024", cwd="/p/sub"),
    ),
    (
        "cursor",
        cursor(
            "postToolUse", "Shell", {**COMMAND, "cwd": ""}, tool_output='{"output":"","exitCode":1}', duration=7.5
        ),
        shell("after", U, "Shell", call="d024", exit_code=1),
    ),
    (
        "cursor",
        cursor("postToolUseFailure", "Shell", COMMAND, error_message="no", failure_type="permission_denied"),
        shell("after", U, "Shell", call="d024"),
    ),
    (
        "cursor",
        cursor("preToolUse", "Write", {"file_path": "/p/a", "content": ""}),
        event("before", U, kind="write", tool="Write", paths=("/p/a",), call="d024"),
    ),
    (
        "cursor",
        cursor("preToolUse", "Read", {"file_path": "/p/a"}),
        event("before", U, kind="read", tool="Read", call="d024"),
    ),
    (
        "cursor",
        cursor("preToolUse", "MCP:write", {}),
        event("before", U, kind="other", tool="MCP:write", call="d024"),
    ),
    ("cursor", cursor("sessionStart", composer_mode="agent"), event("session start", U)),
    ("cursor", cursor("stop", status="completed", loop_count=0), event("stop", U)),
    ("cursor", cursor("stop", status="completed", loop_count=1), event("stop", U, again=True)),
    ("cursor", cursor("stop", status="aborted", loop_count=0), event("stop", U, again=True)),
    ("cursor", cursor("sessionEnd", reason="completed"), event("session end", U)),
    ("opencode", opencode("before", "bash", COMMAND), shell("before", O, "bash", call="c1")),
    (
        "opencode",
        opencode("before", "bash", {**COMMAND, "workdir": "/q"}),
        shell("before", O, "bash", call="c1", cwd="/q"),
    ),
    ("opencode", opencode("after", "bash", COMMAND, exit=2), shell("after", O, "bash", call="c1", exit_code=2)),
    (
        "opencode",
        opencode("before", "edit", {"filePath": "/p/a", "oldString": "", "newString": "x"}),
        event("before", O, kind="write", tool="edit", paths=("/p/a",), call="c1"),
    ),
    (
        "opencode",
        opencode("before", "apply_patch", {"patchText": PATCH}),
        event("before", O, kind="write", tool="apply_patch", paths=("a.py", "d/b.py", "c d.py"), call="c1"),
    ),
    (
        "opencode",
        opencode("before", "other_tool", {}),
        event("before", O, kind="other", tool="other_tool", call="c1"),
    ),
    ("opencode", opencode("start"), event("session start", O)),
    ("opencode", opencode("compact"), event("compact", O)),
]


@pytest.mark.parametrize(("name", "data", "expected"), CASES)
def test_event_is_read(name: str, data: dict[str, Any], expected: HookEvent) -> None:
    assert ADAPTERS[name].parse(json.loads(json.dumps(data))) == expected


TOOLS = [
    (name, data)
    for name, data, expected in CASES
    if expected.moment == "before" and expected.kind in ("shell", "write")
]


@pytest.mark.parametrize(("name", "data"), TOOLS)
def test_event_without_what_it_is_about_is_an_error(name: str, data: dict[str, Any]) -> None:
    parse = ADAPTERS[name].parse
    for broken in (
        {},
        {**data, "tool_input": None, "args": None},
        {**data, "tool_input": {}, "args": {}},
        {
            **data,
            "tool_input": dict.fromkeys(("command", "file_path", "path"), 1),
            "args": {"command": [], "filePath": 1},
        },
        {key: value for key, value in data.items() if key not in ("tool_name", "tool")},
        {key: value for key, value in data.items() if key not in ("hook_event_name", "event")},
        {key: value for key, value in data.items() if key not in ("session_id", "conversation_id", "session")},
    ):
        with pytest.raises(ValueError, match=r"client|patch"):
            parse(broken)


@pytest.mark.parametrize("where", ["", "relative", None, 7, "/a\0b"])
@pytest.mark.parametrize("name", ADAPTERS)
def test_directory_that_is_not_absolute_is_an_error(name: str, where: Any) -> None:
    data = next(data for client, data, expected in CASES if client == name and expected.moment == "before")
    broken = {**data, "cwd": where, "directory": where, "workspace_roots": [where]}
    if "cwd" in broken.get("tool_input", {}):
        broken["tool_input"] = {"command": "x"}
    with pytest.raises(ValueError, match="directory"):
        ADAPTERS[name].parse(broken)


def test_no_process_starts_for_what_only_reads() -> None:
    for tool in (*CLAUDE_READERS, "mcp__rollback__undo", "mcp__plugin_rollback_rollback__undo"):
        assert not re.search(CLAUDE_MATCHER, tool), tool
    for tool in (
        "Bash",
        "Write",
        "Edit",
        "NotebookEdit",
        "mcp__files__write",
        "mcp__rollbacks__x",
        "ReadAndWrite",
        "XRead",
    ):
        assert re.search(CLAUDE_MATCHER, tool), tool
    for tool in ("read_file", "mcp_rollback_undo", "mcp__rollback__undo"):
        assert not re.search(GEMINI_MATCHER, tool), tool
    for tool in ("run_shell_command", "write_file", "mcp_files_write", "read_file_and_more"):
        assert re.search(GEMINI_MATCHER, tool), tool
