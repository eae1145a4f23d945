"""`init --client` shows and writes what registers a client; `--remove` takes exactly that out."""

import json
import os
import sys
from typing import Any

import pytest

from safe_rollback.server.clients import CLIENTS
from tests.harness.repo import Repo
from tests.server.cli.here import Cli
from tests.server.clients.documents import JSON

NAMES = [client.name for client in CLIENTS]
ALL = [part for name in NAMES for part in ("--client", name)]


def files(repo: Repo) -> dict[str, bytes]:
    """Every file of the worktree and its bytes, and every empty directory."""
    found = {}
    for folder, names, others in os.walk(repo.root):
        if ".git" in names:
            names.remove(".git")
        for name in others:
            path = os.path.relpath(os.path.join(folder, name), repo.root)
            found[path] = repo.read(path)
        if not names and not others:
            found[os.path.relpath(folder, repo.root) + "/"] = b""
    return found


@pytest.mark.parametrize("name", NAMES)
def test_client_is_registered_and_taken_out_without_a_trace(cli: Cli, repo: Repo, name: str) -> None:
    before = files(repo)
    shown = json.loads(cli("init", "--client", name, "--json").out)
    assert not shown["written"]
    assert files(repo) == before
    done = json.loads(cli("init", "--client", name, "--yes", "--json").out)
    assert done["written"]
    assert [row["diff"] for row in done["files"]] == [row["diff"] for row in shown["files"]]
    assert set(files(repo)) - set(before) == {row["path"] for row in done["files"]}
    registered = files(repo)
    assert "Nothing to do" in cli("init", "--client", name, "--yes").out
    assert files(repo) == registered
    cli("init", "--client", name, "--remove", "--yes")
    assert files(repo) == before


def test_files_with_other_entries_come_back_to_the_byte(cli: Cli, repo: Repo) -> None:
    for place, text in enumerate(text for text in JSON.values() if text is not None):
        for name in (one for client in CLIENTS for file in client.files for one in getattr(file, "paths", ())[:1]):
            repo.write(name, text)
        repo.write(".codex/config.toml", b'model = "x"' + b"\n" * (place % 3))
        before = files(repo)
        assert cli("init", *ALL, "--yes").code == 0
        assert files(repo) != before
        assert cli("init", *ALL, "--remove", "--yes").code == 0
        assert files(repo) == before


def test_the_other_spelling_of_a_file_is_used_if_it_stands(cli: Cli, repo: Repo) -> None:
    repo.write("opencode.jsonc", '{ /* mine */ "model": "x" }\n')
    cli("init", "--client", "opencode", "--yes")
    assert not repo.exists("opencode.json")
    assert b"rollback" in repo.read("opencode.jsonc")


def test_file_that_does_not_read_is_an_error_and_nothing_is_written(cli: Cli, repo: Repo) -> None:
    repo.write(".mcp.json", "{not json")
    before = files(repo)
    ran = cli("init", "--client", "claude-code", "--yes")
    assert ran.code == 2
    assert ".mcp.json is not what Claude Code reads: line 1" in ran.err
    assert files(repo) == before


@pytest.mark.parametrize("link", [".claude", ".claude/settings.json"])
def test_link_is_not_followed(cli: Cli, repo: Repo, tmp_path: Any, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "settings.json").write_text("{}")
    os.makedirs(os.path.dirname(repo.path(link)), exist_ok=True)
    os.symlink(outside if link == ".claude" else outside / "settings.json", repo.path(link))
    ran = cli("init", "--client", "claude-code", "--yes")
    assert ran.code == 2
    assert f"{link} is a symbolic link" in ran.err
    assert (outside / "settings.json").read_text() == "{}"
    assert not repo.exists(".mcp.json")


def test_permissions_of_a_file_stay(cli: Cli, repo: Repo) -> None:
    repo.write(".claude/settings.json", "{}")
    os.chmod(repo.path(".claude/settings.json"), 0o600)
    cli("init", "--client", "claude-code", "--yes")
    assert os.stat(repo.path(".claude/settings.json")).st_mode & 0o777 == 0o600


def test_unknown_client_and_remove_without_one_are_errors(cli: Cli) -> None:
    ran = cli("init", "--client", "vim")
    assert ran.code == 2
    assert all(name in ran.err for name in NAMES)
    assert cli("init", "--remove").code == 2


def test_guard_that_is_not_on_path_is_said(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join(["/usr/bin", "/bin"]))
    assert "safe-rollback-hook is not on PATH" in cli("init", "--client", "codex").out


def test_adapters_load_nothing_that_only_init_needs(repo: Repo) -> None:
    import subprocess

    code = "import sys, safe_rollback.server.clients; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    heavy = {"mcp", "pydantic", "git", "typer", "rich", "tomllib", "safe_rollback.server.clients.settings"}
    assert not loaded & heavy
    assert not [name for name in loaded if name.startswith("safe_rollback.core")]
