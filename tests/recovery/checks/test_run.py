"""Running checks: only what a human trusted runs, within its limits, and how it went is said exactly."""

import os
import resource
import select
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from safe_rollback.core.recovery import CheckSpec
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.human import trust
from safe_rollback.recovery.checks.results import CheckResult, Counts
from safe_rollback.recovery.checks.run import run_checks
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.end_session import end_session
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo


def run(workspace: Workspace, *commands: str, at_once: int = 1, **limits: Any) -> list[CheckResult]:
    checks = [CheckSpec(name=command, run=command, **limits) for command in commands]
    return run_checks(checks, workspace.root, allowed=commands, at_once=at_once)


def one(workspace: Workspace, command: str, **limits: Any) -> CheckResult:
    (result,) = run(workspace, command, **limits)
    return result


def test_a_command_nobody_trusted_does_not_run(repo: Repo, workspace: Workspace) -> None:
    before = repo.state()
    check = CheckSpec(name="a", run="touch ran;")
    (result,) = run_checks([check], workspace.root, allowed=frozenset({"touch ran", "touch ran ", "a"}))
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


def test_a_command_that_takes_too_long_is_stopped_with_all_it_started(workspace: Workspace, tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    ours = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    try:
        result = one(workspace, f"exec 9> '{held}'; echo begun; sleep 600 & sleep 600", timeout=1)
        assert (result.status, result.exit_code, result.tail) == ("timed out", None, "begun\n")
        # The pipe ends when the last process that holds it is gone.
        assert select.select([ours], [], [], 60)[0] and os.read(ours, 1) == b""
    finally:
        os.close(ours)


def test_what_a_check_leaves_running_ends_with_it(repo: Repo, workspace: Workspace) -> None:
    left = "(sleep 0.5; touch late) > /dev/null 2>&1 &"
    results = run(workspace, left, f"{left} exit 3", f"{left} sleep 0.1; echo said")
    assert [(each.status, each.exit_code) for each in results] == [("passed", 0), ("failed", 3), ("passed", 0)]
    assert "said" in results[2].tail
    time.sleep(1.5)
    assert not os.path.exists(os.path.join(repo.root, "late"))


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
    checks = [CheckSpec(name=command, run=command) for command in ("echo a", "echo b")]
    allowed = ["echo a", "echo b"]
    run_checks(checks, workspace.root, allowed=allowed, at_once=1, report=lambda *row: seen.append(row))
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


def test_several_at_once_and_their_results_in_order(workspace: Workspace) -> None:
    # Each waits for the other: one after the other they would never end.
    meet = "mkfifo {0} 2>/dev/null; mkfifo {1} 2>/dev/null; (echo x > {0}) & cat {1}; wait"
    commands = [meet.format("a", "b"), meet.format("b", "a"), "echo third; exit 1"]
    results = run(workspace, *commands, at_once=2, timeout=30)
    assert [(one.name, one.status, one.tail) for one in results] == [
        (commands[0], "passed", "x\n"),
        (commands[1], "passed", "x\n"),
        (commands[2], "failed", "third\n"),
    ]


def test_whoever_reports_may_call_it_off(workspace: Workspace) -> None:
    def report(_done: float, _total: float | None, what: str) -> None:
        if what.startswith("sleep"):
            raise KeyboardInterrupt

    checks = [CheckSpec(name=line, run=line) for line in ("sleep 600", "touch never", "touch never")]
    with pytest.raises(KeyboardInterrupt):
        run_checks(checks, workspace.root, allowed=[one.run for one in checks], at_once=1, report=report)
    assert not os.path.exists(os.path.join(workspace.root, "never"))


def test_a_check_that_eats_memory_is_told_apart(workspace: Workspace) -> None:
    eats = f"{sys.executable} -c 'print(1); x = bytearray(1 << 32)'"
    limited = one(workspace, eats, memory=1 << 30)
    assert (limited.status, limited.exit_code) == ("out of memory", 1)
    assert "MemoryError" in limited.tail and limited.tail.startswith("1\n")
    assert one(workspace, "echo fine", memory=1 << 30).status == "passed"
    assert one(workspace, "echo MemoryError; exit 1").status == "failed", "only where there is a limit"
    heap = "node --max-old-space-size=16 -e 'const a = []; for (;;) a.push(new Array(1e5).fill({}))'"
    assert one(workspace, heap).status == "out of memory", "but node says so by itself"


def test_a_flood_of_output_is_read_and_dropped(workspace: Workspace) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = one(workspace, "yes 'a line of it' | head -c 200000000; echo; echo '=== 3 passed in 0.10s ==='")
    assert (result.status, result.tests) == ("passed", Counts(passed=3))
    assert result.tail.endswith("\n=== 3 passed in 0.10s ===\n")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10, "in KiB"


def test_colours_do_not_eat_the_tail_and_standard_error_comes_where_it_was_said(workspace: Workspace) -> None:
    tail = one(workspace, r"printf '\033[1;31mred\033[0m\n'; echo wrong >&2; echo end; exit 1").tail
    assert tail == "red\nwrong\nend\n"


def test_a_directory_that_is_gone_is_no_traceback(workspace: Workspace) -> None:
    (result,) = run_checks([CheckSpec(name="a", run="true")], workspace.root + "/gone", allowed=["true"])
    assert (result.status, result.exit_code) == ("not run", None)
    assert "gone" in result.tail


_JUNIT = '<testsuite tests="2"><testcase name="a"/><testcase name="b"><failure>x</failure></testcase></testsuite>'


def test_the_file_given_for_junit_is_read_and_gone_afterwards(repo: Repo, workspace: Workspace) -> None:
    before = repo.state()
    result = one(workspace, f"echo {{junit}}; echo '{_JUNIT}' > {{junit}}; echo '=== 9 passed in 0.10s ==='; exit 1")
    assert result.tests == Counts(passed=1, failed=1)
    assert result.command == result.name, "as a human trusts it"
    path = result.tail.splitlines()[0]
    assert os.path.isabs(path) and not os.path.exists(os.path.dirname(path))
    assert repo.state() == before


def test_a_named_junit_file_counts_only_if_this_run_wrote_it(repo: Repo, workspace: Workspace) -> None:
    repo.write("out/a.xml", _JUNIT)
    assert one(workspace, "true", junit="out/a.xml").tests is None
    assert one(workspace, f"echo '{_JUNIT}' > out/a.xml", junit="out/a.xml").tests == Counts(passed=1, failed=1)
    both = "cp out/a.xml out/b.xml; cp out/a.xml out/sub.txt; touch out/a.xml"
    assert one(workspace, both, junit="out/*.xml").tests == Counts(passed=2, failed=2)
    assert one(workspace, "cp out/a.xml out/c.xml", junit="out").tests == Counts(passed=1, failed=1)


def test_nothing_outside_is_read_for_junit(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(_JUNIT)
    os.symlink(tmp_path, repo.path("out"))
    command = f"touch {tmp_path}/a.xml; ln -s {tmp_path}/a.xml link.xml"
    for path in ("out/a.xml", "link.xml", "out", "out/*.xml", f"../{tmp_path.name}/a.xml"):
        assert one(workspace, command, junit=path).tests is None, path


@pytest.mark.parametrize(
    ("command", "counts"),
    [
        ("python -m unittest t_pytest", Counts(failed=1, errors=1)),
        ("node --test n.test.mjs", Counts(passed=1, failed=1, skipped=2)),
        ("node --test --test-reporter=spec n.test.mjs", Counts(passed=1, failed=1, skipped=2)),
        ("node --test --test-reporter=junit n.test.mjs > {junit}", Counts(passed=1, failed=1, skipped=2)),
        (
            "python -m pytest -p no:cacheprovider --junitxml={junit} t_pytest.py",
            Counts(passed=1, failed=1, skipped=1),
        ),
    ],
)
def test_runners_that_are_here_are_counted(
    repo: Repo, workspace: Workspace, command: str, counts: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}")
    repo.write("t_pytest.py", _PYTEST if "unittest" not in command else _UNITTEST)
    repo.write("n.test.mjs", _NODE)
    result = one(workspace, command)
    assert (result.status, result.exit_code, result.tests) == ("failed", 1, counts), result.tail


_PYTEST = """
import pytest
def test_good(): pass
def test_bad(): assert 1 == 2
@pytest.mark.skip
def test_later(): pass
"""
_UNITTEST = """
import unittest
class T(unittest.TestCase):
    def test_bad(self): self.fail("no")
    def test_broken(self): raise ValueError
"""
_NODE = """
import test from 'node:test'; import assert from 'node:assert';
test('good', () => {}); test('bad', () => assert.equal(1, 2)); test.skip('s', () => {}); test.todo('later');
"""
