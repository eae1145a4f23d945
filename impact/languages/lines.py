"""Line numbers for places in a file."""

from bisect import bisect_right


class Lines:
    """The lines of one file, counted from 1; a line ends with a line feed."""

    def __init__(self, data: bytes) -> None:
        """Find where they start, at the first question."""
        self._data = data
        self._starts: list[int] = []

    def at(self, offset: int) -> int:
        """The line an offset in bytes is in."""
        if not self._starts:
            self._starts, position = [0], self._data.find(b"\n")
            while position >= 0:
                self._starts.append(position + 1)
                position = self._data.find(b"\n", position + 1)
        return bisect_right(self._starts, offset)
