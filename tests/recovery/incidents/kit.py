"""A service on this machine that takes notifications, and records written as the tools write them."""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt

from safe_rollback.core.ledger.event import Event
from safe_rollback.core.workspace import Workspace
from tests.harness.repo import Repo

PROTOCOL = "```toml safe-rollback\n%s\n```\n"


class Service:
    """Answers every POST in one way, and keeps what came.

    Args:
        status: of the answer; None never answers.
    """

    def __init__(self, status: int | None = 200) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self._end = threading.Event()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Keep quiet."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                service.got.append((self.path, json.loads(body)))
                if status is None:
                    service._end.wait(30)
                    return
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path: str = "hook") -> str:
        """Its address as Apprise takes it."""
        return f"json://127.0.0.1:{self._server.server_address[1]}/{path}"

    def stop(self) -> None:
        """End it."""
        self._end.set()
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def service(status: int | None = 200) -> Iterator[Service]:
    """A service, for as long as it is needed."""
    running = Service(status)
    try:
        yield running
    finally:
        running.stop()


def record(workspace: Workspace, *events: Event, session: str | None = None) -> None:
    """Write events into the ledger."""
    with workspace.repository_lock("test"):
        for event in events:
            workspace.ledger.append(event, session=session)


def protocol(repo: Repo, text: str) -> None:
    """Commit a protocol."""
    repo.commit("Protocol", {"CLAUDE.md": PROTOCOL % text})


def markup(markdown: str) -> Sequence[str]:
    """The kinds of everything in a Markdown text that is not plain prose, in order."""
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    flat = [token for block in parsed for token in (block, *(block.children or ()))]
    plain = {"inline", "text", "softbreak", "paragraph_open", "paragraph_close", "text_special"}
    return [token.type for token in flat if token.type not in plain]
