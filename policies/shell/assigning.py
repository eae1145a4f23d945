"""Assignments of a shell: `name=value`, `name+=value`, `name=(…)`."""

from collections.abc import Callable, Sequence

from ..effects import Effect
from .context import Context
from .environment import assigned
from .expand import Runner, expand, stream_of, text_of
from .nodes import Assignment
from .state import State

_MAX_WORDS = 4000


def assign(
    assignments: Sequence[Assignment], state: State, run: Runner, line: Callable[[str, Context], list[Effect]]
) -> list[Effect]:
    """What assignments do.

    Args:
        assignments: as written.
        state: the shell, changed.
        run: runs what is substituted in them.
        line: analyses a shell line.
    """
    pairs: list[tuple[str, str]] = []
    for one in assignments:
        if one.array is not None:
            values = [field.text for word in one.array for field in expand(word, state, run)]
            state.arrays[one.name] = [*(state.arrays.get(one.name, []) if one.appends else []), *values]
            if len(state.arrays[one.name]) > _MAX_WORDS:
                state.forget(one.name)
            continue
        value = "" if one.value is None else text_of(one.value, state, run)
        stream = None if one.value is None else stream_of(one.value, state)
        if one.subscript:
            state.forget(one.name)
            continue
        if one.appends:
            value = ("" if one.name in state.computed else state.variables.get(one.name, "")) + value
        state.assign(one.name, value, stream)
        pairs.append((one.name, value))
    return assigned(pairs, state, line)
