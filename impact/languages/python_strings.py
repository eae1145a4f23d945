"""Which places of a Python file stand inside strings or comments, decided only as far as asked."""

import re

_TOKEN = re.compile(r"#[^\n]*|\"\"\"|'''|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?", re.DOTALL)


class Strings:
    """The strings in triple quotes of a text. Ask in ascending order: what was passed is not looked at again.

    Attributes:
        first: where the first could begin; no place before is inside one.
        spans: those that were found so far: beginning and end.
    """

    def __init__(self, text: str, last: int) -> None:
        """`last` is the last place that will be asked about."""
        self._text = text
        self._last = last
        self._decided = 0
        self._next = {quotes: text.find(quotes, 0, last) for quotes in ('"""', "'''")}
        self._line = (0, -1)
        self._short = (0, 0)
        self.first = min((at for at in self._next.values() if at >= 0), default=last + 1)
        self.spans: list[tuple[int, int]] = []

    def hold(self, at: int) -> bool:
        """Whether a place, a line's beginning for one, is inside a string in triple quotes."""
        while self._decided <= at:
            opener, quotes = self._opener()
            if not quotes or opener > at:
                return False
            end = self._after_token(opener)
            if end is None:
                end = _closed(self._text, opener, quotes)
                self.spans.append((opener, end))
            self._decided = end
        return bool(self.spans) and self.spans[-1][0] <= at < self.spans[-1][1]

    def hold_inline(self, at: int) -> bool:
        """Whether a place in the middle of a line is inside any string or comment."""
        if self.hold(at):
            return True
        if at > self._line[1]:
            end = self._text.find("\n", at)
            start = self._text.rfind("\n", 0, at) + 1
            self._line = (start, end if end >= 0 else len(self._text))
            after = max(start, self.spans[-1][1] if self.spans else 0)
            self._short = (after, after)
        while self._short[1] <= at:
            token = _TOKEN.search(self._text, self._short[1], self._line[1])
            self._short = token.span() if token else (len(self._text), len(self._text) + 1)
        return self._short[0] <= at

    def passed(self, at: int) -> int:
        """The last place of the string or comment that holds a place, which was asked about last."""
        return max(at, (self._short if self._short[0] <= at else self.spans[-1])[1] - 1)

    def line_of(self, at: int) -> int:
        """Where the line begins that a place is in, which was asked about last."""
        return self._line[0] if at <= self._line[1] else self._text.rfind("\n", 0, at) + 1

    def line_end(self, at: int, longest: int) -> int:
        """Where the line or the statement ends that a place is in, which was asked about last."""
        end = min(self._line[1], at + longest)
        found = self._text.find(";", at, end)
        return found if found >= 0 else end

    def _opener(self) -> tuple[int, str]:
        """The next quotes that could open a string; no quotes if there are none."""
        found = (len(self._text), "")
        for quotes in self._next:
            if 0 <= self._next[quotes] < self._decided:
                self._next[quotes] = self._text.find(quotes, self._decided, self._last)
            at = self._next[quotes]
            if 0 <= at < found[0]:
                found = (at, quotes)
        return found

    def _after_token(self, opener: int) -> int | None:
        """Where the comment or short string ends that the quotes are part of; None if they open a string."""
        start = max(self._text.rfind("\n", 0, opener) + 1, self._decided)
        before = self._text[start:opener]
        if not ("#" in before or '"' in before or "'" in before):
            return None
        for token in _TOKEN.finditer(self._text, start):
            if token.start() >= opener:
                return None
            if token.end() > opener:
                return token.end()
        return None


def _closed(text: str, opener: int, quotes: str) -> int:
    """Where a string in triple quotes ends; the text's end if it is never closed."""
    at = opener + 3
    while (at := text.find(quotes, at)) >= 0:
        before = at
        while text[before - 1] == "\\":
            before -= 1
        if (at - before) % 2 == 0:
            return at + 3
        at += 1
    return len(text)
