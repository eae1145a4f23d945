"""Checks at the end of a session: only what a human trusted runs, and how it went is said exactly."""

import os
import select
from pathlib import Path

import pytest

from safe_rollback.core.gate.process import Limits
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies import gates
from safe_rollback.policies.gates import GateResult, run_gates
from safe_rollback.policies.human import trust
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo


def quiet(_done: float, _total: float | None, _what: str) -> None:
    return


def run(workspace: Workspace, *commands: str) -> list[GateResult]:
    trust(workspace, commands)
    return run_gates(workspace, commands, quiet)


def one(workspace: Workspace, command: str) -> GateResult:
    (result,) = run(workspace, command)
    return result


def test_a_command_nobody_trusted_does_not_run(repo: Repo, workspace: Workspace) -> None:
    trust(workspace, ["touch ran", "touch ran "])
    before = repo.state()
    (result,) = run_gates(workspace, ["touch ran;"], quiet)
    assert (result.status, result.exit_code, result.tail) == ("untrusted", None, "")
    assert repo.state() == before


def test_each_command_runs_in_order_in_the_worktree_even_after_a_failure(repo: Repo, workspace: Workspace) -> None:
    results = run(workspace, "echo a >> order; pwd", "exit 3", "echo b >> order", "kill -9 $$")
    assert [(each.status, each.exit_code) for each in results] == [
        ("passed", 0),
        ("failed", 3),
        ("passed", 0),
        ("failed", -9),
    ]
    assert repo.read("order") == b"a\nb\n"
    assert os.path.realpath(results[0].tail.strip()) == os.path.realpath(repo.root)


def test_a_command_that_does_not_exist_fails(workspace: Workspace) -> None:
    result = one(workspace, "no-such-program-here")
    assert (result.status, result.exit_code) == ("failed", 127)
    assert "no-such-program-here" in result.tail


def test_the_tail_is_the_last_of_the_output_however_much_there_is(workspace: Workspace) -> None:
    result = one(workspace, "seq 1 400000; echo the end")
    assert result.status == "passed"
    assert result.tail.endswith("399999\n400000\nthe end\n")
    assert len(result.tail) <= 2000


def test_what_it_says_on_standard_error_is_in_the_tail(workspace: Workspace) -> None:
    tail = one(workspace, "echo out; echo wrong >&2; exit 1").tail
    assert "out" in tail and tail.endswith("wrong\n")


def test_output_cannot_rewrite_the_terminal(workspace: Workspace) -> None:
    assert one(workspace, r"printf '\033[2J\377ok'").tail == "\ufffd[2J\ufffdok"


def test_a_command_that_takes_too_long_is_stopped_with_all_it_started(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(gates, "_LIMITS", Limits(seconds=3, stdout=2000, stderr=2000, last=True))
    held = tmp_path / "held"
    os.mkfifo(held)
    ours = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    try:
        result = one(workspace, f"exec 9> '{held}'; echo begun; sleep 600 & sleep 600")
        assert (result.status, result.exit_code, result.tail) == ("timed out", None, "begun\n")
        # The pipe ends when the last process that holds it is gone.
        assert select.select([ours], [], [], 60)[0] and os.read(ours, 1) == b""
    finally:
        os.close(ours)


def test_git_variables_of_the_caller_do_not_reach_a_check(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
    assert one(workspace, "git rev-parse HEAD && git status --short").status == "passed"


def test_a_check_gets_no_input(workspace: Workspace) -> None:
    assert one(workspace, "cat; echo read").tail == "read\n"


def test_progress_grows_and_names_the_command(workspace: Workspace) -> None:
    seen: list[tuple[float, float | None, str]] = []
    trust(workspace, ["echo a", "echo b"])
    run_gates(workspace, ["echo a", "echo b"], lambda *row: seen.append(row))
    assert [row[0] for row in seen] == sorted(row[0] for row in seen)
    assert all(0 <= row[0] < 2 and row[1] == 2 for row in seen)
    assert any(row[2].startswith("echo b") for row in seen)


def test_what_a_check_prints_is_not_kept_in_the_ledger(repo: Repo, workspace: Workspace) -> None:
    secret = "hunter2-" + "x" * 20
    command = "cat secret.log"
    repo.write("CLAUDE.md", f'```toml safe-rollback\n[on_session_end]\nrun = ["{command}"]\n```\n')
    repo.write("secret.log", secret)
    start_session(Desk(workspace), "A task")
    trust(workspace, [command])
    ended = end_session(Desk(workspace), "done")
    assert [gate.detail for gate in ended.gates] == [secret], "the agent sees it"
    for folder, _, names in os.walk(workspace.state_dir):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                assert secret.encode() not in file.read()
