"""The commands: what adds or uses addresses needs a terminal, and nothing shows one."""

import json
import re

import pytest
import typer
from typer.testing import CliRunner

from safe_rollback.core.workspace import Workspace
from safe_rollback.recovery.incidents.targets import add_target, targets
from safe_rollback.server.cli import incident, notify
from safe_rollback.server.cli.common import resources
from tests.harness.repo import Repo
from tests.harness.terminal import on_terminal
from tests.recovery.incidents.kit import protocol, service

SECRET = "json://me:pass1234@127.0.0.1:9/TopSecretPath"

commands = typer.Typer()
commands.add_typer(incident.app, name="incident")
commands.add_typer(notify.app, name="notify")
commands.command()(incident.postmortem)


def run(repo: Repo, *arguments: str) -> tuple[int, str]:
    with resources:
        done = CliRunner().invoke(commands, [*arguments, "--root", repo.root])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_without_a_terminal_no_address_is_added_removed_or_used(repo: Repo, workspace: Workspace) -> None:
    with service() as team:
        add_target(workspace, "team", team.url())
        for arguments in (["add", "boss", SECRET], ["remove", "team"], ["test", "team"]):
            code, _ = run(repo, "notify", *arguments)
            assert code == 3
        assert team.got == [] and [one.tag for one in targets(workspace)] == ["team"]


def test_on_a_terminal_an_address_is_kept_after_the_code_and_used_and_never_shown(
    repo: Repo, workspace: Workspace
) -> None:
    with service() as team:
        url = team.url("TopSecretPath").replace("//", "//me:pass1234@")
        ended = [on_terminal(repo.root, "notify", *line) for line in (["add", "team", url], ["test", "team"])]
        shown = "".join(one.shown for one in ended)
        assert [one.code for one in ended] == [0, 0], shown
        assert [body["title"] for _, body in team.got] == ["safe-rollback: a test"]
    assert [(one.tag, one.url) for one in targets(workspace)] == [("team", url)]
    assert "json://127.0.0.1:" in shown and "pass1234" not in shown and "TopSecretPath" not in shown


def test_the_list_masks_addresses_and_names_tags_without_one(repo: Repo, workspace: Workspace) -> None:
    protocol(repo, '[incident]\nnotify = ["team", "boss"]')
    add_target(workspace, "team", SECRET)
    code, shown = run(repo, "notify", "list")
    assert code == 0 and "json://127.0.0.1:9/… #" in shown and "boss has no address" in shown
    data = json.loads(run(repo, "notify", "list", "--json")[1])
    assert data["protocol"] == ["team", "boss"] and [one["tag"] for one in data["targets"]] == ["team"]
    assert "pass1234" not in shown + json.dumps(data) and "TopSecretPath" not in shown + json.dumps(data)


def test_an_incident_from_the_command_line(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> None:
    protocol(repo, '[incident]\nnotify = ["team"]')
    code, shown = run(repo, "incident", "open", "Login [down]", "--severity", "critical")
    assert code == 0 and "Login [down]" in shown and "The broken state: at-main.1" in shown
    name = re.findall(r"inc-[0-9a-f]{8}", shown)[0]
    code, shown = run(repo, "incident", "status", "investigating")
    assert code == 1 and "not told" in shown
    code, shown = run(repo, "incident", "note", "Called them", "--task", "people_told")
    assert code == 0 and "said, not proven: command line" in shown
    item = tmp_path_factory.mktemp("f") / "check.toml"
    item.write_text('[[check]]\nname = "login"\nrun = "true"\n')
    code, shown = run(repo, "postmortem", name, "--prevention", str(item), "--contributing", "haste")
    assert code == 0 and f"-{name}.md is written as op-" in shown
    code, shown = run(repo, "incident", "close", "It is up", "--id", name)
    assert code == 0 and "closed 20" in shown
    code, shown = run(repo, "incident", "show", "--json")
    assert code == 0 and json.loads(shown)["incident_id"] == name
