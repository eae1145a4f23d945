"""The plugin for opencode starts the guard around tools, and throws what it refuses."""

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from safe_rollback.server.clients.opencode import PLUGIN

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

SCRIPT = """
import { SafeRollback } from "./plugin.mjs"
const hooks = await SafeRollback({ directory: process.cwd() })
const tool = (name) => ({ tool: name, sessionID: "s", callID: "c" })
const said = []
for (const name of ["bash", "read", "rollback_undo"]) {
  try {
    await hooks["tool.execute.before"](tool(name), { args: { command: "ls" } })
    await hooks["tool.execute.after"]({ ...tool(name), args: {} }, { metadata: { exit: 0 } })
    said.push("ran")
  } catch (error) {
    said.push(error.message)
  }
}
const output = { system: [] }
await hooks["experimental.chat.system.transform"]({ sessionID: "s" }, output)
console.log(JSON.stringify([said, output.system]))
"""


def play(folder: str, guard: str | None) -> list[Any]:
    """Run the plugin with a guard of our own; what the tools met, and what the model was told."""
    for name, text in (("plugin.mjs", PLUGIN), ("script.mjs", SCRIPT)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    if guard is not None:
        path = os.path.join(folder, "safe-rollback-hook")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{guard}\n")
        os.chmod(path, 0o755)
    environment = {"PATH": os.pathsep.join([folder, "/usr/bin", "/bin"])}
    assert NODE is not None
    done = subprocess.run(
        [NODE, "script.mjs"], cwd=folder, env=environment, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_tool_runs_when_the_guard_says_nothing(tmp_path: Any) -> None:
    guard = 'grep -q \'"event":"start"\' && echo \'{"context": "The rules."}\'; exit 0'
    assert play(str(tmp_path), guard) == [["ran", "ran", "ran"], ["The rules."]]


def test_refusal_is_thrown(tmp_path: Any) -> None:
    assert play(str(tmp_path), "cat > /dev/null; echo 'No.' >&2; exit 2") == [["No.", "ran", "ran"], []]


def test_guard_that_breaks_or_is_missing_lets_nothing_run(tmp_path: Any) -> None:
    broken = play(str(tmp_path), "exit 1")
    assert "nothing was done" in broken[0][0]
    os.unlink(os.path.join(str(tmp_path), "safe-rollback-hook"))
    missing = play(str(tmp_path), None)
    assert "did not run" in missing[0][0]
