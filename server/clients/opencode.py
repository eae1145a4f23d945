"""opencode, as of 1.18: a plugin in `.opencode/plugins/`, the server in `opencode.json` (or `.jsonc`).

opencode has no command hooks. The plugin is ours, and so is the JSON it sends to the hook program:
`{"event", "directory", "session", "call", "tool", "args", "exit"}`. It throws what the program writes to
standard error when that exits with anything but 0, or does not start. A plugin cannot ask anybody.
"""

import json
import re
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
    OwnFile,
    Rendered,
    directory,
    mapping,
    string,
    whole,
)
from .codex import PATCHED

NAME = "opencode"
MOMENTS: dict[str, Moment] = {
    "before": "before",
    "after": "after",
    "start": "session start",
    "compact": "compact",
}
WRITERS = ("edit", "write", "multiedit")
READERS = (
    "read", "grep", "glob", "list", "ls", "webfetch", "websearch", "codesearch", "todowrite", "todoread", "task",
    "skill", "question", "invalid", "plan_enter", "plan_exit",
)  # fmt: skip

_TEMPLATE = """\
// Written by `safe-rollback init --client opencode`; `--remove` deletes it. Do not edit.
import { spawn } from "node:child_process"

const READS = new Set(READERS)
const ours = (tool) => tool.startsWith("SERVER_")

function guard(data) {
  return new Promise((resolve, reject) => {
    const child = spawn("PROGRAM", ["opencode"], { cwd: data.directory, stdio: ["pipe", "pipe", "pipe"] })
    let out = ""
    let said = ""
    const timer = setTimeout(() => child.kill("SIGKILL"), 60000)
    child.stdout.on("data", (part) => (out += part))
    child.stderr.on("data", (part) => (said += part))
    child.stdin.on("error", () => {})
    child.on("error", (error) => {
      clearTimeout(timer)
      reject(new Error(`The safe-rollback guard did not run; nothing was done: ${error.message}`))
    })
    child.on("close", (code) => {
      clearTimeout(timer)
      if (code === 0) resolve(out)
      else reject(new Error(said.trim() || "The safe-rollback guard failed; nothing was done."))
    })
    child.stdin.end(JSON.stringify(data))
  })
}

export const SafeRollback = async ({ directory }) => {
  const told = new Map()
  const start = (session) => {
    if (!told.has(session)) {
      const asked = guard({ event: "start", directory, session })
      told.set(session, asked.then((out) => (out ? JSON.parse(out).context : ""), () => ""))
    }
    return told.get(session)
  }
  return {
    "tool.execute.before": async (input, output) => {
      if (READS.has(input.tool) || ours(input.tool)) return
      const { tool, sessionID: session, callID: call } = input
      await guard({ event: "before", directory, session, call, tool, args: output.args })
    },
    "tool.execute.after": async (input, output) => {
      if (READS.has(input.tool) || ours(input.tool)) return
      const { tool, sessionID: session, callID: call, args } = input
      const exit = output?.metadata?.exit
      await guard({ event: "after", directory, session, call, tool, args, exit }).catch(() => {})
    },
    "experimental.chat.system.transform": async (input, output) => {
      const context = await start(input.sessionID ?? "unknown")
      if (context) output.system.push(context)
    },
    "experimental.session.compacting": async (input) => {
      await guard({ event: "compact", directory, session: input.sessionID }).catch(() => {})
    },
  }
}
"""
_FILLED = {"READERS": json.dumps(READERS), "SERVER_": f"{SERVER_NAME}_", "PROGRAM": HOOK_PROGRAM}
PLUGIN = re.sub("|".join(_FILLED), lambda found: _FILLED[found[0]], _TEMPLATE)


def parse(data: Mapping[str, Any]) -> HookEvent:
    """The event in what the plugin sends.

    Raises:
        ValueError: if it cannot be used.
    """
    moment = MOMENTS.get(string(data, "event"), "other")
    cwd, agent = directory(data.get("directory")), string(data, "session")
    if moment not in ("before", "after"):
        return HookEvent(moment=moment, cwd=cwd, agent=agent)
    tool = string(data, "tool")
    kind, command, paths = classify(tool, data)
    if kind == "shell" and data["args"].get("workdir"):
        folder = string(data["args"], "workdir")
        cwd = folder if folder.startswith("/") else f"{cwd.rstrip('/')}/{folder}"
    call = data.get("call")
    return HookEvent(
        moment=moment,
        cwd=cwd,
        kind=kind,
        tool=tool,
        command=command,
        paths=paths,
        call=call if isinstance(call, str) else "",
        agent=agent,
        exit_code=whole(data.get("exit")),
    )


def classify(tool: str, data: Mapping[str, Any]) -> tuple[ToolKind, str, tuple[str, ...]]:
    """What a tool does, the command it runs, the files it names."""
    if tool == "bash":
        return "shell", string(mapping(data, "args"), "command"), ()
    if tool in WRITERS:
        return "write", "", (string(mapping(data, "args"), "filePath"),)
    if tool in ("patch", "apply_patch"):
        return "write", "", tuple(PATCHED.findall(string(mapping(data, "args"), "patchText")))
    return "read" if tool in READERS or tool.startswith(f"{SERVER_NAME}_") else "other", "", ()


def render(event: HookEvent, answer: HookAnswer) -> Rendered:
    """Exit code 2 makes the plugin throw the reason."""
    if event.moment == "before" and answer.decision != "pass":
        return Rendered(stderr=(answer.reason or NO_REASON) + "\n", exit_code=2)
    if event.moment == "session start" and answer.context:
        return Rendered(stdout=json.dumps({"context": answer.context}) + "\n")
    return Rendered()


CLIENT = Client(
    name=NAME,
    title="opencode",
    parse=parse,
    render=render,
    files=(
        OwnFile(path=".opencode/plugins/safe-rollback.js", text=PLUGIN),
        JsonFile(
            paths=("opencode.json", "opencode.jsonc"),
            entries=(
                Entry(path=("mcp", SERVER_NAME), value={"type": "local", "command": [*SERVER_ARGV], "enabled": True}),
            ),
        ),
    ),
)
