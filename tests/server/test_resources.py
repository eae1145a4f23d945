"""rollback:// resources: found, not found, malformed."""

import json
from typing import Any

import pytest
from mcp import Client, MCPError

from tests.harness.repo import Repo
from tests.harness.server import ERAS, call
from tests.server.near import attach

pytestmark = pytest.mark.anyio


async def read(client: Client, address: str) -> dict[str, Any]:
    (content,) = (await client.read_resource(address)).contents
    assert content.mime_type == "application/json"
    found = json.loads(content.text)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("era", ERAS)
async def test_a_session_a_checkpoint_and_a_plan_can_be_read(repo: Repo, era: str) -> None:
    async with attach(repo.root, era) as client:
        started = await call(client, "start_session", task="A task")
        repo.write("mine.txt", "x\n")
        await call(client, "run_git", args=["add", "mine.txt"])
        await call(client, "run_git", args=["commit", "-m", "Mine"])
        plan = await call(client, "plan_rollback", target="session", reason="no")
        before = repo.state()
        session = await read(client, f"rollback://session/{started['session_id']}")
        checkpoint = await read(client, f"rollback://checkpoint/{started['checkpoint_id']}")
        shown = await read(client, f"rollback://plan/{plan['plan_id']}")
        assert repo.state() == before
    assert (session["task"], session["branch"], session["outcome"]) == ("A task", started["branch"], None)
    assert checkpoint["id"] == started["checkpoint_id"] and len(checkpoint["commit"]) == 40
    assert (shown["plan_id"], shown["digest"]) == (plan["plan_id"], plan["digest"])


@pytest.mark.parametrize(
    "address",
    [
        "session/2026-01-01-001",
        "session/nonsense",
        "checkpoint/at-main.7",
        "checkpoint/7",
        "checkpoint/%2e%2e%2fx",
        "plan/plan-00000000",
        "plan/x",
        "else/x",
        "session/",
    ],
)
@pytest.mark.parametrize("era", ERAS)
async def test_what_is_not_there_is_an_error_and_the_server_goes_on(repo: Repo, era: str, address: str) -> None:
    async with attach(repo.root, era) as client:
        with pytest.raises(MCPError) as caught:
            await client.read_resource(f"rollback://{address}")
        assert str(caught.value).strip()
        assert (await call(client, "list_checkpoints"))["checkpoints"] == []


async def test_a_missing_resource_says_how_to_find_the_right_one(repo: Repo) -> None:
    async with attach(repo.root) as client:
        for address, hint in (
            ("session/2026-01-01-001", "safe-rollback log"),
            ("checkpoint/at-main.7", "list_checkpoints"),
            ("plan/plan-00000000", "plan_rollback"),
            ("checkpoint/x", "list_checkpoints"),
        ):
            with pytest.raises(MCPError, match=hint):
                await client.read_resource(f"rollback://{address}")
