"""Runs the MCP server over stdio, with recovery at the start and checkpoints while it runs."""

import gc
import logging
import os
import sys
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from ..core.gate.environment import scrub_process
from .ahead import Ahead
from .app import build
from .host import Host

T = TypeVar("T")
_FALLBACK = 60.0
logger = logging.getLogger("safe_rollback")


def serve(root: str | None) -> None:
    """Serve the worktree at `root` until the client closes the connection.

    Args:
        root: a directory in the worktree; by default what the client says it works on, else
            the current directory.
    """
    scrub_process()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="safe-rollback: %(message)s")
    host = Host(root or os.environ.get("CLAUDE_PROJECT_DIR") or os.getcwd())
    anyio.run(_run, host)


async def _run(host: Host) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(_keep, host)
        server = build(host)
        gc.freeze()
        gc.enable()
        await server.run_stdio_async()
        group.cancel_scope.cancel()


async def _keep(host: Host) -> None:
    """Recover once, answer hooks, read ahead, and take a checkpoint whenever the protocol's interval has passed."""
    await _quietly(host.begin)
    from .hookserver import HookServer  # late: the first answer does not wait for what hooks need

    hooks, ahead = HookServer(host), Ahead(host)
    await _quietly(hooks.start)
    ahead.start()
    try:
        await _checkpoints(host)
    finally:
        ahead.stop()
        hooks.stop()


async def _checkpoints(host: Host) -> None:
    waited = 0.0
    while True:
        # In naps: the interval may be tightened while it runs.
        interval = await _quietly(host.interval) or _FALLBACK
        nap = max(0.5, min(15.0, interval / 4))
        await anyio.sleep(nap)
        waited += nap
        if waited >= interval:
            waited = 0.0
            await _quietly(host.automatic_checkpoint)


async def _quietly(step: Callable[[], T]) -> T | None:
    """Work beside the calls must not end them: what goes wrong (a deleted worktree) stands in the log."""
    try:
        return await anyio.to_thread.run_sync(step)
    except Exception:
        logger.exception("beside the calls")
        return None
