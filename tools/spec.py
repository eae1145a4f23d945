"""How a tool is declared; the server turns it into whatever its clients speak."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .desk import Desk
from .results import Result


@dataclass(frozen=True, kw_only=True)
class ToolSpec:
    """One tool.

    Attributes:
        name: what agents call.
        title: what people read.
        description: what a model reads to decide: when to call it and what it answers.
        run: takes a `Desk` and the arguments, answers a `Result`.
        reads_only: whether it changes nothing of the user's.
        discards: whether it may take later changes out of the worktree (recoverably).
        repeatable: whether a second call with the same arguments adds nothing.
        human: whether clients must show each call to a person.
        question: what a human must be asked before it runs, from the same arguments; None if nothing.
    """

    name: str
    title: str
    description: str
    run: Callable[..., Result]
    reads_only: bool = False
    discards: bool = False
    repeatable: bool = False
    human: bool = False
    question: Callable[[Desk, dict[str, Any]], str | None] | None = None
