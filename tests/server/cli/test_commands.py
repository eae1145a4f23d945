"""Commands: what they print for people and programs, and how they exit."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from safe_rollback.core.lock import locked
from safe_rollback.core.workspace import Workspace, open_workspace
from safe_rollback.policies.human import mint
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.run_git import run_git
from safe_rollback.tools.start_session import start_session
from tests.harness.agent import acting
from tests.harness.clock import FixedClock
from tests.harness.repo import Repo
from tests.server.cli.here import Cli, Ran


def data(ran: Ran, code: int = 0) -> Any:
    assert (ran.code, ran.err) == (code, ""), ran
    return json.loads(ran.out)


@pytest.fixture
def session(repo: Repo, workspace: Workspace) -> str:
    """A session with one commit."""
    started = start_session(Desk(workspace), "Rename [bold]the[/] button")
    repo.write("mine.txt", "x\n")
    run_git(Desk(workspace), ["add", "mine.txt"])
    run_git(Desk(workspace), ["commit", "-m", "Mine\n\nBody"])
    return started.session_id


def test_status_without_and_with_a_session(repo: Repo, cli: Cli) -> None:
    before = repo.state()
    ran = cli("status")
    assert ran.code == 0 and "No session runs" in ran.out and "main" in ran.out
    found = data(cli("status", "--json"))
    assert (found["session"], found["branch"], found["root"]) == (None, "main", repo.root)
    assert repo.state() == before


def test_status_of_a_running_session(cli: Cli, session: str) -> None:
    said = cli("status").out
    assert session in said and "Rename [bold]the[/] button" in said and "within, 1 files changed" in said
    found = data(cli("status", "--json"))
    assert found["session"]["id"] == session and found["scope"]["counts"]["files"] == 1


def test_status_names_what_the_scope_refuses(repo: Repo, cli: Cli, session: str) -> None:
    repo.write("CLAUDE.md", "```toml safe-rollback\n[session]\nmax_files = 1\n```\n")
    said = cli("status").out
    assert "refused" in said and "files-per-session" in said


def test_status_and_policy_check_say_what_holds_in_spite_of_the_file(
    repo: Repo, workspace: Workspace, cli: Cli
) -> None:
    text = "```toml safe-rollback\n[session]\nmax_files = {}\n```\n"
    repo.write("CLAUDE.md", text.format(1))
    start_session(Desk(workspace), "A task")
    repo.write("CLAUDE.md", text.format(99))
    found = data(cli("policy", "check", "--json"))
    assert [one["line"] for one in found["enforced"]] == [0]
    assert "max_files = 99 (waits for `safe-rollback trust`; 1 holds)" in cli("policy", "check").out
    repo.remove("CLAUDE.md")
    assert "Protocol: pinned" in cli("status").out and "no longer holds a protocol" in cli("status").out
    assert "max_files = 1 (from before, pinned)" in cli("policy", "check").out


def test_log_lists_sessions_operations_and_checkpoints(cli: Cli, session: str) -> None:
    said = cli("log").out
    assert all(word in said for word in ("Sessions", session, "running", "Operations", "Checkpoints", f"{session}.1"))
    assert said.count("\n") == len([line for line in said.splitlines() if line.startswith("  ")]) + 4
    found = data(cli("log", "--json", "--limit", "1"))
    assert [len(found[name]) for name in ("sessions", "operations", "actions", "checkpoints")] == [1, 0, 1, 1]


def test_log_lists_what_agents_did(repo: Repo, workspace: Workspace, cli: Cli) -> None:
    start_session(Desk(workspace), "A task")
    for number in range(3):
        repo.write(f"new{number}.txt", "x\n")
        run_git(Desk(workspace), ["add", f"new{number}.txt"])
    run_git(Desk(workspace), ["commit", "-q", "-m", "Title\n\n[bold]body[/]"])
    found = data(cli("log", "--json", "--limit", "2"))["actions"]
    assert [one["command"].split()[:3] for one in found] == [["git", "commit", "-q"], ["git", "add", "new2.txt"]]
    assert found[0]["commits"] == [repo.head()] and found[0]["exit_code"] == 0
    said = cli("log").out
    assert found[0]["id"] in said and "git add new0.txt" in said and "(exit" not in said


def test_log_tells_one_sessions_story(cli: Cli, session: str) -> None:
    assert "git add mine.txt" in cli("log", session).out
    assert data(cli("log", session, "--json"))["session_id"] == session


def test_checkpoint_restore_and_undo_go_there_and_back(repo: Repo, cli: Cli) -> None:
    wanted = repo.state()
    taken = data(cli("checkpoint", "--name", "before", "--pin", "--json"))["checkpoint_id"]
    repo.write("README.md", "later\n")
    later = repo.state()
    planned = cli("restore", taken)
    assert planned.code == 0 and "README.md" in planned.out and "Nothing was changed" in planned.out
    assert repo.state() == later
    digest = data(cli("restore", taken, "--json"))["plan"]["digest"]
    assert f"--digest {digest}" in planned.out
    done = data(cli("restore", taken, "--digest", digest, "--json"))
    assert done["applied"] and repo.state() == wanted
    undone = cli("undo", "--yes")
    assert undone.code == 0 and "Done" in undone.out and repo.state() == later
    assert data(cli("undo", "--yes", "--json"))["applied"] and repo.state() == wanted


def test_restore_takes_paths(repo: Repo, cli: Cli) -> None:
    taken = data(cli("checkpoint", "--json"))["checkpoint_id"]
    repo.write("README.md", "later\n")
    repo.write("src/util.py", "later\n")
    assert cli("restore", taken, "src", "--yes").code == 0
    assert (repo.read("README.md"), repo.read("src/util.py")) == (b"later\n", b"def two():\n    return 2\n")


def test_restore_takes_only_one_partys_changes(repo: Repo, cli: Cli, workspace: Workspace) -> None:
    taken = data(cli("checkpoint", "--json"))["checkpoint_id"]
    before = repo.read("src/app.py")
    with acting(workspace):
        repo.write("src/app.py", "the agent's\n")
    repo.write("README.md", "the human's\n")
    assert cli("restore", taken, "--only", "agent", "--yes").code == 0
    assert (repo.read("README.md"), repo.read("src/app.py")) == (b"the human's\n", before)


def test_a_restore_of_what_is_there_already_does_nothing(cli: Cli) -> None:
    taken = data(cli("checkpoint", "--json"))["checkpoint_id"]
    ran = cli("restore", taken)
    assert ran.code == 0 and "Nothing to do" in ran.out


def test_a_digest_that_no_longer_fits_exits_4_and_changes_nothing(repo: Repo, cli: Cli) -> None:
    taken = data(cli("checkpoint", "--json"))["checkpoint_id"]
    repo.write("README.md", "later\n")
    before = repo.state()
    ran = cli("restore", taken, "--digest", "0" * 32)
    assert (ran.code, ran.out) == (4, "") and "plan again" in ran.err.replace("the plan", "plan")
    assert repo.state() == before


def test_what_is_in_the_way_exits_4(repo: Repo, cli: Cli) -> None:
    taken = data(cli("checkpoint", "--json"))["checkpoint_id"]
    repo.commit("Published", {"README.md": "published\n"})
    before = repo.state()
    ran = cli("restore", taken, "--yes")
    assert ran.code == 4 and "protected" in ran.out
    assert data(cli("restore", taken, "--json"), 4)["applied"] is False
    assert repo.state() == before


def test_end_closes_a_session(cli: Cli, session: str) -> None:
    ran = cli("end", "--summary", "done")
    assert ran.code == 0 and session in ran.out
    assert cli("end").code == 2, "there is none any more"


def test_end_refused_by_a_rule_exits_3(repo: Repo, cli: Cli, session: str) -> None:
    repo.write("CLAUDE.md", '```toml safe-rollback\n[on_session_end]\nrun = ["false"]\n```\n')
    ran = cli("end")
    assert (ran.code, ran.out) == (3, "") and "safe-rollback trust" in ran.err
    first, *facts, last = ran.err.removesuffix("\n").split("\n")
    assert first == "Refused by session-gates: false did not pass."
    assert facts[0] == "  false: untrusted" and all(fact.startswith("  ") for fact in facts)
    assert last.startswith("Instead: Mend what is named")


@pytest.mark.parametrize("arguments", [["end", "--abandon"], ["grant", "--gate", "false"], ["trust"]], ids=" ".join)
def test_what_only_a_person_decides_needs_a_terminal(
    repo: Repo, cli: Cli, session: str, arguments: list[str]
) -> None:
    repo.write("CLAUDE.md", '```toml safe-rollback\n[on_session_end]\nrun = ["false"]\n```\n')
    ran = cli(*arguments)
    assert ran.code == 3 and "terminal" in ran.err
    assert session in cli("status").out


def test_a_grant_in_a_file_of_another_shape_is_not_minted_by_json(cli: Cli) -> None:
    assert cli("grant", "--gate", "files-per-session", "--json").code == 3


def test_a_grant_for_what_does_not_exist_names_what_does(repo: Repo, cli: Cli) -> None:
    repo.write("CLAUDE.md", '```toml safe-rollback\n[on_session_end]\nrun = ["make test"]\n```\n')
    ran = cli("grant", "--gate", "make tests")
    assert (ran.code, ran.out) == (2, "")
    assert "make test," in ran.err and "layers-per-session" in ran.err
    ran = cli("grant", "--sensitive", "2026-01-01-001")
    assert (ran.code, ran.out) == (2, "") and "2026-01-01-001" in ran.err


def test_prune_drops_what_is_old_and_undo_brings_it_back(repo: Repo, cli: Cli) -> None:
    clock = FixedClock()
    old = open_workspace(repo.root, clock)
    start_session(Desk(old), "Long ago")
    old.close()
    assert cli("end").code == 0
    shown = data(cli("prune", "--dry-run", "--keep", "1d", "--json"))
    assert shown["operation_id"] is None
    kept = repo.git("for-each-ref", "refs/safe-rollback/sessions")
    done = data(cli("prune", "--keep", "1d", "--json"))
    assert done["dropped"] == shown["dropped"] == ["2026-03-04-001.1"]
    assert cli("undo", done["operation_id"], "--yes").code == 0
    assert repo.git("for-each-ref", "refs/safe-rollback/sessions") == kept


def test_prune_with_nothing_old_says_so(cli: Cli) -> None:
    assert "Nothing is old enough" in cli("prune").out


def test_policy_check_says_what_is_enforced_and_exits_1_when_it_cannot_be_used(repo: Repo, cli: Cli) -> None:
    assert "built-in" in cli("policy", "check").out
    repo.write("CLAUDE.md", "## scope_management\n- Maximum 5 files per session\n- Be kind\n")
    ran = cli("policy", "check")
    assert ran.code == 0 and "files-per-session" in ran.out and "not enforced" in ran.out
    found = data(cli("policy", "check", "--json"))
    assert (len(found["enforced"]), len(found["not_enforced"])) == (1, 1)
    repo.write("CLAUDE.md", "```toml safe-rollback\n[session]\nmax_flies = 5\n```\n")
    ran = cli("policy", "check")
    assert ran.code == 1 and "max_flies" in ran.out
    assert data(cli("policy", "check", "--json"), 1)["problems"]


def test_policy_check_of_a_file(repo: Repo, cli: Cli) -> None:
    repo.write("other.md", "```toml safe-rollback\n[session]\nmax_files = 3\n```\n")
    assert "files-per-session" in cli("policy", "check", f"{repo.root}/other.md").out


def test_policy_explain_gives_the_verdict_and_the_way_on(cli: Cli) -> None:
    said = cli("policy", "explain", "git reset --hard").out
    assert said.startswith("refuse destructive-command") and "Instead:" in said
    assert data(cli("policy", "explain", "git status", "--json"))["verdict"] == "allow"


def test_policy_test_runs_the_rules_examples(repo: Repo, cli: Cli) -> None:
    assert "no rules of its own" in cli("policy", "test").out
    rule = '[[rule]]\nid = "r"\neffect = "ref.update"\ndecision = "ask"\nwhy = "w"\ninstead = "i"\n'
    repo.write("CLAUDE.md", f'```toml safe-rollback\n{rule}refuses = ["git tag v1"]\npermits = ["git log"]\n```\n')
    found = data(cli("policy", "test", "--json"))
    assert [(one["command"], one["expected"]) for one in found["examples"]] == [
        ("git tag v1", "match"),
        ("git log", "no match"),
    ]
    repo.write("CLAUDE.md", f'```toml safe-rollback\n{rule}permits = ["git tag v1"]\n```\n')
    ran = cli("policy", "test")
    assert ran.code == 1 and "git tag v1" in ran.out


BAD: list[tuple[list[str], int]] = [
    (["nonsense"], 2),
    (["status", "--nonsense"], 2),
    (["status", "extra"], 2),
    (["log", "no session"], 2),
    (["log", "2026-01-01-001"], 2),
    (["log", "--limit", "0"], 2),
    (["log", "--limit", "many"], 2),
    (["checkpoint", "--name", "two\nlines"], 2),
    (["restore"], 2),
    (["restore", "nonsense"], 2),
    (["restore", "at-main.²"], 2),
    (["restore", "at-main.99"], 2),
    (["undo"], 2),
    (["undo", "op-1"], 2),
    (["undo", "op-00000000"], 2),
    (["end"], 2),
    (["prune", "--keep", "long"], 2),
    (["prune", "--keep", "0d"], 2),
    (["grant"], 2),
    (["grant", "--gate", "a", "--plan", "b"], 2),
    (["grant", "--command", "git 'open"], 2),
    (["policy", "check", "/no/such/file"], 2),
    (["policy", "check", "/"], 2),
    (["policy", "explain", ""], 2),
    (["policy", "nonsense"], 2),
    (["policy", "explain"], 2),
]


@pytest.mark.parametrize(
    ("arguments", "code"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_bad_input_is_told_on_standard_error_with_its_exit_code(
    repo: Repo, cli: Cli, arguments: list[str], code: int
) -> None:
    before = repo.state()
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.strip() and "Traceback" not in ran.err
    assert repo.state() == before


def test_an_enormous_time_is_no_crash(cli: Cli) -> None:
    assert cli("prune", "--keep", "9" * 30 + "d").code in (0, 2)


def test_a_file_that_is_no_text_is_told(repo: Repo, cli: Cli) -> None:
    repo.write("odd.md", b"\xff\xfe\x00")
    ran = cli("policy", "check", f"{repo.root}/odd.md")
    assert ran.code == 2 and "odd.md" in ran.err


@pytest.mark.parametrize("command", [["status"], ["log"], ["checkpoint"], ["end"], ["prune"], ["policy", "test"]])
def test_outside_a_repository_every_command_says_so(
    cli: Cli, tmp_path_factory: pytest.TempPathFactory, command: list[str]
) -> None:
    ran = cli.plain(*command, "--root", str(tmp_path_factory.mktemp("empty")))
    assert (ran.code, ran.out) == (2, "") and "git init" in ran.err
    assert cli.plain(*command, "--root", "/no/such/place").code == 2


def test_root_may_be_a_directory_inside(repo: Repo, cli: Cli) -> None:
    assert data(cli.plain("status", "--json", "--root", f"{repo.root}/src"))["root"] == repo.root


def test_a_busy_repository_exits_4(
    repo: Repo, cli: Cli, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(path: str, purpose: str) -> Any:
        return locked(path, purpose, seconds=0)

    monkeypatch.setattr("safe_rollback.core.workspace.locked", impatient)
    with locked(os.path.join(workspace.worktree_dir, "lock"), "a long checkpoint"):
        ran = cli("checkpoint")
    assert ran.code == 4 and "a long checkpoint" in ran.err


def test_a_damaged_ledger_exits_5_and_names_the_way_out(repo: Repo, cli: Cli) -> None:
    assert cli("checkpoint").code == 0
    repo.write(".git/safe-rollback/ledger.db", b"not a database at all" * 100)
    ran = cli("status")
    assert ran.code == 5 and "doctor --repair" in ran.err


def test_a_root_whose_name_is_not_utf8_can_be_shown(tmp_path: object, cli: Cli) -> None:
    root = os.fsdecode(os.fsencode(f"{tmp_path}/") + b"caf\xe9\x1b[31m")
    os.makedirs(root)
    Repo(root).git("init", "-q", "-b", "main")
    ran = cli.plain("status", "--root", root)
    assert ran.code == 0 and "caf" in ran.out and "\x1b" not in ran.out
    assert cli.plain("status", "--json", "--root", root).code == 0
    assert cli.plain("restore", "at-main.1", "--root", root).code == 2


def test_the_program_itself_exits_with_the_code_and_survives_a_reader_that_leaves(repo: Repo) -> None:
    argv = [sys.executable, "-m", "safe_rollback"]
    done = subprocess.run([*argv, "restore", "x"], cwd=repo.root, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "") and "Traceback" not in done.stderr
    read, write = os.pipe()
    os.close(read)
    left = subprocess.run([*argv, "log"], cwd=repo.root, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (left.returncode, left.stderr) == (1, "")


def test_a_grant_from_a_terminal_is_used_by_the_command(repo: Repo, cli: Cli, session: str) -> None:
    repo.write("CLAUDE.md", "```toml safe-rollback\n[session]\nmax_files = 1\n```\n")
    assert cli("end").code == 3
    workspace = open_workspace(repo.root)
    mint(workspace, "gate", "files-per-session")
    workspace.close()
    assert cli("end").code == 0
