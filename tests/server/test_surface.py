"""What a client sees before it calls anything: frozen, so that no change of it goes unnoticed.

A wanted change: `SAFE_ROLLBACK_RENEW=1 python -m pytest tests/server/test_surface.py`, then read the diff.
"""

import json
import os
from typing import Any

import jsonschema
import pytest
from mcp import Client

from safe_rollback.server import texts
from safe_rollback.tools import TOOLS
from tests.harness.repo import Repo
from tests.harness.server import ERAS
from tests.server.near import attach

pytestmark = pytest.mark.anyio

SNAPSHOT = os.path.join(os.path.dirname(__file__), "tools.json")
RENEW = "SAFE_ROLLBACK_RENEW"
READERS = {
    "blast_radius",
    "rollback_inventory",
    "list_checkpoints",
    "scope_check",
    "plan_rollback",
    "session_report",
    "check_command",
}


async def listed(client: Client) -> dict[str, dict[str, Any]]:
    found = await client.list_tools()
    return {one.name: one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in found.tools}


@pytest.mark.parametrize("era", ERAS)
async def test_names_arguments_and_descriptions_are_the_committed_ones(repo: Repo, era: str) -> None:
    async with attach(repo.root, era) as client:
        tools = await listed(client)
    now = [{key: one[key] for key in ("name", "title", "description", "inputSchema")} for one in tools.values()]
    if os.environ.get(RENEW):
        with open(SNAPSHOT, "w", encoding="utf-8") as file:
            file.write(json.dumps(now, indent=1, ensure_ascii=False) + "\n")
    with open(SNAPSHOT, encoding="utf-8") as file:
        frozen = json.load(file)
    hint = f"the tools changed; if that is wanted, run this file with {RENEW}=1 and commit {SNAPSHOT}"
    assert now == frozen, hint


async def test_tools_come_in_the_declared_order_and_are_at_most_twenty(repo: Repo) -> None:
    async with attach(repo.root) as client:
        assert list(await listed(client)) == [spec.name for spec in TOOLS]
    assert len(TOOLS) <= 20


@pytest.mark.parametrize("era", ERAS)
async def test_the_whole_list_stays_small(repo: Repo, era: str) -> None:
    async with attach(repo.root, era) as client:
        found = await client.list_tools()
    assert len(found.model_dump_json(by_alias=True, exclude_none=True).encode()) < 24_000


async def test_instructions_fit_the_client_that_cuts_first(repo: Repo) -> None:
    async with attach(repo.root) as client:
        assert client.instructions == texts.INSTRUCTIONS
        tools = await listed(client)
    assert len(texts.INSTRUCTIONS) < 2048
    assert all(len(one["description"]) < 2048 for one in tools.values())
    for name in ("start_session", "run_git", "checkpoint", "check_command", "scope_check", "safe_revert", "undo"):
        assert name in texts.INSTRUCTIONS and name in tools


async def test_each_tool_says_whether_it_reads_or_discards(repo: Repo) -> None:
    async with attach(repo.root) as client:
        tools = await listed(client)
    hints = {name: one["annotations"] for name, one in tools.items()}
    assert {name for name, hint in hints.items() if hint["readOnlyHint"]} == READERS
    assert {name for name, hint in hints.items() if hint["destructiveHint"]} == {"restore_checkpoint", "undo"}
    assert {name for name, hint in hints.items() if hint["openWorldHint"]} == {"run_git"}
    assert all(not hint["destructiveHint"] for hint in hints.values() if hint["readOnlyHint"])


async def test_clients_are_told_what_to_load_and_what_to_show_a_person(repo: Repo) -> None:
    async with attach(repo.root) as client:
        tools = await listed(client)
    meta = {name: one.get("_meta", {}) for name, one in tools.items()}
    loaded = {name for name, one in meta.items() if one.get("anthropic/alwaysLoad")}
    shown = {name for name, one in meta.items() if one.get("anthropic/requiresUserInteraction")}
    assert loaded == {"start_session", "run_git", "plan_rollback"}
    assert shown == {"restore_checkpoint"}


async def test_schemas_are_valid_and_closed(repo: Repo) -> None:
    async with attach(repo.root) as client:
        tools = await listed(client)
    for one in tools.values():
        jsonschema.Draft202012Validator.check_schema(one["inputSchema"])
        jsonschema.Draft202012Validator.check_schema(one["outputSchema"])
        assert one["inputSchema"]["additionalProperties"] is False
        assert {"journal_head", "notices"} <= set(one["outputSchema"]["properties"])


async def test_resources_and_prompts_are_listed(repo: Repo) -> None:
    async with attach(repo.root) as client:
        templates = await client.list_resource_templates()
        prompts = await client.list_prompts()
    assert {one.uri_template for one in templates.resource_templates} == {
        "rollback://session/{session}",
        "rollback://checkpoint/{checkpoint}",
        "rollback://plan/{plan}",
    }
    assert {one.name: [argument.name for argument in one.arguments or []] for one in prompts.prompts} == {
        "start_guarded_work": ["task"],
        "undo_last": [],
        "roll_back_session": ["reason"],
    }


async def test_prompts_carry_what_was_asked(repo: Repo) -> None:
    async with attach(repo.root) as client:
        start = await client.get_prompt("start_guarded_work", {"task": "Fix {braces} and all"})
        back = await client.get_prompt("roll_back_session", {"reason": "It broke the build"})
        undo = await client.get_prompt("undo_last")
    assert "Fix {braces} and all" in start.messages[0].content.text
    assert "It broke the build" in back.messages[0].content.text
    assert "undo" in undo.messages[0].content.text
