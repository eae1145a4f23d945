"""Patterns that say cheaply whether a text is worth parsing."""

import re


class Hint:
    """A pattern, and words one of which stands wherever it fits: most texts have none of them, and are done with.

    Args:
        words: in lower case, with spaces between them.
        pattern: what to look for if there is one of them.
        flags: of the pattern.
        enough: words that need no pattern, in lower case.
    """

    def __init__(self, words: str, pattern: str, flags: int = 0, *, enough: str = "") -> None:
        self._words, self._enough = tuple(words.split()), tuple(enough.split())
        self._pattern = re.compile(pattern, flags)

    def search(self, text: str) -> bool:
        """Whether the pattern fits somewhere in a text, or one of the words that are enough stands there."""
        low = text.lower()
        if any(word in low for word in self._enough):
            return True
        return any(word in low for word in self._words) and self._pattern.search(text) is not None
