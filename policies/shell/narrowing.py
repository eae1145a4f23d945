"""Which files go by names from a stream, where what selects them is known."""

from collections.abc import Callable, Sequence

from ...core.records import replace
from ..effects import DESTRUCTIVE, Effect
from .builtins import Call
from .expand import Field
from .files import PROGRAMS
from .nodes import COMPUTED
from .selected import deleting
from .state import State


def by_stream(effect: Effect) -> bool:
    """Whether an effect takes files whose names a stream supplies."""
    return effect.computed and effect.effect in DESTRUCTIVE


def narrowed(
    found: list[Effect], call: Call, judge: Callable[[Sequence[Field], State], list[Effect]]
) -> list[Effect]:
    """What a command does, with the files that are meant in the place of names from a stream.

    Args:
        found: what it does to names it is given.
        call: the command.
        judge: what a command does in a shell.
    """
    if not any(map(by_stream, found)):
        return found
    rest = [one for one in found if not by_stream(one)]
    if call.name not in PROGRAMS or any(COMPUTED in one.text and one.streamed is None for one in call.fields):
        # Some of the names may come from elsewhere.
        return rest + [replace(one, computed=False) for one in found if by_stream(one)]
    if not call.state.found:
        return found
    inner = call.state.copy()
    inner.found, inner.context = (), replace(inner.context, fed=False)
    return rest + judge(deleting(call.state.found, ("rm", "-rf", "{}")), inner)
