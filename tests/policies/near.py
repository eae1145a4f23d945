"""An agent whose every tool call goes through the guard, and a human who edits in between."""

import itertools
import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace

from safe_rollback.core.workspace import Workspace
from safe_rollback.policies import guard
from safe_rollback.policies.hook import HookAnswer, HookEvent
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo

_CALLS = itertools.count()
SETTINGS = ".claude/settings.json"


class Agent:
    """Calls tools as a client would: the hook before, the tool if it may, the hook after.

    Args:
        repo: where it works.
        workspace: the same, opened.
        name: tells agents apart.
    """

    def __init__(self, repo: Repo, workspace: Workspace, name: str = "agent-1") -> None:
        self.repo, self.workspace, self.name = repo, workspace, name

    def ask(self, command: str, *, cwd: str = "", call: str = "") -> HookAnswer:
        """What the guard says before a shell line runs."""
        return guard.answer(self._event("before", command=command, cwd=cwd, call=call), self.workspace)

    def ask_to_write(self, path: str, *, tool: str = "Write") -> HookAnswer:
        """What the guard says before a client's own tool writes a file."""
        absolute = os.path.join(self.repo.root, path)
        return guard.answer(replace(self._event("before", paths=[absolute]), tool=tool), self.workspace)

    def run(self, command: str, *, cwd: str = "") -> HookAnswer:
        """Run a shell line if the guard lets it pass."""
        call = f"call-{next(_CALLS)}"
        said = self.ask(command, cwd=cwd, call=call)
        if said.decision == "pass":
            where = os.path.join(self.repo.root, cwd)
            done = subprocess.run(["bash", "-c", command], cwd=where, capture_output=True)
            after = self._event("after", command=command, cwd=cwd, call=call, code=done.returncode)
            guard.answer(after, self.workspace)
        return said

    def write(self, path: str, text: str) -> HookAnswer:
        """Write a file with the client's own tool."""
        call = f"call-{next(_CALLS)}"
        absolute = os.path.join(self.repo.root, path)
        said = guard.answer(self._event("before", paths=[absolute], call=call), self.workspace)
        if said.decision == "pass":
            self.repo.write(path, text)
            guard.answer(self._event("after", paths=[absolute], call=call), self.workspace)
        return said

    def moment(self, moment: str, *, again: bool = False) -> HookAnswer:
        """Another event of the client's life."""
        event = HookEvent(moment=moment, cwd=self.repo.root, agent=self.name, again=again)  # type: ignore[arg-type]
        return guard.answer(event, self.workspace)

    def _event(
        self,
        moment: str,
        *,
        command: str = "",
        paths: Sequence[str] = (),
        cwd: str = "",
        call: str = "",
        code: int | None = None,
    ) -> HookEvent:
        return HookEvent(
            moment=moment,  # type: ignore[arg-type]
            cwd=os.path.join(self.repo.root, cwd),
            kind="shell" if command else "write",
            tool="Bash" if command else "Write",
            command=command,
            paths=tuple(paths),
            call=call or f"call-{next(_CALLS)}",
            agent=self.name,
            exit_code=code,
        )


def in_guarded(repo: Repo, workspace: Workspace) -> Agent:
    """An agent in a session, in a clean worktree that holds the clients' files, and links to them."""
    repo.commit("Guard the repository", {SETTINGS: "{}\n", ".mcp.json": "{}\n", "evil/settings.json": "{}\n"})
    os.symlink(".git", repo.path("link-to-git"))
    os.symlink(SETTINGS, repo.path("link-to-settings"))
    os.symlink(".claude", repo.path("link-to-folder"))
    repo.git("add", "-A")
    repo.commit("Links")
    start_session(Desk(workspace), "A task", create_branch=True)
    return Agent(repo, workspace)
