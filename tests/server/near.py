"""The server in this process, for what does not depend on its transport."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from mcp import Client

from safe_rollback.core.errors import SafeRollbackError
from safe_rollback.server.app import build
from safe_rollback.server.host import Host


@contextlib.asynccontextmanager
async def attach(root: str, mode: str = "auto", *, answer: Any = None) -> AsyncIterator[Client]:
    """A client of a server for `root`; see `tests.harness.server.connect`."""
    host = Host(root)
    try:
        async with Client(build(host), mode=mode, elicitation_callback=answer) as client:
            yield client
    finally:
        with contextlib.suppress(SafeRollbackError):
            host.workspace().close()
