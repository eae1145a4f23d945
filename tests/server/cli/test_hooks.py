"""`hooks install`, `status` and `remove`, as a person types them."""

import json
import os

import pytest

from tests.harness.repo import Repo
from tests.policies.githooks.kit import on_path
from tests.server.cli.here import Cli


def test_install_status_doctor_and_remove_tell_one_story(
    repo: Repo, cli: Cli, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path(monkeypatch, str(tmp_path_factory.mktemp("bin")))
    assert "No hooks are installed" in cli("hooks", "status").out
    assert cli("hooks", "remove").code == 2
    assert cli("hooks", "install").code == 0
    data = json.loads(cli("hooks", "status", "--json").out)
    assert {one["name"]: one["state"] for one in data["hooks"]} == dict.fromkeys(
        ("pre-commit", "commit-msg", "pre-push", "reference-transaction"), "active"
    )
    assert "4 hooks of git's, all active" in cli("doctor").out
    os.unlink(repo.path(".git/hooks/pre-commit"))
    assert cli("hooks", "status").code == 1
    findings = json.loads(cli("doctor", "--json").out)["findings"]
    (broken,) = [one for one in findings if one["name"] == "hooks"]
    assert broken["status"] == "warning"
    assert "hooks install" in broken["instead"]
    monkeypatch.setenv("CLAUDECODE", "1")
    assert cli("hooks", "remove").code == 3
    monkeypatch.delenv("CLAUDECODE")
    assert cli("hooks", "remove").code == 0
    assert not [one for one in json.loads(cli("doctor", "--json").out)["findings"] if one["name"] == "hooks"]


def test_install_without_the_program_on_path_says_so(repo: Repo, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safe_rollback.policies.githooks.status.PROGRAM", "safe-rollback-hook-that-is-nowhere")
    said = cli("hooks", "install")
    assert said.code == 0 and "not on PATH" in said.out
    assert "was not checked" not in repo.git("commit", "--allow-empty", "-m", "By hand")


def test_bare_repository_is_refused(repo: Repo, cli: Cli) -> None:
    repo.git("init", "-q", "--bare", "../bare.git")
    said = cli.plain("hooks", "install", "--root", f"{repo.root}/../bare.git")
    assert said.code == 2 and "worktree" in said.err
