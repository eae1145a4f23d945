"""Whatever fails in the hook program, the command does not run unprotected, and the message says why."""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from safe_rollback.core.workspace import open_workspace
from safe_rollback.server.clients.claude_code import hook_groups
from safe_rollback.server.hooksocket import pack, socket_path, unpack
from safe_rollback.tools.desk import Desk
from safe_rollback.tools.start_session import start_session
from tests.harness.repo import Repo
from tests.server.hookkit import Hook, Said, script, traces

LINE = "touch made.txt"
WORST = "git checkout README.md"
"""Takes a human's edit where README.md has one."""
GOOD = '```toml safe-rollback\n[protect]\npaths = ["infra/**"]\n```\n'
BROKEN = '```toml safe-rollback\n[protect]\npaths = "infra\n```\n'
SHORT = "import safe_rollback.server.hooksocket as s; s.SECONDS = {seconds}"


@pytest.fixture
def programs(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A directory for programs."""
    return str(tmp_path_factory.mktemp("bin"))


@pytest.fixture
def hook(repo: Repo, programs: str) -> Hook:
    """The program, in a project with a session and an edit of the human's."""
    _session(repo)
    repo.write("README.md", "the human's\n")
    return Hook(repo.root, script(programs))


def _session(repo: Repo) -> None:
    workspace = open_workspace(repo.root)
    start_session(Desk(workspace), "Tidy up", create_branch=True)
    workspace.close()


def _no(said: Said, *words: str) -> None:
    """A refusal in the client's form, which names the reason, and no traceback."""
    assert (said.code, said.decision) == (0, "deny"), said
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.reason, said.reason


# ---- the command line the client starts


def _registered(programs: str, repo: Repo, event: str = "PreToolUse") -> subprocess.CompletedProcess[str]:
    """What Claude Code starts, as it does: through a shell."""
    line = hook_groups()[event]["hooks"][0]["command"]
    environ = {**os.environ, "PATH": f"{programs}:/usr/bin:/bin"}
    return subprocess.run(
        ["/bin/sh", "-c", line], cwd=repo.root, env=environ, input="{}", capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    "body",
    [None, "kill -9 $$", "kill -SEGV $$", "exit 1", "exit 127", "exit 255", "cat > /dev/null; kill -TERM $$"],
    ids=["missing", "killed", "crashed", "failing", "half missing", "broken", "ended"],
)
def test_a_program_that_is_missing_or_dies_blocks_and_says_so(repo: Repo, programs: str, body: str | None) -> None:
    if body is not None:
        path = os.path.join(programs, "safe-rollback-hook")
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\n{body}\n")
        os.chmod(path, 0o755)
    done = _registered(programs, repo)
    assert done.returncode == 2
    assert "The safe-rollback guard did not run; nothing was done." in done.stderr


def test_the_programs_own_no_and_its_answer_pass_through(repo: Repo, programs: str) -> None:
    path = os.path.join(programs, "safe-rollback-hook")
    for code, said in ((2, "its own words"), (0, "")):
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\necho answer\necho '{said}' >&2\nexit {code}\n")
        os.chmod(path, 0o755)
        done = _registered(programs, repo)
        assert (done.returncode, done.stdout, done.stderr) == (code, "answer\n", f"{said}\n")


def test_a_broken_installation_blocks_what_waits_and_nothing_else(repo: Repo, programs: str) -> None:
    script(programs, "import sys; sys.modules['safe_rollback.server.hooksocket'] = None")
    done = _registered(programs, repo)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the guard failed: ModuleNotFoundError" in done.stderr and "Traceback" not in done.stderr
    # An agent that has stopped is not kept going by what it cannot mend.
    assert _registered(programs, repo, "Stop").returncode == 1


# ---- events that do not read


BASH = {"hook_event_name": "PreToolUse", "session_id": "s", "cwd": "/", "tool_name": "Bash"}
NO_EVENTS: dict[str, bytes] = {
    "empty": b"",
    "half": b"{",
    "list": b"[]",
    "null": b"null",
    "no event": b"{}",
    "no text": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "10 MB": b"x" * (10 << 20),
    "10 MB of a string": b'{"a": "' + b"x" * (10 << 20),
    "relative": json.dumps({**BASH, "cwd": "relative", "tool_input": {"command": "ls"}}).encode(),
    "no input": json.dumps(BASH).encode(),
    "no line": json.dumps({**BASH, "tool_input": {"command": ["ls"]}}).encode(),
}


@pytest.mark.parametrize("data", NO_EVENTS.values(), ids=NO_EVENTS)
def test_what_is_no_event_ends_with_two_and_a_short_message(repo: Repo, hook: Hook, data: bytes) -> None:
    had = traces(repo.root)
    said = hook.send(data)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("safe-rollback: this event does not read, so nothing runs: ")
    assert "Traceback" not in said.err and len(said.err) < 1000
    assert traces(repo.root) == had


def test_a_client_that_is_not_known_ends_with_two_and_the_names_of_those_that_are(hook: Hook) -> None:
    said = hook.send(b"{}", "no-such-client")
    assert (said.code, said.out) == (2, "")
    assert "there is no client 'no-such-client'" in said.err and "claude-code" in said.err


def test_a_directory_that_is_gone_is_no_reason_to_break(hook: Hook, tmp_path_factory: pytest.TempPathFactory) -> None:
    gone = str(tmp_path_factory.mktemp("gone") / "here")
    os.mkdir(gone)
    event = os.path.join(os.path.dirname(gone), "event")
    with open(event, "w") as file:
        json.dump(hook.event("PreToolUse", "Bash", {"command": WORST}), file)
    line = f"rmdir {gone} && {hook.program} claude-code < {event}"
    done = subprocess.run(["/bin/sh", "-c", line], cwd=gone, capture_output=True, text=True, timeout=60)
    _no(Said(done.returncode, done.stdout, done.stderr), "README.md")


# ---- what it needs is not to be had


def test_time_that_is_over_is_a_refusal(repo: Repo, programs: str, hook: Hook) -> None:
    script(programs, SHORT.format(seconds=0.01))
    had = traces(repo.root)
    _no(hook.before(LINE), "it did not finish within", "Instead:")
    assert traces(repo.root)[2:] == had[2:]


@contextlib.contextmanager
def _holding(repo: Repo, hold: str) -> Iterator[None]:
    """Another process that holds something, until the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-c", f"{hold}\nprint(flush=True)\ninput()\n"],
        cwd=repo.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


LEDGER = (
    "import sqlite3; db = sqlite3.connect('.git/safe-rollback/ledger.db', isolation_level=None); db.execute('{0}')"
)
FLOCK = "import fcntl; file = open('.git/safe-rollback/{0}', 'r+'); fcntl.flock(file, fcntl.LOCK_EX)"


def test_a_ledger_that_another_program_holds_is_waited_for_and_then_refused(
    repo: Repo, programs: str, hook: Hook
) -> None:
    script(programs, "import safe_rollback.core.ledger.store as s; s._BUSY_SECONDS = 0.2")
    with _holding(repo, LEDGER.format("BEGIN EXCLUSIVE")):
        _no(hook.before(LINE), "Another process holds the ledger", "Instead:")
        _no(hook.before(WORST))
        assert hook.before("git status").decision == "pass"
    assert hook.before(LINE).decision == "pass"


def test_a_ledger_that_can_only_be_read_is_a_refusal_too(repo: Repo, programs: str, hook: Hook) -> None:
    script(programs, "import safe_rollback.core.ledger.store as s; s._BUSY_SECONDS = 0.2")
    with _holding(repo, LEDGER.format("BEGIN IMMEDIATE")):
        _no(hook.before(LINE), "Another process holds the ledger")
        _no(hook.before(WORST))


@pytest.mark.parametrize("lock", ["worktrees/main/lock", "lock"])
def test_a_lock_that_another_process_keeps_is_waited_for_and_then_refused(
    repo: Repo, programs: str, hook: Hook, lock: str
) -> None:
    script(programs, SHORT.format(seconds=1.5))
    with _holding(repo, FLOCK.format(lock)):
        _no(hook.before(LINE), "it did not finish within", "keeps the repository busy")
    script(programs)
    assert hook.before(LINE).decision == "pass"


def _garbage(path: str) -> None:
    with open(path, "r+b") as file:
        file.write(b"\0garbage\0" * 400)


def _other(path: str) -> None:
    os.unlink(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE somebody (x)")


@pytest.mark.parametrize("damage", [_garbage, _other, os.unlink], ids=["garbage", "somebody else's", "gone"])
def test_a_damaged_ledger_is_a_refusal_that_names_the_repair(
    repo: Repo, hook: Hook, damage: Callable[[str], None]
) -> None:
    damage(os.path.join(repo.root, ".git/safe-rollback/ledger.db"))
    for line in (LINE, WORST):
        _no(hook.before(line), "ledger", "`safe-rollback doctor --repair`")
    given = {"file_path": os.path.join(repo.root, "README.md")}
    _no(hook.send(hook.event("PreToolUse", "Write", given)), "doctor --repair")
    told = hook.send(hook.event("SessionStart"))
    assert "cannot protect this worktree" in json.loads(told.out)["hookSpecificOutput"]["additionalContext"]
    # An agent is not kept from stopping by it.
    assert hook.send(hook.event("Stop")).out == ""


@pytest.mark.parametrize(
    ("size", "why"), [(0, "File too large. Check free space"), (5000, "disk I/O error. Check free space")]
)
def test_a_disk_that_takes_no_more_is_a_refusal(repo: Repo, hook: Hook, size: int, why: str) -> None:
    """A limit on the size of files stands for it: large writes fail, those of git and SQLite too."""
    before = repo.state()
    for line in (LINE, WORST):
        _no(hook.before(line, largest_file=size), "cannot protect the worktree now", why)
    assert hook.before("git status", largest_file=size).decision == "pass"
    assert repo.state() == before
    assert hook.before(LINE).decision == "pass"


def _may_mount() -> bool:
    with open("/proc/filesystems") as file:
        return os.geteuid() == 0 and any(line.split()[-1] == "tmpfs" for line in file)


@pytest.fixture
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A file system of 24 MiB, of which a checkpoint wants 16 to be free."""
    folder = str(tmp_path_factory.mktemp("disk"))
    if not _may_mount():
        pytest.skip("only root may mount a small file system")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("this root may not mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_a_refusal_that_says_so(small_disk: str, programs: str) -> None:
    repo = Repo(os.path.join(small_disk, "project"))
    os.mkdir(repo.root)
    repo.git("init", "-q", "--template=")
    repo.commit("Start", {"README.md": "x\n"})
    _session(repo)
    repo.write("README.md", "the human's\n")
    hook = Hook(repo.root, script(programs))
    assert hook.before(LINE, call="before").decision == "pass"
    repo.write("notes.txt", "more of the human's\n" * 30)
    filler = os.path.join(small_disk, "filler")
    with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    _no(hook.before(LINE), "space", "Instead:")
    _no(hook.before(WORST))
    os.unlink(filler)
    assert hook.before(LINE).decision == "pass"


# ---- the project's rules do not read


def test_before_the_first_session_broken_rules_leave_the_built_in_ones_and_are_told(
    repo: Repo, programs: str
) -> None:
    repo.commit("Rules", {"CLAUDE.md": BROKEN})
    repo.write("README.md", "the human's\n")
    hook = Hook(repo.root, script(programs))
    for line in (WORST, "git reset --hard", "echo x > .claude/settings.json"):
        assert hook.before(line).decision == "deny", line
    assert hook.before(LINE).decision == "pass"
    told = json.loads(hook.send(hook.event("SessionStart")).out)["hookSpecificOutput"]["additionalContext"]
    assert "CLAUDE.md cannot be used, so the built-in protocol holds" in told


def test_after_good_ones_were_pinned_those_hold(repo: Repo, programs: str) -> None:
    repo.commit("Rules", {"CLAUDE.md": GOOD})
    _session(repo)
    hook = Hook(repo.root, script(programs))
    line = "echo x > infra/x.tf"
    assert "protected-paths" in hook.before(line).reason
    repo.write("CLAUDE.md", BROKEN)
    assert "protected-paths" in hook.before(line).reason
    told = json.loads(hook.send(hook.event("SessionStart")).out)["hookSpecificOutput"]["additionalContext"]
    assert "CLAUDE.md cannot be used, so the last good protocol holds" in told and "infra/**" in told


@pytest.mark.parametrize("what", [b"\xff\xfe\x00", b"```toml safe-rollback\n", "directory"])
def test_rules_that_are_no_text_or_no_file_let_nothing_through(repo: Repo, programs: str, what: bytes | str) -> None:
    if isinstance(what, bytes):
        repo.write("CLAUDE.md", what)
    else:
        os.mkdir(os.path.join(repo.root, "CLAUDE.md"))
    repo.write("README.md", "the human's\n")
    said = Hook(repo.root, script(programs)).before(WORST)
    assert said.decision == "deny"


# ---- the server


@contextlib.contextmanager
def _serving(repo: Repo, serve: Callable[[socket.socket], None]) -> Iterator[list[bytes]]:
    """Something that listens where the server would, and does `serve` with who comes."""
    path = socket_path(repo.root)
    assert path is not None
    came: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(path)
        listening.listen()

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        came.append(unpack(connection.recv)[1])
                        serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield came
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            os.unlink(path)


@pytest.mark.parametrize(
    "part",
    [b"", b"3\n", b"3\n0\n0\n", b"not a message\n", pack([b"", b""]), pack([b"", b"", b"yes"]), b"3\n-1\n"],
    ids=["nothing", "count", "half", "babble", "too few", "no code", "negative"],
)
def test_where_a_server_dies_in_the_middle_the_program_decides_by_itself(repo: Repo, hook: Hook, part: bytes) -> None:
    with _serving(repo, lambda connection: connection.sendall(part)) as came:
        _no(hook.before(WORST), "README.md")
        assert hook.before(LINE).decision == "pass"
        assert len(came) == 2
    assert traces(repo.root)[2:] == (1, 1)


def test_a_server_that_hangs_is_a_refusal_in_the_clients_words(repo: Repo, programs: str, hook: Hook) -> None:
    script(programs, SHORT.format(seconds=0.5))
    released = threading.Event()
    with _serving(repo, lambda _: released.wait(60) and None) as came:
        try:
            _no(hook.before(LINE), "the server did not answer within", "Instead:")
            assert len(came) == 1
        finally:
            released.set()
    assert traces(repo.root)[3] == 0


def test_what_waits_for_nothing_is_not_blocked_by_a_server_that_hangs(repo: Repo, programs: str, hook: Hook) -> None:
    script(programs, SHORT.format(seconds=0.5))
    released = threading.Event()
    with _serving(repo, lambda _: released.wait(60) and None):
        try:
            said = hook.send(hook.event("Stop"))
        finally:
            released.set()
    assert (said.code, said.out) == (0, "")
