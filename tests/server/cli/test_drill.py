"""`drill` on the command line: for a person, for a calendar, for CI."""

import json
from pathlib import Path

import pytest

from safe_rollback.core.workspace import open_workspace
from safe_rollback.policies.human import trusted
from tests.harness.repo import Repo
from tests.harness.terminal import on_terminal
from tests.recovery.drills.kit import NAME, install, migrate, shop
from tests.server.cli.here import Cli


def test_a_clean_one_exits_with_0_and_says_how_long_it_takes(repo: Repo, cli: Cli) -> None:
    before = repo.state()
    ran = cli("drill", "--compare")
    assert ran.code == 0 and "To recover HEAD takes" in ran.out and "first drill" in ran.out, ran
    again = json.loads(cli("drill", "HEAD", "--json").out)
    assert again["clean"] and again["compared"]["now"] == again["seconds_to_recover"]
    assert repo.state() == before


def test_what_would_be_left_exits_with_1(repo: Repo, cli: Cli) -> None:
    shop(repo)
    text = cli("drill")
    assert text.code == 1 and f"left migration {NAME}" in text.out and "no disposable database" in text.out, text


def test_a_target_that_means_nothing_is_a_bad_argument(cli: Cli) -> None:
    assert cli("drill", "no-such-thing").code == 2


def test_commands_for_spare_databases_are_trusted_on_a_terminal(
    repo: Repo, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch)
    shop(repo)
    url = f"sqlite:////{tmp_path}/spare.db"
    monkeypatch.setenv("DATABASE_URL_DRILL", url)
    migrate(repo, url)
    ran = cli("drill", "--trust")
    assert ran.code == 3 and "dbmate rollback" in ran.out
    ended = on_terminal(repo.root, "drill", "--trust")
    assert f"down {NAME}" in ended.shown and "exit 0" in ended.shown, ended
    workspace = open_workspace(repo.root)
    assert trusted(workspace) == {"dbmate rollback"}
    workspace.close()
