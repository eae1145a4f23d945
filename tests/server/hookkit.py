"""The hook program as a client starts it: a process of its own, an event on standard input."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from safe_rollback.core.ledger.event import Event
from safe_rollback.core.ledger.events import ActionRecorded, CheckpointTaken, CommandRefused
from safe_rollback.core.workspace import open_workspace
from tests.server.clients.payloads import claude


@dataclass(frozen=True)
class Said:
    """What the program printed and ended with."""

    code: int
    out: str
    err: str

    @property
    def decision(self) -> str:
        """Claude Code's word for it; `pass` for silence."""
        return self._output()["permissionDecision"] if self.out else "pass"

    @property
    def reason(self) -> str:
        """What the agent reads."""
        return self._output()["permissionDecisionReason"] if self.out else ""

    def _output(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.out)["hookSpecificOutput"]
        return found


def script(folder: str, first: str = "") -> str:
    """The program as an installation puts it into a directory, after a line of the test's."""
    path = os.path.join(folder, "safe-rollback-hook")
    with open(path, "w") as file:
        file.write(f"#!{sys.executable}\n{first}\nfrom safe_rollback.server.hook import main\n\nmain()\n")
    os.chmod(path, 0o755)
    return path


class Hook:
    """Claude Code's hook for one project.

    Args:
        root: the project.
        program: the hook program.
    """

    def __init__(self, root: str, program: str) -> None:
        self.root, self.program = root, program

    def before(self, command: str, call: str = "call-1", **more: Any) -> Said:
        """The event before a shell line."""
        return self.send(self.event("PreToolUse", "Bash", {"command": command}, tool_use_id=call), **more)

    def after(self, command: str, call: str = "call-1", **more: Any) -> Said:
        """The event after a shell line that succeeded."""
        fields = {"tool_use_id": call, "tool_response": {"stdout": "", "stderr": ""}}
        return self.send(self.event("PostToolUse", "Bash", {"command": command}, **fields), **more)

    def event(self, name: str, tool: str | None = None, given: Any = None, **more: Any) -> dict[str, Any]:
        """An event as Claude Code sends it from the project."""
        return claude(name, tool, given, **{"cwd": self.root, **more})

    def send(
        self,
        event: Mapping[str, Any] | bytes,
        client: str = "claude-code",
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
        largest_file: int | None = None,
    ) -> Said:
        """Start the program with an event; a file it writes may be limited, as a full disk would."""

        def limit() -> None:
            assert largest_file is not None
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))

        done = subprocess.run(
            [self.program, client],
            input=event if isinstance(event, bytes) else json.dumps(event).encode(),
            cwd=cwd or self.root,
            env={**os.environ, **(env or {})},
            capture_output=True,
            timeout=120,
            preexec_fn=None if largest_file is None else limit,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def recorded(root: str, kind: type[Event]) -> list[Any]:
    """The events of a kind in a project's ledger, once the hook that answered last has done its work."""
    workspace = open_workspace(root)
    try:
        with workspace.worktree_lock("a test reads"):
            return [one.event for one in workspace.ledger.records(kind)]
    finally:
        workspace.close()


def traces(root: str) -> tuple[int, int, int, int]:
    """How many checkpoints, actions, refusals and actions under way there are."""
    folder = os.path.join(root, ".git", "safe-rollback", "worktrees", "main", "pending")
    pending = len(os.listdir(folder)) if os.path.isdir(folder) else 0
    done = (len(recorded(root, kind)) for kind in (CheckpointTaken, ActionRecorded, CommandRefused))
    checkpoints, actions, refusals = done
    return checkpoints, actions, refusals, pending
