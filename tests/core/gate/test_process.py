"""One run of a program: capped output, a time limit for the whole group, input as given, errors with evidence."""

import os
import select
import signal
import sys

import pytest

from safe_rollback.core.errors import GitError
from safe_rollback.core.gate import process
from safe_rollback.core.gate.process import Completed, Limits, execute
from safe_rollback.core.gate.repository import open_repository
from tests.harness.repo import Repo


def run(code: str, stdin: bytes | None = None, limits: Limits = Limits(seconds=60)) -> Completed:  # noqa: B008
    return execute([sys.executable, "-c", code], cwd="/", env=dict(os.environ), stdin=stdin, limits=limits)


def dies(pid: int) -> bool:
    """Whether a process that was killed is gone; the kernel tells, nobody has to wait and look."""
    if not hasattr(os, "pidfd_open"):
        pytest.skip("needs os.pidfd_open, which only Linux has")
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 20)[0])
    finally:
        os.close(handle)


def test_output_errors_and_exit_code_come_back_whole() -> None:
    done = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (done.stdout, done.stderr, done.exit_code, done.truncated) == (b"out\n", b"err\n", 3, False)


def test_a_death_by_signal_is_a_negative_code() -> None:
    assert run("import os; os.kill(os.getpid(), 9)").exit_code == -signal.SIGKILL


def test_output_beyond_the_limit_is_read_dropped_and_admitted() -> None:
    code = "import sys; sys.stdout.write('x' * 3_000_000); sys.stderr.write('y' * 500_000); sys.exit(0)"
    done = run(code, limits=Limits(stdout=1000, stderr=10))
    assert (len(done.stdout), len(done.stderr), done.truncated, done.exit_code) == (1000, 10, True, 0)


def test_output_of_exactly_the_limit_is_not_cut() -> None:
    done = run("import sys; sys.stdout.write('x' * 1000)", limits=Limits(stdout=1000))
    assert (len(done.stdout), done.truncated) == (1000, False)


def test_large_input_and_output_at_once_do_not_block_each_other() -> None:
    data = os.urandom(4 << 20)
    done = run("import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)", stdin=data)
    assert done.stdout == data and done.exit_code == 0


@pytest.mark.parametrize("stdin", [None, b""])
def test_a_program_that_waits_for_input_gets_its_end(stdin: bytes | None) -> None:
    assert run("import sys; print(len(sys.stdin.read()))", stdin=stdin).stdout == b"0\n"


def test_a_program_that_stops_reading_is_no_error() -> None:
    assert run("print('done')", stdin=b"x" * (8 << 20)).stdout == b"done\n"


@pytest.mark.parametrize("then", ["sleep 600", "exec >&- 2>&-; sleep 600", "trap '' TERM HUP INT; sleep 600"])
def test_at_the_time_limit_the_whole_group_dies_and_what_was_said_is_kept(then: str) -> None:
    words = ["sh", "-c", f"sleep 600 & echo $! $$; {then}"]
    done = execute(words, cwd="/", env=dict(os.environ), limits=Limits(seconds=1.5))
    assert done.exit_code is None
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2 and all(dies(pid) for pid in pids)


def test_a_process_left_behind_with_the_pipes_does_not_hold_up_the_answer() -> None:
    words = ["sh", "-c", "sleep 600 & echo $!"]
    done = execute(words, cwd="/", env=dict(os.environ), stdin=b"x" * (8 << 20))
    os.kill(int(done.stdout), signal.SIGKILL)
    assert done.exit_code == 0


def test_an_interrupt_of_ours_kills_the_program_too() -> None:
    seen: list[int] = []

    def tick(_: float) -> None:
        raise KeyboardInterrupt

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with pytest.MonkeyPatch.context() as patch:
        kill = process.kill_group
        patch.setattr(process, "kill_group", lambda one: (seen.append(one.pid), kill(one)))
        with pytest.raises(KeyboardInterrupt):
            execute([sys.executable, "-c", code], cwd="/", env=dict(os.environ), tick=tick)
    assert seen and dies(seen[0])


def test_words_reach_the_program_as_they_are_and_no_shell_reads_them() -> None:
    words = ["$(touch /tmp/x)", "; rm -rf", "`id`", "a b", "*", "\n", os.fsdecode(b"\xff"), "--"]
    code = "import sys, os; sys.stdout.buffer.write(b'\\0'.join(map(os.fsencode, sys.argv[1:])))"
    done = execute([sys.executable, "-c", code, *words], cwd="/", env=dict(os.environ))
    assert done.stdout.split(b"\0") == [os.fsencode(word) for word in words]


def test_a_git_error_carries_command_code_and_message_without_the_hardening(repo: Repo) -> None:
    git = open_repository(repo.root).git
    with pytest.raises(GitError) as failed:
        git.run("cat-file", "blob", "no-such-thing")
    error = failed.value
    assert error.exit_code == 128 and "no-such-thing" in error.stderr
    assert error.argv[0] == "git" and error.argv[-3:] == ("cat-file", "blob", "no-such-thing")
    assert error.message.startswith("`git cat-file blob no-such-thing` exited with 128: fatal:")
    assert "hooksPath" not in str(error)


def test_what_git_says_is_made_safe_to_show(repo: Repo) -> None:
    with pytest.raises(GitError) as failed:
        open_repository(repo.root).git.run("cat-file", "blob", "x\x1b[31m\u202ey")
    assert "\x1b" not in str(failed.value.stderr) and "\u202e" not in failed.value.stderr


def test_cut_or_late_answers_of_git_are_errors_and_never_taken_for_whole(repo: Repo) -> None:
    git = open_repository(repo.root).git
    with pytest.raises(GitError, match="more than 10 bytes"):
        git.run("for-each-ref", limits=Limits(stdout=10))
    with pytest.raises(GitError, match="was stopped: no answer within") as failed:
        git.run("for-each-ref", limits=Limits(seconds=0))
    assert failed.value.exit_code is None


def test_an_unexpected_exit_code_is_an_error_and_an_expected_one_is_not(repo: Repo) -> None:
    git = open_repository(repo.root).git
    assert git.out("rev-parse", "--verify", "--quiet", "nope", ok=(0, 1)) == ""
    with pytest.raises(GitError, match=r"exited with 1: \(no message\)"):
        git.out("rev-parse", "--verify", "--quiet", "nope")


def test_fields_keep_every_byte_of_a_name(repo: Repo) -> None:
    names = [b"a\nb", b" lead", b"tab\t", b"\xff\xfe", b'quote"', "é".encode()]
    for name in names:
        repo.write(name, "x")
    repo.git("add", "-A")
    listed = open_repository(repo.root).git.fields("ls-files", "-z")
    assert set(names) <= {os.fsencode(one) for one in listed} and "" not in listed
