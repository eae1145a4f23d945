"""Every answer: valid against its schema, the same in text, and an error that says what to do."""

import json
import os
from typing import Any

import jsonschema
import pytest
from mcp import Client

from safe_rollback.core.workspace import open_workspace
from safe_rollback.policies.human import trust
from safe_rollback.tools import TOOLS
from tests.harness.repo import Repo
from tests.harness.server import ERAS, call, refused, text
from tests.server.near import attach

pytestmark = pytest.mark.anyio
_CHECK = "test ! -e mine.txt"


async def answers(client: Client, repo: Repo) -> dict[str, list[dict[str, Any]]]:
    """At least one real answer of every tool."""
    found: dict[str, list[dict[str, Any]]] = {}

    async def ask(tool: str, **arguments: Any) -> dict[str, Any]:
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, text(result)
        assert result.structured_content == json.loads(text(result))
        assert len(result.structured_content["journal_head"]) == 64
        found.setdefault(tool, []).append(result.structured_content)
        return result.structured_content

    await ask("start_session", task="A task", paths=["src/**", "*.txt", "docs/**"])
    await ask("checkpoint", name="a name", note="why", pin=True)
    repo.write("mine.txt", "mine\n")
    repo.write("big.bin", b"x" * 20_000)
    taken = await ask("checkpoint")
    assert taken["skipped"]
    await ask("list_checkpoints", limit=1)
    repo.write("requirements.txt", "redis==5.0.0\n")
    await ask("run_git", args=["add", "mine.txt", "requirements.txt"])
    await ask("run_git", args=["commit", "-m", "Mine"])
    await ask("scope_check", paths=["README.md"], include_dependents=True)
    await ask("blast_radius", target="HEAD")
    listed = await ask("rollback_inventory", target="HEAD")
    (item,) = [row for domain in listed["domains"] for row in domain["items"] if row["name"] == "redis"]
    os.rename(repo.path("requirements.txt"), repo.path("away.txt"))
    await ask("close_item", item_id=item["id"], outcome="done", evidence="looked at it")
    os.rename(repo.path("away.txt"), repo.path("requirements.txt"))
    await ask("check_command", command="git push --force && make")
    await ask("verify", target="HEAD")
    await ask("find_breaking_commit", good="HEAD~1", check="tests")
    await ask("rehearse_rollback", target="session")
    incident = await ask("incident", action="open", text="It fails")
    await ask("write_postmortem", incident_id=incident["incident_id"], root_cause="a commit")
    repo.write("mine.txt", "someone else\n")
    conflicting = await ask("plan_rollback", target="session", reason="no")
    assert conflicting["prediction"]["conflicts"]
    restore = await ask("restore_checkpoint", checkpoint_id=taken["checkpoint_id"], paths=["mine.txt"])
    done = await ask(
        "restore_checkpoint",
        checkpoint_id=taken["checkpoint_id"],
        paths=["mine.txt"],
        digest=restore["plan"]["digest"],
    )
    plan = await ask("plan_rollback", target="session", reason="no", commits="per_commit")
    await ask("safe_revert", plan_id=plan["plan_id"], digest=plan["digest"])
    undo = await ask("undo")
    await ask("undo", digest=undo["plan"]["digest"])
    await ask("undo", operation_id=done["operation_id"])
    await ask("session_report", format="markdown")
    await ask("run_git", args=["clean", "-n"])
    os.unlink(repo.path("big.bin"))
    await ask("end_session", summary="done")
    return found


@pytest.mark.parametrize("era", ERAS)
async def test_every_answer_of_every_tool_fits_its_schema(repo: Repo, era: str) -> None:
    block = f'[capture]\nmax_file = "10 KiB"\n[[check]]\nname = "tests"\nrun = "{_CHECK}"\n'
    repo.commit("Protocol", {"CLAUDE.md": f"```toml safe-rollback\n{block}```\nBe kind.\n"})
    trusting = open_workspace(repo.root)
    trust(trusting, [_CHECK])
    trusting.close()
    async with attach(repo.root, era) as client:
        schemas = {one.name: one.output_schema for one in (await client.list_tools()).tools}
        found = await answers(client, repo)
    assert set(found) == {spec.name for spec in TOOLS}
    for name, rows in found.items():
        for row in rows:
            jsonschema.validate(row, schemas[name])
            assert set(row) == set(schemas[name]["properties"]), f"{name}: declared and answered"


@pytest.mark.parametrize("era", ERAS)
async def test_a_refusal_has_one_shape_and_its_text_says_it_all(repo: Repo, era: str) -> None:
    async with attach(repo.root, era) as client:
        result = await client.call_tool("run_git", {"args": ["reset", "--hard"]})
    assert result.is_error
    data = result.structured_content
    assert data is not None
    assert set(data) == {"refused", "rule", "why", "evidence", "instead", "journal_head"}
    assert data["refused"] is True and isinstance(data["evidence"], list)
    said = text(result)
    assert said.startswith("refused: true\n")
    for fact in (data["rule"], data["why"], data["instead"], data["journal_head"], *data["evidence"]):
        assert fact in said


async def test_an_error_says_what_to_do_next_in_structure_and_text(repo: Repo) -> None:
    async with attach(repo.root) as client:
        result = await client.call_tool("restore_checkpoint", {"checkpoint_id": "the last one"})
    data = result.structured_content
    assert result.is_error and data is not None
    assert (data["refused"], data["error"]) == (False, "invalid_input")
    assert data["hint"] in text(result) and data["message"] in text(result) and data["journal_head"] in text(result)


@pytest.mark.parametrize(
    ("tool", "arguments", "named"),
    [
        ("restore_checkpoint", {"checkpoint_id": "at-main.1", "path": "README.md"}, "path"),
        ("checkpoint", {"nmae": "x"}, "nmae"),
        ("checkpoint", {"pin": "perhaps"}, "pin"),
        ("run_git", {"args": "status"}, "args"),
        ("run_git", {"args": ["status", 1]}, "args"),
        ("run_git", {}, "args"),
        ("list_checkpoints", {"limit": "many"}, "limit"),
        ("start_session", {"task": None}, "task"),
        ("session_report", {"format": "html"}, "format"),
        ("undo", {"desk": 1}, "desk"),
        ("undo", {"ctx": 1}, "ctx"),
        ("run_git", {"args": ["status"], "human": {"action": "accept"}}, "human"),
    ],
)
@pytest.mark.parametrize("era", ERAS)
async def test_arguments_that_do_not_fit_are_answered_with_the_known_ones(
    repo: Repo, era: str, tool: str, arguments: dict[str, Any], named: str
) -> None:
    before = repo.state()
    async with attach(repo.root, era) as client:
        known = next(one for one in (await client.list_tools()).tools if one.name == tool).input_schema["properties"]
        data = await refused(client, tool, **arguments)
    assert data["error"] == "invalid_input"
    assert f"{named}" in data["message"]
    assert data["hint"] == f"It takes {', '.join(known)}."
    assert repo.state() == before


async def test_an_unknown_tool_is_an_error(repo: Repo) -> None:
    async with attach(repo.root) as client:
        with pytest.raises(Exception, match="no_such_tool"):
            result = await client.call_tool("no_such_tool", {})
            assert result.is_error
            raise LookupError(text(result))


async def test_names_that_are_not_utf8_break_no_answer(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", os.fsdecode(b"feature/caf\xe9"))
    repo.commit("Odd name", {os.fsdecode(b"caf\xe9.txt"): "x\n"})
    async with attach(repo.root) as client:
        started = await call(client, "start_session", task="A task")
        assert started["branch"].startswith("feature/caf")
        repo.write(b"caf\xe9.txt", "y\n")
        assert (await call(client, "scope_check"))["files"][0]["path"] == "caf\\xe9.txt"
        await call(client, "run_git", args=["status"])
        await call(client, "session_report", format="markdown")
        await call(client, "end_session", summary="done")


async def test_hostile_text_of_the_repository_arrives_disarmed(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "feature/x")
    repo.commit("Subject\x1b[2J \u202eevil", {"a\x1b[31m.txt": "x\n"})
    async with attach(repo.root) as client:
        plan = await client.call_tool("plan_rollback", {"target": "HEAD", "reason": "no"})
    assert not plan.is_error
    assert not {"\x1b", "\u202e"} & set(json.dumps(plan.structured_content, ensure_ascii=False) + text(plan))
    assert "\\u001b" not in text(plan).replace("\\\\u001b", "")
