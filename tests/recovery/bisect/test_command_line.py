"""`safe-rollback find`: what a person typed on a terminal runs, what a program passed does not."""

import json

import pytest
import typer

from safe_rollback.core.errors import InvalidInputError, RefusedError
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import trust
from safe_rollback.server.cli.common import resources
from safe_rollback.server.cli.find import find
from tests.harness.repo import Repo
from tests.harness.terminal import on_terminal
from tests.recovery.bisect.kit import below, line


def run(repo: Repo, *arguments: str) -> object:
    """The command in this process, where nobody types; its exit code."""
    app = typer.Typer()
    app.command()(find)
    with resources:
        return app([*arguments, "--root", repo.root], standalone_mode=False)


def test_a_command_typed_on_a_terminal_runs(repo: Repo) -> None:
    commits = line(repo, 9)
    before = repo.state()
    ended = on_terminal(repo.root, "find", below(4), "--good", "begin-work", "-j", "2")
    said = ended.shown
    assert ended.code == 0, said
    assert f"{commits[4]} broke it: Commit 4" in said and "plan_rollback" in said
    assert f"bad  {commits[4][:12]}" in said and f"good {commits[3][:12]}" in said
    assert repo.state() == before


def test_elsewhere_a_command_has_to_be_trusted(
    repo: Repo, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    commits = line(repo, 9)
    with pytest.raises(RefusedError, match="grant --command"):
        run(repo, below(4), "--good", "begin-work")
    trust(workspace, [below(4)])
    assert not run(repo, below(4), "--good", "begin-work", "--once", "--json")
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out)["first_bad"]["commit"] == commits[4]


def test_candidates_that_cannot_be_told_apart_are_listed_and_the_exit_code_says_so(
    repo: Repo, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    commits = line(repo, 9)
    build = "n=$(cat value); test $n -lt 3 || test $n -gt 4"
    trust(workspace, [build, below(4)])
    assert run(repo, below(4), "--good", "begin-work", "--build", build) == 1
    said = capsys.readouterr().out
    assert "one of 3 commits" in said and f"{commits[3]} (cannot be tested)" in said and commits[5] in said


@pytest.mark.parametrize("arguments", [(), ("true", "--check", "tests")])
def test_one_of_command_and_check(repo: Repo, arguments: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError, match="--check"):
        run(repo, *arguments)
