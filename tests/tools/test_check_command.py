"""check_command: a verdict with its reasons, and nothing run."""

import pytest

from safe_rollback.core.errors import InvalidInputError
from safe_rollback.core.workspace import Workspace
from safe_rollback.tools.check_command import CheckCommand, check_command
from safe_rollback.tools.desk import Desk
from tests.harness.repo import Repo


def check(workspace: Workspace, command: str, cwd: str | None = None) -> CheckCommand:
    return check_command(Desk(workspace), command, cwd)


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("git clean -fdx", "uncommitted-work"),
        ("cd src && git reset --hard HEAD~1", "destructive-command"),
        ("sudo git push -f origin main", "destructive-command"),
        ("sh -c 'git checkout -- .'", "uncommitted-work"),
        ("git -C . reset --har", "destructive-command"),
    ],
)
def test_what_destroys_work_is_refused_with_a_way_on(
    repo: Repo, workspace: Workspace, command: str, rule: str
) -> None:
    repo.write("notes.txt", "untracked\n")
    repo.write("README.md", "an uncommitted afternoon\n")
    before = repo.state()
    found = check(workspace, command)
    assert (found.verdict, found.rule) == ("refuse", rule)
    assert found.why and found.instead and found.effects
    assert repo.state() == before


def test_reading_is_allowed(workspace: Workspace) -> None:
    found = check(workspace, "git status && git log --oneline | cat")
    assert (found.verdict, found.rule, found.instead) == ("allow", "", "")
    assert "state.read" in {one.effect for one in found.effects}


def test_what_other_programs_do_is_unknown(workspace: Workspace) -> None:
    found = check(workspace, "make deploy")
    assert found.verdict == "allow"
    assert [one.effect for one in found.effects] == ["unknown"]
    assert "make deploy" in found.why and "cannot be known" in found.why
    assert "make deploy" in check(workspace, "git status && make deploy").why


def test_the_projects_own_rules_count_and_evaluated_ones_are_only_reported(repo: Repo, workspace: Workspace) -> None:
    rule = '[[rule]]\nid = "{0}"\neffect = "{1}"\ndecision = "{2}"\nenforcement = "{3}"\nwhy = "W."\ninstead = "I."\n'
    rules = rule.format("no-tags", "ref.update", "ask", "active") + rule.format("x", "commit", "refuse", "evaluate")
    repo.write("CLAUDE.md", f"```toml safe-rollback\n{rules}```\n")
    found = check(workspace, "git tag v1")
    assert (found.verdict, found.rule, found.why, found.instead) == ("ask", "no-tags", "W.", "I.")
    repo.git("switch", "-q", "-c", "feature/x")
    allowed = check(workspace, "git commit -m x")
    assert allowed.verdict == "allow"
    assert any("x: refuse" in one for one in allowed.reported)


def test_an_alias_counts_for_what_it_means(repo: Repo, workspace: Workspace) -> None:
    repo.git("config", "alias.oops", "reset --hard")
    assert check(workspace, "git oops").verdict == "refuse"
    assert check(workspace, "git oops", cwd="/").verdict == "allow", "elsewhere it is no alias of this repository"


@pytest.mark.parametrize(("command", "cwd"), [("", None), (" \n", None), ("git status", "a\0b")])
def test_what_is_no_command_is_an_error_with_a_hint(workspace: Workspace, command: str, cwd: str | None) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check(workspace, command, cwd)
    assert caught.value.hint


@pytest.mark.parametrize("cwd", ["nowhere", "/nowhere/at/all", "README.md", "src/\x1b"])
def test_a_place_that_is_no_directory_is_an_error_that_names_it(workspace: Workspace, cwd: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check(workspace, "git status", cwd)
    assert cwd.rpartition("/")[2].rstrip("\x1b") in caught.value.message and caught.value.hint
    assert "\x1b" not in caught.value.message


def test_output_counts_from_the_place_it_would_run_in(repo: Repo, workspace: Workspace) -> None:
    repo.write("src/mine.txt", "an afternoon\n")
    assert check(workspace, "git diff --output=mine.txt", "src").verdict == "refuse"
    assert check(workspace, "git diff --output=mine.txt").verdict == "allow"
    assert check(workspace, "git diff --output=../src/mine.txt", "src").verdict == "refuse"


@pytest.mark.parametrize("command", ["'", "a\0b", "$(" * 500, "x" * 200_000, "git \x1b[31m\udcff", ";" * 1000])
def test_any_text_gets_a_verdict(workspace: Workspace, command: str) -> None:
    check(workspace, command).model_dump_json().encode()
