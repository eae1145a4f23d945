"""`serve`: the MCP server."""

from typing import Annotated

import typer


def serve(
    root: Annotated[str | None, typer.Option("--root", help="A directory in the worktree.")] = None,
) -> None:
    """Run the MCP server over stdio; clients start it, people do not."""
    from ..serve import serve as run

    run(root)
