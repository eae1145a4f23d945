"""A repository with the hooks installed, and `safe-rollback-hook` on PATH."""

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from safe_rollback.core.workspace import open_workspace
from safe_rollback.policies.githooks.install import install
from safe_rollback.policies.githooks.who import MARKERS
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo

AGENT = {"CLAUDECODE": "1"}
HUMAN: dict[str, str] = {}


@dataclass(frozen=True)
class Said:
    """Exit code and what stood on standard error."""

    code: int
    err: str


class Hooked(Repo):
    """A worktree whose git may be told no."""

    def tell(self, *args: str, env: dict[str, str] = HUMAN, cwd: str = "") -> Said:
        """Run git, whatever comes of it."""
        done = subprocess.run(
            ["git", *args], cwd=cwd or self.root, capture_output=True, text=True, env={**os.environ, **env}
        )
        return Said(done.returncode, done.stderr)


def program(folder: str) -> None:
    """Put the program into a directory, as an installation puts it on PATH."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "safe-rollback-hook")
    with open(path, "w") as file:
        file.write(f"#!{sys.executable}\nfrom safe_rollback.server.hook import main\n\nmain()\n")
    os.chmod(path, 0o755)


def on_path(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    """The program on PATH, and no client around the test."""
    program(folder)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    for name in MARKERS:
        monkeypatch.delenv(name, raising=False)


def off_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """No installation of the program on PATH, wherever it may be."""
    folders = os.environ["PATH"].split(os.pathsep)
    left = [one for one in folders if not os.path.lexists(os.path.join(one, "safe-rollback-hook"))]
    monkeypatch.setenv("PATH", os.pathsep.join(left))


def put_in(root: str) -> None:
    """Install the hooks."""
    workspace = open_workspace(root)
    install(workspace)
    workspace.close()


def session(root: str, **arguments: object) -> str:
    """Start a session on a branch of its own; its id."""
    workspace = open_workspace(root)
    started = start_session(Desk(workspace), "hooks", create_branch=True, **arguments)  # type: ignore[arg-type]
    workspace.close()
    return started.session_id
