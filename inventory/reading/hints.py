"""Patterns that say cheaply whether a text is worth parsing."""

import re
from functools import lru_cache


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
        low = _low(text)
        if any(word in low for word in self._enough):
            return True
        return any(word in low for word in self._words) and self._pattern.search(text) is not None


@lru_cache(maxsize=4)
def _low(text: str) -> str:
    """A text in lower case; several hints in a row are asked of the same."""
    return text.lower()
