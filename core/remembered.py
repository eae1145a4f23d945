"""What follows from objects alone, kept by a process: objects never change, so it is never wrong, only forgotten."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

V = TypeVar("V")

_ALL: "list[Remembered[Any]]" = []


class Remembered(Generic[V]):
    """Answers by question, those asked for last.

    Args:
        most: how much is kept, counted in weights.
        weight: how much an answer counts.
    """

    def __init__(self, most: int, weight: Callable[[V], int] = lambda _: 1) -> None:
        self._most, self._weight = most, weight
        self._known: OrderedDict[Hashable, V] = OrderedDict()
        self._held = 0
        self._guard = threading.Lock()
        _ALL.append(self)

    def get(self, question: Hashable) -> V | None:
        """An answer; None if it is not known."""
        with self._guard:
            found = self._known.get(question)
            if found is not None:
                self._known.move_to_end(question)
            return found

    def put(self, question: Hashable, answer: V) -> None:
        """Keep an answer, which is not None."""
        with self._guard:
            before = self._known.pop(question, None)
            self._held += self._weight(answer) - (0 if before is None else self._weight(before))
            self._known[question] = answer
            while self._held > self._most and len(self._known) > 1:
                self._held -= self._weight(self._known.popitem(last=False)[1])

    def clear(self) -> None:
        """Forget them."""
        with self._guard:
            self._known.clear()
            self._held = 0


def forget_all() -> None:
    """Forget everything, to measure how long it takes to find, and to test that."""
    for one in _ALL:
        one.clear()
