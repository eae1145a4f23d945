"""A scripted model behind a loopback Messages API, so that the real client can be driven."""

import http.server
import json
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

Step = Callable[[str], "tuple[str, dict[str, Any]] | str"]
"""Given the last tool result's text: the next tool call (name, input), or the model's last words."""

# What the client answers while a server has not connected, and its tool to wait for that. A model that reads waits.
_CONNECTING = ("is still connecting", "No such tool available: mcp__")
_WAIT = "WaitForMcpServers"
_PATIENCE = 60


class ScriptedModel:
    """Plays a script: one step for each turn of the conversation that has tools.

    A call that came before its server had connected is made again once the server is there.

    Args:
        steps: the script.

    Attributes:
        results: the text of every tool result of the script, in order, with whether it was an error.
        tools: names of the tools the client offered.
        said: what the client told the model, turn by turn.
        broken: what a step raised; the script ends there.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = list(steps)
        self._turn = 0
        self._waits = 0
        self._call: tuple[str, dict[str, Any]] | None = None
        self._early: set[str] = set()
        self.results: list[tuple[str, bool]] = []
        self.tools: set[str] = set()
        self.said: list[str] = []
        self.broken: Exception | None = None
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

            def do_GET(self) -> None:
                self._send(b"{}", "application/json")

            def do_HEAD(self) -> None:
                self._send(b"", "application/json")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
                if "count_tokens" in self.path:
                    self._send(b'{"input_tokens": 10}', "application/json")
                elif "messages" not in self.path:
                    self._send(b"{}", "application/json")
                elif body.get("stream"):
                    self._send(_events(model.turn(body)), "text/event-stream")
                else:
                    self._send(json.dumps(_message(model.turn(body))).encode(), "application/json")

            def _send(self, data: bytes, kind: str) -> None:
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """Start listening."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def turn(self, body: dict[str, Any]) -> dict[str, Any]:
        """The content block the model answers with."""
        if not body.get("tools"):
            return {"type": "text", "text": "A title"}
        with self._lock:
            self.tools |= {tool["name"] for tool in body["tools"]}
            self.said.append(json.dumps([body.get("system"), body["messages"]]))
            results = _results(body["messages"])
            last = list(results)[-1] if results else ""
            if (
                self._call is not None
                and last not in self._early
                and any(said in results[last][0] for said in _CONNECTING)
            ):
                self._early.add(last)
                if _WAIT in self.tools:
                    return self._waiting(_WAIT, {})
                time.sleep(0.5)
            again = last in self._early
            self.results = [result for call, result in results.items() if call not in self._early]
            if again and self._call is not None and self._waits < _PATIENCE:
                return self._waiting(*self._call, early=False)
            if self._turn >= len(self._steps):
                return {"type": "text", "text": "Done."}
            try:
                said = self._steps[self._turn](self.results[-1][0] if self.results else "")
            except Exception as error:  # noqa: BLE001
                # The client would ask again and again; the test looks at what came instead.
                self.broken = error
                self._turn = len(self._steps)
                return {"type": "text", "text": "Done."}
            self._turn += 1
            if isinstance(said, str):
                return {"type": "text", "text": said}
            self._call = said
            return _call(f"toolu_{self._turn:04}", *said)

    def _waiting(self, name: str, arguments: dict[str, Any], *, early: bool = True) -> dict[str, Any]:
        """A call that is not the script's next: to wait for a server, or the last one again."""
        self._waits += 1
        identity = f"toolu_w{self._waits:03}"
        if early:
            self._early.add(identity)
        return _call(identity, name, arguments)


def _call(identity: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"type": "tool_use", "id": identity, "name": name, "input": arguments}


def _results(messages: list[dict[str, Any]]) -> dict[str, tuple[str, bool]]:
    found: dict[str, tuple[str, bool]] = {}
    for message in messages:
        content = message["content"]
        for block in content if isinstance(content, list) else []:
            if block.get("type") == "tool_result":
                inner = block.get("content", "")
                text = inner if isinstance(inner, str) else "\n".join(one.get("text", "") for one in inner)
                found.setdefault(block["tool_use_id"], (text, bool(block.get("is_error"))))
    return found


def _message(block: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "scripted",
        "content": [block],
        "stop_reason": "tool_use" if block["type"] == "tool_use" else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def _events(block: dict[str, Any]) -> bytes:
    message = _message(block)
    if block["type"] == "tool_use":
        start: dict[str, Any] = {**block, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    else:
        start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
    rows: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": start},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None},
            "usage": {"output_tokens": 1},
        },
        {"type": "message_stop"},
    ]
    return b"".join(f"event: {row['type']}\ndata: {json.dumps(row)}\n\n".encode() for row in rows)
