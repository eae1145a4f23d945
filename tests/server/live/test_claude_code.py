"""The real Claude Code, its model played by a script, in a home of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from safe_rollback.core.ledger.events import ActionRecorded
from safe_rollback.core.workspace import open_workspace
from tests.harness.model import ScriptedModel, Step
from tests.harness.repo import Repo
from tests.harness.terminal import on_terminal

_PLACES = (os.path.join(os.path.dirname(sys.executable), os.pardir, "client", "node_modules", ".bin"),)
CLIENT = os.environ.get("SAFE_ROLLBACK_CLAUDE") or shutil.which("claude", path=os.pathsep.join(_PLACES))

pytestmark = pytest.mark.skipif(
    CLIENT is None, reason="Claude Code is not installed: run `make client`, or set SAFE_ROLLBACK_CLAUDE"
)


def bash(command: str) -> tuple[str, dict[str, Any]]:
    return "Bash", {"command": command, "description": "a step"}


def rollback(tool: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
    return f"mcp__rollback__{tool}", arguments


def always(call: tuple[str, dict[str, Any]]) -> Step:
    return lambda _: call


def _environment(home: str, url: str = "") -> dict[str, str]:
    programs = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    return {
        "PATH": programs,
        "HOME": home,
        "GIT_CONFIG_NOSYSTEM": "1",
        "CLAUDE_CONFIG_DIR": os.path.join(home, "claude"),
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "not-a-key",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }


def _init(repo: Repo) -> None:
    program = os.path.join(os.path.dirname(sys.executable), "safe-rollback")
    argv = [program, "init", "--client", "claude-code", "--yes"]
    done = subprocess.run(argv, cwd=repo.root, env=_environment(os.environ["HOME"]), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def play(repo: Repo, steps: Sequence[Step], *, options: Sequence[str] = ()) -> ScriptedModel:
    """Run the client on a script, with the project's settings as `init` wrote them."""
    assert CLIENT is not None
    with ScriptedModel(steps) as model:
        argv = [
            CLIENT, "-p", "Do the task.", "--output-format", "json", "--max-turns", "60",
            "--allowedTools", "Bash,Write,Edit,Read,mcp__rollback",
            "--mcp-config", os.path.join(repo.root, ".mcp.json"), *options,
        ]  # fmt: skip
        environment = _environment(os.environ["HOME"], model.url)
        done = subprocess.run(
            argv,
            cwd=repo.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert model.broken is None, f"{model.broken!r}: {model.results}"
    return model


REST = "".join(f"line_{number} = {number}\n" for number in range(8))


def _project(repo: Repo) -> None:
    files = {f"src/{name}.py": "a = 1\n" + REST + "z = 1\n" for name in "abc"}
    repo.commit("A project", {**files, "src/old/x.py": "x = 1\n"})
    _init(repo)
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Guard the repository")


def test_a_whole_session_through_the_real_client(repo: Repo) -> None:
    _project(repo)
    repo.write("notes.txt", "the human's notes\n")
    repo.write("src/b.py", "a = 1\n" + REST + "the_humans = True\n")

    def human_edits(_: str) -> tuple[str, dict[str, Any]]:
        # Between two calls of the agent.
        repo.write("src/a.py", repo.read("src/a.py").replace(b"z = 1", b"the_humans_too = True"))
        return rollback("plan_rollback", target="session", reason="it was wrong", only="agent")

    def revert(result: str) -> tuple[str, dict[str, Any]]:
        plan = json.loads(result)
        return rollback("safe_revert", plan_id=plan["plan_id"], digest=plan["digest"])

    model = play(
        repo,
        [
            always(rollback("start_session", task="Tidy up", create_branch=True)),
            always(bash("git reset --hard")),
            always(bash("python3 - <<'EOF'\nimport subprocess\nsubprocess.run(['git', 'clean', '-fdx'])\nEOF")),
            always(bash("sed -i 's/a = /value = /' src/a.py src/b.py src/c.py")),
            always(bash("rm -r src/old")),
            always(bash("rm -rf src")),
            human_edits,
            revert,
        ],
    )
    texts = [text for text, _ in model.results]
    assert len(texts) == 8, texts
    assert "reset --hard" in texts[1] and "Instead:" in texts[1]
    assert "Instead:" in texts[2]
    assert "Instead:" in texts[5] and "src/b.py" in texts[5]
    errors = [error for _, error in model.results]
    assert errors == [False, True, True, False, False, True, False, False], "\n".join(texts)
    # Exactly the human's edits are left.
    assert repo.read("src/a.py").decode() == "a = 1\n" + REST + "the_humans_too = True\n"
    assert repo.read("src/b.py").decode() == "a = 1\n" + REST + "the_humans = True\n"
    assert repo.read("src/c.py").decode() == "a = 1\n" + REST + "z = 1\n"
    assert repo.read("src/old/x.py").decode() == "x = 1\n"
    assert repo.read("notes.txt").decode() == "the human's notes\n"
    with_actions = open_workspace(repo.root)
    tools = [one.event.tool for one in with_actions.ledger.records(ActionRecorded)]  # type: ignore[union-attr]
    with_actions.close()
    assert tools.count("Bash") == 2


def _program(folder: str, script: str) -> None:
    path = os.path.join(folder, "safe-rollback-hook")
    with open(path, "w") as file:
        file.write(f"#!/bin/sh\n{script}\n")
    os.chmod(path, 0o755)


def test_a_plan_that_needs_a_human_waits_for_approve(repo: Repo) -> None:
    _project(repo)
    repo.git("switch", "-q", "-c", "work")
    rules = '```toml safe-rollback\n[authority]\ncomponent = "human"\n```\n'
    repo.commit("Rules", {"CLAUDE.md": rules})
    wrong = repo.commit("Wrong", {"src/a.py": "wrong\n"})
    plans: list[dict[str, Any]] = []

    def revert(result: str) -> tuple[str, dict[str, Any]]:
        plans.append(json.loads(result))
        return rollback("safe_revert", plan_id=plans[0]["plan_id"], digest=plans[0]["digest"])

    def approved(refusal: str) -> tuple[str, dict[str, Any]]:
        # What a person would do now, on a terminal; the agent's own attempt is refused by the guard.
        assert f"safe-rollback approve {plans[0]['plan_id']}" in refusal
        arguments = ("approve", plans[0]["plan_id"], "--reason", "seen")
        ended = on_terminal(repo.root, *arguments)
        assert ended.code == 0, ended.shown
        return rollback("safe_revert", plan_id=plans[0]["plan_id"], digest=plans[0]["digest"])

    def by_itself(_: str) -> tuple[str, dict[str, Any]]:
        return bash(f"safe-rollback approve {plans[0]['plan_id']}")

    seen: list[str] = []

    def remember(result: str) -> tuple[str, dict[str, Any]]:
        seen.append(result)
        return by_itself(result)

    model = play(
        repo,
        [
            always(rollback("plan_rollback", target=wrong, reason="it was wrong")),
            revert,
            remember,
            lambda _: approved(seen[0]),
        ],
    )
    assert [error for _, error in model.results] == [False, True, True, False], model.results
    assert "authority" in model.results[1][0] and "human's decision" in model.results[2][0]
    assert repo.read("src/a.py").decode().startswith("a = 1")


@pytest.mark.parametrize(
    "script",
    [
        "kill -9 $$",
        "exit 1",
        "exec no-such-program-at-all",
        "echo 'not json'; exit 3",
        "cat >/dev/null; kill -TERM $$",
    ],
    ids=["killed", "failing", "missing", "babbling", "terminated"],
)
def test_a_hook_that_dies_lets_no_command_run(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    _project(repo)
    folder = str(tmp_path_factory.mktemp("bin"))
    _program(folder, script)
    monkeypatch.setattr(sys, "executable", os.path.join(folder, "python"))
    model = play(repo, [always(bash("touch it-ran"))])
    assert not os.path.exists(os.path.join(repo.root, "it-ran")), model.results
    assert model.results[0][1] and "safe-rollback" in model.results[0][0]
