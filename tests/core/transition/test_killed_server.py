"""The real server, killed in the middle of a restore of thousands of files."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from safe_rollback.core.workspace import open_workspace
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from tests.core.transition.kit import keep, nothing_is_left_over
from tests.harness.repo import Repo
from tests.harness.server import call, connect, parameters

FILES = 1500


class RawClient:
    """Speaks to a server whose process can be killed; the SDK's client hides it."""

    def __init__(self, root: str) -> None:
        how = parameters(root)
        self.process = subprocess.Popen(
            [sys.executable, *how.args], cwd=root, env=how.env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        info = {"name": "test", "version": "1"}
        self.send("initialize", 1, protocolVersion="2025-06-18", capabilities={}, clientInfo=info)
        assert self.process.stdout is not None
        assert b'"result"' in self.process.stdout.readline()
        self.send("notifications/initialized", None)

    def send(self, method: str, number: int | None, **params: Any) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        line = json.dumps(message if number is None else {**message, "id": number})
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.mark.anyio
async def test_the_next_server_finishes_what_a_killed_one_began_and_says_so(repo: Repo) -> None:
    for number in range(FILES):
        repo.write(f"many/{number:04}.txt", f"mine {number}\n")
    workspace = open_workspace(repo.root)
    whole, mine = repo.state(), keep(workspace)
    for number in range(FILES):
        repo.write(f"many/{number:04}.txt", f"the agent's {number}\n")
    plan = restore_checkpoint(Desk(workspace), mine).plan
    workspace.close()
    assert plan is not None and plan.changes_total == FILES

    client = RawClient(repo.root)
    arguments = {"checkpoint_id": mine, "digest": plan.digest}
    client.send("tools/call", 2, name="restore_checkpoint", arguments=arguments)
    first = os.stat(repo.path("many/0010.txt")).st_ino
    while os.stat(repo.path("many/0010.txt")).st_ino == first:  # files are written in order
        assert client.process.poll() is None
    client.kill()
    half = repo.files()
    assert half != whole.files
    assert os.path.exists(repo.path(".git/index.lock"))

    async with connect(repo.root) as next_client:
        answer = await call(next_client, "list_checkpoints")
        [notice] = answer["notices"]
        assert "The interrupted restore" in notice and "was finished" in notice
        assert (await call(next_client, "list_checkpoints"))["notices"] == []
    assert repo.state() == whole
    nothing_is_left_over(repo)
