"""A hook process asks the server that runs in its worktree, over a Unix socket in our state directory.

Loading what an answer needs costs several times what asking for it does, so this part imports
no more than it must. A message is a count of fields and each field with its length; no JSON.
"""

import os
import time

TYPE_CHECKING = False  # nor is `typing` loaded for this
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAME = "hook.sock"
# Below the 60 s the clients' settings give a hook: one that is killed by its client lets the command run.
SECONDS = 45.0
_LONGEST = 100
_MAX_FIELD = 64 << 20


def socket_path(start: str) -> str | None:
    """Where the server of the worktree around a directory would listen; None if that cannot be told."""
    folder = worktree_around(start)
    if folder is None:
        return None
    git, name = os.path.join(folder, ".git"), "main"
    if os.path.isfile(git):
        with open(git, encoding="utf-8", errors="surrogateescape") as file:
            target = os.path.join(folder, file.read(4096).removeprefix("gitdir: ").strip())
        git, name = os.path.dirname(os.path.dirname(target)), os.path.basename(target)
        if os.path.basename(os.path.dirname(target)) != "worktrees":
            return None
    path = os.path.join(git, "safe-rollback", "worktrees", name, NAME)
    return path if len(os.fsencode(path)) <= _LONGEST else None


def worktree_around(start: str) -> str | None:
    """The nearest directory upwards that has a `.git`."""
    folder = os.path.abspath(start)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def ask_server(
    argv: "Sequence[str]", data: bytes, cwd: str, deadline: float | None = None
) -> tuple[str, str, int] | None:
    """What the server answers to a hook: output, messages, exit code; None if it has to answer itself.

    Args:
        argv: the hook's arguments.
        data: its input.
        cwd: the directory it runs in.
        deadline: when time is up, as `time.monotonic` says it; by default in `SECONDS`.

    Raises:
        TimeoutError: if there is a server, and time is up.
    """
    path = socket_path(cwd)
    if path is None or not os.path.exists(path):
        return None
    import _socket  # the module `socket` is four times as slow to load

    until = time.monotonic() + SECONDS if deadline is None else deadline
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)

    def left() -> float:
        if (seconds := until - time.monotonic()) <= 0:
            raise TimeoutError
        return seconds

    def receive(size: int) -> bytes:
        connection.settimeout(left())
        return connection.recv(size)

    try:
        connection.settimeout(left())
        try:
            connection.connect(path)
        except OSError:
            return None  # a server that has ended
        environment = [f"{name}={value}" for name, value in os.environ.items() if passed_on(name)]
        fields = [cwd.encode(errors="surrogateescape"), data, str(len(argv)).encode()]
        fields += [word.encode(errors="surrogateescape") for word in (*argv, *environment)]
        connection.sendall(pack(fields))
        out, err, code = unpack(receive)
        ended = int(code)
    except TimeoutError:
        raise
    except (OSError, ValueError):
        return None
    finally:
        connection.close()
    return out.decode(errors="surrogateescape"), err.decode(errors="surrogateescape"), ended


def passed_on(name: str) -> bool:
    """Whether an answer may depend on an environment variable."""
    return name in ("HOME", "TMPDIR", "TMP", "TEMP") or name.startswith(("GIT_", "SAFE_ROLLBACK_", *AGENT_MARKERS))


AGENT_MARKERS = ("CLAUDECODE", "CLAUDE_CODE", "CODEX_", "GEMINI_CLI", "CURSOR_", "OPENCODE")
"""Beginnings of variables that clients set for what their agents run."""


def pack(fields: "Sequence[bytes]") -> bytes:
    """Fields as one message."""
    return b"%d\n" % len(fields) + b"".join(b"%d\n" % len(field) + field for field in fields)


def unpack(receive: "Callable[[int], bytes]") -> list[bytes]:
    """The fields of a message; none if the other side said nothing.

    Args:
        receive: reads at most so many bytes; nothing at the end.

    Raises:
        ValueError: if it ends early or is no message.
    """
    buffer = bytearray()

    def need(size: int) -> None:
        while len(buffer) < size:
            more = receive(1 << 16)
            if not more:
                raise ValueError("the message ends early")
            buffer.extend(more)

    def number() -> int:
        while b"\n" not in buffer[:24]:
            need(len(buffer) + 1)
            if len(buffer) > 24 and b"\n" not in buffer[:24]:
                raise ValueError("no message")
        line, _, _ = bytes(buffer[:24]).partition(b"\n")
        del buffer[: len(line) + 1]
        return int(line)

    fields: list[bytes] = []
    for _ in range(number()):
        size = number()
        if not 0 <= size <= _MAX_FIELD:
            raise ValueError("a field is too long")
        need(size)
        fields.append(bytes(buffer[:size]))
        del buffer[:size]
    return fields
