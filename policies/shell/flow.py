"""Branches and loops: what may have happened, and each value a loop goes through."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from .expand import Field
from .nodes import COMPUTED, Branches, Loop, Node, Pipeline, Simple, Substitution, Word
from .outputs import MAX_OUTPUT
from .state import State

_MAX_VALUES = 50


class Flow(ABC):
    """The part of a walk that follows control flow.

    Attributes:
        found: the command that ran last, if what it prints are files it selects.
    """

    found: Sequence[Field]

    @abstractmethod
    def node(self, node: Node, state: State, stdin: str | None) -> str | None:
        """Runs a node; what it prints, None if that is not known."""

    @abstractmethod
    def fields(self, word: Word, state: State) -> list[Field]:
        """The words one word becomes."""

    def pipeline(self, node: Pipeline, state: State, stdin: str | None) -> str | None:
        """Runs every stage in a shell of its own, which reads what the one before prints."""
        found: Sequence[Field] = ()
        for one in node.stages:
            inner = state.copy()
            inner.found, self.found = found, ()
            stdin = self.node(one, inner, stdin)
            found = self.found
        return stdin

    def branches(self, node: Branches, state: State, stdin: str | None) -> str | None:
        """Runs every arm in a shell of its own; what differs afterwards is not known."""
        texts = [self.node(node.first, state, stdin)]
        ends: list[State] = []
        for arm in node.arms:
            inner = state.copy()
            texts.append(self.node(arm, inner, stdin))
            ends.append(inner)
        for end in ends:
            state.merge(end)
        return "" if all(text == "" for text in texts) else None

    def loop(self, node: Loop, state: State, stdin: str | None) -> str | None:
        """Runs a body for each value that is known, else until nothing it changes is known."""
        if node.condition is not None or not node.name:
            return self._while(node, state, stdin)
        values = self._values(node, state)
        before = state.copy()
        texts: list[str | None] = []
        for value, stream in values[:_MAX_VALUES]:
            state.assign(node.name, value, stream)
            texts.append(self.node(node.body, state, stdin))
        if len(values) > _MAX_VALUES:
            state.forget(node.name)
            texts += [self.node(node.body, state, stdin), None]
        state.merge(before)
        return together(texts)

    def _values(self, node: Loop, state: State) -> list[tuple[str, Sequence[Field] | None]]:
        """What the variable goes through, each with what selects the files it names, if a stream gives it."""
        if node.words is None:
            given = [COMPUTED] if state.positional is None else state.positional
            return [(one, state.streamed.get("@")) for one in given]
        values: list[tuple[str, Sequence[Field] | None]] = []
        for word in node.words:
            self.found = ()
            # A pattern stands for the files it would match.
            fields = self.fields(word, state)
            printed = self.found if any(isinstance(part, Substitution) for part in word.parts) else None
            values += [(one.text, printed if one.streamed is None else one.streamed) for one in fields]
        return values

    def _while(self, node: Loop, state: State, stdin: str | None) -> str | None:
        rows = stdin.split("\n")[:_MAX_VALUES] if stdin is not None and stdin.count("\n") <= _MAX_VALUES else None
        if node.condition is not None and rows and isinstance(node.condition, Simple) and _reads(node.condition):
            texts: list[str | None] = []
            for row in rows:
                self.node(node.condition, state, row)
                texts.append(self.node(node.body, state, None))
            return together(texts)
        for _ in range(2):
            before = state.copy()
            if node.condition is not None:
                self.node(node.condition, state, None)
            self.node(node.body, state, None)
            known = (dict(state.variables), state.directory)
            state.merge(before)
            # What the body changes is not what it began with the next time.
            if known == (before.variables, before.directory):
                break
        return None


def together(texts: Sequence[str | None]) -> str | None:
    """What several commands print one after the other."""
    pieces = [text for text in texts if text is not None]
    whole = "".join(pieces)
    return whole if len(pieces) == len(texts) and len(whole) <= MAX_OUTPUT else None


def _reads(node: Simple) -> bool:
    first = node.words[0].parts if node.words else ()
    return len(first) == 1 and getattr(first[0], "text", "") == "read"
