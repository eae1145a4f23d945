"""Questions to a human: put before anything happens, and no answer but a yes lets it happen."""

from typing import Any

import pytest
from mcp_types import ElicitResult

from safe_rollback.core.workspace import open_workspace
from safe_rollback.policies.human import mint
from tests.harness.repo import Repo
from tests.harness.server import ERAS, call, connect, refused
from tests.server.near import attach

pytestmark = pytest.mark.anyio

PROTOCOL = """\
```toml safe-rollback
[protect]
sensitive = ["**/auth/**"]
[[rule]]
id = "ask-before-tags"
effect = "ref.update"
decision = "ask"
why = "Tags are releases."
instead = "Ask a person."
```
"""
TAG = ["tag", "v1"]


class Human:
    """Answers questions in one way, and remembers them."""

    def __init__(self, action: str, content: dict[str, Any] | None = None) -> None:
        self.action, self.content = action, content
        self.asked: list[str] = []

    async def __call__(self, _: Any, question: Any) -> ElicitResult:
        self.asked.append(question.message)
        return ElicitResult(action=self.action, content=self.content)  # type: ignore[arg-type]


NO = [("accept", {"agree": False}), ("decline", None), ("cancel", None)]


@pytest.fixture(autouse=True)
def _protocol(repo: Repo) -> None:
    repo.commit("Protocol", {"CLAUDE.md": PROTOCOL})
    repo.git("switch", "-q", "-c", "feature/x")


@pytest.mark.parametrize("era", ERAS)
async def test_a_yes_lets_it_run_once(repo: Repo, era: str) -> None:
    human = Human("accept", {"agree": True})
    async with connect(repo.root, era, answer=human) as client:
        done = await call(client, "run_git", args=TAG)
        assert done["exit_code"] == 0
    assert "refs/tags/v1" in repo.refs()
    (question,) = human.asked
    assert "git tag v1" in question and "ask-before-tags" in question


@pytest.mark.parametrize(("action", "content"), NO)
@pytest.mark.parametrize("era", ERAS)
async def test_any_other_answer_changes_nothing(
    repo: Repo, era: str, action: str, content: dict[str, Any] | None
) -> None:
    human = Human(action, content)
    before = repo.state()
    async with attach(repo.root, era, answer=human) as client:
        data = await refused(client, "run_git", args=TAG)
    assert (data["rule"], data["instead"]) == ("ask-before-tags", "Ask a person.")
    assert len(human.asked) == 1
    assert repo.state() == before


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_that_cannot_ask_gets_a_refusal_and_a_grant_helps(repo: Repo, era: str) -> None:
    before = repo.state()
    async with attach(repo.root, era) as client:
        data = await refused(client, "run_git", args=TAG)
        assert data["rule"] == "ask-before-tags"
        assert repo.state() == before
        workspace = open_workspace(repo.root)
        mint(workspace, "command", "git tag v1")
        workspace.close()
        await call(client, "run_git", args=TAG)
    assert "refs/tags/v1" in repo.refs()


@pytest.mark.parametrize("args", [["reset", "--hard"], ["status"], ["-C", "..", "tag", "v1"], []], ids=repr)
async def test_nobody_is_asked_about_what_is_refused_or_allowed_anyway(repo: Repo, args: list[str]) -> None:
    human = Human("accept", {"agree": True})
    before = repo.state()
    async with attach(repo.root, answer=human) as client:
        await client.call_tool("run_git", {"args": args})
    assert human.asked == []
    assert repo.state() == before


@pytest.mark.parametrize(("action", "content"), [("accept", {"agree": True}), *NO])
@pytest.mark.parametrize("era", ERAS)
async def test_a_session_with_sensitive_paths_ends_only_with_a_yes(
    repo: Repo, era: str, action: str, content: dict[str, Any] | None
) -> None:
    human = Human(action, content)
    async with attach(repo.root, era, answer=human) as client:
        await call(client, "start_session", task="A task")
        repo.write("src/auth/token.py", "x\n")
        if content == {"agree": True}:
            assert (await call(client, "end_session", summary="done"))["sensitive"] == ["src/auth/token.py"]
        else:
            assert (await refused(client, "end_session", summary="done"))["rule"] == "sensitive-paths"
            assert (await call(client, "session_report"))["outcome"] == "running"
    assert ["src/auth/token.py" in question for question in human.asked] == [True]


@pytest.mark.parametrize(("action", "content"), [("accept", {"agree": True}), ("decline", None)])
async def test_a_rollback_of_sensitive_paths_needs_a_yes_to_exactly_that_plan(
    repo: Repo, action: str, content: dict[str, Any] | None
) -> None:
    human = Human(action, content)
    repo.commit("Token", {"src/auth/token.py": "x\n"})
    async with attach(repo.root, answer=human) as client:
        plan = await call(client, "plan_rollback", target="HEAD", reason="no")
        assert plan["authority"]["required"] and human.asked == []
        before = repo.state()
        arguments = {"plan_id": plan["plan_id"], "digest": plan["digest"]}
        if content:
            await call(client, "safe_revert", **arguments)
            assert not repo.exists("src/auth/token.py")
        else:
            assert (await refused(client, "safe_revert", **arguments))["rule"] == "sensitive-paths"
            assert repo.state() == before
    (question,) = human.asked
    assert plan["plan_id"] in question and plan["digest"] in question and "src/auth/token.py" in question


async def test_a_malformed_plan_is_an_error_not_a_question(repo: Repo) -> None:
    human = Human("accept", {"agree": True})
    async with attach(repo.root, answer=human) as client:
        data = await refused(client, "safe_revert", plan_id="plan-x", digest="0")
    assert data["error"] == "invalid_input" and human.asked == []
