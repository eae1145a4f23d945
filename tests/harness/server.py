"""The real server in a process of its own, spoken to with the SDK's client over stdio."""

import contextlib
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult, TextContent

ERAS = ("legacy", "auto")


def parameters(root: str, env: dict[str, str] | None = None) -> StdioServerParameters:
    """How a client starts the server for a worktree."""
    passed = {name: os.environ[name] for name in ("HOME", "PATH", "GIT_CONFIG_NOSYSTEM") if name in os.environ}
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "safe_rollback", "serve", "--root", root],
        env={**passed, **(env or {})},
        cwd=root,
    )


@contextlib.asynccontextmanager
async def connect(root: str, mode: str = "auto", *, answer: Any = None) -> AsyncIterator[Client]:
    """A connected client.

    Args:
        root: the worktree.
        mode: the protocol era, one of `ERAS`.
        answer: the elicitation callback of a client that can ask a human; None for one that cannot.
    """
    with open(os.devnull, "w") as quiet:
        async with Client(
            stdio_client(parameters(root), errlog=quiet), mode=mode, elicitation_callback=answer
        ) as client:
            yield client


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """A tool's structured answer.

    Raises:
        AssertionError: if it is an error result, with its text.
    """
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text(result)
    assert result.structured_content is not None
    return result.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structure of an answer that has to be an error."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, text(result)
    assert result.structured_content is not None
    return result.structured_content


def text(result: CallToolResult) -> str:
    """What a model that sees no structure reads."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))
