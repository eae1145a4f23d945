"""A relay on loopback that keeps what a client sends to a server, so that a test sees every statement."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator


class Wire:
    """What went from client to server.

    Args:
        host: the server's.
        port: the server's.
        before: called before each piece is passed on, with the piece.
    """

    def __init__(self, host: str, port: int, before: Callable[[bytes], None]) -> None:
        self.sent = bytearray()
        self._target, self._before = (host, port), before
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(self._target)
                self._sockets += [client, server]
                for pair in ((client, server, True), (server, client, False)):
                    thread = threading.Thread(target=self._relay, args=pair, daemon=True)
                    self._threads.append(thread)
                    thread.start()

    def _relay(self, source: socket.socket, target: socket.socket, keep: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if keep:
                    self._before(data)
                    self.sent += data
                target.sendall(data)
        for one, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
            with contextlib.suppress(OSError):
                one.shutdown(how)

    def close(self) -> None:
        """Accept no more, and wait for what is on its way."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(timeout=5)
        for one in self._sockets:
            one.close()


@contextlib.contextmanager
def relayed(host: str, port: int, before: Callable[[bytes], None] = lambda _: None) -> Iterator[Wire]:
    """A relay to a server."""
    wire = Wire(host, port, before)
    try:
        yield wire
    finally:
        wire.close()


def postgres_statements(sent: bytes) -> list[str]:
    """The statements in what a PostgreSQL client sent without TLS: simple queries and those it had parsed."""
    (length,) = (int.from_bytes(sent[:4], "big"),)
    position, found = length, list[str]()
    while position + 5 <= len(sent):
        kind, size = sent[position : position + 1], int.from_bytes(sent[position + 1 : position + 5], "big")
        body = sent[position + 5 : position + 1 + size]
        if kind == b"Q":
            found.append(body.rstrip(b"\0").decode())
        elif kind == b"P":
            found.append(body.split(b"\0")[1].decode())
        position += 1 + size
    return [" ".join(one.split()) for one in found]


def mysql_statements(sent: bytes) -> list[str]:
    """The statements in what a MySQL client sent without TLS."""
    position, found = 0, list[str]()
    while position + 4 <= len(sent):
        size, number = int.from_bytes(sent[position : position + 3], "little"), sent[position + 3]
        body = sent[position + 4 : position + 4 + size]
        # Each command begins a sequence anew; 3 is a query, 1 the end.
        if number == 0 and body[:1] == b"\3":
            found.append(" ".join(body[1:].decode().split()))
        position += 4 + size
    return found


def redis_commands(sent: bytes) -> list[str]:
    """The names of the commands in what a Redis client sent."""
    found, lines = [], iter(sent.split(b"\r\n"))
    for line in lines:
        if line.startswith(b"*"):
            words = []
            for _ in range(int(line[1:])):
                next(lines)
                words.append(next(lines).decode("utf-8", "replace"))
            found.append(words[0].upper())
    return found
