"""What the guard costs: analysis in process, a hook process, a guarded action."""

import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from safe_rollback.policies.shell.analysis import analyse
from safe_rollback.policies.shell.context import NOWHERE
from safe_rollback.server.hooksocket import socket_path

from .repository import copy, generate, git
from .timing import Pair, pair, report

COMMANDS = (
    "ls -la src", "git status --short", "cat README.md | head -40", "grep -rn 'def main' src | wc -l",
    "git log --oneline -20", "find . -name '*.py' -not -path './.venv/*'", "sed -n '1,80p' setup.py",
    "git diff --stat HEAD~3", "cd src && ls && git show HEAD:src/app.py", "wc -l $(git ls-files '*.py')",
    "for f in a b c; do echo $f; done", "python3 -c 'print(1 + 1)'", "git reset --hard", "rm -rf ~",
    "cat <<'EOF'\nnever run: rm -rf /\nEOF", "git commit --no-verify -m x",
)  # fmt: skip
_BARE = (sys.executable, "-I", "-S", "-c", "pass")


def guard(rounds: int) -> None:
    """Every figure the guard promises."""
    analysis(rounds)
    small = generate(300, 5)
    processes(copy(small, "hook"), rounds)
    action(copy(generate(5_000, 78), "action"), rounds)


def analysis(rounds: int) -> None:
    """Microseconds for a line, warm; and for the longest input there may be."""
    times = []
    for _ in range(rounds * 5):
        for command in COMMANDS:
            begin = time.perf_counter()
            analyse(command, NOWHERE)
            times.append((time.perf_counter() - begin) * 1000)
    times.sort()
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    kept = "ok  " if p50 <= 0.2 and p99 <= 5 else "OVER"
    print(f"{kept} analysis: p50 {p50:.3f} ms (bar 0.2), p99 {p99:.2f} ms (bar 5)")
    longest = max(_once(text) for text in _long_inputs())
    print(f"{'ok  ' if longest <= 250 else 'OVER'} analysis of 128 KiB: {longest:.0f} ms (bar 250)")


def _once(text: str) -> float:
    begin = time.perf_counter()
    analyse(text, NOWHERE)
    return (time.perf_counter() - begin) * 1000


def _long_inputs() -> Sequence[str]:
    size = 128 << 10
    parts = ("git status; ", "echo $(git log) ", "((", "a|", "'", "$(", "x=1;$x ", "<<A\n", "rm -rf {a,b} ", "\\")
    return [(part * size)[:size] for part in parts]


def processes(place: str, rounds: int) -> None:
    """CPU time of a hook process that takes no checkpoint, alone and beside a running server."""
    events = [_event(command, place) for command in COMMANDS]
    hook = [os.path.join(os.path.dirname(sys.executable), "safe-rollback-hook"), "claude-code"]
    few = max(2, rounds // 7)
    bare = _cpu(_BARE, [b""] * len(events), place, few)
    alone = _cpu(hook, events, place, few)
    with _served(place):
        served = _cpu(hook, events, place, few)
    report("hook beside its server, CPU", "python -I -S -c pass", Pair(served, bare), 4)
    print(f"     (a hook that answers by itself: {alone / bare:.2f} × bare, {alone * 1000:.0f} ms)")
    other = shutil.which("cc-safety-net", path=os.environ.get("SAFE_ROLLBACK_BENCH_PATH", os.environ["PATH"]))
    if other is None:
        print("     (cc-safety-net is not on SAFE_ROLLBACK_BENCH_PATH: not compared)")
        return
    theirs = _cpu([other, "hook", "--claude-code"], events, place, few)
    report("hook beside its server, CPU", "cc-safety-net", Pair(served, theirs), 0.6)
    report("hook that answers by itself, CPU", "cc-safety-net", Pair(alone, theirs), 0.6)


def _event(command: str, place: str) -> bytes:
    return json.dumps(
        {
            "session_id": "bench", "transcript_path": "/dev/null", "cwd": place, "hook_event_name": "PreToolUse",
            "tool_name": "Bash", "tool_input": {"command": command}, "tool_use_id": f"toolu_{abs(hash(command))}",
        }
    ).encode()  # fmt: skip


def _cpu(argv: Sequence[str], inputs: Sequence[bytes], place: str, rounds: int) -> float:
    """The median over rounds of the mean CPU seconds of a process."""
    found = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for data in inputs:
            subprocess.run(argv, input=data, cwd=place, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found.append(spent / len(inputs))
    return statistics.median(found)


def action(place: str, rounds: int) -> None:
    """How long an agent waits for a guarded command's hooks, before and after, in 5,000 files.

    The checkpoint after the command is finished while the agent goes on. `whole` waits for it, too.
    """
    hook = [os.path.join(os.path.dirname(sys.executable), "safe-rollback-hook"), "claude-code"]
    turn = iter(range(100_000))

    def guarded() -> None:
        number = next(turn)
        for name in ("PreToolUse", "PostToolUse"):
            event = json.loads(_event(f"echo {number} > p00/m00/made.txt", place))
            event |= {"hook_event_name": name, "tool_use_id": f"toolu_{number}", "tool_response": {"stdout": ""}}
            done = subprocess.run(hook, input=json.dumps(event).encode(), cwd=place, capture_output=True)
            assert done.returncode == 0, done.stderr
            if name == "PreToolUse":
                with open(os.path.join(place, "p00", "m00", "made.txt"), "w", encoding="ascii") as file:
                    file.write(f"{number}\n")

    pending = os.path.join(place, ".git", "safe-rollback", "worktrees", "main", "pending")

    def finished() -> None:
        while os.listdir(pending):
            time.sleep(0.0005)

    def whole() -> None:
        guarded()
        finished()

    with _served(place):
        whole()
        waited = pair(guarded, lambda: git(place, "status", "-uall"), rounds=rounds, between=finished)
        done = pair(whole, lambda: git(place, "status", "-uall"), rounds=rounds)
    report("guarded command, 5,000 files", "git status -uall", waited, 2.5)
    print(f"     (with the checkpoint after it: {done.ratio:.2f} ×, {done.ours * 1000:.0f} ms)")


@contextlib.contextmanager
def _served(place: str) -> Iterator[None]:
    """While a server runs there and answers hooks."""
    argv = [sys.executable, "-m", "safe_rollback", "serve"]
    server = subprocess.Popen(argv, cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    path = socket_path(place)
    assert path is not None
    until = time.monotonic() + 20
    while not os.path.exists(path):
        assert time.monotonic() < until, "the server does not listen"
        time.sleep(0.05)
    try:
        yield
    finally:
        assert server.stdin is not None
        server.stdin.close()
        server.wait(timeout=20)
        assert server.stdout is not None
        server.stdout.close()
