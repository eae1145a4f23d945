"""What the files of a target say, each content read once."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from ...core.remembered import Remembered
from ..changes import Changes, Delta, Side
from ..generated import is_generated
from ..model import Unknown
from .windows import narrowed

Said = TypeVar("Said")
_KNOWN = Remembered[dict[str, Any]](5_000)


class OnceReader(ABC, Generic[Said]):
    """Reads files of targets; a content that several commits have, under one path, is parsed once.

    Args:
        changes: the target's.
        domain: whose it is to say what could not be read.
        collected: makes what a file says one thing for each name.
    """

    def __init__(self, changes: Changes, domain: str, collected: Callable[[list[Said]], dict[str, Said]]) -> None:
        """Nothing is read yet."""
        self._changes, self._domain, self._collected = changes, domain, collected
        self._partly: dict[Hashable, tuple[dict[str, Said], Sequence[Unknown]]] = {}

    def of(self, side: Side | None) -> dict[str, Said]:
        """What a file says, by name; nothing if there is none or a program made it."""
        if side is None or not side.text:
            return {}
        place = (type(self), side.path, side.entry.oid)
        known = _KNOWN.get(place)
        if known is None and place in self._partly:
            # Said again: whoever asks now must not take it for everything that stands there.
            known, why = self._partly[place]
            self._changes.unknowns.extend(why)
        if known is None:
            unread = len(self._changes.unknowns)
            known = {} if is_generated(side) else self._collected(self._read(side))
            if len(self._changes.unknowns) == unread:
                _KNOWN.put(place, known)
            else:
                self._partly[place] = known, tuple(self._changes.unknowns[unread:])
        return known

    def of_change(self, delta: Delta, *, literal: bool) -> tuple[dict[str, Said], dict[str, Said]]:
        """What a file says before and after; two empty ones if the windows of the change say the same.

        Args:
            delta: the change.
            literal: see `narrowed`.
        """
        windows = None if all(map(is_generated, delta.sides)) else narrowed(delta, literal=literal)
        if windows is not None:
            new, old = (
                self._collected(self._read(side)) if side.text and not is_generated(side) else {} for side in windows
            )
            if _plain(new) == _plain(old):
                return {}, {}
        return self.of(delta.old), self.of(delta.new)

    @abstractmethod
    def _read(self, side: Side) -> list[Said]:
        """Everything a file says, in its order."""

    def _unread(self, side: Side, why: str) -> None:
        self._changes.unread(self._domain, side.path, why)


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, wherever it stands."""
    return {name: replace(one, line=0) for name, one in said.items()}


def searched(kinds: Iterable[str], places: Iterable[str], passed_over: Iterable[str]) -> tuple[str, ...]:
    """Pathspecs for a search of a whole tree: file endings and places that count, and those that never do."""
    return (
        *(f"*.{one}" for one in sorted(kinds)),
        *sorted(places),
        *(f":(exclude){one}" for one in sorted(passed_over)),
    )
