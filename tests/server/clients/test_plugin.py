"""The plugin folder for Claude Code says what `init` would write, and names only what exists."""

import json
import os
import re
import subprocess
from typing import Any

import pytest

from safe_rollback import __version__
from safe_rollback.server.clients.claude_code import hook_groups
from safe_rollback.server.clients.client import OR_BLOCK
from safe_rollback.tools import TOOLS

PLUGIN = os.path.join(os.path.dirname(__file__), os.pardir, os.pardir, os.pardir, "plugin")
TEXTS = ["commands/status.md", "commands/undo.md", "commands/plan.md", "skills/undoable-work/SKILL.md"]


def read(name: str) -> str:
    with open(os.path.join(PLUGIN, name), encoding="utf-8") as file:
        return file.read()


def data(name: str) -> Any:
    return json.loads(read(name))


def test_hooks_are_those_init_writes() -> None:
    assert data("hooks/hooks.json")["hooks"] == {event: [group] for event, group in hook_groups().items()}


def test_manifest_has_the_package_s_version_and_the_server_its_name() -> None:
    manifest = data(".claude-plugin/plugin.json")
    assert (manifest["name"], manifest["version"]) == ("rollback", __version__)
    assert data(".mcp.json")["mcpServers"] == {"rollback": {"command": "safe-rollback", "args": ["serve"]}}


@pytest.mark.parametrize("name", TEXTS)
def test_text_describes_itself_and_names_tools_that_exist(name: str) -> None:
    text = read(name)
    assert re.match(r"---\n(?:[\w-]+: .+\n)+---\n", text)
    assert "\ndescription: " in text
    known = {spec.name for spec in TOOLS} | {"operation_id", "safe_rollback"}
    assert set(re.findall(r"`([a-z]+_[a-z_]+)`", text)) <= known


@pytest.mark.parametrize(
    ("program", "code", "words"), [("true", 0, ""), ("exit 2", 2, ""), ("exit 1", 2, "did not run")]
)
def test_guard_that_breaks_or_is_missing_blocks(program: str, code: int, words: str) -> None:
    done = subprocess.run(["sh", "-c", f"({program})" + OR_BLOCK], capture_output=True, text=True)
    assert done.returncode == code
    assert words in done.stderr
    assert bool(words) == bool(done.stderr)
    missing = subprocess.run(["sh", "-c", "no-such-guard claude-code" + OR_BLOCK], capture_output=True, text=True)
    assert missing.returncode == 2
