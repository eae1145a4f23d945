"""One simple command as the shell would run it, and what a family of programs makes of it."""

from collections.abc import Callable, Sequence

from ...core.records import dataclass, replace
from ..effects import Effect
from .context import Context


@dataclass(frozen=True, kw_only=True)
class Command:
    """A program with its arguments.

    Attributes:
        words: program and arguments, expanded as far as they are known; a NUL stands for what is not.
        patterns: positions in `words` of unquoted file patterns (`*`, `?`, `[`) the shell would expand.
        streams: whether its code goes through names that it lists or reads.
        stdin: what a here-document, a here-string or a pipe from a literal feeds it, if that is known.
        context: where it runs.
        line: analyses a shell line that the program would run.
        call: analyses a command (program and arguments) that the program would start.
    """

    words: Sequence[str]
    context: Context
    line: Callable[[str, Context], list[Effect]]
    call: Callable[[Sequence[str], Context], list[Effect]]
    patterns: frozenset[int] = frozenset()
    stdin: str | None = None
    streams: bool = False

    @property
    def deleting(self) -> Context:
        """Where its code deletes: names that it lists or reads come from a stream."""
        return replace(self.context, fed=True) if self.streams else self.context

    @property
    def span(self) -> str:
        """The command for a person."""
        return " ".join(self.words).replace("\0", "…")[:200]


Program = Callable[[Command], list[Effect]]
"""What a program does with its arguments; every family has a table of them by name."""
