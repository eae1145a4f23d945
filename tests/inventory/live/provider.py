"""A provider's API on loopback that answers as it was told, and remembers what it was asked."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """A request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass
class Answer:
    """What comes back: JSON, or bytes as they are; after some seconds."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


Route = Answer | Callable[[Asked], Answer]


class Provider:
    """A server. Whatever has no route is not found.

    Attributes:
        url: its address.
        asked: what it was asked, in order.
        routes: path → what it answers.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.routes: dict[str, Route] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                asked = Asked(
                    self.command, parts.path, query, {name.lower(): one for name, one in self.headers.items()}
                )
                provider.asked.append(asked)
                route = provider.routes.get(parts.path, Answer({"error": "not found"}, status=404))
                said = route(asked) if callable(route) else route
                data = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                with contextlib.suppress(OSError):
                    time.sleep(said.seconds)
                    self.send_response(said.status)
                    for name, value in {"Content-Length": str(len(data)), **said.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """A running provider."""
    found = Provider()
    try:
        yield found
    finally:
        found.close()
