"""Spawn → initialize → tools/list, over raw stdio: no client library in the measured time."""

import json
import os
import subprocess
import sys
from typing import Any

BARE = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "bare_server.py")]
OURS = [sys.executable, "-m", "safe_rollback", "serve"]


def tools_list(argv: list[str], root: str) -> bytes:
    """Start a server, shake hands, list the tools, stop it; the answer's line."""
    process = subprocess.Popen(
        argv, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        _send(process, 1, "initialize", {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "0"},
        })  # fmt: skip
        process.stdout.readline()
        _send(process, None, "notifications/initialized", {})
        _send(process, 2, "tools/list", {})
        return process.stdout.readline()
    finally:
        process.stdin.close()
        process.kill()
        process.wait()
        process.stdout.close()


def _send(process: "subprocess.Popen[bytes]", number: int | None, method: str, params: dict[str, Any]) -> None:
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    if number is not None:
        message["id"] = number
    assert process.stdin is not None
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()
