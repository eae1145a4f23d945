"""`init` shows every line first, adds only what is missing, and overwrites nothing."""

import json
import os
import subprocess
import sys

import pytest

from safe_rollback.core.errors import InvalidInputError, StateMovedError
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.protocol.reading import read_protocol
from safe_rollback.server.cli.changes import write_changes
from safe_rollback.server.cli.init import SERVER, plan
from tests.harness.repo import Repo


def init(repo: Repo, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `safe-rollback init` without a terminal."""
    argv = [sys.executable, "-m", "safe_rollback", "init", *arguments]
    return subprocess.run(argv, cwd=repo.root, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_without_a_yes_every_line_is_shown_and_nothing_is_written(repo: Repo) -> None:
    before = repo.state()
    done = init(repo)
    assert done.returncode == 0, done.stderr
    assert '+    "rollback": {' in done.stdout
    assert "+```toml safe-rollback" in done.stdout
    assert repo.state() == before


def test_yes_writes_what_was_shown_and_the_protocol_holds(repo: Repo) -> None:
    shown = [row["diff"] for row in json.loads(init(repo, "--json").stdout)["files"]]
    done = json.loads(init(repo, "--yes", "--json").stdout)
    assert done["written"]
    assert [row["diff"] for row in done["files"]] == shown
    assert json.loads(repo.read(".mcp.json"))["mcpServers"]["rollback"] == SERVER
    reading = read_protocol(repo.root)
    assert not reading.problems
    assert "main" in reading.protocol.branches


def test_second_run_changes_nothing(repo: Repo) -> None:
    init(repo, "--yes")
    before = repo.state()
    assert "Nothing to do" in init(repo, "--yes").stdout
    assert repo.state() == before


def test_other_servers_and_text_stay(repo: Repo) -> None:
    repo.write(".mcp.json", '{\n    "mcpServers": {\n        "other": {"command": "x"}\n    },\n    "more": 1\n}\n')
    repo.write("CLAUDE.md", b"# Mine\r\n\r\nCaf\xe9 rules.")
    init(repo, "--yes")
    data = json.loads(repo.read(".mcp.json"))
    assert (data["more"], data["mcpServers"]["other"]) == (1, {"command": "x"})
    text = repo.read("CLAUDE.md")
    assert text.startswith(b"# Mine\r\n\r\nCaf\xe9 rules.\r\n\r\n## Safe rollback\r\n")
    assert b"\n" not in text.replace(b"\r\n", b"")


@pytest.mark.parametrize("name", ["CLAUDE.md", "AGENTS.md", ".claude/CLAUDE.md"])
def test_block_that_stands_is_never_touched(repo: Repo, name: str) -> None:
    mine = "# Mine\n\n```toml safe-rollback\n[session]\nmax_files = 2\n```\n"
    repo.write(name, mine)
    done = init(repo, "--yes")
    assert f"{name} has a protocol block already" in done.stdout
    assert repo.read(name) == mine.encode()
    assert [one for one in ("CLAUDE.md", "AGENTS.md") if repo.exists(one)] == [
        one for one in (name,) if "/" not in one
    ]


def test_registration_that_stands_is_never_touched(repo: Repo) -> None:
    mine = b'{"mcpServers": {"rollback": {"command": "mine"}}}'
    repo.write(".mcp.json", mine)
    assert "it stays" in init(repo, "--yes").stdout
    assert repo.read(".mcp.json") == mine


@pytest.mark.parametrize("text", ["{not json", "[]", '{"mcpServers": []}', '{"mcpServers": null}'])
def test_registration_that_does_not_read_is_an_error_and_stays(repo: Repo, text: str) -> None:
    repo.write(".mcp.json", text)
    before = repo.state()
    done = init(repo, "--yes")
    assert done.returncode == 2
    assert ".mcp.json" in done.stderr
    assert "Traceback" not in done.stderr
    assert repo.state() == before


def test_link_is_not_written_through(repo: Repo, tmp_path: object) -> None:
    outside = os.path.join(str(tmp_path), "outside.md")
    with open(outside, "w", encoding="utf-8") as file:
        file.write("mine\n")
    os.symlink(outside, repo.path("CLAUDE.md"))
    assert init(repo, "--yes").returncode == 2
    with open(outside, encoding="utf-8") as file:
        assert file.read() == "mine\n"
    assert not repo.exists(".mcp.json")


def test_file_that_changed_meanwhile_is_left_alone(repo: Repo, workspace: Workspace) -> None:
    repo.write("CLAUDE.md", "one\n")
    changes, _ = plan(workspace)
    repo.write("CLAUDE.md", "two\n")
    (change,) = [one for one in changes if one.path == "CLAUDE.md"]
    with pytest.raises(StateMovedError):
        write_changes(workspace.root, [change])
    assert repo.read("CLAUDE.md") == b"two\n"


def test_unclosed_block_is_an_error(repo: Repo, workspace: Workspace) -> None:
    repo.write("CLAUDE.md", "```toml safe-rollback\n[session]\n")
    with pytest.raises(InvalidInputError, match="not closed"):
        plan(workspace)
