"""Ruby: which modules and classes are around a place, told by how the lines are indented."""

import re
from bisect import bisect_right

from .lexing import decoded

_EVENT = re.compile(
    rb"^([ \t]*)(?:(class|module)[ \t]+(?:::)?([A-Z]\w*(?:::[A-Z]\w*)*)[ \t]*([^\n]*)|end\b)", re.MULTILINE
)
_ASSIGNED = re.compile(rb"^[ \t]*([A-Z]\w*)[ \t]*(?:\|\|)?=(?![=~>])", re.MULTILINE)
_ENDS = re.compile(rb"(?:;|^)\s*+end\b")


class Nesting:
    """The modules and classes of a text without comments and strings.

    Attributes:
        declared: full names of classes, of modules with something of their own, and of constants; where.
        spaces: full names of modules that only hold others.
    """

    def __init__(self, code: bytes) -> None:
        self.declared: dict[str, int] = {}
        self.spaces: set[str] = set()
        self._starts: list[int] = []
        self._around: list[tuple[str, ...]] = []
        self._openings: list[tuple[int, int]] = []
        open_: list[tuple[int, str]] = []
        events = list(_EVENT.finditer(code))
        for index, event in enumerate(events):
            indent = len(event[1])
            while open_ and open_[-1][0] >= indent:
                open_.pop()
            if event[2] is not None:
                full = "::".join((*(name for _, name in open_[-1:]), decoded(event[3])))
                self._openings.append(event.span(3))
                following = events[index + 1] if index + 1 < len(events) else None
                if self._only_holds(code, event, following, indent):
                    self.spaces.add(full)
                else:
                    self.declared.setdefault(full, event.start(3))
                if not _ENDS.search(event[4]):
                    open_.append((indent, full))
            self._starts.append(event.end())
            self._around.append(tuple(name for _, name in reversed(open_)))
        for assigned in _ASSIGNED.finditer(code):
            inside = self.around(assigned.start())
            self.declared.setdefault("::".join((*inside[:1], decoded(assigned[1]))), assigned.start(1))
            self._openings.append(assigned.span(1))
        self._openings.sort()

    @staticmethod
    def _only_holds(code: bytes, event: re.Match[bytes], following: re.Match[bytes] | None, indent: int) -> bool:
        """Whether a module goes on with another one at once; a class with a parent is more than a space."""
        if following is None or following[2] is None or len(following[1]) <= indent or b"<" in event[4]:
            return False
        return not code[event.end() : following.start()].strip()

    def around(self, offset: int) -> tuple[str, ...]:
        """Full names of what is around a place, innermost first."""
        index = bisect_right(self._starts, offset) - 1
        return self._around[index] if index >= 0 else ()

    def opens(self, offset: int) -> bool:
        """Whether a name at a place is the one that is declared there."""
        index = bisect_right(self._openings, (offset, offset + 1_000_000_000)) - 1
        return index >= 0 and self._openings[index][0] <= offset < self._openings[index][1]
