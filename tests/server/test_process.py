"""The server as a process: where it starts, what it writes, how it ends, what it does meanwhile."""

import json
import os
import subprocess
import sys
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import stdio_client

from safe_rollback.core.errors import SafeRollbackError
from safe_rollback.core.transition import operation
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import trust
from safe_rollback.server.host import Host
from safe_rollback.server.serve import _quietly
from safe_rollback.tools import TOOLS
from safe_rollback.tools.checkpoint import checkpoint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.restore_checkpoint import restore_checkpoint
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo
from tests.harness.server import ERAS, call, connect, parameters, refused, text
from tests.server.near import attach

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


def serve(*arguments: str, cwd: str, lines: list[str], **env: str) -> "subprocess.CompletedProcess[str]":
    """The server with some lines of input, until it exits by itself."""
    return subprocess.run(
        [sys.executable, "-m", "safe_rollback", "serve", *arguments],
        cwd=cwd,
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        timeout=60,
    )


def calling(tool: str, **arguments: Any) -> list[str]:
    """The lines of a client that starts and makes one call."""
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    started = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    return [json.dumps(one) for one in (INITIALIZE, started, call)]


def test_it_exits_when_its_input_ends_and_writes_only_protocol(repo: Repo) -> None:
    done = serve(cwd=repo.root, lines=["this is no json", json.dumps(INITIALIZE)])
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert messages and all(one["jsonrpc"] == "2.0" for one in messages)
    (answer,) = [one for one in messages if one.get("id") == 1]
    assert answer["result"]["serverInfo"]["name"] == "rollback"


def test_arguments_it_does_not_know_are_an_error(repo: Repo) -> None:
    done = serve("--port", "1", cwd=repo.root, lines=[])
    assert done.returncode != 0 and "--root" in done.stderr and "Traceback" not in done.stderr


def test_starting_loads_neither_typer_nor_gitpython() -> None:
    script = (
        "import sys; import safe_rollback.__main__, safe_rollback.server.cli;"
        "light = set(sys.modules) & {'mcp', 'typer', 'pydantic', 'git', 'rich'};"
        "import safe_rollback.server.serve;"
        "print(sorted(light), sorted(set(sys.modules) & {'typer', 'git', 'gitdb'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[] []\n"


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_where_there_is_no_repository_it_starts_lists_and_says_so(
    tmp_path_factory: pytest.TempPathFactory, era: str
) -> None:
    root = str(tmp_path_factory.mktemp("empty"))
    async with connect(root, era) as client:
        assert len((await client.list_tools()).tools) == len(TOOLS)
        data = await refused(client, "start_session", task="A task")
        assert data["error"] == "invalid_input" and data["journal_head"] is None
        assert "git init" in data["hint"]
        empty = Repo(root)
        empty.git("init", "-q", "-b", "main")
        assert (await call(client, "start_session", task="A task"))["branch"] == empty.branch()


@pytest.mark.anyio
async def test_the_clients_project_directory_is_where_it_works(repo: Repo, tmp_path: object) -> None:
    command = parameters(repo.root, {"CLAUDE_PROJECT_DIR": repo.root})
    command = command.model_copy(update={"args": ["-m", "safe_rollback", "serve"], "cwd": str(tmp_path)})
    with open(os.devnull, "w") as quiet:
        async with Client(stdio_client(command, errlog=quiet)) as client:
            taken = await call(client, "checkpoint")
    assert repo.git("rev-parse", taken["ref"]) == taken["commit"]


def test_inherited_git_variables_lead_nowhere(repo: Repo, tmp_path: object) -> None:
    other = Repo(f"{tmp_path}/other")
    os.makedirs(other.root)
    other.git("init", "-q", "-b", "main")
    before = other.state()
    env = {"GIT_DIR": f"{other.root}/.git", "GIT_WORK_TREE": other.root, "GIT_INDEX_FILE": "/dev/null"}
    done = serve("--root", repo.root, cwd=other.root, lines=calling("checkpoint"), **env)
    assert done.returncode == 0
    assert repo.git("for-each-ref", "refs/safe-rollback/"), done.stdout + done.stderr
    assert other.state() == before and not other.exists(".git/safe-rollback")


def test_what_a_crash_interrupted_is_finished_and_said_once(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = repo.state()
    taken = checkpoint(Desk(workspace))
    repo.write("README.md", "later\n")
    plan = restore_checkpoint(Desk(workspace), taken.checkpoint_id).plan
    assert plan is not None

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(operation, "forward", crash)
    with pytest.raises(KeyboardInterrupt):
        restore_checkpoint(Desk(workspace), taken.checkpoint_id, [], plan.digest)
    monkeypatch.undo()
    assert repo.read("README.md") == b"later\n"
    host = Host(repo.root)
    try:
        host.begin()
        assert repo.state() == wanted
        (notice,) = host.workspace().take_notices()
        assert "interrupted restore" in notice and "finished" in notice
        assert host.workspace().take_notices() == []
    finally:
        host.workspace().close()


@pytest.mark.anyio
async def test_a_recovery_stands_in_the_next_answer_and_only_there(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = checkpoint(Desk(workspace))
    repo.write("README.md", "later\n")
    plan = restore_checkpoint(Desk(workspace), taken.checkpoint_id).plan
    assert plan is not None

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(operation, "forward", crash)
    with pytest.raises(KeyboardInterrupt):
        restore_checkpoint(Desk(workspace), taken.checkpoint_id, [], plan.digest)
    monkeypatch.undo()
    async with attach(repo.root) as client:
        first = await call(client, "list_checkpoints")
        second = await call(client, "list_checkpoints")
    assert any("interrupted restore" in one for one in first["notices"])
    assert second["notices"] == []


def test_an_automatic_checkpoint_is_taken_only_in_a_session_and_if_something_changed(
    repo: Repo, workspace: Workspace
) -> None:
    host = Host(repo.root)
    try:
        repo.git("switch", "-q", "-c", "feature/x")
        assert host.automatic_checkpoint() is None, "no session"
        start_session(Desk(workspace), "A task")
        host.automatic_checkpoint()  # the session's own tag is new
        kept = repo.git("for-each-ref")
        assert host.automatic_checkpoint() is None, "nothing changed"
        assert repo.git("for-each-ref") == kept
        repo.write("README.md", "changed\n")
        before = repo.state()
        taken = host.automatic_checkpoint()
        assert taken == "2026-03-04-001.3" and repo.state() == before
        assert host.automatic_checkpoint() is None
    finally:
        host.workspace().close()


def test_the_interval_is_the_protocols_and_follows_it(repo: Repo) -> None:
    host = Host(repo.root)
    try:
        assert host.interval() == 900
        repo.write("CLAUDE.md", '```toml safe-rollback\n[session]\ncheckpoint_every = "2s"\n```\n')
        assert host.interval() == 2
    finally:
        host.workspace().close()


def test_without_a_repository_there_is_nothing_to_keep_and_nothing_breaks(tmp_path: object) -> None:
    host = Host(str(tmp_path))
    host.begin()
    assert (host.automatic_checkpoint(), host.interval()) == (None, 900)
    with pytest.raises(SafeRollbackError):
        host.workspace()


@pytest.mark.anyio
async def test_a_running_server_takes_checkpoints_by_itself(repo: Repo) -> None:
    repo.commit("Protocol", {"CLAUDE.md": '```toml safe-rollback\n[session]\ncheckpoint_every = "1s"\n```\n'})
    async with connect(repo.root) as client:
        await call(client, "start_session", task="A task")
        repo.write("README.md", "changed\n")
        with anyio.fail_after(30):
            while True:
                rows = (await call(client, "list_checkpoints"))["checkpoints"]
                if any(row["reason"] == "automatic" for row in rows):
                    break
                await anyio.lowlevel.checkpoint()
    assert repo.read("README.md") == b"changed\n"


@pytest.mark.anyio
async def test_a_worktree_that_vanishes_does_not_end_the_server(repo: Repo) -> None:
    async with connect(repo.root) as client:
        await call(client, "list_checkpoints")
        os.rename(repo.root, f"{repo.root}-away")
        gone = await client.call_tool("checkpoint", {})
        assert gone.is_error and text(gone)
        os.rename(f"{repo.root}-away", repo.root)
        assert (await call(client, "checkpoint"))["checkpoint_id"] == "at-main.1"


@pytest.mark.anyio
async def test_work_beside_the_calls_never_ends_them(repo: Repo, workspace: Workspace) -> None:
    start_session(Desk(workspace), "A task")
    host = Host(repo.root)
    host.workspace()
    os.rename(repo.root, f"{repo.root}-away")
    try:
        with pytest.raises(OSError, match="No such file"):
            host.interval()
        assert await _quietly(host.interval) is None
        assert await _quietly(host.automatic_checkpoint) is None
    finally:
        os.rename(f"{repo.root}-away", repo.root)
        host.workspace().close()


@pytest.mark.anyio
async def test_two_servers_on_one_worktree_share_one_record(repo: Repo) -> None:
    async with connect(repo.root) as first, connect(repo.root) as second:
        started = await call(first, "start_session", task="A task")
        assert started["session_id"] in (await refused(second, "start_session", task="Another"))["why"]
        ids: list[str] = []

        async def keep(client: Client) -> None:
            ids.append((await call(client, "checkpoint"))["checkpoint_id"])

        async with anyio.create_task_group() as group:
            for client in (first, second) * 4:
                group.start_soon(keep, client)
        assert sorted(ids, key=lambda one: int(one.rpartition(".")[2])) == [
            f"{started['session_id']}.{number}" for number in range(2, 10)
        ]
        await call(second, "end_session", summary="done")
        assert "No session" in (await refused(first, "scope_check"))["message"]


@pytest.mark.anyio
async def test_calls_at_once_do_not_get_into_each_others_way(repo: Repo) -> None:
    done: list[str] = []
    async with attach(repo.root) as client:
        await call(client, "start_session", task="A task")

        async def commit(number: int) -> None:
            args = ["commit", "--allow-empty", "-m", f"Commit {number}"]
            done.extend((await call(client, "run_git", args=args))["commits"])

        async def look() -> None:
            await call(client, "scope_check")

        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(commit, number)
                group.start_soon(look)
    assert sorted(done) == sorted(repo.git("rev-list", "main..HEAD").splitlines())
    assert len(done) == 5, "each call knows its own commit and no other"


@pytest.mark.anyio
async def test_long_work_reports_how_far_it_is(repo: Repo, workspace: Workspace) -> None:
    repo.commit("Protocol", {"CLAUDE.md": '```toml safe-rollback\n[on_session_end]\nrun = ["true", "echo x"]\n```\n'})
    trust(workspace, ["true", "echo x"])
    seen: list[tuple[float, float | None, str | None]] = []

    async def note(done: float, total: float | None, message: str | None) -> None:
        seen.append((done, total, message))

    async with attach(repo.root) as client:
        await call(client, "start_session", task="A task")
        for number in range(300):
            repo.write(f"many/{number}.txt", "x\n")
        taken = await call(client, "checkpoint")
        for number in range(300):
            repo.write(f"many/{number}.txt", "y\n")
        plan = await call(client, "restore_checkpoint", checkpoint_id=taken["checkpoint_id"], paths=["many"])
        await client.call_tool(
            "restore_checkpoint",
            {"checkpoint_id": taken["checkpoint_id"], "paths": ["many"], "digest": plan["plan"]["digest"]},
            progress_callback=note,
        )
        assert seen and seen[-1][:2] == (300, 300)
        assert "restore" in (seen[-1][2] or "")
        assert [one[0] for one in seen] == sorted(one[0] for one in seen)
        ended = await client.call_tool("end_session", {"summary": "done"}, progress_callback=note)
        assert not ended.is_error, text(ended)
    assert any("true (" in (message or "") for _, _, message in seen)
