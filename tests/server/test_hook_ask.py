"""Perl asks the server in place of Python: the same question, the same answer, and else Python does."""

import contextlib
import json
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from safe_rollback.core.workspace import Workspace
from safe_rollback.server import hooksocket
from safe_rollback.server.hooksocket import ask_server, pack, passed_on, socket_path, unpack
from tests.harness.repo import Repo
from tests.server.test_hook_program import ROOT, Installed, event

__all__ = ["event"]
pytestmark = pytest.mark.skipif(not os.access("/usr/bin/perl", os.X_OK), reason="no /usr/bin/perl: Python asks")

SCRIPT = Path(ROOT, "server", "ask.pl").read_text(encoding="ascii")
Answering = Callable[[socket.socket, list[bytes]], None]


class Server:
    """Listens where a server would, and keeps what it is asked."""

    def __init__(self, path: str, answering: Answering) -> None:
        self.asked: list[list[bytes]] = []
        self._answering = answering
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self._socket.bind(path)
        self._socket.listen(4)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.asked.append(unpack(connection.recv))
                self._answering(connection, self.asked[-1])

    def close(self) -> None:
        """No longer."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def serve(repo: Repo) -> Iterator[Callable[[Answering], Server]]:
    running: list[Server] = []

    def start(answering: Answering) -> Server:
        path = socket_path(repo.root)
        assert path is not None
        running.append(Server(path, answering))
        return running[-1]

    yield start
    for one in running:
        one.close()


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(str(tmp_path / "prefix"))


def says(out: bytes, err: bytes = b"", code: int = 0) -> Answering:
    """A server that answers so."""
    return lambda connection, _: connection.sendall(pack([out, err, b"%d" % code]))


def ask(
    installed: Installed, cwd: str, data: bytes, *argv: str | bytes, env: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [installed.program, *argv], cwd=cwd, input=data, capture_output=True, env={**os.environ, **(env or {})}
    )


def denied(said: bytes) -> bool:
    answer: dict[str, dict[str, str]] = json.loads(said)
    return answer["hookSpecificOutput"]["permissionDecision"] == "deny"


@pytest.mark.parametrize("place", ["", "deep/er", "linked", "../side"])
def test_it_asks_what_python_asks(
    repo: Repo,
    installed: Installed,
    serve: Callable[[Answering], Server],
    place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repo.write("deep/er/x", "x\n")
    os.symlink("deep", os.path.join(repo.root, "linked"))
    repo.git("worktree", "add", "-q", "../side", "-b", "side")
    cwd = os.path.join(repo.root, place)
    path = socket_path(os.path.realpath(cwd))
    assert path is not None
    monkeypatch.setenv("GIT_ODD", "a=b\nc \udcff")
    monkeypatch.setenv("CODEX_X", "")
    monkeypatch.setenv("NOT_THIS", "x")
    monkeypatch.chdir(cwd)
    server = Server(path, says(b"{}"))
    argv = ["git", "pre-push", "", "a b\n", os.fsdecode(b"\xff\xfe")]
    data = b'{"x": "\xff\x00"}' * 50_000
    try:
        assert ask(installed, cwd, data, *argv).returncode == 0
        assert ask_server(argv, data, os.getcwd()) == ("{}", "", 0)
    finally:
        server.close()
    ours, theirs = server.asked
    assert ours[:3] == theirs[:3] and ours[3:8] == theirs[3:8]
    assert sorted(ours[8:]) == sorted(theirs[8:])
    assert os.fsencode("GIT_ODD=a=b\nc \udcff") in ours and not any(b"NOT_THIS" in one for one in ours)


def test_the_answer_is_passed_on_to_the_byte(
    repo: Repo, installed: Installed, serve: Callable[[Answering], Server]
) -> None:
    out, err = b"\xff\n\x00" * 100_000, "é\n".encode()

    def slowly(connection: socket.socket, _: list[bytes]) -> None:
        message = pack([out, err, b"3"])
        for start in range(0, len(message), 70_001):
            connection.sendall(message[start : start + 70_001])
            time.sleep(0.001)

    serve(slowly)
    done = ask(installed, repo.root, b"{}", "claude-code")
    assert (done.stdout, done.stderr, done.returncode) == (out, err, 3)


@pytest.mark.parametrize("answer", [b"", b"3\n1\na", b"no message", b"1\n0\n", b"3\n0\n0\n1\nx", b"9" * 40])
def test_whatever_is_no_answer_leaves_it_to_python(
    repo: Repo,
    workspace: Workspace,
    installed: Installed,
    serve: Callable[[Answering], Server],
    event: dict[str, object],
    answer: bytes,
) -> None:
    """Python asks again, hears as little, and decides by itself over the same bytes."""
    server = serve(lambda connection, _: connection.sendall(answer))
    done = ask(installed, repo.root, json.dumps(event).encode(), "claude-code")
    assert denied(done.stdout), done.stderr
    assert len(server.asked) == 2 and server.asked[0][1] == server.asked[1][1]


def test_a_server_that_does_not_answer_in_time_is_a_refusal(
    repo: Repo, installed: Installed, serve: Callable[[Answering], Server], event: dict[str, object]
) -> None:
    rest = threading.Event()
    serve(lambda _connection, _fields: bool(rest.wait(20)))
    assert "my ($seconds," in SCRIPT and "$begun = time;" in SCRIPT
    late = SCRIPT.replace("= (45,", "= (1,").replace("$begun = time;", "$begun = time - 44;")
    package = os.path.join(installed.packages, "safe_rollback")
    os.unlink(package)
    for folder in ("", "server"):
        # A package like ours in which this one file differs.
        os.mkdir(os.path.join(package, folder))
        for name in os.listdir(os.path.join(ROOT, "src", "safe_rollback", folder)):
            if name not in ("server", "__pycache__") and not os.path.lexists(os.path.join(package, folder, name)):
                source = os.path.realpath(os.path.join(ROOT, "src", "safe_rollback", folder, name))
                os.symlink(source, os.path.join(package, folder, name))
    os.unlink(os.path.join(package, "server", "ask.pl"))
    Path(package, "server", "ask.pl").write_text(late, encoding="ascii")
    begun = time.monotonic()
    done = ask(installed, repo.root, json.dumps(event).encode(), "claude-code")
    rest.set()
    assert denied(done.stdout) and b"did not answer within" in done.stdout
    assert time.monotonic() - begun < 15


def test_nothing_of_the_environment_gets_into_it(
    repo: Repo, installed: Installed, serve: Callable[[Answering], Server], tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    evil = tmp_path / "Evil.pm"
    for name in ("Evil.pm", "strict.pm"):
        (tmp_path / name).write_text(f"package Evil; open(my $x, '>', '{mark}'); 1;\n")
    serve(says(b"asked"))
    env = {"PERL5OPT": "-MEvil", "PERL5LIB": str(evil.parent), "PERLLIB": str(evil.parent), "PERL_UNICODE": "SDA"}
    assert ask(installed, repo.root, b"{}", "claude-code", env=env).stdout == b"asked"
    assert not mark.exists()


def test_both_know_the_same_limits_and_names() -> None:
    found = re.search(r"= \((\d+), (\d+), (\d+) << (\d+)\)", SCRIPT)
    assert found is not None
    seconds, longest, base, shift = map(int, found.groups())
    assert (seconds, longest, base << shift) == (hooksocket.SECONDS, hooksocket._LONGEST, hooksocket._MAX_FIELD)
    assert f"/{hooksocket.NAME}" in SCRIPT
    body = re.search(r"sub passed_on \{(.*?)\n\}", SCRIPT, re.DOTALL)
    assert body is not None
    pattern = re.compile(re.sub(r"\s", "", body[1].split("=~ /", 1)[1].rsplit("/x", 1)[0]))
    names = ["HOME", "HOMES", "TMP", "TEMP", "TMPDIR", "TMPX", "GIT_DIR", "PATH", "MY_GIT_DIR"]
    names += [f"{one}X" for one in ("SAFE_ROLLBACK_", *hooksocket.AGENT_MARKERS)]
    assert [bool(pattern.match(one)) for one in names] == [passed_on(one) for one in names]


def test_a_server_that_takes_nobody_in_is_not_waited_for(
    repo: Repo, workspace: Workspace, installed: Installed, event: dict[str, object]
) -> None:
    """Its queue is full: Linux lets a client wait for ever, and a hook that its client kills lets all through."""
    path = socket_path(repo.root)
    assert path is not None
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stuck, contextlib.ExitStack() as waiting:
        stuck.bind(path)
        stuck.listen(0)
        for _ in range(3):
            one = waiting.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(path)
        begun = time.monotonic()
        done = ask(installed, repo.root, json.dumps(event).encode(), "claude-code")
    assert denied(done.stdout) and time.monotonic() - begun < 20


def test_nothing_but_the_answer_is_said(
    repo: Repo, installed: Installed, serve: Callable[[Answering], Server]
) -> None:
    serve(says(b"{}"))
    env = {"LC_ALL": "en_XX.UTF-8", "PERL_HASH_SEED_DEBUG": "1", "PERL_SIGNALS": "unsafe"}
    done = ask(installed, repo.root, b"{}", "claude-code", env=env)
    assert (done.stdout, done.stderr, done.returncode) == (b"{}", b"", 0)


@pytest.mark.parametrize("flood", [b"9" * 30_000_000, b"4\n" + b"1\nx" * 4, b"3\n9999999999\n", b"3\n99999999\nx"])
def test_a_server_that_says_too_much_is_not_listened_to(
    repo: Repo, workspace: Workspace, installed: Installed, serve: Callable[[Answering], Server],
    event: dict[str, object], flood: bytes,
) -> None:  # fmt: skip
    def floods(connection: socket.socket, _: list[bytes]) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(flood)

    serve(floods)
    begun = time.monotonic()
    assert denied(ask(installed, repo.root, json.dumps(event).encode(), "claude-code").stdout)
    assert time.monotonic() - begun < 15
