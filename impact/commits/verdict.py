"""Whether what a commit did to a file can be taken out of the newest state alone; said without running git."""

from collections.abc import Iterable, Mapping

from .files import File, Trace, Tree
from .lines import Standing
from .model import Change


class Verdict:
    """The newest state, and how it merges.

    Args:
        tree: the files after the last commit.
        merging: path to its `merge` attribute, where it is not the default.
    """

    def __init__(self, tree: Tree, merging: Mapping[str, str]) -> None:
        self._now = tree.now
        self._merging = merging
        self._standing: dict[int, Standing] = {}

    def conflicts(self, traces: Iterable[Trace]) -> list[str]:
        """The paths that stand in the way of taking a commit out."""
        return list(dict.fromkeys(_path(trace) for trace in traces if not self._free(trace)))

    def _free(self, trace: Trace) -> bool:
        change, file = trace.change, trace.file
        if change.old is None:
            return self._created(change, file)
        if change.new is None:
            # Reverting brings it back.
            at = self._now.get(change.old)
            return at is None or at.blob == change.old_blob
        if not file.there:
            at = self._now.get(change.new)
            return at is not None and at.blob in (change.old_blob, change.new_blob)
        return self._name_free(change, file) and _mode_free(change, file) and self._content_free(trace)

    def _created(self, change: Change, file: File) -> bool:
        assert change.new is not None
        at = self._now.get(change.new)
        if file.there and file.path != change.new:
            return False
        return at is None or (at.blob, at.mode) == (change.new_blob, change.new_mode)

    def _name_free(self, change: Change, file: File) -> bool:
        if change.old == change.new or file.path == change.old:
            return True
        assert change.old is not None
        return file.path == change.new and change.old not in self._now

    def _content_free(self, trace: Trace) -> bool:
        change, file = trace.change, trace.file
        if change.old_blob == change.new_blob or file.blob in (change.old_blob, change.new_blob):
            return True
        merging = self._merging.get(file.path)
        if merging == "union":
            return True
        if merging in ("unset", "binary") or trace.places is None:
            return False
        if id(file) not in self._standing:
            self._standing[id(file)] = Standing(file.text)
        return all(map(self._standing[id(file)].stands, trace.places))


def _mode_free(change: Change, file: File) -> bool:
    return change.old_mode == change.new_mode or file.mode in (change.old_mode, change.new_mode)


def _path(trace: Trace) -> str:
    """The file as it is called now, where merges report it."""
    change, file = trace.change, trace.file
    return file.path if file.there else change.new or change.old or ""
