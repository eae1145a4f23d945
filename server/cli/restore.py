"""`restore`: back to a checkpoint."""

from typing import Annotated

import typer

from ...tools import restore_checkpoint as tool
from . import transitions
from .common import Json, Root, Yes, desk


def restore(
    checkpoint: Annotated[str, typer.Argument(help="Its id, such as 2026-11-20-001.4.")],
    paths: Annotated[list[str] | None, typer.Argument(help="Only these; default everything.")] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", help="Only changes of agent, session, agent/<name> or action/<id>."),
    ] = None,
    digest: Annotated[str | None, typer.Option("--digest", help="Of a plan seen before.")] = None,
    yes: Yes = False,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Bring a checkpoint back: shows the plan, asks, keeps the state before."""
    transitions.run(
        lambda given: tool.restore_checkpoint(desk(root), checkpoint, paths or [], given, only),
        digest=digest,
        yes=yes,
        as_json=json,
    )
