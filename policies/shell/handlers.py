"""What the families of git commands share."""

from collections.abc import Callable, Sequence

from ..effects import Effect, Stake
from .context import Context
from .options import Parsed, Takes

Handler = Callable[[Parsed, Context], list[Effect]]
NO_VALUES = Takes()


def found(
    effect: str, why: str, targets: Sequence[str] = (), *, instead: str = "", stake: Stake | None = None
) -> list[Effect]:
    """One effect; its span is filled in by the caller."""
    return [Effect(effect=effect, targets=tuple(targets), span="", why=why, instead=instead, stake=stake)]


def always(effect: str, why: str) -> Handler:
    """A command that always does the same."""

    def handler(parsed: Parsed, _: Context) -> list[Effect]:
        return found(effect, why, [*parsed.words, *parsed.paths])

    return handler
