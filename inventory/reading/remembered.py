"""What was read of contents, kept by a process for the next inventory: it follows from a path, bytes and our code."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Generic, TypeVar

V = TypeVar("V")

_ALL: "list[Remembered[Any]]" = []


class Remembered(Generic[V]):
    """Answers by question, those asked for last.

    Args:
        most: how many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, V] = OrderedDict()
        self._guard = threading.Lock()
        _ALL.append(self)

    def get(self, question: Hashable) -> V | None:
        """An answer; None if it is not known."""
        with self._guard:
            found = self._known.get(question)
            if found is not None:
                self._known.move_to_end(question)
            return found

    def put(self, question: Hashable, answer: V) -> V:
        """Keep an answer."""
        with self._guard:
            self._known[question] = answer
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return answer

    def clear(self) -> None:
        """Forget them."""
        with self._guard:
            self._known.clear()


def forget_all() -> None:
    """Forget everything, to measure how long it takes to find."""
    for one in _ALL:
        one.clear()
