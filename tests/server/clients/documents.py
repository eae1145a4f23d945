"""Settings files as people leave them."""

import json
import re
from typing import Any

JSON: dict[str, bytes | None] = {
    "missing": None,
    "empty": b"",
    "blank": b" \n\n",
    "only a BOM": b"\xef\xbb\xbf",
    "empty object": b"{}\n",
    "empty object without a newline": b"{}",
    "empty object on lines": b"{\n}\n",
    "empty object with a comment": b"{\n  // nothing yet\n}\n",
    "minified": b'{"model":"x","env":{"A":"1"}}',
    "tabs": b'{\n\t"model": "x",\n\t"env": {\n\t\t"A": "1"\n\t}\n}\n',
    "four spaces, CRLF, BOM": b'\xef\xbb\xbf{\r\n    "model": "x"\r\n}\r\n',
    "no final newline": b'{\n  "model": "x"\n}',
    "comments and trailing commas": (
        b'// mine\n{\n  "model": "x", // why\n  /* old\n  "a": 1, */\n  "b": [1, 2,],\n}\n// end'
    ),
    "empty hooks": b'{\n  "hooks": {},\n  "mcpServers": { }\n}\n',
    "empty lists": b'{"hooks": {"PreToolUse": [], "preToolUse": [\n]}, "mcp": {}}',
    "other hooks": (
        b'{\n  "version": 1,\n  "hooks": {\n    "PreToolUse": [\n'
        b'      {"matcher": "Bash", "hooks": [{"type": "command", "command": "mine.sh"}]} // keep  \n    ],\n'
        b'    "preToolUse": [{"command": "mine.sh"}, ],\n    "BeforeTool": [\n      { "hooks": [] },\n    ]\n  },\n'
        b'  "mcpServers": {\n    "other": {"command": "x"}\n  }\n}\n'
    ),
    "version alone": b'{\n  "version": 1\n}\n',
    "odd layout": b'{ "a" : 1\n, "hooks"\n:\n{ "Stop" : [ ] } }\n\n',
}
TOML: dict[str, bytes | None] = {
    "missing": None,
    "empty": b"",
    "newline": b"\n",
    "plain": b'model = "x" # why\n\n[mcp_servers.other]\ncommand = "y"\n',
    "no final newline": b'model = "x"',
    "CRLF": b'model = "x"\r\n[features]\r\nhooks = true\r\n',
    "blank end": b"[a]\nb = 1\n\n\n",
}
BROKEN = [
    b"{not json", b"[1, 2]", b'{"hooks": []}', b'{"hooks": 1, "mcpServers": null, "mcp": []}', b'{"a": 1} {}',
    b'{"a" 1}', b'{"a": 1 "b": 2}', b'"text"', b"// nothing but this\n", b"{,}", b'{"a": tru}', b'{"a": "\n"}',
    b"\xff{}", b"{" * 5000,
    b'{"hooks": {}, "hooks": {}, "mcpServers": {}, "mcpServers": {}, "mcp": {}, "mcp": {}}',
]  # fmt: skip


def lenient(data: bytes) -> Any:
    """JSON with comments and trailing commas, read another way than the product does."""
    text = data.decode("utf-8-sig")
    token = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
    text = token.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)
    comma = re.compile(r'("(?:[^"\\]|\\.)*")|,(\s*[}\]])', re.DOTALL)
    return json.loads(comma.sub(lambda found: found[1] or found[2], text))
