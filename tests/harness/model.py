"""A scripted model behind a loopback Messages API, so that the real client can be driven."""

import http.server
import json
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

Step = Callable[[str], "tuple[str, dict[str, Any]] | str"]
"""Given the last tool result's text: the next tool call (name, input), or the model's last words."""


class ScriptedModel:
    """Plays a script: one step for each turn of the conversation that has tools.

    Args:
        steps: the script.

    Attributes:
        results: the text of every tool result, in order, with whether it was an error.
        tools: names of the tools the client offered.
        said: what the client told the model, turn by turn.
        broken: what a step raised; the script ends there.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = list(steps)
        self._turn = 0
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
            self.results = _results(body["messages"])
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
            name, arguments = said
            return {"type": "tool_use", "id": f"toolu_{self._turn:04}", "name": name, "input": arguments}


def _results(messages: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    found: dict[str, tuple[str, bool]] = {}
    for message in messages:
        content = message["content"]
        for block in content if isinstance(content, list) else []:
            if block.get("type") == "tool_result":
                inner = block.get("content", "")
                text = inner if isinstance(inner, str) else "\n".join(one.get("text", "") for one in inner)
                found.setdefault(block["tool_use_id"], (text, bool(block.get("is_error"))))
    return [*found.values()]


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
