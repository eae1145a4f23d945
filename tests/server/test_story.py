"""One task from start to end through the real server, in every era of the protocol."""

from typing import Any

import pytest
from mcp import Client

from tests.harness.repo import Repo
from tests.harness.server import ERAS, call, connect, refused, text

pytestmark = pytest.mark.anyio


async def heads(client: Client, tool: str, **arguments: Any) -> str:
    """The journal head of an answer, which its text has to carry as well."""
    result = await client.call_tool(tool, arguments)
    assert result.structured_content is not None
    head = str(result.structured_content["journal_head"])
    assert len(head) == 64 and head in text(result)
    return head


@pytest.mark.parametrize("era", ERAS)
async def test_a_task_is_done_undone_and_closed(repo: Repo, era: str) -> None:
    repo.write("src/util.py", "def two():\n    return 2  # the human is in the middle of this\n")
    repo.write("notes.txt", "the human's\n")
    humans = {name: repo.read(name) for name in ("src/util.py", "notes.txt")}
    async with connect(repo.root, era) as client:
        started = await call(client, "start_session", task="Rename the script", paths=["bin/**"])
        assert repo.branch() == started["branch"]
        assert any("uncommitted" in one for one in started["warnings"])
        base = repo.head()

        repo.write("bin/run.sh", "#!/bin/sh\necho renamed\n")
        await call(client, "run_git", args=["add", "bin/run.sh"])
        committed = await call(client, "run_git", args=["commit", "-m", "Rename"])
        assert committed["commits"] == [repo.head()]

        before = repo.state()
        refusal = await refused(client, "run_git", args=["reset", "--hard", base])
        assert repo.state() == before
        assert set(refusal) == {"refused", "rule", "why", "evidence", "instead", "journal_head"}
        assert refusal["refused"] is True and refusal["rule"] == "destructive-command"
        assert "restore_checkpoint" in refusal["instead"]

        plan = await call(client, "plan_rollback", target="session", reason="the old name was right")
        assert repo.state() == before, "a plan changes nothing"
        assert [one["commit"] for one in plan["reverts"]] == committed["commits"]
        reverted = await call(client, "safe_revert", plan_id=plan["plan_id"], digest=plan["digest"])
        assert repo.read("bin/run.sh") == b"#!/bin/sh\necho run\n"
        assert reverted["verification"]["as_planned"]
        assert repo.git("diff", base, "HEAD") == ""

        planned = await call(client, "undo", operation_id=reverted["operation_id"])
        assert not planned["applied"]
        undone = await call(client, "undo", operation_id=reverted["operation_id"], digest=planned["plan"]["digest"])
        assert undone["applied"] and undone["verified"]
        assert repo.state() == before

        ended = await call(client, "end_session", summary="Renamed.")
        assert ended["retained_branch"] == started["branch"]
        report = await call(client, "session_report", session_id=started["session_id"])
        assert report["outcome"] == "closed"
    assert {name: repo.read(name) for name in humans} == humans


@pytest.mark.parametrize("era", ERAS)
async def test_a_session_goes_on_in_the_next_process(repo: Repo, era: str) -> None:
    async with connect(repo.root, era) as client:
        started = await call(client, "start_session", task="A task")
    async with connect(repo.root, era) as client:
        refusal = await refused(client, "start_session", task="Another")
        assert started["session_id"] in refusal["why"]
        await call(client, "end_session", summary="done")


async def test_every_record_moves_the_journal_head(repo: Repo) -> None:
    async with connect(repo.root) as client:
        seen = [await heads(client, "check_command", command="git status")]
        seen.append(await heads(client, "checkpoint"))
        seen.append(await heads(client, "run_git", args=["reset", "--hard"]))
        assert len(set(seen)) == 3
        assert await heads(client, "list_checkpoints") == seen[-1], "reading does not"
