"""The files of a history while it is replayed: their names, contents and lines, and who touched them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .lines import Place, Pool, Text
from .model import Change, Kind, Reason


@dataclass(slots=True, eq=False)
class File:
    """A file, through its renames.

    Attributes:
        path: its name now, the last one if it is gone.
        blob: its content.
        mode: git's mode.
        text: its lines; started anew where it was written as a whole.
        there: whether it stands.
        created: number of the commit that made it.
        renamed: number of the commit that named it last.
        moded: number of the commit that set its mode last.
        whole: number of the commit that last wrote it as a whole.
        touched: numbers of the commits that changed it, in order.
    """

    path: str
    blob: str
    mode: str
    text: Text
    there: bool = True
    created: int | None = None
    renamed: int | None = None
    moded: int | None = None
    whole: int | None = None
    touched: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Trace:
    """What a commit did to a file, to be compared with how the file ends.

    Attributes:
        change: what.
        file: to which.
        places: where its lines stand; None if the file counts as a whole.
    """

    change: Change
    file: File
    places: list[Place] | None


Met = tuple[int, Reason]
"""An earlier commit's number, and why it is needed."""


class Tree:
    """All files that were touched so far."""

    def __init__(self) -> None:
        self._pool = Pool()
        self.now: dict[str, File] = {}
        self.gone: dict[str, File] = {}

    def apply(self, commit: int, change: Change) -> tuple[Trace, list[Met]]:
        """Replay what a commit did to a file; what it needs for that."""
        met: list[Met] = []
        file, back = self._file(change)
        places: list[Place] | None = []
        if change.new is None:
            met += self._goes(file)
            places = None
        else:
            met += self._appears(commit, change, file) if change.old is None else self._stays(commit, change, file)
            if change.old_blob != change.new_blob and not back:
                content, places = self._written(commit, change, file)
                met += content
            file.blob, file.mode = change.new_blob, change.new_mode
        file.touched.append(commit)
        return Trace(change, file, places), met

    def _written(self, commit: int, change: Change, file: File) -> tuple[list[Met], list[Place] | None]:
        assert change.new is not None
        if change.hunks is None:
            # Whoever changed it since it was last written as a whole; those before are needed by that one.
            since = next((at for at in range(len(file.touched) - 1, 0, -1) if file.touched[at] == file.whole), 0)
            met = [(number, Reason("path", change.new)) for number in file.touched[since:]]
            file.text, file.whole = Text(self._pool), commit
            return met, None
        met = [] if file.whole is None else [(file.whole, Reason("path", change.new))]
        first = len(self._pool.places)
        for one in file.text.apply(commit, change.hunks):
            kind: Kind = "gap" if one.gap else "lines"
            met.append((one.commit, Reason(kind, change.new, one.first, one.last)))
        return met, self._pool.places[first:]

    def _file(self, change: Change) -> tuple[File, bool]:
        """The file a change is about, made known; and whether it is a deleted one that comes back as it was."""
        if change.old is None:
            path = change.new or ""
            back = self.gone.get(path)
            if back is not None and back.blob == change.new_blob:
                return back, True
            file = File(path, change.new_blob, change.new_mode, Text(self._pool))
        else:
            known = self.now.get(change.old)
            if known is not None:
                return known, False
            file = File(change.old, change.old_blob, change.old_mode, Text(self._pool))
            self.now[change.old] = file
        return file, False

    def _appears(self, commit: int, change: Change, file: File) -> Iterator[Met]:
        assert change.new is not None
        before = self.gone.pop(change.new, None)
        if before is not None:
            yield before.touched[-1], Reason("path", change.new)
        file.there = True
        file.path = change.new
        if before is not file:
            file.created = commit
        self.now[change.new] = file

    def _goes(self, file: File) -> Iterator[Met]:
        for number in file.touched:
            yield number, Reason("deleted", file.path)
        self.now.pop(file.path, None)
        self.gone[file.path] = file
        file.there = False

    def _stays(self, commit: int, change: Change, file: File) -> Iterator[Met]:
        assert change.new is not None
        if file.created is not None:
            yield file.created, Reason("created", change.new)
        if change.new != change.old:
            if file.renamed is not None:
                yield file.renamed, Reason("renamed", change.new)
            taken = self.gone.pop(change.new, None)
            if taken is not None:
                yield taken.touched[-1], Reason("path", change.new)
            self.now.pop(file.path, None)
            # The name is free: who takes it needs this commit.
            freed = File(file.path, change.old_blob, change.old_mode, Text(self._pool), there=False)
            freed.touched.append(commit)
            self.gone[file.path] = freed
            file.path, file.renamed = change.new, commit
            self.now[change.new] = file
        if change.old_mode != change.new_mode:
            if file.moded is not None:
                yield file.moded, Reason("mode", change.new)
            file.moded = commit
