"""`undo`: takes an operation back."""

from typing import Annotated

import typer

from ...tools import undo as tool
from . import transitions
from .common import Json, Root, Yes, desk


def undo(
    operation: Annotated[str | None, typer.Argument(help="Its id; default the newest.")] = None,
    digest: Annotated[str | None, typer.Option("--digest", help="Of a plan seen before.")] = None,
    yes: Yes = False,
    root: Root = ".",
    json: Json = False,
) -> None:
    """Take an operation back and keep what came after it; undoing an undo redoes."""
    transitions.run(lambda given: tool.undo(desk(root), operation, given), digest=digest, yes=yes, as_json=json)
