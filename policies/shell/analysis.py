"""From a command line to its effects."""

from collections.abc import Callable, Sequence

from ...core.records import replace
from ..effects import Effect
from .context import NOWHERE, Context
from .git import git_effects
from .unread import unjudged
from .walk import Walk

_MAX_INPUT = 128 << 10


def analyse(command: str, context: Context = NOWHERE) -> list[Effect]:
    """What a shell line would do.

    Args:
        command: the line.
        context: the repository it runs in.
    """
    if len(command) > _MAX_INPUT or len(command.encode("utf-8", "replace")) > _MAX_INPUT:
        return [Effect(effect="unknown", span=command[:60], why="it is longer than 128 KiB")]
    if not command.isascii():
        # Half a surrogate pair is no character.
        command = command.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    context.begin()
    return _guarded(command, lambda walk: walk.line(command, context))


def analyse_git(args: Sequence[str], context: Context = NOWHERE) -> list[Effect]:
    """What `git <args>` would do."""
    context.begin()
    return _guarded("git", lambda walk: git_effects(args, context, walk.line))


def _guarded(command: str, run: Callable[[Walk], list[Effect]]) -> list[Effect]:
    span = command[:200].replace("\0", "…")
    try:
        effects = run(Walk())
    except Exception as error:  # noqa: BLE001 - a command that is not understood must not run unjudged
        why = f"it cannot be judged: the analysis failed with {type(error).__name__}"
        return [unjudged(span, why)]
    effects = [_clean(one) if "\0" in one.span or "\0" in one.why else one for one in effects]
    return effects or [Effect(effect="state.read", span=span, why="it runs nothing")]


def _clean(effect: Effect) -> Effect:
    return replace(effect, span=effect.span.replace("\0", "…"), why=effect.why.replace("\0", "…"))
