"""A file's lines over time: who put each there, who took lines away between two, and which places still stand.

A line is a number of its own (0 until somebody touches it or its neighbour). A line that comes back, because what
took it away is undone, gets its old number: then it is as if nothing had happened to it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from .model import Hunk

NOBODY = -1


@dataclass(slots=True)
class Place:
    """A hunk, as it stands in its file.

    Attributes:
        commit: number of the commit.
        before: the line before it.
        after: the line after it.
        new: its lines.
        new_text: what they say.
        old: the lines it replaced.
        old_text: what they said.
        undone: number of the commit that put them back in one piece.
    """

    commit: int
    before: int
    after: int
    new: Sequence[int]
    new_text: Sequence[bytes]
    old: Sequence[int]
    old_text: Sequence[bytes]
    undone: int = NOBODY


@dataclass(slots=True)
class Touched:
    """An earlier commit that a hunk meets.

    Attributes:
        commit: its number.
        gap: whether it met a place where lines were deleted, not lines.
        first: first line of the hunk, after the change, from 1.
        last: its last line.
    """

    commit: int
    gap: bool
    first: int
    last: int


class Pool:
    """All lines of all files: which hunk put each there, and what it says."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        # Line number to the hunk that put it there, NOBODY for one that stood there before the first commit.
        self.maker: list[int] = [NOBODY]
        self.says: list[bytes | None] = [None]

    def line(self, maker: int = NOBODY, says: bytes | None = None) -> int:
        """A new line."""
        self.maker.append(maker)
        self.says.append(says)
        return len(self.maker) - 1

    def several(self, maker: int, says: Sequence[bytes]) -> Sequence[int]:
        """As many new lines as there are texts."""
        first = len(self.maker)
        self.maker += [maker] * len(says)
        self.says += says
        return range(first, len(self.maker))

    def owner(self, line: int) -> int:
        """Number of the commit that put a line there."""
        maker = self.maker[line]
        return maker if maker == NOBODY else self.places[maker].commit


@dataclass(slots=True)
class Text:
    """The lines of one file, as far as they are known.

    Attributes:
        pool: where lines come from.
        lines: their numbers; what follows the last one is unknown.
        gaps: line to the hunks that deleted something directly before it.
        top: what stands before the first line.
        undoing: commits that did nothing here but put back what others had replaced.
    """

    pool: Pool
    lines: list[int] = field(default_factory=list)
    gaps: dict[int, tuple[int, ...]] = field(default_factory=dict)
    top: int = 0
    undoing: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.top = self.pool.line()

    def apply(self, commit: int, hunks: Iterable[Hunk]) -> Iterator[Touched]:
        """Apply a commit's hunks, in ascending order.

        Yields:
            Each earlier commit a hunk overwrites, touches, or whose gap it changes.
        """
        self.undoing.add(commit)
        for hunk in hunks:
            yield from self._hunk(commit, hunk)

    def _hunk(self, commit: int, hunk: Hunk) -> Iterator[Touched]:
        pool, lines, start = self.pool, self.lines, hunk.start
        end = start + len(hunk.old)
        missing = end + 1 - len(lines)
        if missing > 0:
            lines.extend([0] * missing)
        before = self._known(start - 1) if start else self.top
        after = self._known(end)
        removed = self._removed(lines[start:end], hunk.old)
        first, last = hunk.start + 1, hunk.start + max(len(hunk.new), 1)
        makers = {pool.maker[line] for line in removed}
        met = {pool.places[maker].commit for maker in makers if maker != NOBODY}
        met.add(pool.owner(before))
        met.add(pool.owner(after))
        met -= {NOBODY, commit}
        for owner in met:
            yield Touched(owner, False, first, last)
        beneath = [place for line in (*removed, after) if line in self.gaps for place in self.gaps.pop(line)]
        for owner in {pool.places[place].commit for place in beneath} - met - {commit}:
            yield Touched(owner, True, first, last)
        number = len(pool.places)
        new = self._numbered(commit, hunk.new, removed, beneath)
        lines[start:end] = new
        pool.places.append(Place(commit, before, after, new, hunk.new, removed, hunk.old))
        if not new:
            self.gaps[after] = (*beneath, number)

    def _removed(self, lines: list[int], texts: Sequence[bytes]) -> list[int]:
        """The lines a hunk takes away; what they say is known from now on."""
        if not any(lines):
            return list(self.pool.several(NOBODY, texts))
        for index, line in enumerate(lines):
            if line == 0:
                lines[index] = self.pool.line(NOBODY, texts[index])
            elif self.pool.says[line] is None:
                self.pool.says[line] = texts[index]
        return lines

    def _known(self, index: int) -> int:
        line = self.lines[index]
        if line == 0:
            line = self.lines[index] = self.pool.line()
        return line

    def _numbered(
        self, commit: int, texts: Sequence[bytes], removed: Sequence[int], beneath: Sequence[int]
    ) -> list[int]:
        """Numbers for a hunk's new lines: old ones for those that come back, at its beginning and at its end."""
        pool, number = self.pool, len(self.pool.places)
        makers = [pool.maker[line] for line in removed]
        under = [pool.places[one] for one in dict.fromkeys([*beneath, *makers]) if one != NOBODY]
        undone = [place for place in under if place.new == removed and place.old_text == texts]
        for place in undone:
            place.undone = commit
        if not undone:
            self.undoing.discard(commit)
        limit = min(len(texts), sum(len(place.old) for place in under))
        front = _same(zip(texts, chain.from_iterable(map(_pairs, under)), strict=False), limit)
        backwards = chain.from_iterable(map(_backwards, reversed(under)))
        back = _same(zip(reversed(texts), backwards, strict=False), limit - len(front))
        middle = pool.several(number, texts[len(front) : len(texts) - len(back)])
        return [*front, *middle, *reversed(back)]


def _pairs(place: Place) -> Iterable[tuple[int, bytes]]:
    return zip(place.old, place.old_text, strict=True)


def _backwards(place: Place) -> Iterable[tuple[int, bytes]]:
    return zip(reversed(place.old), reversed(place.old_text), strict=True)


def _same(candidates: Iterable[tuple[bytes, tuple[int, bytes]]], limit: int) -> list[int]:
    """The lines that say what is wanted, up to the first that does not."""
    found: list[int] = []
    for text, (line, says) in candidates:
        if len(found) == limit or says != text:
            break
        found.append(line)
    return found


class Standing:
    """Which places of a file still stand, at the end.

    Args:
        text: the file's lines.
    """

    def __init__(self, text: Text) -> None:
        self._text = text
        self._at = {line: index for index, line in enumerate(text.lines) if line}

    def stands(self, place: Place) -> bool:
        """Whether a place can be put back: it stands as it was made, or was put back already."""
        start = -1 if place.before == self._text.top else self._at.get(place.before)
        end = self._at.get(place.after)
        if start is None or end is None or end <= start:
            return False
        between = self._text.lines[start + 1 : end]
        if between == place.new:
            return True
        says = self._text.pool.says
        texts = [says[line] for line in between]
        if texts == place.new_text:
            return True
        # Put back among other changes, a diff over all that came since may pair the lines differently.
        return texts == place.old_text and place.undone in self._text.undoing
